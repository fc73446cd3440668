import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, scratch } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** The container that holds a Pod's namespaces. */
export const pause = defineRepository({
  name: 'registry.k8s.io/pause',
  tags: { releases: ['3.10.1', '3.9.0', '3.8.0'], aliases: { '3.9': '3.9.0' } },
  size: () => ({ base: 'scratch', baseSize: baseSizes.scratch, ownSize: 318000 }),
  config: () => ({ entrypoint: ['/pause'], user: '65535:65535', env: { PATH: defaultPath } }),
  rootfs: ({ version }) => buildRootfs(scratch, { '/pause': program('pause', version) }),
});
