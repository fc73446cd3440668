import { strftime } from '../../../shell/strftime.ts';
import { runCommandLine } from '../../lib/subprocess.ts';
import { ToolError, type Tool } from '../../lib/tool.ts';
import type { Outputs } from './outputs.ts';
import type { Records } from './records.ts';
import type { AwkState } from './state.ts';
import type { Expression } from './syntax.ts';
import { replaceMatches } from './text.ts';
import { fromInput, toNumber, type Value } from './values.ts';

/** What a built-in function needs of the program that calls it. */
export interface BuiltinContext {
  readonly tool: Tool;
  readonly state: AwkState;
  readonly records: Records;
  readonly outputs: Outputs;
  evaluate(expression: Expression): Promise<Value>;
  assign(target: Expression, value: Value): Promise<void>;
}

/** A call of a built-in function: arguments are worked out when they are asked for. */
class Call {
  readonly context: BuiltinContext;
  readonly args: readonly Expression[];

  constructor(context: BuiltinContext, args: readonly Expression[]) {
    this.context = context;
    this.args = args;
  }

  async value(i: number): Promise<Value> {
    const arg = this.args[i];
    return arg && this.context.evaluate(arg);
  }

  async text(i: number): Promise<string> {
    return this.context.state.text(await this.value(i));
  }

  async number(i: number): Promise<number> {
    return toNumber(await this.value(i));
  }

  async regex(i: number) {
    const arg = this.args[i];
    return this.context.state.regex(arg?.type === 'regex' ? arg.source : await this.text(i));
  }

  get now(): number {
    return this.context.tool.process.world.clock.now();
  }
}

type Builtin = (call: Call) => Value | Promise<Value>;

/** gawk's, as far as they are simulated. */
const builtins: Readonly<Record<string, Builtin>> = {
  length: async (call) => {
    const [arg] = call.args;
    const { state } = call.context;
    if (!arg) return [...state.currentRecord()].length;
    if (arg.type === 'variable') {
      const value = state.scope(arg.name).get(arg.name);
      if (value instanceof Map) return value.size;
    }
    return [...(await call.text(0))].length;
  },
  substr: async (call) => {
    const chars = [...(await call.text(0))];
    const start = Math.round(await call.number(1));
    const end = call.args[2] ? start + Math.round(await call.number(2)) : Infinity;
    return chars.slice(Math.max(0, start - 1), Math.max(0, end - 1)).join('');
  },
  index: async (call) => (await call.text(0)).indexOf(await call.text(1)) + 1,
  split: splitInto,
  sub: (call) => substitute(call, false),
  gsub: (call) => substitute(call, true),
  gensub: async (call) => {
    const how = await call.text(2);
    const subject = call.args[3] ? await call.text(3) : call.context.state.currentRecord();
    const which = how.toLowerCase().startsWith('g') ? 'all' : Math.max(1, Number(how) || 1);
    return replaceMatches(subject, await call.regex(0), await call.text(1), which, true).text;
  },
  match: async (call) => {
    const { state } = call.context;
    const subject = await call.text(0);
    const found = (await call.regex(1)).exec(subject);
    const start = found ? [...subject.slice(0, found.index)].length + 1 : 0;
    state.globals.set('RSTART', start);
    state.globals.set('RLENGTH', found ? [...found[0]].length : -1);
    const target = call.args[2];
    if (target?.type === 'variable') {
      const groups = state.array(target.name);
      groups.clear();
      found?.forEach((g, i) => groups.set(String(i), g === undefined ? '' : fromInput(g)));
    }
    return start;
  },
  sprintf: async (call) => {
    const values: Value[] = [];
    for (let i = 0; i < call.args.length; i++) values.push(await call.value(i));
    return call.context.state.sprintf(call.context.state.text(values[0]), values.slice(1));
  },
  tolower: async (call) => (await call.text(0)).toLowerCase(),
  toupper: async (call) => (await call.text(0)).toUpperCase(),
  int: async (call) => Math.trunc(await call.number(0)),
  sqrt: async (call) => Math.sqrt(await call.number(0)),
  exp: async (call) => Math.exp(await call.number(0)),
  log: async (call) => Math.log(await call.number(0)),
  sin: async (call) => Math.sin(await call.number(0)),
  cos: async (call) => Math.cos(await call.number(0)),
  atan2: async (call) => Math.atan2(await call.number(0), await call.number(1)),
  rand: (call) => call.context.tool.process.world.random.stream('awk').float(),
  srand: async (call) => {
    const { state } = call.context;
    const before = state.seed;
    state.seed = call.args[0] ? await call.number(0) : Math.floor(call.now / 1000);
    return before;
  },
  and: async (call) => Number(BigInt(await call.number(0)) & BigInt(await call.number(1))),
  or: async (call) => Number(BigInt(await call.number(0)) | BigInt(await call.number(1))),
  xor: async (call) => Number(BigInt(await call.number(0)) ^ BigInt(await call.number(1))),
  lshift: async (call) => (await call.number(0)) * 2 ** (await call.number(1)),
  rshift: async (call) => Math.floor((await call.number(0)) / 2 ** (await call.number(1))),
  systime: (call) => Math.floor(call.now / 1000),
  strftime: async (call) =>
    strftime(call.args[0] ? await call.text(0) : '%c', call.args[1] ? (await call.number(1)) * 1000 : call.now),
  system: async (call) => {
    const { tool } = call.context;
    await tool.flush();
    return runCommandLine(tool.process, await call.text(0), { inheritInput: true }).wait(tool.process.cancel);
  },
  close: async (call) => {
    const target = await call.text(0);
    const read = call.context.records.close(target);
    return (await call.context.outputs.close(target)) ?? (read ? 0 : -1);
  },
  fflush: async (call) => {
    await call.context.tool.flush();
    return 0;
  },
};

/** @throws ToolError for a function that is none */
export async function callBuiltin(context: BuiltinContext, name: string, args: readonly Expression[]): Promise<Value> {
  const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined;
  if (!builtin) throw new ToolError(`calling undefined function ${name}`, { status: 2 });
  return builtin(new Call(context, args));
}

async function splitInto(call: Call): Promise<number> {
  const { state } = call.context;
  const [, target, by] = call.args;
  const subject = await call.text(0);
  if (target?.type !== 'variable') throw new ToolError('split: second argument is not an array', { status: 2 });
  const separator = by ? (by.type === 'regex' ? by.source : await call.text(2)) : state.setting('FS');
  // A single character between slashes is a regular expression, too.
  const literal = by?.type === 'regex' && separator.length === 1 && separator !== ' ' ? `(${separator})` : separator;
  const parts = state.split(subject, literal);
  const array = state.array(target.name);
  array.clear();
  parts.forEach((part, i) => array.set(String(i + 1), fromInput(part)));
  return parts.length;
}

async function substitute(call: Call, all: boolean): Promise<number> {
  const regex = await call.regex(0);
  const replacement = await call.text(1);
  const target: Expression = call.args[2] ?? { type: 'field', index: { type: 'number', value: 0 } };
  const subject = call.context.state.text(await call.context.evaluate(target));
  const { text, count } = replaceMatches(subject, regex, replacement, all ? 'all' : 1, false);
  if (count > 0) await call.context.assign(target, text);
  return count;
}
