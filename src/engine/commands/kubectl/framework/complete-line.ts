import type { Completion, CompletionContext as ShellContext } from '../../../shell/completion.ts';
import type { Process } from '../../../process/index.ts';
import { createFactory } from '../client/create-factory.ts';
import { type Command, commandName, type CompletionContext } from './command.ts';
import { completeContainers, completeFlagValue, hasCompletion } from './flag-completion.ts';
import { findCommand } from './execute.ts';
import { type FlagSpec, FlagValues, noValue, parseFlags } from './flags.ts';
import { allFlags, type CommandPath, ownFlags, pathText } from './help.ts';
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
    return flagNames(path, rest, current);
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

/** Flags that may still be given: inherited ones first, each group by name (cobra.getFlagCompletions). */
function flagNames(path: CommandPath, given: readonly string[], current: string): Completion[] {
  const used = new Set(given.filter((word) => word.startsWith('--')).map((word) => word.slice(2).split('=', 1)[0]!));
  const own = new Set(ownFlags(path));
  const byName = (a: FlagSpec, b: FlagSpec) => (a.name < b.name ? -1 : 1);
  const specs = allFlags(path);
  const inherited = specs.filter((spec) => !own.has(spec)).sort(byName);
  const names: Completion[] = [];
  for (const spec of [...inherited, ...specs.filter((s) => own.has(s)).sort(byName)]) {
    if (spec.hidden || spec.deprecated) continue;
    const isRepeatable = spec.type === 'stringSlice' || spec.type === 'stringArray' || spec.type === 'stringToString';
    if (used.has(spec.name) && !isRepeatable) continue;
    const long = `--${spec.name}`;
    if (long.startsWith(current)) names.push({ value: long, description: spec.usage });
    if (spec.shorthand && `-${spec.shorthand}`.startsWith(current))
      names.push({ value: `-${spec.shorthand}`, description: spec.usage });
  }
  return names;
}

/** Flags without which the command won't run, if nothing else was typed yet. */
function requiredFlags(specs: readonly FlagSpec[], given: readonly string[], current: string): Completion[] {
  if (current !== '') return [];
  return specs
    .filter((spec) => spec.required && !given.some((word) => word.split('=', 1)[0] === `--${spec.name}`))
    .map((spec) => ({ value: `--${spec.name}`, description: spec.usage }));
}

/** Cobra's ShellCompDirectives. */
export const directives: Readonly<Record<number, string>> = {
  0: 'ShellCompDirectiveDefault',
  4: 'ShellCompDirectiveNoFileComp',
  6: 'ShellCompDirectiveNoSpace, ShellCompDirectiveNoFileComp',
  8: 'ShellCompDirectiveFilterFileExt',
};

const fileFlags = new Set(['filename', 'kustomize', 'kubeconfig', 'patch-file', 'cert', 'key']);

/** What the scripts of `kubectl completion` get: candidates, and what the shell is to make of them. */
export async function completeForScript(
  root: Command,
  context: ShellContext,
): Promise<{ candidates: readonly Completion[]; directive: number }> {
  const { words, index, current } = context;
  const { path, rest } = findCommand(root, words.slice(1, index));
  const specs = allFlags(path);
  const equals = current.startsWith('--') ? current.indexOf('=') : -1;
  const flag = equals > 0 ? specs.find((f) => f.name === current.slice(2, equals)) : pendingFlag(rest, specs);
  if (flag?.name === 'filename') return { candidates: ['json', 'yaml', 'yml'], directive: 8 };
  if (flag && fileFlags.has(flag.name)) return { candidates: [], directive: 0 };
  const candidates = await completeLine(root, context);
  if (flag) {
    const isKnown = flag.values !== undefined || hasCompletion(flag.name);
    const values = candidates.map((c) => (equals > 0 && typeof c === 'string' ? c.slice(equals + 1) : c));
    return { candidates: values, directive: isKnown ? 4 : 0 };
  }
  if (current.startsWith('-')) return { candidates, directive: 4 };
  const command = path.at(-1)!;
  const required = requiredFlags(specs, rest, current);
  if (required.length > 0) return { candidates: required, directive: command.complete ? 4 : 0 };
  const noSpace = candidates.length > 0 && candidates.every((c) => typeof c !== 'string' && c.noSpace);
  const isKnown = command.complete !== undefined || (command.commands?.length ?? 0) > 0;
  return { candidates, directive: noSpace ? 6 : isKnown ? 4 : 0 };
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
