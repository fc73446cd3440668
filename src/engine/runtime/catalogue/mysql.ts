import { buildRootfs, emptyDirectory, program, type RootEntries } from '../rootfs.ts';
import { debian as debianFiles } from './bases.ts';
import { defaultPath, defineRepository, megabytes, type Release } from './repository.ts';

/** MySQL. */
export const mysql = defineRepository({
  name: 'docker.io/library/mysql',
  tags: {
    releases: ['9.5.0', '8.4.7', '8.0.44', '5.7.44', '5.6.51'],
    aliases: { lts: '8.4.7', innovation: '9.5.0' },
    variants: /oraclelinux9|oracle|debian/,
  },
  size: ({ version }) =>
    isOld(version)
      ? {
          base: 'oraclelinux 7-slim',
          baseSize: megabytes(50.5),
          ownSize: megabytes(87.3),
          more: [884, 980_400, 4_596_000, 2_598, 316, 5_514],
        }
      : {
          base: 'oraclelinux 9-slim',
          baseSize: megabytes(47.6),
          ownSize: megabytes(119.6),
          more: [885, 982_700, 2_606, 47_300_000, 336, 5_311],
        },
  config: ({ version }) => ({
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['mysqld'],
    env: {
      PATH: defaultPath,
      GOSU_VERSION: isOld(version) ? '1.16' : '1.19',
      MYSQL_MAJOR: version.split('.').slice(0, 2).join('.'),
      MYSQL_VERSION: `${version}-1.el${isOld(version) ? '7' : '9'}`,
      MYSQL_SHELL_VERSION: `${isOld(version) ? '8.0.35' : version}-1.el${isOld(version) ? '7' : '9'}`,
    },
    exposedPorts: ['3306/tcp', '33060/tcp'],
    volumes: ['/var/lib/mysql'],
  }),
  rootfs: (release) => buildRootfs(debianFiles('bookworm'), files(release)),
});

function isOld(version: string): boolean {
  return version.startsWith('5.');
}

function files({ version }: Release): RootEntries {
  return {
    '/usr/local/bin/docker-entrypoint.sh': program('mysql-entrypoint', version),
    '/entrypoint.sh': { link: '/usr/local/bin/docker-entrypoint.sh' },
    '/usr/sbin/mysqld': program('mysqld', version),
    '/usr/bin/mysql': program('mysql', version),
    '/usr/bin/mysqladmin': program('mysqladmin', version),
    '/usr/bin/mysqldump': program('mysqldump', version),
    '/etc/my.cnf':
      '[mysqld]\nskip-host-cache\nskip-name-resolve\ndatadir=/var/lib/mysql\nsocket=/var/run/mysqld/mysqld.sock\nuser=mysql\n\n[client]\nsocket=/var/run/mysqld/mysqld.sock\n\n!includedir /etc/mysql/conf.d/\n',
    '/etc/mysql/conf.d': emptyDirectory,
    '/docker-entrypoint-initdb.d': emptyDirectory,
    '/var/lib/mysql': { directory: true, uid: 999 },
    '/var/run/mysqld': { directory: true, uid: 999 },
    '/etc/passwd':
      'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/sbin/nologin\nmysql:x:999:999::/var/lib/mysql:/bin/bash\n',
    '/etc/os-release': `NAME="Oracle Linux Server"\nVERSION="${isOld(version) ? '7.9' : '9.6'}"\nID="ol"\nPRETTY_NAME="Oracle Linux Server ${isOld(version) ? '7.9' : '9.6'}"\n`,
  };
}
