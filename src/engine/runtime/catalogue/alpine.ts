import { buildRootfs } from '../rootfs.ts';
import { alpine as files, baseSizes } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** Alpine Linux. */
export const alpine = defineRepository({
  name: 'docker.io/library/alpine',
  tags: {
    releases: [
      '3.23.2',
      '3.22.2',
      '3.21.5',
      '3.20.8',
      '3.19.9',
      '3.18.12',
      '3.17.10',
      '3.16.9',
      '3.15.11',
      '3.14.10',
      '3.12.12',
    ],
    aliases: { edge: '3.23.2', latest: '3.22.2' },
  },
  size: ({ version }) => ({
    base: `alpine ${version.split('.').slice(0, 2).join('.')}`,
    baseSize: baseSizes.alpine,
    ownSize: 0,
  }),
  config: () => ({ cmd: ['/bin/sh'], env: { PATH: defaultPath } }),
  rootfs: ({ version }) => buildRootfs(files(version)),
});
