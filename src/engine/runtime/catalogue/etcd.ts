import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, scratch } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** The database behind the API server. */
export const etcd = defineRepository({
  name: 'registry.k8s.io/etcd',
  tags: { releases: ['3.6.6', '3.5.24'], aliases: { '3.6.6-0': '3.6.6' }, variants: /0/ },
  size: () => ({ base: 'scratch', baseSize: baseSizes.scratch, ownSize: 23641797 }),
  config: () => ({ entrypoint: [], env: { PATH: defaultPath } }),
  rootfs: ({ version }) =>
    buildRootfs(scratch, {
      '/usr/local/bin/etcd': program('etcd', version),
      '/usr/local/bin/etcdctl': program('etcdctl', version),
    }),
});
