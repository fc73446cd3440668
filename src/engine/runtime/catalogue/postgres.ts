import { buildRootfs, emptyDirectory, program } from '../rootfs.ts';
import { alpine, baseSizes, debian, onAlpine } from './bases.ts';
import { defaultPath, defineRepository, megabytes } from './repository.ts';

/** PostgreSQL. */
export const postgres = defineRepository({
  name: 'docker.io/library/postgres',
  tags: {
    releases: ['18.1', '17.7', '16.11', '15.15', '14.20', '13.23', '12.22', '11.22', '10.23', '9.6.24'],
    variants: /(alpine|bookworm|bullseye|trixie)(3\.\d+)?/,
  },
  size: ({ variant }) =>
    onAlpine(variant)
      ? { base: 'alpine 3.22', baseSize: baseSizes.alpine, ownSize: megabytes(104.8), more: [8_400, 1_205, 164] }
      : {
          base: 'debian trixie',
          baseSize: baseSizes.debian,
          ownSize: megabytes(112.4),
          more: [1_186, 4_534_000, 1_446_000, 8_210_000, 3_100, 121, 10_200, 185],
        },
  config: ({ version, variant }) => {
    const volume = dataVolume(version);
    return {
      entrypoint: ['docker-entrypoint.sh'],
      cmd: ['postgres'],
      env: {
        PATH: onAlpine(variant) ? defaultPath : `${defaultPath}:/usr/lib/postgresql/${major(version)}/bin`,
        GOSU_VERSION: '1.19',
        LANG: 'en_US.utf8',
        PG_MAJOR: major(version),
        PG_VERSION: onAlpine(variant) ? version : `${version}-1.pgdg13+1`,
        PGDATA: volume.data,
      },
      exposedPorts: ['5432/tcp'],
      stopSignal: 'SIGINT',
      volumes: [volume.volume],
    };
  },
  rootfs: ({ version, variant }) => {
    const bin = onAlpine(variant) ? '/usr/local/bin' : `/usr/lib/postgresql/${major(version)}/bin`;
    return buildRootfs(onAlpine(variant) ? alpine('3.22.2') : debian('trixie'), {
      '/usr/local/bin/docker-entrypoint.sh': program('postgres-entrypoint', version),
      [`${bin}/postgres`]: program('postgres', version),
      [onAlpine(variant) ? '/usr/local/bin/psql' : '/usr/bin/psql']: program('psql', version),
      [onAlpine(variant) ? '/usr/local/bin/pg_isready' : '/usr/bin/pg_isready']: program('pg_isready', version),
      '/docker-entrypoint-initdb.d': emptyDirectory,
      [dataVolume(version).volume]: { directory: true, uid: 999 },
      '/var/run/postgresql': { directory: true, uid: 999 },
      '/etc/passwd':
        'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\npostgres:x:999:999::/var/lib/postgresql:/bin/bash\n',
    });
  },
});

function major(version: string): string {
  return version.startsWith('9.') ? '9.6' : version.split('.')[0]!;
}

/** From 18 on the volume holds a directory for each major version. */
function dataVolume(version: string): { volume: string; data: string } {
  if (Number(major(version)) < 18) return { volume: '/var/lib/postgresql/data', data: '/var/lib/postgresql/data' };
  return { volume: '/var/lib/postgresql', data: `/var/lib/postgresql/${major(version)}/docker` };
}
