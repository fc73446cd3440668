import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, scratch } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** Answers with what it knows of the request and of itself. */
export const whoami = defineRepository({
  name: 'docker.io/traefik/whoami',
  tags: { releases: ['1.11.0', '1.10.4', '1.9.0', '1.8.7'], prefix: 'v' },
  size: () => ({ base: 'scratch', baseSize: baseSizes.scratch, ownSize: 2800000 }),
  config: () => ({ entrypoint: ['/whoami'], exposedPorts: ['80/tcp'], env: { PATH: defaultPath } }),
  rootfs: ({ version }) => buildRootfs(scratch, { '/whoami': program('traefik-whoami', version) }),
});
