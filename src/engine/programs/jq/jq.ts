import { openInput } from '../../process/index.ts';
import { FsError } from '../../world/index.ts';
import { defineTool, ToolError, type Tool } from '../lib/tool.ts';
import { isBuiltin } from './builtins/index.ts';
import { HaltError } from './builtins/values.ts';
import { BreakLabel, Evaluator, type Environment } from './evaluate.ts';
import { JqSyntaxError } from './lexer.ts';
import { parseJq, type Node } from './parser.ts';
import { JqError, toJson, truthy, typeOf, type PrintOptions } from './values.ts';

interface Invocation {
  filter: string | undefined;
  files: string[];
  flags: Set<string>;
  print: PrintOptions;
  variables: Map<string, unknown>;
  positional: unknown[];
}

const letters: Record<string, string> = {
  n: 'null-input',
  r: 'raw-output',
  j: 'join-output',
  a: 'ascii-output',
  c: 'compact-output',
  s: 'slurp',
  S: 'sort-keys',
  R: 'raw-input',
  e: 'exit-status',
  C: 'color-output',
  M: 'monochrome-output',
  h: 'help',
};
const usage =
  "Usage:\tjq [OPTIONS] FILTER [FILES...]\n\tjq [OPTIONS] -n FILTER\nTry 'jq --help' for a list of the options.";

async function parseArguments(tool: Tool): Promise<Invocation> {
  const out: Invocation = {
    filter: undefined,
    files: [],
    flags: new Set(),
    print: { indent: '  ' },
    variables: new Map(),
    positional: [],
  };
  const args = [...tool.args];
  let rest: 'files' | 'strings' | 'json' = 'files';
  const take = (name: string, count: number): string[] => {
    if (args.length < count)
      throw new ToolError(
        `error: --${name} takes ${['', 'one parameter', 'two parameters'][count]} (e.g. --${name} ${count === 1 ? 'value' : name === 'arg' ? 'varname value' : 'varname text'})`,
        { status: 2, hint: usage },
      );
    return args.splice(0, count);
  };
  const json = (text: string, name: string): unknown => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      throw new ToolError(`Invalid JSON text passed to --${name}`, { status: 2, hint: usage });
    }
  };
  const operand = (text: string) => {
    if (out.filter === undefined) out.filter = text;
    else if (rest === 'files') out.files.push(text);
    else out.positional.push(rest === 'json' ? json(text, 'jsonargs') : text);
  };
  while (args.length > 0) {
    const argument = args.shift()!;
    if (argument === '--') {
      while (args.length > 0) operand(args.shift()!);
    } else if (argument.startsWith('--')) {
      const name = argument.slice(2);
      if (name === 'arg' || name === 'argjson') {
        const [variable, value] = take(name, 2) as [string, string];
        out.variables.set(variable, name === 'arg' ? value : json(value, 'argjson'));
      } else if (name === 'slurpfile' || name === 'rawfile') {
        const [variable, file] = take(name, 2) as [string, string];
        const text = await tool.readText(openInput(tool.process, file));
        out.variables.set(variable, name === 'rawfile' ? text : [...parseStream(text)]);
      } else if (name === 'indent') {
        const [n] = take(name, 1);
        if (!/^[0-7]$/.test(n!))
          throw new ToolError('Cannot indent more than 7 characters', { status: 2, hint: usage });
        out.print.indent = ' '.repeat(Number(n));
      } else if (name === 'tab') out.print.indent = '\t';
      else if (name === 'args') rest = 'strings';
      else if (name === 'jsonargs') rest = 'json';
      else if (Object.values(letters).includes(name) || name === 'version' || name === 'raw-output0')
        out.flags.add(name);
      else if (name === 'from-file') out.flags.add('from-file');
      else throw new ToolError(`Unknown option: ${argument}`, { status: 2, hint: usage });
    } else if (/^-./.test(argument)) {
      for (const c of argument.slice(1)) {
        if (c === 'f') out.flags.add('from-file');
        else if (letters[c]) out.flags.add(letters[c]);
        else throw new ToolError(`Unknown option: ${argument}`, { status: 2, hint: usage });
      }
    } else operand(argument);
  }
  if (out.flags.has('compact-output')) out.print.indent = '';
  out.print.sortKeys = out.flags.has('sort-keys');
  out.print.ascii = out.flags.has('ascii-output');
  out.print.color =
    out.flags.has('color-output') || (tool.process.isatty.stdout && !out.flags.has('monochrome-output'));
  return out;
}

/** The JSON texts that stand one after the other. @throws JqError where one is malformed */
export function* parseStream(text: string): Generator<unknown> {
  let at = 0;
  for (;;) {
    while (at < text.length && /[\s\uFEFF]/.test(text[at]!)) at++;
    if (at >= text.length) return;
    const end = endOfValue(text, at);
    const piece = text.slice(at, end);
    try {
      yield JSON.parse(piece) as unknown;
    } catch {
      if (piece === 'nan') yield NaN;
      else throw new JqError(parseProblem(text, at, end, piece));
    }
    at = end;
  }
}

