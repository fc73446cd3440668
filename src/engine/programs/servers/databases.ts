import type { Process, Program } from '../../process/index.ts';
import { defineDaemon } from './daemon.ts';

const iso = (p: Process): string => new Date(p.world.clock.now()).toISOString();
const plain = (p: Process): string => iso(p).slice(0, 23).replace('T', ' ');

/** PostgreSQL, from outside. */
export const postgres: Program = defineDaemon({
  ports: () => [5432],
  stream: 'stderr',
  startUpMs: 600,
  started: (p) => [
    `${plain(p)} UTC [1] LOG:  starting PostgreSQL ${p.env.get('PG_VERSION') ?? '18.1'} (Debian) on x86_64-pc-linux-gnu`,
    `${plain(p)} UTC [1] LOG:  listening on IPv4 address "0.0.0.0", port 5432`,
    `${plain(p)} UTC [1] LOG:  listening on IPv6 address "::", port 5432`,
    `${plain(p)} UTC [1] LOG:  listening on Unix socket "/var/run/postgresql/.s.PGSQL.5432"`,
    `${plain(p)} UTC [1] LOG:  database system is ready to accept connections`,
  ],
  stopped: (p) => [
    `${plain(p)} UTC [1] LOG:  received fast shutdown request`,
    `${plain(p)} UTC [1] LOG:  database system is shut down`,
  ],
});

/** MongoDB, from outside. */
export const mongod: Program = defineDaemon({
  ports: () => [27017],
  startUpMs: 400,
  started: (p) => [
    JSON.stringify({
      t: { $date: iso(p) },
      s: 'I',
      c: 'NETWORK',
      id: 23016,
      ctx: 'listener',
      msg: 'Waiting for connections',
      attr: { port: 27017, ssl: 'off' },
    }),
  ],
});

export const rabbitmqServer: Program = defineDaemon({
  ports: () => [5672],
  startUpMs: 3000,
  started: (p) => [
    `${plain(p)} [info] <0.9.0> Server startup complete; 0 plugins started.`,
    `${plain(p)} [info] <0.9.0> started TCP listener on [::]:5672`,
  ],
});

export const memcached: Program = defineDaemon({ ports: () => [11211] });

export const fluentd: Program = defineDaemon({
  ports: () => [24224],
  started: (p) => [`${iso(p).slice(0, 19).replace('T', ' ')} +0000 [info]: fluentd worker is now running worker=0`],
  stopped: (p) => [`${iso(p).slice(0, 19).replace('T', ' ')} +0000 [info]: Worker 0 finished with status 0`],
});

const redisDate = (p: Process): string => {
  const d = new Date(p.world.clock.now());
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const day = String(d.getUTCDate()).padStart(2, '0');
  return `${day} ${months[d.getUTCMonth()]} ${d.getUTCFullYear()} ${d.toISOString().slice(11, 23)}`;
};

const redisPort = (p: Process): number => {
  const at = p.argv.indexOf('--port');
  return at >= 0 ? Number(p.argv[at + 1]) : 6379;
};

/** Redis, from outside. */
export const redisServer: Program = defineDaemon({
  ports: (p) => [redisPort(p)],
  started: (p) => {
    const version = p.env.get('REDIS_VERSION') ?? '8.4.0';
    return [
      `${p.pid}:C ${redisDate(p)} * oO0OoO0OoO0Oo Redis is starting oO0OoO0OoO0Oo`,
      `${p.pid}:C ${redisDate(p)} * Redis version=${version}, bits=64, commit=00000000, modified=0, pid=${p.pid}, just started`,
      ...(p.argv.length > 1
        ? [`${p.pid}:C ${redisDate(p)} * Configuration loaded`]
        : [
            `${p.pid}:C ${redisDate(p)} # Warning: no config file specified, using the default config. In order to specify a config file use redis-server /path/to/redis.conf`,
          ]),
      `${p.pid}:M ${redisDate(p)} * monotonic clock: POSIX clock_gettime`,
      `${p.pid}:M ${redisDate(p)} * Running mode=standalone, port=${redisPort(p)}.`,
      `${p.pid}:M ${redisDate(p)} * Server initialized`,
      `${p.pid}:M ${redisDate(p)} * Ready to accept connections tcp`,
    ];
  },
  signals: ['SIGTERM', 'SIGINT'],
  stopped: (p, signal) => [
    `${p.pid}:signal-handler (${Math.floor(p.world.clock.now() / 1000)}) Received ${signal} scheduling shutdown...`,
    `${p.pid}:M ${redisDate(p)} * User requested shutdown...`,
    `${p.pid}:M ${redisDate(p)} # Redis is now ready to exit, bye bye...`,
  ],
});
