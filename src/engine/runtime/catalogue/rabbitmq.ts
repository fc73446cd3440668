import { buildRootfs, program } from '../rootfs.ts';
import { baseSizes, debian as debianFiles } from './bases.ts';
import { defaultPath, defineRepository } from './repository.ts';

/** RabbitMQ. */
export const rabbitmq = defineRepository({
  name: 'docker.io/library/rabbitmq',
  tags: {
    releases: ['4.2.1', '4.1.6', '4.0.9', '3.13.7', '3.12.14', '3.11.28', '3.10.25', '3.9.29', '3.8.34'],
    variants: /(management)?-?(alpine)?/,
  },
  size: () => ({ base: 'debian bookworm', baseSize: baseSizes.debian, ownSize: 75000000 }),
  config: ({ version }) => ({
    entrypoint: ['docker-entrypoint.sh'],
    cmd: ['rabbitmq-server'],
    env: { PATH: defaultPath, RABBITMQ_VERSION: version },
    exposedPorts: ['4369/tcp', '5671/tcp', '5672/tcp', '25672/tcp'],
    volumes: ['/var/lib/rabbitmq'],
  }),
  rootfs: ({ version }) =>
    buildRootfs(debianFiles('bookworm'), {
      '/usr/local/bin/docker-entrypoint.sh': program('exec-entrypoint'),
      '/opt/rabbitmq/sbin/rabbitmq-server': program('rabbitmq-server', version),
      '/usr/sbin/rabbitmq-server': program('rabbitmq-server', version),
    }),
});
