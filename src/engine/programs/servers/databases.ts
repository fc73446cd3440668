import type { Process, Program } from '../../process/index.ts';
import { defineDaemon } from './daemon.ts';

const iso = (p: Process): string => new Date(p.world.clock.now()).toISOString();
const plain = (p: Process): string => iso(p).slice(0, 23).replace('T', ' ');

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
