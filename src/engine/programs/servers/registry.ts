import type { Program } from '../../process/index.ts';
import { appPrograms } from '../apps/programs.ts';
import { loadPrograms } from '../load/registry.ts';
import { agnhost } from './agnhost.ts';
import { busybox } from './busybox.ts';
import { fluentd, memcached, mongod, rabbitmqServer } from './databases.ts';
import { curlEntrypoint, execEntrypoint } from './entrypoint.ts';
import { withFootprint } from './footprint.ts';
import { dockerInit } from './docker-init.ts';
import { helloWorld } from './hello-world.ts';
import { mysqlPrograms } from './mysql/registry.ts';
import { nginx, nginxEntrypoint } from './nginx/index.ts';
import { perl } from './perl.ts';
import { postgresPrograms } from './postgres/registry.ts';
import { redisPrograms } from './redis/registry.ts';
import { helloApp, podinfo } from './samples.ts';
import { apache, busyboxHttpd, httpEcho, traefikWhoami } from './web.ts';

const all: readonly (readonly [string, Program])[] = [
  ['agnhost', agnhost],
  ['apache', apache],
  ['busybox', busybox],
  ['curl-entrypoint', curlEntrypoint],
  ['docker-init', dockerInit],
  ['exec-entrypoint', execEntrypoint],
  ['fluentd', fluentd],
  ['hello-app', helloApp],
  ['hello-world', helloWorld],
  ['http-echo', httpEcho],
  ['httpd', busyboxHttpd],
  ['memcached', memcached],
  ['mongod', mongod],
  ['nginx', nginx],
  ['nginx-entrypoint', nginxEntrypoint],
  ['perl', perl],
  ['podinfo', podinfo],
  ['rabbitmq-server', rabbitmqServer],
  ['traefik-whoami', traefikWhoami],
  ...appPrograms,
  ...loadPrograms,
  ...mysqlPrograms,
  ...postgresPrograms,
  ...redisPrograms,
];

/**
 * Server programs and entrypoints, by the name that executable files of images carry. Loading them is part of the time
 * that starting their container takes; what they need after that is their own affair.
 */
export const servers: ReadonlyMap<string, Program> = new Map(
  all.map(([name, program]) => [name, withFootprint(name, program)]),
);
