import { CommandError } from './errors.ts';
import { parseBool, parseDuration, parseInt64, parseUint } from './values.ts';

/**
 * pflag's value types. Slices split at commas (CSV), arrays do not; stringToString is a=b,c=d.
 * Durations are ms.
 */
export type FlagType =
  | 'bool'
  | 'string'
  | 'int'
  | 'int32'
  | 'int64'
  | 'uint16'
  | 'duration'
  | 'stringSlice'
  | 'stringArray'
  | 'stringToString';

export interface FlagSpec {
  readonly name: string;
  /** One letter. */
  readonly shorthand?: string;
  readonly type: FlagType;
  /** false, '', 0, [] or {} if not given. */
  readonly default?: boolean | string | number | readonly string[];
  /** Value of the flag without `=value` (pflag's NoOptDefVal), e.g. `--dry-run` = `unchanged`. */
  readonly noValue?: string;
  readonly usage: string;
  /** Also taken by subcommands. */
  readonly persistent?: boolean;
  readonly hidden?: boolean;
  /** Still works; using it prints `Flag --x has been deprecated, TEXT`. */
  readonly deprecated?: string;
  /** Must be given: `required flag(s) "image" not set`. */
  readonly required?: boolean;
  /** Default as help shows it, where it isn't the default itself (`--cache-dir`). */
  readonly shownDefault?: string;
  /**
   * What the simulation leaves out of the flag. `true`: all of it, using it is refused; a text: what its command
   * refuses itself. The support table shows it.
   */
  readonly notSimulated?: true | string;
  /** Completion candidates for the value, where kubectl has some. */
  readonly values?: readonly string[];
}

export type FlagValue = boolean | string | number | readonly string[] | Readonly<Record<string, string>>;

/** Called with the name of every flag that is read: tests prove that no declared flag is ignored. */
export type FlagReadListener = (name: string) => void;

/** The flags of one invocation with their values. Reading one that the command does not declare is a fault. */
export class FlagValues {
  readonly #specs: ReadonlyMap<string, FlagSpec>;
  readonly #values = new Map<string, FlagValue>();
  readonly #changed = new Set<string>();
  readonly #sequence: string[] = [];
  /** For tests. */
  static onRead: FlagReadListener | undefined;

  constructor(specs: Iterable<FlagSpec>) {
    this.#specs = new Map([...specs].map((s) => [s.name, s]));
  }

  /** Whether the command has the flag. */
  has(name: string): boolean {
    return this.#specs.has(name);
  }

  spec(name: string): FlagSpec | undefined {
    return this.#specs.get(name);
  }

  /** Whether it was given on the command line. */
  changed(name: string): boolean {
    this.#need(name);
    return this.#changed.has(name);
  }

  /** Of any type. */
  value(name: string): FlagValue {
    return this.#values.get(name) ?? defaultValue(this.#need(name));
  }

  bool(name: string): boolean {
    return this.#read(name, ['bool']) as boolean;
  }

  string(name: string): string {
    return this.#read(name, ['string']) as string;
  }

  int(name: string): number {
    return this.#read(name, ['int', 'int32', 'int64', 'uint16']) as number;
  }

  /** Milliseconds. */
  duration(name: string): number {
    return this.#read(name, ['duration']) as number;
  }

  strings(name: string): readonly string[] {
    return this.#read(name, ['stringSlice', 'stringArray']) as readonly string[];
  }

  map(name: string): Readonly<Record<string, string>> {
    return this.#read(name, ['stringToString']) as Readonly<Record<string, string>>;
  }

  /** Sets a flag from its text. @throws CommandError `invalid argument …` */
  set(name: string, text: string): void {
    const spec = this.#specs.get(name)!;
    try {
      this.#values.set(name, parseValue(spec, text, this.#changed.has(name) ? this.#values.get(name) : undefined));
    } catch (error) {
      const flag = spec.shorthand ? `-${spec.shorthand}, --${name}` : `--${name}`;
      throw new CommandError(
        `invalid argument ${JSON.stringify(text)} for "${flag}" flag: ${(error as Error).message}`,
      );
    }
    this.#changed.add(name);
    this.#sequence.push(`--${name}=${text}`);
  }

  /** The flags as they were given, in long form. */
  get commandLine(): readonly string[] {
    return this.#sequence;
  }

  /** Names of the flags that were given. */
  get given(): ReadonlySet<string> {
    return this.#changed;
  }

  #need(name: string): FlagSpec {
    const spec = this.#specs.get(name);
    if (!spec) throw new Error(`flag --${name} is not declared`);
    FlagValues.onRead?.(name);
    return spec;
  }

  #read(name: string, types: readonly FlagType[]): FlagValue {
    const spec = this.#need(name);
    if (!types.includes(spec.type)) throw new Error(`flag --${name} is a ${spec.type}`);
    return this.#values.get(name) ?? defaultValue(spec);
  }
}

export function defaultValue(spec: FlagSpec): FlagValue {
  if (spec.default !== undefined) return spec.default;
  switch (spec.type) {
    case 'bool':
      return false;
    case 'string':
      return '';
    case 'stringSlice':
    case 'stringArray':
      return [];
    case 'stringToString':
      return {};
    default:
      return 0;
  }
}

