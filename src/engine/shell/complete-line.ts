import { FsError, resolvePath } from '../world/index.ts';
import { builtins } from './builtins/index.ts';
import { keywords } from './builtins/lookup.ts';
import type { Completion } from './completion.ts';
import type { CompletionResult } from './line-editor.ts';
import { pathDirectories } from './path.ts';
import { quoteWithBackslashes } from './quoting.ts';
import type { Shell } from './shell.ts';

/** Tab completion of a command line: commands, variables, files, and what the programs' own completers give. */

interface Word {
  /** Quotes and backslashes removed. */
  value: string;
  start: number;
  end: number;
  /** The quote that is open at the end. */
  quote: string;
}

export async function completeLine(shell: Shell, text: string, cursor: number): Promise<CompletionResult> {
  const words = wordsBefore(text, cursor);
  const word = words.at(-1)!;
  const variable = /^(.*)\$(\{?)(\w*)$/s.exec(word.value);
  if (variable && word.quote !== "'") return completeVariable(shell, word, variable);
  const named = words.slice(0, -1).filter((w) => !/^[A-Za-z_]\w*=/.test(w.value));
  const candidates: Completion[] = [];
  const redirect = /[<>]$/.test(text.slice(0, word.start).trimEnd());
  if (redirect) candidates.push(...files(shell, word.value));
  else if (named.length === 0 && word.value.includes('/')) candidates.push(...files(shell, word.value, true));
  else if (named.length === 0) candidates.push(...commands(shell, word.value));
  else
    candidates.push(
      ...(await argumentsOf(
        shell,
        named.map((w) => w.value),
        word.value,
      )),
    );
  return result(word, candidates);
}

async function argumentsOf(shell: Shell, before: readonly string[], current: string): Promise<readonly Completion[]> {
  let words = [...before];
  for (let i = 0; i < 8; i++) {
    const alias = shell.aliases.get(words[0]!);
    if (alias === undefined) break;
    const expanded = alias.trim().split(/\s+/);
    if (expanded[0] === words[0]) {
      words = [...expanded, ...words.slice(1)];
      break;
    }
    words = [...expanded, ...words.slice(1)];
  }
  const prefixes = new Set(['sudo', 'time', 'watch', 'xargs', 'nohup', 'exec', 'command', 'env']);
  while (prefixes.has(words[0]!) && words.length > 1) words.shift();
  if (prefixes.has(words[0]!)) return commands(shell, current);
  const name = words[0]!.slice(words[0]!.lastIndexOf('/') + 1);
  const completer = shell.completers.get(name);
  if (completer) {
    const given = await completer({ words: [...words, current], index: words.length, current, process: shell.process });
    if (given.length > 0) return given;
    return current.startsWith('-') ? [] : files(shell, current);
  }
  switch (name) {
    case 'cd':
    case 'pushd':
    case 'rmdir':
    case 'mkdir':
      return files(shell, current).filter((f) => (typeof f === 'string' ? f : f.value).endsWith('/'));
    case 'export':
    case 'unset':
    case 'declare':
      return shell.variables.names();
    case 'type':
    case 'which':
    case 'command':
      return commands(shell, current);
    case 'kill':
    case 'fg':
    case 'bg':
      return current.startsWith('%') ? shell.jobs.jobs.map((j) => `%${j.id}`) : [];
    case 'alias':
    case 'unalias':
      return [...shell.aliases.keys()];
    case 'ssh':
    case 'ping':
    case 'scp':
      return [...hosts(shell), ...(name === 'scp' ? files(shell, current) : [])];
    default:
      return files(shell, current);
  }
}

function commands(shell: Shell, current: string): string[] {
  const names = new Set<string>([
    ...builtins.keys(),
    ...keywords.filter((k) => /\w/.test(k)),
    ...shell.aliases.keys(),
    ...shell.functions.keys(),
  ]);
  for (const directory of pathDirectories(shell))
    try {
      for (const name of shell.process.machine.fs.readdir(shell.process.path(directory))) names.add(name);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
    }
  return [...names].filter((n) => n.startsWith(current));
}

function files(shell: Shell, current: string, executable = false): Completion[] {
  const slash = current.lastIndexOf('/');
  const directory = current.slice(0, slash + 1);
  const prefix = current.slice(slash + 1);
  const tilde = /^~([^/]*)\//.exec(directory);
  const home = tilde ? shell.tilde(tilde[1]!) : undefined;
  const path = home === undefined ? directory || '.' : home + directory.slice(tilde![0].length - 1);
  const { fs } = shell.process.machine;
  const full = resolvePath(shell.process.cwd, path);
  let names: string[];
  try {
    names = fs.readdir(full.length > 1 ? full.replace(/\/$/, '') : full);
  } catch (error) {
    if (error instanceof FsError) return [];
    throw error;
  }
  const found: Completion[] = [];
  for (const name of names) {
    if (!name.startsWith(prefix) || (name.startsWith('.') && !prefix.startsWith('.'))) continue;
    const node = fs.lookup(`${full.replace(/\/$/, '')}/${name}`);
    const isDirectory = node?.type === 'directory';
    if (executable && !isDirectory && !(node && node.mode & 0o111)) continue;
    found.push(isDirectory ? { value: `${directory}${name}/`, noSpace: true } : directory + name);
  }
  return found;
}

function hosts(shell: Shell): string[] {
  const { fs } = shell.process.machine;
  if (fs.lookup('/etc/hosts')?.type !== 'file') return [];
  return fs
    .readText('/etc/hosts')
    .split('\n')
    .flatMap((line) => line.replace(/#.*/, '').trim().split(/\s+/).slice(1));
}

function completeVariable(shell: Shell, word: Word, match: RegExpExecArray): CompletionResult {
  const [, before, brace, prefix] = match as unknown as [string, string, string, string];
  const names = shell.variables.names().filter((n) => n.startsWith(prefix));
  const close = names.length === 1 && brace ? '}' : '';
  const start = word.end - prefix.length;
  void before;
  return { start, replacement: names.length > 0 ? common(names) + close : prefix, candidates: names };
}

function result(word: Word, completions: readonly Completion[]): CompletionResult {
  const byValue = new Map<string, Completion>();
  for (const completion of completions) {
    const value = typeof completion === 'string' ? completion : completion.value;
    if (value.startsWith(word.value)) byValue.set(value, completion);
  }
  const values = [...byValue.keys()].sort();
  if (values.length === 0) return { start: word.start, replacement: word.value, candidates: [] };
  const shared = common(values);
  const only = values.length === 1 ? byValue.get(values[0]!)! : undefined;
  const noSpace = typeof only === 'object' && only.noSpace;
  const end = only === undefined || noSpace ? '' : `${word.quote} `;
  const tilde = /^~[^/]*\//.exec(shared)?.[0] ?? '';
  const quoted = word.quote
    ? word.quote + shared
    : shared === ''
      ? ''
      : tilde + (shared.length > tilde.length ? quoteWithBackslashes(shared.slice(tilde.length)) : '');
  const candidates = values.map((v) => {
    const completion = byValue.get(v)!;
    const shortened = v.replace(/\/$/, '').lastIndexOf('/');
    const name = v.slice(shortened + 1);
    return typeof completion === 'object' && completion.description ? `${name}  (${completion.description})` : name;
  });
  return { start: word.start, replacement: quoted + end, candidates };
}

function common(values: readonly string[]): string {
  let shared = values[0]!;
  for (const value of values) while (!value.startsWith(shared)) shared = shared.slice(0, -1);
  return shared;
}

/** The words of the command that the cursor is in, up to the cursor; the last one may be empty. */
function wordsBefore(text: string, cursor: number): Word[] {
  let words: Word[] = [];
  let current: Word | undefined;
  let quote = '';
  const add = (at: number, c: string) => {
    current ??= { value: '', start: at, end: at, quote: '' };
    current.value += c;
  };
  const finish = (at: number) => {
    if (current) words.push({ ...current, end: at });
    current = undefined;
  };
  for (let i = 0; i < cursor; i++) {
    const c = text[i]!;
    if (quote) {
      if (c === quote) quote = '';
      else if (c === '\\' && quote === '"' && /["$`\\]/.test(text[i + 1] ?? '')) add(i, text[++i]!);
      else add(i, c);
    } else if (c === "'" || c === '"') {
      quote = c;
      add(i, '');
    } else if (c === '\\' && i + 1 < cursor) {
      add(i, text[i + 1]!);
      i++;
    } else if (/\s/.test(c)) {
      finish(i);
      if (c === '\n') words = [];
    } else if (/[|&;()]/.test(c) || (c === '`' && true)) {
      finish(i);
      words = [];
    } else if (/[<>]/.test(c)) {
      finish(i);
    } else if (c === '{' && !current && /\s/.test(text[i + 1] ?? '')) words = [];
    else add(i, c);
  }
  const last = current
    ? { ...(current as Word), end: cursor, quote }
    : { value: '', start: cursor, end: cursor, quote: '' };
  const openers = new Set(['if', 'then', 'else', 'elif', 'while', 'until', 'do', '!']);
  while (words.length > 0 && openers.has(words[0]!.value)) words.shift();
  return [...words, last];
}
