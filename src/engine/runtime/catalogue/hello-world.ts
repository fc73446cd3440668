import { buildRootfs, program } from '../rootfs.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** hello-world: one program that says that everything works. */
export const helloWorld = defineRepository({
  name: 'docker.io/library/hello-world',
  tags: { releases: ['linux'], aliases: { latest: 'linux' } },
  size: () => ({ base: 'hello-world', baseSize: 2_380, ownSize: 0 }),
  config: () => ({ cmd: ['/hello'], env: { PATH: defaultPath } }),
  rootfs: () => buildRootfs({ '/hello': program('hello-world') }),
});
