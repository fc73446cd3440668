import { buildRootfs } from '../rootfs.ts';
import { baseSizes, ubuntu as files } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** Ubuntu. */
export const ubuntu = defineRepository({
  name: 'docker.io/library/ubuntu',
  tags: {
    releases: ['24.04', '22.04', '20.04', '18.04'],
    aliases: { noble: '24.04', jammy: '22.04', focal: '20.04', bionic: '18.04', rolling: '24.04' },
  },
  size: ({ version }) => ({ base: `ubuntu ${version}`, baseSize: baseSizes.ubuntu, ownSize: 0 }),
  config: () => ({ cmd: ['/bin/bash'], env: { PATH: defaultPath } }),
  rootfs: ({ version }) => buildRootfs(files(version)),
});