function parseValue(spec: FlagSpec, text: string, previous: FlagValue | undefined): FlagValue {
  switch (spec.type) {
    case 'bool':
      return parseBool(text);
    case 'string':
      return text;
    case 'int':
    case 'int64':
      return parseInt64(text, 64);
    case 'int32':
      return parseInt64(text, 32);
    case 'uint16':
      return parseUint(text, 16);
    case 'duration':
      return parseDuration(text);
    case 'stringArray':
      return [...((previous as readonly string[] | undefined) ?? []), text];
    case 'stringSlice':
      return [...((previous as readonly string[] | undefined) ?? []), ...readCsv(text)];
    case 'stringToString': {
      const map = { ...(previous as Record<string, string> | undefined) };
      for (const pair of readCsv(text)) {
        const at = pair.indexOf('=');
        if (at < 0) throw new Error(`${pair} must be formatted as key=value`);
        map[pair.slice(0, at)] = pair.slice(at + 1);
      }
      return map;
    }
  }
}

/** One CSV record with quotes, as encoding/csv reads it. */
export function readCsv(text: string): string[] {
  if (text === '') return [];
  const out: string[] = [];
  let i = 0;
  for (;;) {
    let field = '';
    if (text[i] === '"') {
      i++;
      for (;;) {
        if (i >= text.length)
          throw new Error(`parse error on line 1, column ${text.length + 1}: extraneous or missing " in quoted-field`);
        if (text[i] === '"') {
          if (text[i + 1] !== '"') break;
          i++;
        }
        field += text[i++];
      }
      i++;
      if (i < text.length && text[i] !== ',')
        throw new Error(`parse error on line 1, column ${i + 1}: extraneous or missing " in quoted-field`);
    } else {
      const end = text.indexOf(',', i);
      field = text.slice(i, end < 0 ? undefined : end);
      const quote = field.indexOf('"');
      if (quote >= 0) throw new Error(`parse error on line 1, column ${i + quote + 1}: bare " in non-quoted-field`);
      i += field.length;
    }
    out.push(field);
    if (i >= text.length) return out;
    i++;
  }
}

export interface ParsedArguments {
  flags: FlagValues;
  args: string[];
  dashAt: number | undefined;
  help: boolean;
  /** Deprecation notes for stderr. */
  notes: string[];
}

/**
 * Parses arguments as pflag does: flags anywhere, `--` ends them.
 * @throws CommandError with pflag's text
 */
export function parseFlags(specs: readonly FlagSpec[], argv: readonly string[]): ParsedArguments {
  const flags = new FlagValues(specs);
  const byShorthand = new Map(specs.filter((s) => s.shorthand).map((s) => [s.shorthand!, s]));
  const parsed: ParsedArguments = { flags, args: [], dashAt: undefined, help: false, notes: [] };
  const set = (spec: FlagSpec, value: string) => {
    flags.set(spec.name, value);
    if (spec.deprecated) parsed.notes.push(`Flag --${spec.name} has been deprecated, ${spec.deprecated}`);
  };
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    if (arg === '--') {
      parsed.dashAt = parsed.args.length;
      parsed.args.push(...argv.slice(i + 1));
      break;
    }
    if (arg.startsWith('--')) {
      const [name, value] = splitLong(arg);
      const spec = flags.spec(name);
      if (!spec) {
        if (name === 'help') {
          parsed.help = value === undefined || helpValue(value);
          continue;
        }
        throw new CommandError(`unknown flag: --${name}`);
      }
      if (value !== undefined) set(spec, value);
      else if (noValue(spec) !== undefined) set(spec, noValue(spec)!);
      else if (i + 1 < argv.length) set(spec, argv[++i]!);
      else throw new CommandError(`flag needs an argument: --${name}`);
    } else if (arg.length > 1 && arg.startsWith('-')) {
      for (let j = 1; j < arg.length; j++) {
        const letter = arg[j]!;
        const spec = byShorthand.get(letter);
        if (!spec) {
          if (letter === 'h') {
            parsed.help = true;
            continue;
          }
          throw new CommandError(`unknown shorthand flag: '${letter}' in -${arg.slice(j)}`);
        }
        const rest = arg.slice(j + 1);
        if (rest.startsWith('=') && rest.length > 1) {
          set(spec, rest.slice(1));
          break;
        }
        if (noValue(spec) !== undefined) {
          set(spec, noValue(spec)!);
          continue;
        }
        if (rest !== '') set(spec, rest);
        else if (i + 1 < argv.length) set(spec, argv[++i]!);
        else throw new CommandError(`flag needs an argument: '${letter}' in -${arg.slice(j)}`);
        break;
      }
    } else parsed.args.push(arg);
  }
  return parsed;
}

function helpValue(text: string): boolean {
  try {
    return parseBool(text);
  } catch (error) {
    throw new CommandError(
      `invalid argument ${JSON.stringify(text)} for "-h, --help" flag: ${(error as Error).message}`,
    );
  }
}

function splitLong(arg: string): [name: string, value: string | undefined] {
  const body = arg.slice(2);
  if (body.startsWith('-') || body.startsWith('=')) throw new CommandError(`bad flag syntax: ${arg}`);
  const at = body.indexOf('=');
  // Word separators are normalized: --dry_run is --dry-run.
  const name = (at < 0 ? body : body.slice(0, at)).replaceAll('_', '-');
  return [name, at < 0 ? undefined : body.slice(at + 1)];
}

export function noValue(spec: FlagSpec): string | undefined {
  return spec.noValue ?? (spec.type === 'bool' ? 'true' : undefined);
}
