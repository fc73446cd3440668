import { parseMemory } from '../../../world/index.ts';
import { parseBool, parseDuration, parseInt64, parseUint } from '../../kubectl/framework/values.ts';
import { CliError } from './errors.ts';

/** pflag's value types, and those of the Docker CLI; `list` may be given several times. */
export type FlagType =
  | 'bool' | 'string' | 'int' | 'uint16' | 'uint' | 'duration' | 'list' | 'map' | 'filter' | 'bytes' | 'decimal' | 'mount' | 'network'
  | 'gpu-request' | 'ulimit' | 'stringArray'; // prettier-ignore

export interface Flag {
  readonly name: string;
  readonly shorthand?: string;
  readonly type: FlagType;
  readonly usage: string;
  readonly default?: string | number | boolean;
  /** Turns a text into what the flag keeps. @throws Error with what is wrong with it */
  readonly check?: (text: string) => void;
  readonly hidden?: boolean;
  /** Using it says `slipway: docker … --flag is not simulated`. */
  readonly notSimulated?: boolean;
}

/** `name shorthand type usage` in short. */
export function flag(names: string, type: FlagType, usage: string, more: Partial<Flag> = {}): Flag {
  const [name = '', shorthand] = names.split(',');
  return { name, ...(shorthand ? { shorthand } : {}), type, usage, ...more };
}

export class Flags {
  readonly #specs: ReadonlyMap<string, Flag>;
  readonly #values = new Map<string, string[]>();
  /** For tests. */
  static onRead: ((name: string) => void) | undefined;

  constructor(specs: readonly Flag[]) {
    this.#specs = new Map(specs.map((spec) => [spec.name, spec]));
  }

  spec(name: string): Flag | undefined {
    return this.#specs.get(name);
  }

  get specs(): Iterable<Flag> {
    return this.#specs.values();
  }

  given(name: string): boolean {
    Flags.onRead?.(name);
    return this.#values.has(name);
  }

  #last(name: string): string | undefined {
    Flags.onRead?.(name);
    if (!this.#specs.has(name)) throw new Error(`flag --${name} is not declared`);
    return this.#values.get(name)?.at(-1);
  }

  bool(name: string): boolean {
    const text = this.#last(name);
    return text === undefined ? this.#specs.get(name)!.default === true : parseBool(text);
  }

  string(name: string): string {
    return this.#last(name) ?? String(this.#specs.get(name)!.default ?? '');
  }

  /** 0 (or the default) if it wasn't given. */
  number(name: string): number {
    const text = this.#last(name);
    const { type, default: fallback } = this.#specs.get(name)!;
    if (text === undefined) return Number(fallback ?? 0);
    return type === 'bytes'
      ? text === '-1'
        ? -1
        : parseMemory(text)
      : type === 'duration'
        ? parseDuration(text)
        : Number(text);
  }

  list(name: string): string[] {
    Flags.onRead?.(name);
    if (!this.#specs.has(name)) throw new Error(`flag --${name} is not declared`);
    return this.#values.get(name) ?? [];
  }

  /** @throws CliError 125 */
  set(name: string, text: string): void {
    const spec = this.#specs.get(name)!;
    try {
      checkValue(spec, text);
    } catch (error) {
      const shown = spec.shorthand ? `-${spec.shorthand}, --${name}` : `--${name}`;
      throw new CliError(
        `invalid argument ${JSON.stringify(text)} for "${shown}" flag: ${(error as Error).message}`,
        125,
      );
    }
    const values = this.#values.get(name) ?? [];
    values.push(text);
    this.#values.set(name, values);
  }
}

function checkValue(spec: Flag, text: string): void {
  spec.check?.(text);
  switch (spec.type) {
    case 'bool':
      parseBool(text);
      return;
    case 'int':
      parseInt64(text);
      return;
    case 'uint16':
      parseUint(text, 16);
      return;
    case 'uint':
      parseUint(text, 64);
      return;
    case 'duration':
      parseDuration(text);
      return;
    case 'bytes':
      if (text !== '-1') parseMemory(text);
      return;
    case 'decimal':
      if (!/^[+-]?\d+(\.\d+)?$/.test(text)) throw new Error(`failed to parse ${text} as a rational number`);
      return;
    case 'filter':
      if (text !== '' && !text.includes('=')) throw new Error('bad format of filter (expected name=value)');
      return;
    default:
  }
}

export interface Parsed {
  flags: Flags;
  args: string[];
  help: boolean;
}

/**
 * Parses arguments as pflag does. Commands whose arguments are another command's stop at the first argument.
 * @throws CliError 125 with pflag's text
 */
export function parseFlags(specs: readonly Flag[], argv: readonly string[], interspersed = true): Parsed {
  const flags = new Flags(specs);
  const byShorthand = new Map(specs.filter((s) => s.shorthand).map((s) => [s.shorthand!, s]));
  const parsed: Parsed = { flags, args: [], help: false };
  const fail = (text: string) => new CliError(text, 125);
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--') {
      parsed.args.push(...argv.slice(i + 1));
      break;
    }
    if (arg.startsWith('--')) {
      const body = arg.slice(2);
      if (body.startsWith('-') || body.startsWith('=')) throw fail(`bad flag syntax: ${arg}`);
      const equals = body.indexOf('=');
      const name = equals < 0 ? body : body.slice(0, equals);
      const spec = flags.spec(name);
      if (!spec) {
        if (name === 'help') {
          parsed.help = true;
          continue;
        }
        throw fail(`unknown flag: --${name}`);
      }
      if (equals >= 0) flags.set(name, body.slice(equals + 1));
      else if (spec.type === 'bool') flags.set(name, 'true');
      else if (i + 1 < argv.length) flags.set(name, argv[++i]!);
      else throw fail(`flag needs an argument: --${name}`);
    } else if (arg.length > 1 && arg.startsWith('-')) {
      for (let j = 1; j < arg.length; j++) {
        const letter = arg[j]!;
        const spec = byShorthand.get(letter);
        if (!spec) {
          if (letter === 'h') {
            parsed.help = true;
            continue;
          }
          throw fail(`unknown shorthand flag: '${letter}' in -${arg.slice(j)}`);
        }
        const rest = arg.slice(j + 1);
        if (rest.startsWith('=')) {
          flags.set(spec.name, rest.slice(1));
          break;
        }
        if (spec.type === 'bool') {
          flags.set(spec.name, 'true');
          continue;
        }
        if (rest !== '') flags.set(spec.name, rest);
        else if (i + 1 < argv.length) flags.set(spec.name, argv[++i]!);
        else throw fail(`flag needs an argument: '${letter}' in -${arg.slice(j)}`);
        break;
      }
    } else if (interspersed) parsed.args.push(arg);
    else {
      parsed.args.push(...argv.slice(i));
      break;
    }
  }
  return parsed;
}
