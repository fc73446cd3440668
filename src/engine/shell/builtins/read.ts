import { ShellError } from '../errors.ts';
import { LineInput } from '../line-input.ts';
import type { Shell } from '../shell.ts';
import { isName } from '../variables.ts';
import type { Builtin } from './index.ts';

interface ReadOptions {
  raw: boolean;
  silent: boolean;
  array: string | undefined;
  delimiter: string;
  limit: number | undefined;
  exact: boolean;
  seconds: number | undefined;
  prompt: string;
  fd: number;
  names: string[];
}

async function parse(shell: Shell, args: readonly string[]): Promise<ReadOptions | undefined> {
  const options: ReadOptions = {
    raw: false,
    silent: false,
    array: undefined,
    delimiter: '\n',
    limit: undefined,
    exact: false,
    seconds: undefined,
    prompt: '',
    fd: 0,
    names: [],
  };
  let at = 1;
  for (; at < args.length && /^-./.test(args[at]!); at++) {
    const argument = args[at]!;
    if (argument === '--') {
      at++;
      break;
    }
    for (let i = 1; i < argument.length; i++) {
      const c = argument[i]!;
      if (c === 'r') options.raw = true;
      else if (c === 's') options.silent = true;
      else if (c === 'e' || c === 'E') continue;
      else if ('apdntNui'.includes(c)) {
        const value = argument.slice(i + 1) || args[++at];
        if (value === undefined) {
          await shell.complain(`read: -${c}: option requires an argument`);
          await shell.printError(usage);
          return undefined;
        }
        setValued(options, c, value);
        break;
      } else {
        await shell.complain(`read: -${c}: invalid option`);
        await shell.printError(usage);
        return undefined;
      }
    }
  }
  options.names = args.slice(at);
  for (const name of options.names)
    if (!isName(name.replace(/\[.*\]$/, ''))) throw new ShellError(`read: \`${name}': not a valid identifier`);
  return options;
}

const usage =
  'read: usage: read [-ers] [-a array] [-d delim] [-i text] [-n nchars] [-N nchars] [-p prompt] [-t timeout] [-u fd] [name ...]\n';

function setValued(options: ReadOptions, letter: string, value: string): void {
  const number = Number(value);
  switch (letter) {
    case 'a':
      options.array = value;
      return;
    case 'p':
      options.prompt = value;
      return;
    case 'd':
      options.delimiter = value.slice(0, 1);
      return;
    case 'n':
    case 'N':
      if (!Number.isInteger(number) || number < 0) throw new ShellError(`read: ${value}: invalid number`);
      options.limit = number;
      options.exact = letter === 'N';
      return;
    case 't':
      if (Number.isNaN(number) || number < 0) throw new ShellError(`read: ${value}: invalid timeout specification`);
      options.seconds = number;
      return;
    case 'u':
      options.fd = number;
  }
}

const read: Builtin = async (shell, args) => {
  const options = await parse(shell, args);
  if (!options) return 2;
  const tty = shell.fds.get(options.fd)?.tty;
  if (options.prompt && tty) await shell.printError(options.prompt);
  const { echo = true, raw = false } = tty ?? {};
  if (tty && options.silent) tty.echo = false;
  if (tty && options.limit !== undefined) tty.raw = true;
  try {
    return await readInto(shell, options);
  } finally {
    if (tty) {
      tty.echo = echo;
      tty.raw = raw;
    }
  }
};

async function readInto(shell: Shell, options: ReadOptions): Promise<number> {
  const input = new LineInput(shell, options.fd);
  const limits = { limit: options.limit, seconds: options.seconds };
  const delimiter = options.exact ? '\uffff' : options.delimiter;
  let { text, ended } = await input.until(delimiter, limits);
  if (options.limit !== undefined && shell.fds.get(options.fd)?.tty && !options.silent) await shell.printError(text);
  // A backslash before the newline goes on with the next line.
  while (!options.raw && !ended && /(^|[^\\])(\\\\)*\\$/.test(text)) {
    const more = await input.until(delimiter, limits);
    text = text.slice(0, -1) + more.text;
    ended = more.ended;
  }
  store(shell, options, text);
  if (input.timedOut) return 142;
  return ended ? 1 : 0;
}

