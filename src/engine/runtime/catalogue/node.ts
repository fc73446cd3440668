import { buildRootfs, program } from '../rootfs.ts';
import { alpine, baseSizes, buildpackTools, debian as debianFiles, onAlpine } from './bases.ts';
import { defaultPath, defineRepository, megabytes } from './repository.ts';

/** Node.js. */
export const node = defineRepository({
  name: 'docker.io/library/node',
  tags: {
    releases: ['25.2.1', '24.12.0', '22.21.1', '20.19.6', '18.20.8', '16.20.2', '14.21.3'],
    aliases: { lts: '24.12.0', current: '25.2.1' },
    variants: /(slim|alpine|bookworm|bullseye|trixie)?-?(bookworm|bullseye|trixie|slim)?(3\.\d+)?/,
  },
  size: ({ variant }) =>
    onAlpine(variant)
      ? { base: 'alpine 3.22', baseSize: baseSizes.alpine, ownSize: megabytes(51.6), more: [1_262_000, 445] }
      : variant.includes('slim')
        ? {
            base: 'debian bookworm',
            baseSize: baseSizes.debian,
            ownSize: megabytes(49.9),
            more: [3_300, 1_711_000, 446],
          }
        : {
            base: 'debian bookworm',
            baseSize: megabytes(48.5),
            ownSize: megabytes(211.5),
            more: [megabytes(64.4), megabytes(24), megabytes(57.7), 1_253_000, 446],
          },
  config: ({ version }) => ({
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['node'],
    env: { PATH: defaultPath, NODE_VERSION: version, YARN_VERSION: '1.22.22' },
  }),
  rootfs: ({ version, variant }) =>
    buildRootfs(
      onAlpine(variant) ? alpine('3.22.2') : debianFiles('bookworm'),
      /slim|alpine/.test(variant) ? {} : buildpackTools,
      {
        '/usr/local/bin/docker-entrypoint.sh': program('node-entrypoint', version),
        '/usr/local/bin/node': program('node', version),
        '/usr/local/bin/npm': program('npm', '11.6.2'),
      },
    ),
});