function parseProblem(text: string, at: number, end: number, piece: string): string {
  const before = text.slice(0, end);
  const line = before.split('\n').length;
  const column = end - (before.lastIndexOf('\n') + 1);
  if (/^[[{]/.test(piece) && end >= text.length)
    return `Unfinished JSON term at EOF at line ${text.endsWith('\n') ? text.split('\n').length : line}, column ${text.endsWith('\n') ? 0 : column}`;
  if (/^"/.test(piece) && end >= text.length) return `Unfinished string at EOF at line ${line}, column ${column}`;
  const what = /^[A-Za-z]/.test(piece)
    ? 'Invalid literal'
    : /^-?\d/.test(piece)
      ? 'Invalid numeric literal'
      : 'Invalid numeric literal';
  return `${/^[[{]/.test(piece) ? 'Expected separator between values' : what === 'Invalid literal' ? 'Invalid numeric literal' : what} at ${end >= text.length ? `EOF at line ${line}, column ${column}` : `line ${line}, column ${column + 1}`}`;
}

/** Arrays and objects may be nested this deep. */
const parsingDepth = 256;

function endOfValue(text: string, at: number): number {
  const c = text[at]!;
  if (c === '"') return endOfString(text, at);
  if (c !== '{' && c !== '[') {
    const match = /^[^\s[\]{},:"]+/.exec(text.slice(at, at + 400));
    return at + (match?.[0].length ?? 1);
  }
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const d = text[i];
    if (d === '"') i = endOfString(text, i) - 1;
    else if (d === '{' || d === '[') {
      if (++depth > parsingDepth) throw new JqError('Exceeds depth limit for parsing');
    } else if ((d === '}' || d === ']') && --depth === 0) return i + 1;
  }
  return text.length;
}

function endOfString(text: string, at: number): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '"') return i + 1;
  }
  return text.length;
}

/** Finds functions and variables that are not there: jq says so before it runs. */
function undefinedNames(
  node: Node,
  functions: ReadonlySet<string>,
  variables: ReadonlySet<string>,
): string | undefined {
  const check = (n: unknown, f: ReadonlySet<string>, v: ReadonlySet<string>): string | undefined => {
    if (Array.isArray(n)) {
      for (const item of n) {
        const found = check(item, f, v);
        if (found) return found;
      }
      return undefined;
    }
    if (typeof n !== 'object' || n === null) return undefined;
    const e = n as Node & { pattern?: unknown; patterns?: unknown[] };
    if (e.type === 'literal') return undefined;
    if (e.type === 'call' && !f.has(`${e.name}/${e.args.length}`) && !isBuiltin(`${e.name}/${e.args.length}`))
      return `${e.name}/${e.args.length} is not defined`;
    if (e.type === 'variable' && 'name' in e && !v.has(e.name) && !['ENV', '__loc__', '__prog_args'].includes(e.name))
      return `$${e.name} is not defined`;
    if (e.type === 'define') {
      const { definition } = e;
      const own = new Set([...f, `${definition.name}/${definition.parameters.length}`]);
      const inside = new Set([...own, ...definition.parameters.map((p) => `${p.replace(/^\$/, '')}/0`)]);
      const named = new Set([...v, ...definition.parameters.filter((p) => p.startsWith('$')).map((p) => p.slice(1))]);
      return check(definition.body, inside, named) ?? check(e.body, own, v);
    }
    if (e.type === 'bind' || e.type === 'reduce' || e.type === 'foreach') {
      const names = new Set([...v, ...namesOf(e.type === 'bind' ? e.patterns : e.pattern)]);
      const source = check(e.source, f, v);
      if (source) return source;
      if (e.type === 'bind') return check(e.body, f, names);
      return (
        check(e.initial, f, v) ??
        check(e.update, f, names) ??
        (e.type === 'foreach' ? check(e.extract, f, names) : undefined)
      );
    }
    for (const value of Object.values(e)) {
      const found = typeof value === 'object' ? check(value, f, v) : undefined;
      if (found) return found;
    }
    return undefined;
  };
  return check(node, functions, variables);
}

function namesOf(pattern: unknown): string[] {
  if (Array.isArray(pattern)) return pattern.flatMap(namesOf);
  if (typeof pattern !== 'object' || pattern === null) return [];
  const p = pattern as { type?: string; name?: string; variable?: string };
  const own = p.type === 'variable' && p.name ? [p.name] : p.variable ? [p.variable] : [];
  return [...own, ...Object.values(pattern).flatMap((x) => (typeof x === 'object' ? namesOf(x) : []))];
}

