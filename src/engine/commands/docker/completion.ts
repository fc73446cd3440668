import type { Completion, CompletionContext } from '../../shell/completion.ts';
import type { Process } from '../../process/index.ts';
import { DockerClient, hostOf } from './client/client.ts';
import { ConfigFile } from './client/config-file.ts';
import { commandName, type Command } from './framework/command.ts';
import { CliError } from './framework/errors.ts';
import { parseFlags, type Flag } from './framework/flags.ts';

/** Tab completion of docker: commands, flags and their values, and the Engine's objects by name. */

interface Summary {
  Names?: string[];
  RepoTags?: string[] | null;
  State?: string;
  Name?: string;
}

type Source = (client: DockerClient) => Promise<string[]>;

const containers =
  (state?: (state: string) => boolean): Source =>
  async (client) =>
    (await client.json<Summary[]>('GET', '/containers/json', { query: { all: true } }))
      .filter((each) => !state || state(each.State ?? ''))
      .map((each) => (each.Names?.[0] ?? '').replace(/^\//, ''));

const images: Source = async (client) =>
  (await client.json<Summary[]>('GET', '/images/json'))
    .flatMap((each) => each.RepoTags ?? [])
    .filter((tag) => tag !== '<none>:<none>');
const networks: Source = async (client) =>
  (await client.json<Summary[]>('GET', '/networks')).map((each) => each.Name ?? '');
const volumes: Source = async (client) =>
  ((await client.json<{ Volumes: Summary[] | null }>('GET', '/volumes')).Volumes ?? []).map((each) => each.Name ?? '');
const fixed =
  (...values: string[]): Source =>
  () =>
    Promise.resolve(values);

const running = containers((state) => state === 'running' || state === 'paused');

/** Which containers a command can do something with. */
const wanted: Readonly<Record<string, Source>> = {
  start: containers((state) => state === 'exited' || state === 'created' || state === 'paused'),
  stop: running,
  kill: running,
  exec: containers((state) => state === 'running'),
  attach: containers((state) => state === 'running'),
  pause: containers((state) => state === 'running'),
  unpause: containers((state) => state === 'paused'),
  top: running,
  stats: running,
};

/** By the name of the argument in the usage line. */
const byArgument: readonly (readonly [RegExp, Source])[] = [
  [/CONTAINER/, containers()],
  [/IMAGE/, images],
  [/NETWORK/, networks],
  [/VOLUME/, volumes],
];

const byFlag: Readonly<Record<string, Source>> = {
  network: networks,
  net: networks,
  'volumes-from': containers(),
  link: containers(),
  restart: fixed('always', 'no', 'on-failure', 'unless-stopped'),
  pull: fixed('always', 'missing', 'never'),
  driver: fixed('bridge', 'host', 'ipvlan', 'macvlan', 'none', 'overlay'),
  'log-driver': fixed('json-file', 'local', 'none'),
  format: fixed('json', 'table'),
  signal: fixed('SIGHUP', 'SIGINT', 'SIGKILL', 'SIGQUIT', 'SIGSTOP', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'),
  'stop-signal': fixed('SIGHUP', 'SIGINT', 'SIGKILL', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'),
  'log-level': fixed('debug', 'error', 'fatal', 'info', 'warn'),
  progress: fixed('auto', 'plain', 'rawjson', 'tty'),
};

/** The flag whose value the cursor is on, if the word before is one that wants a value. */
function pendingFlag(flags: readonly Flag[], before: string | undefined): Flag | undefined {
  if (before === undefined || !before.startsWith('-') || before.includes('=')) return undefined;
  const spec = before.startsWith('--')
    ? flags.find((flag) => flag.name === before.slice(2))
    : flags.find((flag) => flag.shorthand === before.at(-1));
  return spec && spec.type !== 'bool' ? spec : undefined;
}

function walk(root: Command, words: readonly string[]): { command: Command; rest: string[] } {
  let command = root;
  let rest = [...words];
  // Global flags stand before the command.
  for (;;) {
    const globals = command === root ? (root.flags ?? []) : [];
    while (rest[0]?.startsWith('-') && globals.length > 0) rest = rest.slice(pendingFlag(globals, rest[0]) ? 2 : 1);
    const next = command.commands?.find((c) => commandName(c) === rest[0] || (c.aliases ?? []).includes(rest[0] ?? ''));
    if (!next) return { command, rest };
    command = next;
    rest = rest.slice(1);
  }
}

async function ask(process: Process, source: Source): Promise<string[]> {
  const config = new ConfigFile(process, '');
  const { flags } = parseFlags(
    [
      { name: 'host', type: 'list', usage: '' },
      { name: 'context', type: 'string', usage: '' },
    ],
    [],
  );
  try {
    return await source(new DockerClient(process, () => hostOf(process, flags, config)));
  } catch (error) {
    // Nobody there to ask: nothing to offer, and not the place to say so.
    if (error instanceof CliError) return [];
    throw error;
  }
}

export async function completeLine(root: Command, context: CompletionContext): Promise<readonly Completion[]> {
  const { words, index, current, process } = context;
  const { command, rest } = walk(root, words.slice(1, index));
  const flags = [...(command.flags ?? [])];
  const pending = pendingFlag(flags, rest.at(-1));
  if (pending) {
    const source = byFlag[pending.name];
    return source ? ask(process, source) : [];
  }
  if (current.startsWith('-')) {
    const equals = /^--([\w-]+)=/.exec(current);
    const source = equals && byFlag[equals[1]!];
    if (source) return (await ask(process, source)).map((value) => `${equals[0]}${value}`);
    const options = flags
      .filter((flag) => !flag.hidden)
      .map((flag): Completion => ({ value: `--${flag.name}`, description: flag.usage }));
    return [...options, { value: '--help', description: 'Print usage' }];
  }
  if (command.commands)
    return command.commands
      .filter((each) => !each.hidden)
      .map((each): Completion => ({ value: commandName(each), description: each.short }));
  const { args: given } = parseArguments(command, rest);
  const name = commandName(command);
  if (name === 'cp') return (await ask(process, containers())).map((value) => ({ value: `${value}:`, noSpace: true }));
  // What follows the image of `run`, or the container of `exec`, belongs to the program in it.
  if (command.passThrough && given.length > 0) return [];
  const [, most] = command.args ?? [0, Infinity];
  if (given.length >= most) return [];
  const names = command.use
    .split(' ')
    .slice(1)
    .filter((word) => !word.includes('OPTIONS'));
  const argument = names[Math.min(given.length, names.length - 1)] ?? '';
  const source = /CONTAINER/.test(argument)
    ? (wanted[name] ?? containers())
    : byArgument.find(([pattern]) => pattern.test(argument))?.[1];
  if (!source) return argument === 'SHELL' ? ['bash', 'fish', 'powershell', 'zsh'] : [];
  const candidates = await ask(process, source);
  return candidates.filter((value) => !given.includes(value));
}

function parseArguments(command: Command, rest: readonly string[]): { args: string[] } {
  try {
    return parseFlags(command.flags ?? [], rest, !command.passThrough);
  } catch (error) {
    if (error instanceof CliError) return { args: [] };
    throw error;
  }
}
