import type { Completion, CompletionContext as ShellContext } from '../../../shell/completion.ts';
import type { Process } from '../../../process/index.ts';
import { createFactory } from '../client/create-factory.ts';
import { type Command, commandName, type CompletionContext } from './command.ts';
import { CommandError } from './errors.ts';
import { findCommand, words } from './execute.ts';
import { isCommandFailure } from './failure.ts';
import { completeFiles } from './files-completion.ts';
import { flagCompleter } from './flag-completion.ts';
import { type FlagSpec, noValue, parseFlags, type ParsedArguments } from './flags.ts';
import { allFlags, type CommandPath, pathText } from './help.ts';

/** Cobra's ShellCompDirective: what the shell makes of the candidates. */
export const Directive = { default: 0, noSpace: 2, noFiles: 4, fileSuffixes: 8 } as const;

const directiveNames: readonly [number, string][] = [
  [Directive.noSpace, 'ShellCompDirectiveNoSpace'],
  [Directive.noFiles, 'ShellCompDirectiveNoFileComp'],
  [Directive.fileSuffixes, 'ShellCompDirectiveFilterFileExt'],
];

/** `ShellCompDirectiveNoSpace, ShellCompDirectiveNoFileComp`. */
export function directiveText(directive: number): string {
  const names = directiveNames.filter(([bit]) => (directive & bit) !== 0).map(([, name]) => name);
  return names.join(', ') || 'ShellCompDirectiveDefault';
}

export interface Candidates {
  candidates: readonly Completion[];
  directive: number;
  /** Why there are none. */
  error?: string;
}

/** Tab: what kubectl offers for the word at the cursor, or files where it leaves that to the shell. */
export async function completeLine(root: Command, shell: ShellContext): Promise<readonly Completion[]> {
  const { index, current, process } = shell;
  const { candidates, directive } = await candidatesFor(root, process, shell.words.slice(1, index), current);
  const equals = current.startsWith('-') ? current.indexOf('=') + 1 : 0;
  const prefix = current.slice(0, equals);
  const word = current.slice(equals);
  const values = (list: readonly string[]) => list.map((value) => `${prefix}${value}`);
  if ((directive & Directive.fileSuffixes) !== 0)
    return values(completeFiles(process, word, candidates as readonly string[]));
  if (candidates.length === 0 && (directive & Directive.noFiles) === 0) return values(completeFiles(process, word));
  const noSpace = (directive & Directive.noSpace) !== 0;
  return candidates.map((candidate) => {
    const { value, description } = typeof candidate === 'string' ? { value: candidate } : candidate;
    return { value: `${prefix}${value}`, noSpace: noSpace || value.endsWith('/'), ...(description && { description }) };
  });
}

/** Candidates for a word after others (cobra's Command.getCompletions). */
export async function candidatesFor(
  root: Command,
  process: Process,
  before: readonly string[],
  current: string,
): Promise<Candidates> {
  if (before[0] === 'help') return subjectsOfHelp(root, before.slice(1), current);
  const { path, rest } = findCommand(root, before);
  const command = path.at(-1)!;
  const none = (error: string): Candidates => ({ candidates: [], directive: Directive.default, error });
  const specs = allFlags(path);
  if (path.length === 1 && words(rest, specs).length > 0)
    return none(`unable to find a command for arguments: [${before.join(' ')}]`);
  const value = flagValue(command, specs, rest, current);
  let parsed: ParsedArguments;
  try {
    parsed = parseFlags(specs, value.before);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return none(`Error while parsing flags from args [${value.before.join(' ')}]: ${error.message}`);
  }
  // Behind `--` nothing is a flag.
  const takesFlags = parsed.dashAt === undefined;
  if (value.error !== undefined && takesFlags) return none(value.error);
  if (parsed.help) return { candidates: [], directive: Directive.noFiles };
  const spec = takesFlags ? value.spec : undefined;
  const context = contextOf(process, path, parsed, value.word);
  if (spec?.name === 'filename') return { candidates: ['json', 'yaml', 'yml'], directive: Directive.fileSuffixes };
  if (spec) return offered(context, flagCompleter(context, spec), []);
  if (takesFlags && current.startsWith('-') && !current.includes('='))
    return { candidates: flagNames(path, parsed, current), directive: Directive.noFiles };
  return argument(context, path, parsed);
}

/** The flag whose value is being typed, and what stands before it (cobra.checkIfFlagCompletion). */
function flagValue(
  command: Command,
  specs: readonly FlagSpec[],
  before: readonly string[],
  current: string,
): { spec?: FlagSpec; before: readonly string[]; word: string; error?: string } {
  let name = '';
  let word = current;
  let trimmed = before;
  const equals = current.startsWith('-') ? current.indexOf('=') : -1;
  if (equals >= 0) {
    name = current.startsWith('--') ? current.slice(2, equals) : current.slice(equals - 1, equals);
    word = current.slice(equals + 1);
  } else if (!current.startsWith('-')) {
    const last = before.at(-1) ?? '';
    if (/^(--.|-[^-])/.test(last) && !last.includes('=')) {
      name = last.startsWith('--') ? last.slice(2) : last.slice(-1);
      trimmed = before.slice(0, -1);
    }
  }
  if (name === '') return { before, word: current };
  const isHelp = name === 'help' || name === 'h';
  const spec = specs.find((flag) => (name.length === 1 ? flag.shorthand === name : flag.name === name));
  if (!spec && isHelp) return { before, word };
  if (!spec) {
    const error = `Subcommand '${commandName(command)}' does not support flag '${name}'`;
    return { before, word: current, error };
  }
  if (equals < 0 && noValue(spec) !== undefined) return { before, word: current };
  return { spec, before: trimmed, word };
}

