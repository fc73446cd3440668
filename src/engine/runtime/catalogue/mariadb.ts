import { buildRootfs, emptyDirectory, program } from '../rootfs.ts';
import { baseSizes, ubuntu as ubuntuFiles } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** MariaDB. */
export const mariadb = defineRepository({
  name: 'docker.io/library/mariadb',
  tags: {
    releases: ['12.1.2', '11.8.5', '11.4.9', '10.11.15', '10.6.24', '10.5.29'],
    aliases: { lts: '11.8.5' },
    variants: /noble|jammy|ubi/,
  },
  size: () => ({ base: 'ubuntu 24.04', baseSize: baseSizes.ubuntu, ownSize: 98000000 }),
  config: ({ version }) => ({
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['mariadbd'],
    env: { PATH: defaultPath, GOSU_VERSION: '1.17', LANG: 'C.UTF-8', MARIADB_VERSION: `1:${version}+maria~ubu2404` },
    exposedPorts: ['3306/tcp'],
    volumes: ['/var/lib/mysql'],
  }),
  rootfs: ({ version }) =>
    buildRootfs(ubuntuFiles('24.04'), {
      '/usr/local/bin/docker-entrypoint.sh': program('mysql-entrypoint', version),
      '/usr/local/bin/healthcheck.sh': program('mariadb-healthcheck', version),
      '/usr/sbin/mariadbd': program('mysqld', version),
      '/usr/sbin/mysqld': { link: 'mariadbd' },
      ...Object.fromEntries(
        [...clients, ...(Number(version.split('.')[0]) < 11 ? oldClients : [])].map(([name, runs]) => [
          `/usr/bin/${name}`,
          program(runs, version),
        ]),
      ),
      '/docker-entrypoint-initdb.d': emptyDirectory,
      '/etc/mysql/conf.d': emptyDirectory,
      '/var/lib/mysql': { directory: true, uid: 999 },
      '/run/mysqld': { directory: true, uid: 999 },
      '/etc/passwd':
        'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/sbin/nologin\nmysql:x:999:999::/home/mysql:/bin/sh\n',
    }),
});

/** MariaDB 11 and later have no programs by MySQL's names; older ones have both. */
const clients: readonly [name: string, program: string][] = [
  ['mariadb', 'mysql'],
  ['mariadb-admin', 'mysqladmin'],
  ['mariadb-dump', 'mysqldump'],
];

const oldClients: readonly [name: string, program: string][] = [
  ['mysql', 'mysql'],
  ['mysqladmin', 'mysqladmin'],
  ['mysqldump', 'mysqldump'],
];
