import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, scratch } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** The controller manager's image. */
export const kubeControllerManager = defineRepository({
  name: 'registry.k8s.io/kube-controller-manager',
  tags: { releases: ['1.35.3', '1.34.5', '1.33.9', '1.32.13'], prefix: 'v' },
  size: () => ({ base: 'scratch', baseSize: baseSizes.scratch, ownSize: 23130000 }),
  config: () => ({ entrypoint: [], env: { PATH: defaultPath } }),
  rootfs: ({ version }) =>
    buildRootfs(scratch, { '/usr/local/bin/kube-controller-manager': program('kube-controller-manager', version) }),
});
