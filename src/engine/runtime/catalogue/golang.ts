import { buildRootfs, emptyDirectory, program, type RootEntries } from '../rootfs.ts';
import { alpine, baseSizes, buildpackTools, debian, onAlpine } from './bases.ts';
import { defineRepository, megabytes } from './repository.ts';

/** The Go toolchain. */
export const golang = defineRepository({
  name: 'docker.io/library/golang',
  tags: {
    releases: [
      '1.25.5',
      '1.24.11',
      '1.23.12',
      '1.22.12',
      '1.21.13',
      '1.20.14',
      '1.19.13',
      '1.18.10',
      '1.17.13',
      '1.16.15',
    ],
    variants: /(alpine|bookworm|bullseye|trixie|buster)?(3\.\d+)?/,
  },
  size: ({ version, variant }) =>
    onAlpine(variant)
      ? {
          base: 'alpine 3.22',
          baseSize: baseSizes.alpine,
          ownSize: megabytes(Number(version.split('.')[1]) < 20 ? 105.9 : 60.4),
          more: [292_000, 126],
        }
      : {
          base: 'debian bookworm',
          baseSize: megabytes(48.5),
          ownSize: megabytes(92.2),
          more: [
            megabytes(64.4),
            megabytes(24),
            Number(version.split('.')[1]) < 20 ? megabytes(133) : megabytes(59.8),
            126,
          ],
        },
  config: ({ version }) => ({
    cmd: ['bash'],
    env: {
      PATH: '/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      GOLANG_VERSION: version,
      GOTOOLCHAIN: 'local',
      GOPATH: '/go',
    },
    workingDir: '/go',
  }),
  rootfs: ({ version, variant }) =>
    buildRootfs(
      onAlpine(variant) ? alpine('3.22.2') : debian('bookworm'),
      files(version),
      onAlpine(variant) ? {} : buildpackTools,
    ),
});

function files(version: string): RootEntries {
  return {
    '/usr/local/go/bin/go': program('go', version),
    '/usr/local/go/VERSION': `go${version}\n`,
    '/go/bin': emptyDirectory,
    '/go/src': emptyDirectory,
  };
}
