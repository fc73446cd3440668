import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, alpine as alpineFiles } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** curl in an image of its own. */
export const curl = defineRepository({
  name: 'docker.io/curlimages/curl',
  tags: {
    releases: [
      '8.17.0',
      '8.16.0',
      '8.15.0',
      '8.14.1',
      '8.13.0',
      '8.12.1',
      '8.11.1',
      '8.10.1',
      '8.9.1',
      '8.8.0',
      '8.7.1',
      '8.6.0',
      '8.5.0',
      '8.4.0',
      '8.3.0',
      '8.2.1',
      '8.1.2',
      '8.0.1',
      '7.88.1',
      '7.87.0',
      '7.86.0',
      '7.85.0',
      '7.84.0',
      '7.82.0',
      '7.78.0',
      '7.77.0',
    ],
  },
  size: () => ({ base: 'alpine 3.22', baseSize: baseSizes.alpine, ownSize: 5200000 }),
  config: ({ version }) => ({
    entrypoint: ['/entrypoint.sh'],
    cmd: ['curl'],
    user: 'curl_user',
    env: { PATH: defaultPath, CURL_VERSION: version },
  }),
  rootfs: ({ version }) =>
    buildRootfs(alpineFiles('3.22.2'), {
      '/entrypoint.sh': program('curl-entrypoint'),
      '/usr/bin/curl': program('curl', version),
      '/etc/passwd': 'root:x:0:0:root:/root:/bin/sh\ncurl_user:x:100:101:Linux User,,,:/home/curl_user:/sbin/nologin\n',
    }),
});
