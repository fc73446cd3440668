import { buildRootfs, program, emptyDirectory } from '../rootfs.ts';
import { baseSizes, debian as debianFiles } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** MongoDB. */
export const mongo = defineRepository({
  name: 'docker.io/library/mongo',
  tags: { releases: ['8.2.2', '8.0.16', '7.0.26', '6.0.26', '5.0.31', '4.4.29', '4.2.24'], variants: /noble|jammy/ },
  size: () => ({ base: 'debian bookworm', baseSize: baseSizes.debian, ownSize: 250000000 }),
  config: ({ version }) => ({
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['mongod'],
    env: { PATH: defaultPath, MONGO_VERSION: version },
    exposedPorts: ['27017/tcp'],
    volumes: ['/data/db', '/data/configdb'],
  }),
  rootfs: ({ version }) =>
    buildRootfs(debianFiles('bookworm'), {
      '/usr/local/bin/docker-entrypoint.sh': program('exec-entrypoint'),
      '/usr/bin/mongod': program('mongod', version),
      '/data/db': emptyDirectory,
    }),
});
