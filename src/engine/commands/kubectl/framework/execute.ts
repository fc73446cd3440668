import type { Process } from '../../../process/index.ts';
import { createFactory } from '../client/create-factory.ts';
import { commandName, type Command, type Context } from './command.ts';
import { CommandError, describeError, NotSimulated, SilentExit, usageError } from './errors.ts';
import { isCommandFailure } from './failure.ts';
import { defaultValue, noValue, parseFlags, type FlagSpec, type FlagValues } from './flags.ts';
import { allFlags, helpText, pathText, type CommandPath } from './help.ts';
import { applyPreferences } from './kuberc.ts';
import { runPlugin } from './plugins.ts';
import { unknownCommand } from './suggest.ts';

/** Runs a command line against a tree of commands. Returns the exit status. */
export async function execute(root: Command, process: Process): Promise<number> {
  try {
    await dispatch(root, process);
    return 0;
  } catch (error) {
    if (!isCommandFailure(error)) throw error;
    const { text, exit } = describeError(error);
    if (text !== '') await process.printError(text.endsWith('\n') ? text : `${text}\n`);
    return exit;
  }
}

async function dispatch(builtIn: Command, process: Process): Promise<void> {
  const preferred = await applyPreferences(builtIn, process, process.argv.slice(1));
  const { root, argv } = preferred;
  if (argv[0] === 'help') return showHelp(root, process, argv.slice(1));
  const { path, rest } = locate(root, argv);
  const command = path.at(-1)!;
  const first = rest.find((a) => !a.startsWith('-'));
  if (path.length === 1 && first !== undefined && words(rest, allFlags(path)).length > 0) {
    const typed = words(rest, allFlags(path))[0]!;
    if (argv[0]!.startsWith('-')) {
      await process.printError(`Error: flags cannot be placed before plugin name: ${argv[0]}\n`);
      throw new SilentExit();
    }
    const status = await runPlugin(process, argv);
    if (status !== undefined) throw new SilentExit(status);
    throw new CommandError(unknownCommand(root, typed));
  }
  const parsed = command.rawArguments ? parse(path, ['--', ...rest]) : parse(path, rest);
  for (const note of parsed.notes) await process.printError(`${note}\n`);
  if (parsed.help || (path.length === 1 && !command.run)) return process.print(helpText(path));
  await preferred.setDefaults(path.slice(1).map(commandName), parsed.flags);
  const context: Context = {
    process,
    command,
    path: pathText(path),
    root,
    args: parsed.args,
    dashAt: parsed.dashAt,
    flags: parsed.flags,
    factory: createFactory(process, parsed.flags),
    out: (text) => process.print(text),
    err: (text) => process.printError(text),
  };
  if (!command.run) {
    if (parsed.args.length > 0) throw usageError(context, `unknown command ${JSON.stringify(parsed.args.join(' '))}`);
    await process.printError(helpText(path));
    throw new SilentExit();
  }
  const missing = allFlags(path).filter((f) => f.required && !parsed.flags.given.has(f.name));
  if (missing.length > 0) {
    const names = missing.map((f) => JSON.stringify(f.name)).sort();
    throw new CommandError(`required flag(s) ${names.join(', ')} not set`);
  }
  refuseUnsimulated(parsed.flags);
  await command.run(context);
  context.factory.finish();
}

/** Flags that the simulation leaves out must not be given a value that would do something. */
function refuseUnsimulated(flags: FlagValues): void {
  const given = [...flags.given].find((name) => {
    const spec = flags.spec(name)!;
    return spec.notSimulated === true && String(flags.value(name)) !== String(defaultValue(spec));
  });
  if (given !== undefined) throw new NotSimulated(`--${given}`);
}

/** `kubectl help COMMAND…`. */
async function showHelp(root: Command, process: Process, topic: readonly string[]): Promise<void> {
  const { path, rest } = findCommand(root, topic);
  if (path.length === 1 && rest.length > 0) {
    await process.printError(
      `Unknown help topic [${rest.map((word) => `\`${word}\``).join(' ')}]\n\n${helpText(path)}`,
    );
    return;
  }
  await process.print(helpText(path));
}

function parse(path: CommandPath, rest: readonly string[]) {
  try {
    return parseFlags(allFlags(path), rest);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const usageExit = path.at(-1)!.usageExit;
    if (usageExit !== undefined)
      throw new CommandError(`${error.message}\nSee '${pathText(path)} -h' for help and examples`, usageExit);
    throw new CommandError(`${error.message}\nSee '${pathText(path)} --help' for usage.`);
  }
}

/** A command that reads its arguments itself stands first. */
function locate(root: Command, argv: readonly string[]): { path: CommandPath; rest: string[] } {
  const raw = argv.length > 0 ? findNext(root, argv[0]!) : undefined;
  return raw?.rawArguments ? { path: [root, raw], rest: argv.slice(1) } : findCommand(root, argv);
}

/** Finds the subcommand that the arguments name, skipping flags before it (cobra.Find). */
export function findCommand(root: Command, argv: readonly string[]): { path: CommandPath; rest: string[] } {
  let path: CommandPath = [root];
  let rest = [...argv];
  for (;;) {
    const next = words(rest, allFlags(path))[0];
    const command = next === undefined ? undefined : findNext(path.at(-1)!, next);
    if (!command || next === undefined) return { path, rest };
    rest = withoutFirst(rest, next, allFlags(path));
    path = [...path, command];
  }
}

function findNext(command: Command, name: string): Command | undefined {
  return (command.commands ?? []).find((c) => commandName(c) === name || (c.aliases ?? []).includes(name));
}

/** Whether a flag takes the following word as its value. Unknown ones are taken to. */
function takesValue(arg: string, flags: readonly FlagSpec[]): boolean {
  if (arg.includes('=')) return false;
  if (arg.startsWith('--')) {
    const spec = flags.find((f) => f.name === arg.slice(2));
    return !(spec && noValue(spec) !== undefined);
  }
  if (arg.length !== 2) return false;
  const spec = flags.find((f) => f.shorthand === arg[1]);
  return !(spec && noValue(spec) !== undefined);
}

/** The words that are neither flags nor their values, up to `--` (cobra.stripFlags). */
export function words(argv: readonly string[], flags: readonly FlagSpec[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--') break;
    if (arg.startsWith('-') && arg !== '-') {
      if (takesValue(arg, flags)) i++;
    } else if (arg !== '') out.push(arg);
  }
  return out;
}

function withoutFirst(argv: readonly string[], word: string, flags: readonly FlagSpec[]): string[] {
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--') break;
    if (arg.startsWith('-') && arg !== '-') {
      if (takesValue(arg, flags)) i++;
    } else if (arg === word) return [...argv.slice(0, i), ...argv.slice(i + 1)];
  }
  return [...argv];
}
