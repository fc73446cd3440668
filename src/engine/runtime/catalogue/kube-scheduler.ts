import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, scratch } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** The scheduler's image. */
export const kubeScheduler = defineRepository({
  name: 'registry.k8s.io/kube-scheduler',
  tags: { releases: ['1.35.3', '1.34.5', '1.33.9', '1.32.13'], prefix: 'v' },
  size: () => ({ base: 'scratch', baseSize: baseSizes.scratch, ownSize: 17230000 }),
  config: () => ({ entrypoint: [], env: { PATH: defaultPath } }),
  rootfs: ({ version }) =>
    buildRootfs(scratch, { '/usr/local/bin/kube-scheduler': program('kube-scheduler', version) }),
});
