import { commandName, type Command } from './command.ts';
import { defaultValue, type FlagSpec, type FlagValue } from './flags.ts';
import { formatDuration } from './values.ts';

/** A command with the chain of its parents, outermost first. */
export type CommandPath = readonly [root: Command, ...rest: Command[]];

const minimalPadding = 11;

/** The help text of a command, laid out as kubectl's templater does. */
export function helpText(path: CommandPath): string {
  const command = path.at(-1)!;
  const sections: string[] = [describe(command)];
  if (command.aliases?.length) sections.push(`Aliases:\n${[commandName(command), ...command.aliases].join(', ')}`);
  if (command.examples) sections.push(`Examples:\n${indent(command.examples)}`);
  const listed = (command.commands ?? []).filter((c) => !c.hidden);
  if (listed.length > 0) sections.push(...commandLists(listed, path.length === 1));
  const options = path.length === 1 ? '' : flagList(ownFlags(path));
  if (options) sections.push(`Options:\n${options.trimEnd()}`);
  sections.push(`Usage:\n  ${usageLine(path)}`);
  const hints: string[] = [];
  if (listed.length > 0)
    hints.push(`Use "${pathText(path)} <command> --help" for more information about a given command.`);
  hints.push(
    `Use "${pathText([path[0]])} options" for a list of global command-line options (applies to all commands).`,
  );
  return `${[...sections, hints.join('\n')].join('\n\n')}\n`;
}

/** `kubectl create deployment`. */
export function pathText(path: readonly Command[]): string {
  return path.map(commandName).join(' ');
}

function usageLine(path: CommandPath): string {
  const parents = path.slice(0, -1).map(commandName);
  const line = [...parents, path.at(-1)!.use].join(' ');
  return line.includes('[options]') ? line : `${line} [options]`;
}

function describe(command: Command): string {
  const [first = '', ...rest] = (command.long ?? command.short).trim().split('\n');
  const text = [first, ...rest.map((line) => (line === '' ? '' : ` ${line}`))].join('\n');
  return command.long ? text : `${text.replace(/\.$/, '')}.`;
}

/** Examples keep their blank lines, as lines of two blanks. */
function indent(text: string): string {
  return text
    .trim()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}

function commandLists(commands: readonly Command[], isRoot: boolean): string[] {
  const padding = Math.max(minimalPadding, ...commands.map((c) => commandName(c).length)) + 3;
  const lines = (list: readonly Command[]) => list.map((c) => `  ${commandName(c).padEnd(padding)}${c.short}`);
  if (!isRoot) {
    const sorted = [...commands].sort((a, b) => (commandName(a) < commandName(b) ? -1 : 1));
    return [['Available Commands:', ...lines(sorted)].join('\n')];
  }
  const groups = new Map<string, Command[]>();
  for (const command of commands) {
    const group = command.group ?? 'Other Commands:';
    groups.set(group, [...(groups.get(group) ?? []), command]);
  }
  if (!groups.has('Other Commands:')) groups.set('Other Commands:', []);
  const sections: string[] = [];
  for (const [group, list] of groups) {
    if (group === 'Other Commands:') sections.push('Subcommands provided by plugins:');
    if (list.length > 0) sections.push([group, ...lines(list)].join('\n'));
  }
  return sections;
}

/** Flags that help lists for a command: its own, and persistent ones of its parents below the root. */
export function ownFlags(path: CommandPath): FlagSpec[] {
  const [, ...rest] = path;
  const inherited = rest.slice(0, -1).flatMap((c) => (c.flags ?? []).filter((f) => f.persistent));
  return [...(path.at(-1)!.flags ?? []), ...inherited];
}

/** All flags a command takes: those of `ownFlags` and the root's. */
export function allFlags(path: CommandPath): FlagSpec[] {
  if (path.length === 1) return [...(path[0].flags ?? [])];
  const own = ownFlags(path);
  const names = new Set(own.map((f) => f.name));
  return [...own, ...(path[0].flags ?? []).filter((f) => f.persistent && !names.has(f.name))];
}

/** Flags with their defaults, sorted: `    -A, --all-namespaces=false:`, then the explanation after a tab. */
export function flagList(flags: readonly FlagSpec[]): string {
  return [...flags]
    .filter((f) => !f.hidden && !f.deprecated)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((f) => {
      const short = f.shorthand ? `-${f.shorthand}, ` : '';
      return `    ${short}--${f.name}=${f.shownDefault ?? shown(f, defaultValue(f))}:\n\t${f.usage}\n\n`;
    })
    .join('');
}

function shown(spec: FlagSpec, value: FlagValue): string {
  switch (spec.type) {
    case 'string':
      return `'${String(value)}'`;
    case 'duration':
      return formatDuration(value as number);
    case 'stringSlice':
    case 'stringArray':
      return `[${(value as readonly string[]).join(',')}]`;
    case 'stringToString':
      return '[]';
    default:
      return String(value);
  }
}

/** The help of a command as it is running. */
export function ownHelp({ root, path }: { root: Command; path: string }): string {
  const chain: Command[] = [root];
  for (const word of path.split(' ').slice(1)) {
    const next = chain.at(-1)!.commands?.find((c) => commandName(c) === word);
    if (next) chain.push(next);
  }
  return helpText(chain as unknown as CommandPath);
}
