import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, scratch } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** Answers every request with one text. */
export const httpEcho = defineRepository({
  name: 'docker.io/hashicorp/http-echo',
  tags: { releases: ['1.0.0', '0.2.3'] },
  size: () => ({ base: 'scratch', baseSize: baseSizes.scratch, ownSize: 2900000 }),
  config: () => ({ entrypoint: ['/http-echo'], exposedPorts: ['5678/tcp'], env: { PATH: defaultPath } }),
  rootfs: ({ version }) => buildRootfs(scratch, { '/http-echo': program('http-echo', version) }),
});
