import { FsError } from '../../world/index.ts';
import { builtins } from '../builtins/index.ts';
import type { Completion } from '../completion.ts';
import { pathDirectories } from '../path.ts';
import type { Shell } from '../shell.ts';
import type { CompletionTarget } from './words.ts';

export interface Candidate {
  value: string;
  description?: string;
  /** What follows when it is the only one: a blank, `/` of a directory, nothing. */
  suffix: ' ' | '/' | '';
}

/** Commands whose arguments are a command themselves. */
const prefixCommands = new Set(['sudo', 'watch', 'time', 'nohup', 'exec', 'command', 'env', 'xargs']);

const keywords = [
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'for',
  'while',
  'until',
  'do',
  'done',
  'case',
  'esac',
  'function',
  'select',
  'time',
];

/** What the word at the cursor could become, as bash completes: commands, variables, a program's own words, files. */
export async function complete(shell: Shell, target: CompletionTarget): Promise<Candidate[]> {
  const current = target.words.at(-1)!;
  const variable = target.quote === "'" ? null : /\$\{?(\w*)$/.exec(current);
  if (variable) return variables(shell, current, variable[0], variable[1]!);
  if (target.redirect) return files(shell, current, false);
  let { words } = target;
  while (words.length > 1 && prefixCommands.has(words[0]!)) words = words.slice(1);
  if (words.length === 1) return current.includes('/') ? files(shell, current, false, true) : commands(shell, current);
  const expanded = expandAlias(shell, words);
  const name = expanded[0]!.split('/').at(-1)!;
  const completer = shell.completers.get(name);
  if (completer) {
    const found = await completer({ words: expanded, index: expanded.length - 1, current, process: shell.process });
    const fitting = found.map(candidate).filter(({ value }) => value.startsWith(current));
    if (fitting.length > 0 || current.startsWith('-')) return fitting.sort(byValue);
  }
  if (name === 'cd' || name === 'pushd' || name === 'rmdir') return files(shell, current, true);
  if (name === 'export' || name === 'unset') return variables(shell, current, current, current);
  return files(shell, current, false);
}

function candidate(completion: Completion): Candidate {
  if (typeof completion === 'string') return { value: completion, suffix: completion.endsWith('=') ? '' : ' ' };
  const { value, description, noSpace } = completion;
  return { value, description, suffix: noSpace ? '' : ' ' };
}

function expandAlias(shell: Shell, words: readonly string[]): string[] {
  const alias = shell.aliases.get(words[0]!);
  if (alias === undefined) return [...words];
  return [...alias.trim().split(/\s+/), ...words.slice(1)];
}

function variables(shell: Shell, current: string, typed: string, prefix: string): Candidate[] {
  const front = current.slice(0, current.length - typed.length);
  const brace = typed.startsWith('${');
  const mark = typed.startsWith('$') ? (brace ? '${' : '$') : '';
  return shell.variables
    .names()
    .filter((name) => name.startsWith(prefix))
    .sort()
    .map((name) => ({ value: `${front}${mark}${name}${brace ? '}' : ''}`, suffix: mark ? '' : ' ' }));
}

function commands(shell: Shell, prefix: string): Candidate[] {
  const names = new Set<string>();
  const add = (list: Iterable<string>) => {
    for (const name of list) if (name.startsWith(prefix)) names.add(name);
  };
  add(shell.aliases.keys());
  add(shell.functions.keys());
  add(builtins.keys());
  add(keywords);
  const { fs } = shell.process.machine;
  for (const directory of pathDirectories(shell)) {
    const path = shell.process.path(directory);
    try {
      for (const name of fs.readdir(path)) {
        if (!name.startsWith(prefix)) continue;
        const node = fs.lookup(`${path}/${name}`);
        if (node?.type === 'file' && node.mode & 0o111) names.add(name);
      }
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
    }
  }
  return [...names].sort().map((value) => ({ value, suffix: ' ' }));
}

function files(shell: Shell, current: string, directoriesOnly: boolean, executablesOnly = false): Candidate[] {
  const slash = current.lastIndexOf('/');
  const shown = current.slice(0, slash + 1);
  const prefix = current.slice(slash + 1);
  const home = shell.tilde('') ?? '/';
  const directory = shown.startsWith('~/') ? home + shown.slice(1) : shown || '.';
  const { fs } = shell.process.machine;
  let names: string[];
  try {
    names = fs.readdir(shell.process.path(directory));
  } catch (error) {
    if (error instanceof FsError) return [];
    throw error;
  }
  const base = shell.process.path(directory);
  const found: Candidate[] = [];
  for (const name of names) {
    if (!name.startsWith(prefix) || (name.startsWith('.') && !prefix.startsWith('.'))) continue;
    const node = fs.lookup(`${base}/${name}`);
    if (directoriesOnly && node?.type !== 'directory') continue;
    if (executablesOnly && node?.type === 'file' && !(node.mode & 0o111)) continue;
    found.push({ value: shown + name, suffix: node?.type === 'directory' ? '/' : ' ' });
  }
  return found;
}

function byValue(a: Candidate, b: Candidate): number {
  return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
}

/** The longest beginning that all have. */
export function commonPrefix(values: readonly string[]): string {
  let prefix = values[0] ?? '';
  for (const value of values) while (!value.startsWith(prefix)) prefix = prefix.slice(0, -1);
  return prefix;
}

/** Writes a completed word so that the shell reads it back as one. */
export function quoteWord(value: string, quote: CompletionTarget['quote']): string {
  if (quote === "'") return `'${value}`;
  if (quote === '"') return `"${value.replace(/["\\`]/g, '\\$&')}`;
  const tilde = /^~[\w-]*\//.exec(value)?.[0] ?? '';
  return tilde + value.slice(tilde.length).replace(/[\s'"\\`;&|<>()*?[\]!#]/g, '\\$&');
}

/** Lists candidates below the line: in columns, or with their descriptions one a row. */
export function listing(candidates: readonly Candidate[], columns: number): string {
  if (candidates.some(({ description }) => description)) {
    const width = Math.min(30, Math.max(...candidates.map(({ value }) => value.length)));
    return candidates
      .map(({ value, description }) =>
        `${value.padEnd(width)}${description ? `  (${description})` : ''}`.slice(0, columns - 1),
      )
      .map((line) => `${line}\r\n`)
      .join('');
  }
  const names = candidates.map(({ value, suffix }) => {
    const base = value.replace(/\/$/, '').split('/').at(-1)!;
    return suffix === '/' ? `${base}/` : base;
  });
  const width = Math.max(...names.map((n) => n.length)) + 2;
  const perRow = Math.max(1, Math.floor(columns / width));
  const rows = Math.ceil(names.length / perRow);
  let out = '';
  for (let row = 0; row < rows; row++) {
    let line = '';
    for (let i = row; i < names.length; i += rows) line += names[i]!.padEnd(width);
    out += `${line.trimEnd()}\r\n`;
  }
  return out;
}