/** Subcommands, required flags and what the command itself offers. */
async function argument(context: CompletionContext, path: CommandPath, parsed: ParsedArguments): Promise<Candidates> {
  const { command, word } = context;
  const isOwn = (name: string) => command.flags?.some((flag) => flag.name === name && !flag.persistent);
  const candidates: Completion[] = [];
  let directive: number = Directive.default;
  if (command.commands && parsed.args.length === 0 && ![...parsed.flags.given].some(isOwn)) {
    candidates.push(...subcommands(command, word, path.length === 1));
    directive = Directive.noFiles;
  }
  candidates.push(...requiredFlags(path, parsed, word));
  return offered(context, command.complete, candidates, directive);
}

async function offered(
  context: CompletionContext,
  complete: Command['complete'],
  before: readonly Completion[],
  directive: number = Directive.default,
): Promise<Candidates> {
  if (!complete) return { candidates: before, directive };
  try {
    const { values, noSpace, files } = await complete(context);
    return {
      candidates: [...before, ...values],
      directive: (files ? 0 : Directive.noFiles) | (noSpace ? Directive.noSpace : 0),
    };
  } catch (error) {
    // A broken kubeconfig: nothing to offer, and not the place to say so.
    if (isCommandFailure(error)) return { candidates: before, directive: Directive.noFiles };
    throw error;
  }
}

const help: Completion & object = { value: 'help', description: 'Help about any command' };

function subcommands(command: Command, word: string, isRoot: boolean): Completion[] {
  const listed = (command.commands ?? [])
    .filter((sub) => !sub.hidden || commandName(sub) === 'options')
    .map((sub) => ({ value: commandName(sub), description: sub.short }));
  return [...listed, ...(isRoot ? [help] : [])]
    .filter(({ value }) => value.startsWith(word))
    .sort((a, b) => (a.value < b.value ? -1 : 1));
}

function subjectsOfHelp(root: Command, topic: readonly string[], word: string): Candidates {
  const { path, rest } = findCommand(root, topic);
  const isKnown = path.length > 1 || rest.length === 0;
  return {
    candidates: isKnown ? subcommands(path.at(-1)!, word, path.length === 1) : [],
    directive: Directive.noFiles,
  };
}

const helpFlag: FlagSpec = { name: 'help', shorthand: 'h', type: 'bool', usage: 'Show what the command does' };
const byName = (a: FlagSpec, b: FlagSpec) => (a.name < b.name ? -1 : 1);

/** Inherited flags first, then the command's own, each group by name. */
function groupedFlags(path: CommandPath): FlagSpec[] {
  const own = [...(path.at(-1)!.flags ?? []), helpFlag].sort(byName);
  const names = new Set(own.map((flag) => flag.name));
  const inherited = allFlags(path).filter((flag) => !names.has(flag.name));
  return [...inherited.sort(byName), ...own].filter((flag) => !flag.hidden && flag.deprecated === undefined);
}

/** Flags that may still be given; the required ones alone, as long as they are missing. */
function flagNames(path: CommandPath, parsed: ParsedArguments, current: string): Completion[] {
  const required = requiredFlags(path, parsed, current);
  if (required.length > 0) return required;
  const isRepeatable = ({ type }: FlagSpec) => /^string(Slice|Array|To)/.test(type);
  return groupedFlags(path)
    .filter((spec) => !parsed.flags.given.has(spec.name) || isRepeatable(spec))
    .flatMap((spec) => spellings(spec, current));
}

function requiredFlags(path: CommandPath, { flags }: ParsedArguments, current: string): Completion[] {
  return groupedFlags(path)
    .filter((spec) => spec.required && !flags.given.has(spec.name))
    .flatMap((spec) => spellings(spec, current));
}

function spellings({ name, shorthand, usage }: FlagSpec, current: string): Completion[] {
  return [`--${name}`, ...(shorthand ? [`-${shorthand}`] : [])]
    .filter((value) => value.startsWith(current))
    .map((value) => ({ value, description: usage }));
}

function contextOf(process: Process, path: CommandPath, parsed: ParsedArguments, word: string): CompletionContext {
  const { flags, args } = parsed;
  return {
    process,
    command: path.at(-1)!,
    path: pathText(path),
    root: path[0],
    args,
    flags,
    factory: createFactory(process, flags),
    word,
    out: () => Promise.resolve(),
    err: () => Promise.resolve(),
  };
}
