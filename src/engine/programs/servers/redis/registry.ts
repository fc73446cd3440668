import type { Program } from '../../../process/index.ts';
import { execOrFail } from '../entrypoint.ts';
import { redisCli } from './cli.ts';
import { redisServer } from './server.ts';

/** docker-entrypoint.sh of the image redis: options and configuration files are for the server. */
const redisEntrypoint: Program = (process) => {
  const command = process.argv.slice(1);
  const first = command[0] ?? '';
  const forServer = first.startsWith('-') || first.endsWith('.conf');
  const all = forServer ? ['redis-server', ...command] : command;
  const user = { name: 'redis', uid: 999, gid: 1000, home: '/data' };
  const changes = all[0] === 'redis-server' && process.user.uid === 0;
  return execOrFail(process, all, '/usr/local/bin/docker-entrypoint.sh: exec', changes ? user : undefined);
};

/** Redis by the names that executable files carry. */
export const redisPrograms: readonly (readonly [string, Program])[] = [
  ['redis-cli', redisCli],
  ['redis-entrypoint', redisEntrypoint],
  ['redis-server', redisServer],
];
