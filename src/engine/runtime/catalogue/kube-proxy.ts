import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, debian as debianFiles } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** The service proxy's image. */
export const kubeProxy = defineRepository({
  name: 'registry.k8s.io/kube-proxy',
  tags: { releases: ['1.35.3', '1.34.5', '1.33.9', '1.32.13'], prefix: 'v' },
  size: () => ({ base: 'debian bookworm', baseSize: baseSizes.debian, ownSize: 25790000 }),
  config: () => ({ entrypoint: [], env: { PATH: defaultPath } }),
  rootfs: ({ version }) =>
    buildRootfs(debianFiles('bookworm'), { '/usr/local/bin/kube-proxy': program('kube-proxy', version) }),
});