export const jq = defineTool(async (tool) => {
  const invocation = await parseArguments(tool);
  const { flags, files } = invocation;
  if (flags.has('version')) {
    tool.put('jq-1.7.1\n');
    return 0;
  }
  let { filter } = invocation;
  if (flags.has('from-file')) {
    if (filter === undefined) throw new ToolError('', { status: 2, hint: usage });
    filter = await tool.readText(openInput(tool.process, filter));
  }
  if (filter === undefined) {
    if (flags.has('help') || tool.process.isatty.stdin || tool.process.isatty.stdout)
      throw new ToolError('', { status: flags.has('help') ? 0 : 2, hint: usage });
    filter = '.';
  }
  let program: Node;
  try {
    program = parseJq(filter);
    invocation.variables.set('__named', null);
    const problem = undefinedNames(program, new Set(), new Set(invocation.variables.keys()));
    if (problem) throw new JqSyntaxError(`${problem} at <top-level>, line 1:\n${filter}`);
  } catch (error) {
    if (!(error instanceof JqSyntaxError)) throw error;
    throw new ToolError(`error: ${error.message}`, { status: 3, hint: 'jq: 1 compile error' });
  }
  invocation.variables.delete('__named');
  return run(tool, invocation, program, files);
});

async function run(
  tool: Tool,
  { flags, print, variables, positional }: Invocation,
  program: Node,
  files: readonly string[],
): Promise<number> {
  let text = '';
  let status = 0;
  for (const name of flags.has('null-input') && files.length === 0 && tool.process.isatty.stdin
    ? []
    : files.length > 0
      ? files
      : ['-']) {
    try {
      text += await tool.readText(name === '-' ? tool.process.stdin : openInput(tool.process, name));
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      await tool.process.printError(`jq: error: Could not open ${name}: ${error.message}\n`);
      status = 2;
    }
  }
  // The line that jq's reader has come to: small inputs are read whole.
  const newlines = text.split('\n').length - 1;
  const inputs = inputsOf(text, flags);
  let problem: JqError | undefined;
  const messages: string[] = [];
  const nextInput = (): unknown => {
    try {
      const next = inputs.next();
      return next.done ? undefined : next.value;
    } catch (error) {
      if (!(error instanceof JqError)) throw error;
      problem = error;
      return undefined;
    }
  };
  const named = Object.fromEntries(variables);
  const environment: Environment = {
    variables: new Map([...variables, ['__prog_args', positional], ['ARGS', { positional, named }]]),
    functions: new Map(),
  };
  const evaluator = new Evaluator({
    nextInput,
    now: tool.process.world.clock.now(),
    environment: Object.fromEntries(tool.process.env),
    debug: (value) => void messages.push(`["DEBUG:",${toJson(value)}]\n`),
  });
  let last: unknown;
  const flushMessages = async () => {
    for (const message of messages.splice(0)) await tool.process.printError(message);
  };
  for (let first = true; ; first = false) {
    if (flags.has('null-input') && !first) break;
    const input = flags.has('null-input') ? null : nextInput();
    if (input === undefined) break;
    try {
      for (const value of evaluator.run(program, input, environment)) {
        last = value;
        const raw = flags.has('raw-output') || flags.has('join-output') || flags.has('raw-output0');
        const shown = raw && typeof value === 'string' ? value : toJson(value, print);
        await tool.write(shown + (flags.has('join-output') ? '' : flags.has('raw-output0') ? '\0' : '\n'));
      }
    } catch (error) {
      await tool.flush();
      await flushMessages();
      if (error instanceof HaltError) {
        if (error.value !== undefined)
          await tool.process.printError(typeof error.value === 'string' ? error.value : toJson(error.value) + '\n');
        return error.status;
      }
      if (error instanceof BreakLabel) {
        await tool.process.printError('jq: error (at <stdin>:0): break\n');
        status = 5;
      } else if (error instanceof JqError) {
        const text =
          typeof error.value === 'string'
            ? error.value
            : `${typeOf(error.value)} (${toJson(error.value)}) (not a string)`;
        const where = flags.has('null-input') ? '<unknown>' : `<stdin>:${newlines}`;
        await tool.process.printError(
          `jq: error (at ${where}): ${error.value === null ? 'null (null) not a string' : text}\n`,
        );
        status = 5;
      } else throw error;
    }
    await flushMessages();
  }
  await tool.flush();
  if (problem) {
    await tool.process.printError(`jq: parse error: ${(problem as JqError).message}\n`);
    return 2;
  }
  if (status !== 0) return status;
  if (!flags.has('exit-status')) return 0;
  return last === undefined ? 4 : truthy(last) ? 0 : 1;
}

function* inputsOf(text: string, flags: ReadonlySet<string>): Generator<unknown> {
  if (flags.has('raw-input')) {
    if (flags.has('slurp')) yield text;
    else for (const line of text.split('\n').slice(0, text.endsWith('\n') || text === '' ? -1 : undefined)) yield line;
  } else if (flags.has('slurp')) yield [...parseStream(text)];
  else yield* parseStream(text);
}
