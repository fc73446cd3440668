import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, debian as debianFiles } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** Node.js. */
export const node = defineRepository({
  name: 'docker.io/library/node',
  tags: {
    releases: ['25.2.1', '24.12.0', '22.21.1', '20.19.6', '18.20.8', '16.20.2', '14.21.3'],
    aliases: { lts: '24.12.0', current: '25.2.1' },
    variants: /(slim|alpine|bookworm|bullseye|trixie)?-?(bookworm|bullseye|trixie|slim)?(3\.\d+)?/,
  },
  size: () => ({ base: 'debian bookworm', baseSize: baseSizes.debian, ownSize: 380000000 }),
  config: ({ version }) => ({
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['node'],
    env: { PATH: defaultPath, NODE_VERSION: version },
  }),
  rootfs: ({ version }) =>
    buildRootfs(debianFiles('bookworm'), {
      '/usr/local/bin/docker-entrypoint.sh': program('exec-entrypoint'),
      '/usr/local/bin/node': program('node', version),
    }),
});
