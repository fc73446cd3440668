import type { Command } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';

/** What belongs to a swarm: a plain Engine says that it is none. */
const ask = (word: string, short: string, path: string): Command => ({
  use: `${word} [OPTIONS]`,
  short,
  flags: [
    flag('filter,f', 'filter', 'Restrict what is shown'),
    flag('format', 'string', 'A template'),
    flag('quiet,q', 'bool', 'Only IDs'),
  ],
  args: [0, Infinity],
  run: async ({ client, flags }) => {
    for (const name of ['filter', 'format', 'quiet']) flags.given(name);
    await client.json('GET', path);
  },
});

const group = (name: string, short: string, path: string, words: readonly string[]): Command => ({
  use: name,
  short,
  group: 'swarm',
  commands: words.map((word) => ask(word, `${word} (swarm)`, path)),
});

export const swarmCommands: readonly Command[] = [
  group('config', 'Manage Swarm configs', '/configs', ['create', 'inspect', 'ls', 'rm']),
  group('node', 'Manage Swarm nodes', '/nodes', ['demote', 'inspect', 'ls', 'promote', 'ps', 'rm', 'update']),
  group('secret', 'Manage Swarm secrets', '/secrets', ['create', 'inspect', 'ls', 'rm']),
  group('service', 'Manage Swarm services', '/services', [
    'create',
    'inspect',
    'logs',
    'ls',
    'ps',
    'rm',
    'rollback',
    'scale',
    'update',
  ]),
  group('stack', 'Manage Swarm stacks', '/services', ['config', 'deploy', 'ls', 'ps', 'rm', 'services']),
  {
    use: 'swarm',
    short: 'Manage Swarm',
    group: 'swarm',
    notSimulated: 'joining and making a swarm',
    commands: [
      {
        use: 'init [OPTIONS]',
        short: 'Initialize a swarm',
        args: [0, 0],
        flags: [flag('advertise-addr', 'string', 'Address for others')],
        run: async ({ client, flags }) => {
          await client.json('POST', '/swarm/init', { body: { AdvertiseAddr: flags.string('advertise-addr') } });
        },
      },
      {
        use: 'join [OPTIONS] HOST:PORT',
        short: 'Join a swarm as a node and/or manager',
        args: [1, 1],
        flags: [flag('token', 'string', 'Token')],
        run: async ({ args, client, flags }) => {
          await client.json('POST', '/swarm/join', { body: { RemoteAddrs: args, JoinToken: flags.string('token') } });
        },
      },
      {
        use: 'leave [OPTIONS]',
        short: 'Leave the swarm',
        args: [0, 0],
        flags: [flag('force,f', 'bool', 'Leave by force')],
        run: async ({ client, flags }) => {
          await client.json('POST', '/swarm/leave', { query: { force: flags.bool('force') } });
        },
      },
      ask('ca', 'Display and rotate the root CA', '/swarm'),
      ask('join-token', 'Manage join tokens', '/swarm'),
      ask('unlock-key', 'Manage the unlock key', '/swarm'),
      ask('update', 'Update the swarm', '/swarm'),
    ],
  },
];

export const checkpoint: Command = {
  use: 'checkpoint',
  short: 'Manage checkpoints',
  group: 'management',
  commands: ['create', 'ls', 'rm'].map((word) => ({
    use: `${word} [OPTIONS] CONTAINER`,
    short: `${word} (checkpoint)`,
    args: [1, Infinity] as const,
    run: () =>
      Promise.reject(
        new CliError(
          `docker checkpoint ${word} is only supported on a Docker daemon with experimental features enabled`,
        ),
      ),
  })),
};
