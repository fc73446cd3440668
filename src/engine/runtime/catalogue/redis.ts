import { buildRootfs, program } from '../rootfs.ts';
import { alpine, baseSizes, debian, onAlpine } from './bases.ts';
import { defaultPath, defineRepository, megabytes } from './repository.ts';

/** Redis. */
export const redis = defineRepository({
  name: 'docker.io/library/redis',
  tags: {
    releases: [
      '8.4.0',
      '8.2.3',
      '8.0.5',
      '7.4.7',
      '7.2.12',
      '7.0.15',
      '6.2.21',
      '6.0.20',
      '5.0.14',
      '4.0.14',
      '3.2.12',
    ],
    variants: /alpine(3\.\d+)?|bookworm|bullseye|trixie/,
  },
  size: ({ variant }) =>
    onAlpine(variant)
      ? { base: 'alpine 3.22', baseSize: baseSizes.alpine, ownSize: megabytes(13.7) }
      : { base: 'debian bookworm', baseSize: baseSizes.debian, ownSize: 15_320_447 },
  config: ({ version }) => ({
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['redis-server'],
    env: { PATH: defaultPath, GOSU_VERSION: '1.19', REDIS_VERSION: version },
    workingDir: '/data',
    exposedPorts: ['6379/tcp'],
    volumes: ['/data'],
  }),
  rootfs: ({ version, variant }) =>
    buildRootfs(onAlpine(variant) ? alpine('3.22.2') : debian('bookworm'), {
      '/usr/local/bin/docker-entrypoint.sh': program('redis-entrypoint', version),
      '/usr/local/bin/redis-server': program('redis-server', version),
      '/usr/local/bin/redis-cli': program('redis-cli', version),
      '/etc/passwd':
        'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\nredis:x:999:1000::/data:/bin/sh\n',
      '/data': { directory: true, uid: 999 },
    }),
});
