import { copyStreams, requireTerminal, watchSize } from '../client/terminal.ts';
import type { Command } from '../framework/command.ts';
import { CliExit } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { variable, variablesOf } from './create-options.ts';

export const exec: Command = {
  use: 'exec [OPTIONS] CONTAINER COMMAND [ARG...]',
  short: 'Execute a command in a running container',
  group: 'common',
  args: [2, Infinity],
  passThrough: true,
  flags: [
    flag('detach,d', 'bool', 'Run in the background'),
    flag('detach-keys', 'string', 'Keys that detach'),
    flag('env,e', 'list', 'Set variables'),
    flag('env-file', 'list', 'Read variables from a file'),
    flag('interactive,i', 'bool', 'Keep STDIN open'),
    flag('privileged', 'bool', 'Give extended privileges'),
    flag('tty,t', 'bool', 'Allocate a terminal'),
    flag('user,u', 'string', 'User (name|uid[:group|gid])'),
    flag('workdir,w', 'string', 'Working directory'),
  ],
  run: async (context) => {
    const { args, client, flags, process } = context;
    const [name = '', ...command] = args;
    const detach = flags.bool('detach');
    const tty = flags.bool('tty');
    const stdin = flags.bool('interactive') && !detach;
    await client.json('GET', `/containers/${encodeURIComponent(name)}/json`);
    if (!detach) requireTerminal(context, tty, stdin);
    const { Id: id } = await client.json<{ Id: string }>('POST', `/containers/${encodeURIComponent(name)}/exec`, {
      body: {
        User: flags.string('user'),
        Privileged: flags.bool('privileged'),
        Tty: tty,
        AttachStdin: stdin,
        AttachStdout: !detach,
        AttachStderr: !detach,
        DetachKeys: flags.string('detach-keys'),
        Env: [
          ...flags.list('env-file').flatMap((file) => variablesOf(process, file)),
          ...flags.list('env').flatMap((entry) => variable(process, entry)),
        ],
        WorkingDir: flags.string('workdir'),
        Cmd: command,
      },
    });
    if (detach) {
      await client.request('POST', `/exec/${id}/start`, { body: { Detach: true, Tty: tty } });
      return;
    }
    const connection = await client.hijack(`/exec/${id}/start`, { body: { Detach: false, Tty: tty } });
    const stopSize = tty && process.isatty.stdout ? watchSize(context, `/exec/${id}/resize`) : () => {};
    try {
      await copyStreams(context, connection, { tty, stdin });
    } finally {
      stopSize();
      connection.close();
    }
    const { ExitCode: status } = await client.json<{ ExitCode: number | null }>('GET', `/exec/${id}/json`);
    if (status) throw new CliExit(status);
  },
};
