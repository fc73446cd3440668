import { buildRootfs, program, emptyDirectory } from '../rootfs.ts';
import { baseSizes, debian as debianFiles } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** MySQL. */
export const mysql = defineRepository({
  name: 'docker.io/library/mysql',
  tags: {
    releases: ['9.5.0', '8.4.7', '8.0.44', '5.7.44', '5.6.51'],
    aliases: { lts: '8.4.7', innovation: '9.5.0' },
    variants: /oraclelinux9|oracle|debian/,
  },
  size: () => ({ base: 'debian bookworm', baseSize: baseSizes.debian, ownSize: 211000000 }),
  config: ({ version }) => ({
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['mysqld'],
    env: { PATH: defaultPath, MYSQL_VERSION: version },
    exposedPorts: ['3306/tcp', '33060/tcp'],
    volumes: ['/var/lib/mysql'],
  }),
  rootfs: ({ version }) =>
    buildRootfs(debianFiles('bookworm'), {
      '/usr/local/bin/docker-entrypoint.sh': program('mysql-entrypoint', version),
      '/usr/sbin/mysqld': program('mysqld', version),
      '/var/lib/mysql': emptyDirectory,
    }),
});
