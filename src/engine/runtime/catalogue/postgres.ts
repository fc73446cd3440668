import { buildRootfs, program, emptyDirectory } from '../rootfs.ts';
import { baseSizes, debian as debianFiles } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** PostgreSQL. */
export const postgres = defineRepository({
  name: 'docker.io/library/postgres',
  tags: {
    releases: ['18.1', '17.7', '16.11', '15.15', '14.20', '13.23', '12.22', '11.22', '10.23', '9.6.24'],
    variants: /(alpine|bookworm|bullseye|trixie)(3\.\d+)?/,
  },
  size: () => ({ base: 'debian bookworm', baseSize: baseSizes.debian, ownSize: 126000000 }),
  config: ({ version }) => ({
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['postgres'],
    env: { PATH: defaultPath, PG_VERSION: version, PGDATA: '/var/lib/postgresql/data' },
    exposedPorts: ['5432/tcp'],
    stopSignal: 'SIGINT',
    volumes: ['/var/lib/postgresql/data'],
  }),
  rootfs: ({ version }) =>
    buildRootfs(debianFiles('bookworm'), {
      '/usr/local/bin/docker-entrypoint.sh': program('postgres-entrypoint', version),
      '/usr/lib/postgresql/bin/postgres': program('postgres', version),
      '/usr/local/bin/postgres': program('postgres', version),
      '/var/lib/postgresql/data': emptyDirectory,
    }),
});
