import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, alpine as alpineFiles } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** fluentd. */
export const fluentd = defineRepository({
  name: 'docker.io/library/fluentd',
  tags: { releases: ['1.19.1', '1.18.0', '1.16.9'], variants: /debian-1|1|debian|alpine/ },
  size: () => ({ base: 'alpine 3.22', baseSize: baseSizes.alpine, ownSize: 18000000 }),
  config: ({ version }) => ({
    entrypoint: ['exec-entrypoint', 'fluentd'],
    env: { PATH: defaultPath, FLUENTD_VERSION: version },
    exposedPorts: ['24224/tcp', '5140/tcp'],
  }),
  rootfs: ({ version }) =>
    buildRootfs(alpineFiles('3.22.2'), {
      '/usr/bin/exec-entrypoint': program('exec-entrypoint'),
      '/usr/bin/fluentd': program('fluentd', version),
    }),
});
