import { buildRootfs } from '../rootfs.ts';
import { baseSizes, busybox as files } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** busybox: a shell and the usual tools in two megabytes. */
export const busybox = defineRepository({
  name: 'docker.io/library/busybox',
  tags: {
    releases: [
      '1.37.0',
      '1.36.1',
      '1.35.0',
      '1.34.1',
      '1.33.1',
      '1.32.1',
      '1.31.1',
      '1.30.1',
      '1.29.3',
      '1.28.4',
      '1.27.2',
      '1.26.2',
      '1.25.1',
      '1.24.2',
    ],
    aliases: {
      latest: '1.36.1',
      stable: '1.36.1',
      unstable: '1.37.0',
      musl: '1.36.1',
      glibc: '1.36.1',
      uclibc: '1.36.1',
    },
    variants: /musl|glibc|uclibc/,
  },
  size: ({ version }) => ({ base: `busybox ${version}`, baseSize: baseSizes.busybox, ownSize: 0 }),
  config: () => ({ cmd: ['sh'], env: { PATH: defaultPath } }),
  rootfs: ({ version }) => buildRootfs(files(version)),
});