/** Marks characters that a backslash protects from splitting. */
const protectedMark = '\x01';

function store(shell: Shell, options: ReadOptions, text: string): void {
  const marked = options.raw ? text : text.replace(/\\([^])/g, (_, c: string) => protectedMark + c);
  const clean = (s: string) => (options.raw ? s : s.replace(/\x01([^])/g, '$1'));
  const { names, array } = options;
  if (array === undefined && names.length === 0) return void shell.variables.set('REPLY', clean(marked));
  const ifs = shell.ifs();
  if (array !== undefined) {
    const fields = split(marked, ifs, Infinity).map(clean);
    shell.variables.unset(array);
    return shell.variables.setArray(
      array,
      fields.map((f, i) => [String(i), f] as const),
    );
  }
  const fields = split(marked, ifs, names.length).map(clean);
  names.forEach((name, i) => {
    const element = /^(\w+)\[(.+)\]$/.exec(name);
    if (element) shell.variables.setElement(element[1]!, element[2]!, fields[i] ?? '');
    else shell.assign(name, fields[i] ?? '');
  });
}

/** Splits by IFS into at most `count` fields; the last one keeps the rest of the line. */
function split(text: string, ifs: string, count: number): string[] {
  const isIfs = (i: number) => ifs.includes(text[i]!) && text[i - 1] !== protectedMark;
  const isSpace = (i: number) => /[ \t\n]/.test(text[i]!) && isIfs(i);
  const fields: string[] = [];
  let at = 0;
  while (at < text.length && isSpace(at)) at++;
  while (at < text.length) {
    if (fields.length === count - 1) {
      let end = text.length;
      while (end > at && isSpace(end - 1)) end--;
      // One closing delimiter is dropped if it is the only one.
      const rest = text.slice(at, end);
      const single = end > at && isIfs(end - 1) && ![...rest.slice(0, -1)].some((_, i) => isIfs(at + i));
      fields.push(single ? rest.slice(0, -1) : rest);
      return fields;
    }
    let end = at;
    while (end < text.length && !isIfs(end)) end++;
    fields.push(text.slice(at, end));
    at = end;
    while (at < text.length && isSpace(at)) at++;
    if (at < text.length && isIfs(at) && !/[ \t\n]/.test(text[at]!)) {
      at++;
      while (at < text.length && isSpace(at)) at++;
    }
  }
  return fields;
}

const mapfile: Builtin = async (shell, args) => {
  let strip = false;
  let delimiter = '\n';
  let limit = Infinity;
  let skip = 0;
  let fd = 0;
  let at = 1;
  for (; at < args.length && args[at]!.startsWith('-'); at++) {
    if (args[at] === '-t') strip = true;
    else if (args[at] === '-d') delimiter = args[++at] ?? '';
    else if (args[at] === '-n') limit = Number(args[++at]) || Infinity;
    else if (args[at] === '-s') skip = Number(args[++at]);
    else if (args[at] === '-u') fd = Number(args[++at]);
    else throw new ShellError(`${args[0]}: ${args[at]}: invalid option`, { status: 2 });
  }
  const name = args[at] ?? 'MAPFILE';
  const input = new LineInput(shell, fd);
  const lines: string[] = [];
  while (lines.length < limit + skip) {
    const { text, ended } = await input.until(delimiter);
    if (ended && text === '') break;
    lines.push(strip || ended ? text : text + delimiter);
    if (ended) break;
  }
  shell.variables.unset(name);
  shell.variables.setArray(
    name,
    lines.slice(skip).map((line, i) => [String(i), line] as const),
  );
  return 0;
};

export const readBuiltins: Record<string, Builtin> = { read, mapfile, readarray: mapfile };
