import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, debian as debianFiles } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** The Python interpreter. */
export const python = defineRepository({
  name: 'docker.io/library/python',
  tags: {
    releases: ['3.14.2', '3.13.11', '3.12.12', '3.11.14', '3.10.19', '3.9.25', '3.8.20', '2.7.18'],
    variants: /(slim|alpine|bookworm|bullseye|trixie)?-?(bookworm|bullseye|trixie)?(3\.\d+)?/,
  },
  size: () => ({ base: 'debian bookworm', baseSize: baseSizes.debian, ownSize: 370000000 }),
  config: ({ version }) => ({ cmd: ['python3'], env: { PATH: defaultPath, PYTHON_VERSION: version, LANG: 'C.UTF-8' } }),
  rootfs: ({ version }) =>
    buildRootfs(debianFiles('bookworm'), {
      '/usr/local/bin/python3': program('python3', version),
      '/usr/local/bin/python': program('python3', version),
    }),
});
