import type { Completion, CompletionContext as ShellContext } from '../../../shell/completion.ts';
import type { Process } from '../../../process/index.ts';
import { createFactory } from '../client/create-factory.ts';
import { type Command, commandName, type CompletionContext } from './command.ts';
import { completeContainers, completeFlagValue } from './flag-completion.ts';
import { findCommand } from './execute.ts';
import { type FlagSpec, FlagValues, noValue, parseFlags } from './flags.ts';
import { allFlags, type CommandPath, pathText } from './help.ts';
import { isCommandFailure } from './failure.ts';

/** Candidates for the word at the cursor: commands, flags, their values, and what the command itself offers. */
export async function completeLine(
  root: Command,
  { words, index, current, process }: ShellContext,
): Promise<readonly Completion[]> {
  const { path, rest } = findCommand(root, words.slice(1, index));
  const specs = allFlags(path);
  const pending = pendingFlag(rest, specs);
  if (pending) return flagValues(contextOf(process, path, rest.slice(0, -1), specs, current, pending.name), pending);
  if (rest.includes('--')) return [];
  if (current.startsWith('-')) {
    const equals = current.indexOf('=');
    if (current.startsWith('--') && equals > 0) {
      const spec = specs.find((flag) => flag.name === current.slice(2, equals));
      if (!spec) return [];
      const prefix = current.slice(0, equals + 1);
      const values = await flagValues(
        contextOf(process, path, rest, specs, current.slice(equals + 1), spec.name),
        spec,
      );
      return values.map((value) => `${prefix}${value}`);
    }
    return flagNames(specs, rest, current);
  }
  const context = contextOf(process, path, rest, specs, current);
  const command = path.at(-1)!;
  if (command.commands && context.args.length === 0) {
    const names = command.commands
      .filter((sub) => !sub.hidden && commandName(sub).startsWith(current))
      .map((sub): Completion => ({ value: commandName(sub), description: sub.short }));
    if (names.length > 0 || !command.complete) return names;
  }
  return positional(context);
}

async function positional(context: CompletionContext): Promise<readonly Completion[]> {
  const { complete } = context.command;
  if (!complete) return [];
  try {
    const candidates = await complete(context);
    return candidates.map((value) => (value.endsWith('/') ? { value, noSpace: true } : value));
  } catch (error) {
    // A cluster that can't be reached, or a broken kubeconfig: nothing to offer, and not the place to say so.
    if (isCommandFailure(error)) return [];
    throw error;
  }
}

async function flagValues(context: CompletionContext, spec: FlagSpec): Promise<readonly string[]> {
  const all =
    spec.type === 'stringSlice' && context.word.includes(',')
      ? context.word.slice(0, context.word.lastIndexOf(',') + 1)
      : '';
  const narrowed = { ...context, word: context.word.slice(all.length) };
  try {
    const values =
      spec.name === 'container'
        ? await completeContainers(narrowed)
        : (spec.values ?? (await completeFlagValue(narrowed, spec.name)));
    return values.filter((value) => value.startsWith(narrowed.word)).map((value) => `${all}${value}`);
  } catch (error) {
    if (isCommandFailure(error)) return [];
    throw error;
  }
}

/** Flags that may still be given; those that take a value also with `=`. */
function flagNames(specs: readonly FlagSpec[], given: readonly string[], current: string): Completion[] {
  const used = new Set(given.filter((word) => word.startsWith('--')).map((word) => word.slice(2).split('=', 1)[0]!));
  const names: Completion[] = [];
  for (const spec of [...specs].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (spec.hidden || spec.deprecated) continue;
    const isRepeatable = spec.type === 'stringSlice' || spec.type === 'stringArray' || spec.type === 'stringToString';
    if (used.has(spec.name) && !isRepeatable) continue;
    const long = `--${spec.name}`;
    if (long.startsWith(current)) {
      names.push({ value: long, description: spec.usage });
      if (noValue(spec) === undefined) names.push({ value: `${long}=`, description: spec.usage, noSpace: true });
    }
    if (spec.shorthand && `-${spec.shorthand}`.startsWith(current))
      names.push({ value: `-${spec.shorthand}`, description: spec.usage });
  }
  return names;
}

/** The flag whose value comes next: the last word is a flag that takes one. */
function pendingFlag(given: readonly string[], specs: readonly FlagSpec[]): FlagSpec | undefined {
  const last = given.at(-1);
  if (!last?.startsWith('-') || last.includes('=') || given.slice(0, -1).includes('--')) return undefined;
  const spec = last.startsWith('--')
    ? specs.find((flag) => flag.name === last.slice(2))
    : last.length > 1
      ? specs.find((flag) => flag.shorthand === last.at(-1))
      : undefined;
  return spec && noValue(spec) === undefined ? spec : undefined;
}

function contextOf(
  process: Process,
  path: CommandPath,
  given: readonly string[],
  specs: readonly FlagSpec[],
  word: string,
  flag?: string,
): CompletionContext {
  const { flags, args } = lenient(specs, given);
  return {
    process,
    command: path.at(-1)!,
    path: pathText(path),
    root: path[0],
    args,
    flags,
    factory: createFactory(process, flags),
    word,
    ...(flag === undefined ? {} : { flag }),
    out: () => Promise.resolve(),
    err: () => Promise.resolve(),
  };
}

/** A half-typed line may have flags that can't be parsed: they count as not given. */
function lenient(specs: readonly FlagSpec[], given: readonly string[]): { flags: FlagValues; args: readonly string[] } {
  try {
    return parseFlags(specs, given);
  } catch {
    return { flags: new FlagValues(specs), args: given.filter((word) => !word.startsWith('-')) };
  }
}
