import { ToolError, type Tool } from './tool.ts';

/** getopt_long(3): options may stand anywhere among the operands, long ones may be shortened. */
export interface OptionSpec {
  /** Letters; `:` after one that takes a value, `::` if the value is optional (and attached). */
  short: string;
  /** Long names and the letter (or name) each stands for; `=` at the end: takes a value; `=?`: optional value. */
  long?: Record<string, string>;
  /** Options end at the first operand (env, xargs, timeout). */
  stopAtOperand?: boolean;
  /** `-5` stands for this option with the value 5 (head, tail, grep). */
  digits?: string;
  /** What to parse instead of the tool's own arguments. */
  args?: readonly string[];
  /** Exit status of a wrong call. */
  status?: number;
  /** Lines after the message; `Try 'NAME --help' for more information.` by default. */
  hint?: string;
}

export class Options {
  readonly operands: string[] = [];
  /** Options in the order given. */
  readonly given: [name: string, value: string][] = [];

  has(...names: string[]): boolean {
    return this.given.some(([name]) => names.includes(name));
  }

  /** The last value of an option. */
  value(name: string): string | undefined {
    return this.given.findLast(([n]) => n === name)?.[1];
  }

  values(name: string): string[] {
    return this.given.filter(([n]) => n === name).map(([, value]) => value);
  }

  /** Which of several options that exclude each other came last. */
  last(...names: string[]): string | undefined {
    return this.given.findLast(([n]) => names.includes(n))?.[0];
  }
}

/** @throws ToolError with getopt's text */
export function parseOptions(tool: Tool, spec: OptionSpec): Options {
  const options = new Options();
  const { args = tool.args, status = 1, hint = "Try 'NAME --help' for more information." } = spec;
  const wrong = (message: string) => new ToolError(message, { status, hint });
  for (let i = 0; i < args.length; i++) {
    const argument = args[i]!;
    if (argument === '--') {
      options.operands.push(...args.slice(i + 1));
      break;
    }
    if (argument.startsWith('--')) {
      const [name, value] = splitLong(argument);
      const [target, kind] = findLong(spec, name, argument, wrong);
      if (kind === 'none' && value !== undefined) throw wrong(`option '--${name}' doesn't allow an argument`);
      if (kind === 'required' && value === undefined && args[i + 1] === undefined)
        throw wrong(`option '--${name}' requires an argument`);
      options.given.push([target, kind === 'required' ? (value ?? args[++i]!) : (value ?? '')]);
    } else if (spec.digits && /^-\d+$/.test(argument)) options.given.push([spec.digits, argument.slice(1)]);
    else if (argument.length > 1 && argument[0] === '-') i = shortOptions(spec, options, args, i, wrong);
    else if (spec.stopAtOperand) {
      options.operands.push(...args.slice(i));
      break;
    } else options.operands.push(argument);
  }
  return options;
}

function shortOptions(
  spec: OptionSpec,
  options: Options,
  args: readonly string[],
  i: number,
  wrong: (m: string) => ToolError,
): number {
  const argument = args[i]!;
  for (let j = 1; j < argument.length; j++) {
    const letter = argument[j]!;
    const at = letter === ':' ? -1 : spec.short.indexOf(letter);
    if (at < 0) throw wrong(`invalid option -- '${letter}'`);
    if (spec.short[at + 1] !== ':') {
      options.given.push([letter, '']);
      continue;
    }
    const attached = argument.slice(j + 1);
    if (spec.short[at + 2] === ':') options.given.push([letter, attached]);
    else if (attached !== '') options.given.push([letter, attached]);
    else if (args[i + 1] === undefined) throw wrong(`option requires an argument -- '${letter}'`);
    else options.given.push([letter, args[++i]!]);
    break;
  }
  return i;
}

function splitLong(argument: string): [string, string | undefined] {
  const at = argument.indexOf('=');
  return at < 0 ? [argument.slice(2), undefined] : [argument.slice(2, at), argument.slice(at + 1)];
}

function findLong(
  spec: OptionSpec,
  name: string,
  argument: string,
  wrong: (m: string) => ToolError,
): [string, 'none' | 'required' | 'optional'] {
  const names = Object.keys(spec.long ?? {});
  const plain = (n: string) => n.replace(/=\??$/, '');
  const exact = names.find((n) => plain(n) === name);
  const candidates = exact ? [exact] : names.filter((n) => n.startsWith(name));
  if (candidates.length === 0) throw wrong(`unrecognized option '${argument.split('=')[0]}'`);
  if (candidates.length > 1)
    throw wrong(
      `option '--${name}' is ambiguous; possibilities: ${candidates.map((n) => `'--${plain(n)}'`).join(' ')}`,
    );
  const [found] = candidates as [string];
  return [spec.long![found]!, found.endsWith('=?') ? 'optional' : found.endsWith('=') ? 'required' : 'none'];
}

/** A number of bytes or lines with an optional multiplier (`10k`, `1M`). Undefined if it is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+)(b|[kKMGT](?:i?B)?)?$/.exec(text);
  if (!match) return undefined;
  const unit = match[2] ?? '';
  if (unit === 'b') return Number(match[1]) * 512;
  const base = /^[kKMGT]B$/.test(unit) ? 1000 : 1024;
  const power = unit ? 'KMGT'.indexOf(unit[0]!.toUpperCase()) + 1 : 0;
  return Number(match[1]) * base ** power;
}
