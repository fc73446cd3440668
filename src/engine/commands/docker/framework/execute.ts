import { Cancelled } from '../../../world/index.ts';
import { DockerClient, hostOf } from '../client/client.ts';
import { ConfigFile } from '../client/config-file.ts';
import { commandName, type Command, type Context } from './command.ts';
import { CliError, CliExit, notSimulated } from './errors.ts';
import { Flags, parseFlags, type Flag, type Parsed } from './flags.ts';
import { helpText, usageLine } from './help.ts';
import type { Process } from '../../../process/index.ts';

/** Runs a docker command line. Returns the exit status. */
export async function execute(root: Command, process: Process): Promise<number> {
  try {
    await dispatch(root, process);
    return 0;
  } catch (error) {
    if (error instanceof CliExit) return error.exit;
    if (!(error instanceof CliError)) throw error;
    await process.printError(`${error.message}\n`);
    return error.exit;
  }
}

/** A flag that can't be: with the command's usage. */
function flagError(error: unknown, path: string, usage: string): unknown {
  if (!(error instanceof CliError)) return error;
  return new CliError(`${error.message}\n\nUsage:  ${usage}\n\nRun '${path} --help' for more information`, 125);
}

async function dispatch(root: Command, process: Process): Promise<void> {
  let globals: Parsed;
  try {
    globals = parseFlags(root.flags ?? [], process.argv.slice(1), false);
  } catch (error) {
    throw flagError(error, 'docker', 'docker [OPTIONS] COMMAND [ARG...]');
  }
  let [...rest] = globals.args;
  if (rest[0] === 'help') {
    const { command, path } = find(root, rest.slice(1));
    return process.print(helpText(path, command, command === root));
  }
  const found = find(root, rest);
  const { command, path } = found;
  rest = found.rest;
  if (command === root) {
    if (globals.flags.bool('version')) return process.print(root.use === 'docker' ? versionLine() : '');
    if (rest.length > 0 && !globals.help)
      throw new CliError(`docker: unknown command: docker ${rest[0]}\n\nRun 'docker --help' for more information`);
    const text = helpText('docker', root, true);
    return globals.help ? process.print(text) : process.printError(text);
  }
  let parsed: Parsed;
  try {
    parsed = command.rawArguments
      ? { flags: new Flags([]), args: rest, help: false }
      : parseFlags(command.flags ?? [], rest, !command.passThrough);
  } catch (error) {
    if (!command.plugin) throw flagError(error, path, usageLine(path, command));
    const failure = flagError(error, command.plugin, usageLine(command.plugin, command)) as CliError;
    throw new CliError(`ERROR: ${failure.message}`, failure.exit);
  }
  if (parsed.help || globals.help) return process.print(helpText(path, command, false));
  if (!command.run) {
    if (parsed.args.length === 0) return process.printError(helpText(path, command, false));
    const plain = ['volume', 'network', 'plugin', 'trust', 'manifest'].includes(commandName(command));
    throw new CliError(
      `docker: unknown command: ${path} ${parsed.args[0]}\n\nUsage:  ${path}${plain ? ' COMMAND' : ''}\n\nRun '${path} --help' for more information`,
    );
  }
  for (const spec of root.flags ?? [])
    if (spec.notSimulated && globals.flags.given(spec.name)) throw notSimulated(`docker --${spec.name}`);
  if (parsed.flags.spec('disable-content-trust') && !parsed.flags.bool('disable-content-trust'))
    throw notSimulated('content trust');
  const level = globals.flags.string('log-level');
  if (!['debug', 'info', 'warn', 'warning', 'error', 'fatal', 'panic', 'trace'].includes(level.toLowerCase()))
    throw new CliError(`unable to parse logging level: ${level}`);
  checkCount(command, path, parsed.args);
  for (const spec of command.flags ?? [])
    if (spec.notSimulated && parsed.flags.given(spec.name)) throw notSimulated(`${path} --${spec.name}`);
  const config = new ConfigFile(process, globals.flags.string('config'));
  const context: Context = {
    process,
    command,
    path,
    args: parsed.args,
    flags: parsed.flags,
    globals: globals.flags,
    client: new DockerClient(process, () => hostOf(process, globals.flags, config)),
    config,
    out: (text) => process.print(text),
    err: (text) => process.printError(text),
  };
  try {
    await command.run(context);
  } catch (error) {
    if (error instanceof Cancelled) throw new CliExit(130);
    throw error;
  }
}

let versionLine: () => string = () => '';

/** What `docker --version` prints. */
export function setVersionLine(text: () => string): void {
  versionLine = text;
}

function find(root: Command, argv: readonly string[]): { command: Command; path: string; rest: string[] } {
  let command = root;
  let path = 'docker';
  let rest = [...argv];
  for (;;) {
    const next = command.commands?.find(
      (c) => commandName(c) === rest[0] || (rest[0] !== undefined && (c.aliases ?? []).includes(rest[0])),
    );
    if (!next) return { command, path, rest };
    command = next;
    path = `${path} ${commandName(next)}`;
    rest = rest.slice(1);
  }
}

/** Three spellings of one hint, the CLI's own: least numbers say "See", most numbers "SRun". */
function checkCount(command: Command, path: string, args: readonly string[]): void {
  const [least, most] = command.args ?? [0, Infinity];
  if (args.length >= least && args.length <= most) return;
  const plural = (n: number) => `${n} argument${n === 1 ? '' : 's'}`;
  const [wanted, hint] =
    most === 0
      ? ['accepts no arguments', 'Run']
      : least === most
        ? [`requires ${plural(least)}`, 'Run']
        : most === Infinity
          ? [`requires at least ${plural(least)}`, 'See']
          : least === 0
            ? [`requires at most ${plural(most)}`, 'SRun']
            : [`requires at least ${least} and at most ${plural(most)}`, 'Run'];
  throw new CliError(
    `docker: '${path}' ${wanted}\n\nUsage:  ${usageLine(path, command)}\n\n${hint} '${path} --help' for more information`,
  );
}

export type { Flag };
