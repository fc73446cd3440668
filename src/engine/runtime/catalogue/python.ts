import { buildRootfs, program } from '../rootfs.ts';
import { alpine, baseSizes, buildpackTools, debian as debianFiles, onAlpine } from './bases.ts';
import { defaultPath, defineRepository, megabytes } from './repository.ts';

/** The Python interpreter. */
export const python = defineRepository({
  name: 'docker.io/library/python',
  tags: {
    releases: ['3.14.2', '3.13.11', '3.12.12', '3.11.14', '3.10.19', '3.9.25', '3.8.20', '2.7.18'],
    variants: /(slim|alpine|bookworm|bullseye|trixie)?-?(bookworm|bullseye|trixie)?(3\.\d+)?/,
  },
  size: ({ variant }) =>
    onAlpine(variant)
      ? { base: 'alpine 3.22', baseSize: baseSizes.alpine, ownSize: megabytes(12.6), more: [461_000, 249] }
      : variant.includes('slim')
        ? { base: 'debian trixie', baseSize: baseSizes.debian, ownSize: megabytes(11.8), more: [1_293_000, 250] }
        : {
            base: 'debian bookworm',
            baseSize: megabytes(48.5),
            ownSize: megabytes(235.9),
            more: [megabytes(64.4), megabytes(24), megabytes(21.5), 6_085_000, 250],
          },
  config: ({ version }) => ({ cmd: ['python3'], env: { PATH: defaultPath, PYTHON_VERSION: version, LANG: 'C.UTF-8' } }),
  rootfs: ({ version, variant }) =>
    buildRootfs(
      onAlpine(variant) ? alpine('3.22.2') : debianFiles('bookworm'),
      /slim|alpine/.test(variant) ? {} : buildpackTools,
      {
        '/usr/local/bin/python3': program('python3', version),
        '/usr/local/bin/python': program('python3', version),
        '/usr/local/bin/pip': program('pip', '25.3'),
        '/usr/local/bin/pip3': program('pip', '25.3'),
      },
    ),
});
