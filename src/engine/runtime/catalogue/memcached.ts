import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, debian as debianFiles } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** memcached. */
export const memcached = defineRepository({
  name: 'docker.io/library/memcached',
  tags: { releases: ['1.6.40', '1.5.22', '1.4.39'], variants: /alpine(3\.\d+)?|bookworm|trixie/ },
  size: () => ({ base: 'debian bookworm', baseSize: baseSizes.debian, ownSize: 11000000 }),
  config: ({ version }) => ({
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['memcached'],
    env: { PATH: defaultPath, MEMCACHED_VERSION: version },
    exposedPorts: ['11211/tcp'],
  }),
  rootfs: ({ version }) =>
    buildRootfs(debianFiles('bookworm'), {
      '/usr/local/bin/docker-entrypoint.sh': program('exec-entrypoint'),
      '/usr/local/bin/memcached': program('memcached', version),
    }),
});
