import { buildRootfs, program, emptyDirectory } from '../rootfs.ts';
import { baseSizes, debian as debianFiles } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** MariaDB. */
export const mariadb = defineRepository({
  name: 'docker.io/library/mariadb',
  tags: {
    releases: ['12.1.2', '11.8.5', '11.4.9', '10.11.15', '10.6.24', '10.5.29'],
    aliases: { lts: '11.8.5' },
    variants: /noble|jammy|ubi/,
  },
  size: () => ({ base: 'debian bookworm', baseSize: baseSizes.debian, ownSize: 98000000 }),
  config: ({ version }) => ({
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['mariadbd'],
    env: { PATH: defaultPath, MARIADB_VERSION: version },
    exposedPorts: ['3306/tcp'],
    volumes: ['/var/lib/mysql'],
  }),
  rootfs: ({ version }) =>
    buildRootfs(debianFiles('bookworm'), {
      '/usr/local/bin/docker-entrypoint.sh': program('mysql-entrypoint', version),
      '/usr/sbin/mariadbd': program('mysqld', version),
      '/var/lib/mysql': emptyDirectory,
    }),
});
