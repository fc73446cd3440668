import { quoteWithBackslashes } from './quoting.ts';
import { strftime } from './strftime.ts';

/** `printf` and the escapes of `echo -e`, shared by the built-ins, the programs and awk's cousin of them. */

export interface PrintfResult {
  text: string;
  /** Messages about bad arguments, without prefix. */
  problems: string[];
}

export interface PrintfOptions {
  /** Unix ms, for `%(…)T`. */
  now: number;
}

/** Formats, using the format again while arguments are left. */
export function printf(format: string, args: readonly string[], options: PrintfOptions): PrintfResult {
  const state = { args, at: 0, problems: [] as string[], stop: false, text: '', options };
  do {
    const before = state.at;
    formatOnce(format, state);
    if (state.at === before) break;
  } while (state.at < args.length && !state.stop);
  return { text: state.text, problems: state.problems };
}

interface State {
  args: readonly string[];
  at: number;
  problems: string[];
  stop: boolean;
  text: string;
  options: PrintfOptions;
}

const directive = /%([-+ 0#']*)(\*|\d+)?(?:\.(\*|-?\d*))?(?:[hlLjzt]*)(\([^)]*\)T|[a-zA-Z%])?/y;

function formatOnce(format: string, state: State): void {
  for (let i = 0; i < format.length && !state.stop;) {
    const c = format[i]!;
    if (c === '\\') {
      const escape = readEscape(format, i, false);
      state.text += escape.text;
      i = escape.next;
      if (escape.stop) state.stop = true;
      continue;
    }
    if (c !== '%') {
      state.text += c;
      i++;
      continue;
    }
    if (format[i + 1] === '%') {
      state.text += '%';
      i += 2;
      continue;
    }
    directive.lastIndex = i;
    const match = directive.exec(format);
    const verb = match?.[4];
    if (!match || !verb) {
      const bad = format.slice(i, (match?.[0].length ?? 1) + i + 1);
      state.problems.push(
        i + (match?.[0].length ?? 1) >= format.length
          ? `\`${bad}': missing format character`
          : `\`${bad.slice(-1)}': invalid format character`,
      );
      state.stop = true;
      return;
    }
    i += match[0].length;
    let flags = match[1]!;
    let width = match[2] === '*' ? integer(next(state), state) : Number(match[2] ?? 0);
    if (width < 0) {
      flags += '-';
      width = -width;
    }
    let precision: number | undefined =
      match[3] === undefined ? undefined : match[3] === '*' ? integer(next(state), state) : Number(match[3] || 0);
    if (precision !== undefined && precision < 0) precision = undefined;
    const converted = convert(verb, flags, precision, state);
    if (converted === undefined) {
      state.problems.push(`\`${verb}': invalid format character`);
      state.stop = true;
      return;
    }
    state.text += pad(
      converted,
      flags,
      Math.min(width, 1_000_000),
      /[diouxXeEfFgG]/.test(verb) && (precision === undefined || !/[diouxX]/.test(verb)),
    );
  }
}

function next(state: State): string | undefined {
  return state.args[state.at++];
}

function convert(verb: string, flags: string, precision: number | undefined, state: State): string | undefined {
  switch (verb[0]) {
    case 's': {
      const text = next(state) ?? '';
      return precision === undefined ? text : [...text].slice(0, precision).join('');
    }
    case 'b': {
      const { text, stop } = expandEscapes(next(state) ?? '', true);
      if (stop) state.stop = true;
      return precision === undefined ? text : text.slice(0, precision);
    }
    case 'q':
      return quoteWithBackslashes(next(state) ?? '');
    case 'c':
      return [...(next(state) ?? '')][0] ?? '';
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
      return formatInteger(verb, bigInteger(next(state), state), flags, precision);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      return formatFloat(verb, float(next(state), state), flags, precision);
    case '(': {
      const argument = next(state);
      const time =
        argument === undefined || argument === '-1' || argument === '-2' ? state.options.now : Number(argument) * 1000;
      return strftime(verb.slice(1, -2) || '%X', time);
    }
    default:
      return undefined;
  }
}

export function formatInteger(verb: string, value: bigint, flags: string, precision: number | undefined): string {
  const unsigned = value < 0n && verb !== 'd' && verb !== 'i' ? BigInt.asUintN(64, value) : value;
  const magnitude = unsigned < 0n ? -unsigned : unsigned;
  const radix = verb === 'o' ? 8 : verb === 'x' || verb === 'X' ? 16 : 10;
  let digits = magnitude.toString(radix);
  if (precision !== undefined) digits = digits.padStart(Math.min(precision, 10_000), '0');
  if (flags.includes('#') && magnitude !== 0n) digits = (radix === 8 ? '0' : radix === 16 ? '0x' : '') + digits;
  if (verb === 'X') digits = digits.toUpperCase();
  if (flags.includes("'") && radix === 10) digits = digits.replace(/\B(?=(\d{3})+$)/g, ',');
  const sign =
    unsigned < 0n
      ? '-'
      : radix === 10 && verb !== 'u'
        ? flags.includes('+')
          ? '+'
          : flags.includes(' ')
            ? ' '
            : ''
        : '';
  return sign + digits;
}

export function formatFloat(verb: string, value: number, flags: string, precision = 6): string {
  const upper = verb === verb.toUpperCase();
  const sign = value < 0 || Object.is(value, -0) ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  const magnitude = Math.abs(value);
  precision = Math.min(precision, 100);
  let text: string;
  if (!Number.isFinite(magnitude)) text = Number.isNaN(magnitude) ? 'nan' : 'inf';
  else if (/f/i.test(verb)) text = fixed(magnitude, precision);
  else if (/e/i.test(verb)) text = exponential(magnitude, precision);
  else {
    const significant = precision || 1;
    const exponent =
      magnitude === 0 ? 0 : Number(magnitude.toExponential(Math.min(100, significant - 1)).split('e')[1]);
    text =
      exponent < -4 || exponent >= significant
        ? exponential(magnitude, significant - 1)
        : fixed(magnitude, significant - 1 - exponent);
    if (!flags.includes('#') && text.includes('.')) text = text.replace(/\.?0+(?=e|$)/, '');
  }
  return sign + (upper ? text.toUpperCase() : text);
}

function fixed(value: number, digits: number): string {
  if (value < 1e21) return value.toFixed(Math.min(100, Math.max(0, digits)));
  return BigInt(value).toString() + (digits > 0 ? '.' + '0'.repeat(digits) : '');
}

function exponential(value: number, digits: number): string {
  return value.toExponential(Math.min(100, Math.max(0, digits))).replace(/e([+-])(\d)$/, 'e$10$2');
}

export function pad(text: string, flags: string, width: number, zeros: boolean): string {
  const length = [...text].length;
  if (length >= width) return text;
  const fill = width - length;
  if (flags.includes('-')) return text + ' '.repeat(fill);
  if (zeros && flags.includes('0') && !/inf|nan/i.test(text)) {
    const sign = /^([-+ ]?(?:0[xX])?)/.exec(text)![0];
    return sign + '0'.repeat(fill) + text.slice(sign.length);
  }
  return ' '.repeat(fill) + text;
}

function integer(text: string | undefined, state: State): number {
  return Number(BigInt.asIntN(32, bigInteger(text, state)));
}

function bigInteger(text: string | undefined, state: State): bigint {
  if (text === undefined || text === '') return 0n;
  const quoted = /^["']([^])/u.exec(text);
  if (quoted) return BigInt(quoted[1]!.codePointAt(0)!);
  const match = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)(.*)$/s.exec(text);
  if (!match) {
    state.problems.push(`${text}: invalid number`);
    return 0n;
  }
  if (match[3]) state.problems.push(`${text}: invalid number`);
  const digits = match[2]!;
  const value = BigInt(/^0[0-7]+$/.test(digits) ? '0o' + digits.slice(1) : digits);
  return match[1] === '-' ? -value : value;
}

function float(text: string | undefined, state: State): number {
  if (text === undefined || text === '') return 0;
  const quoted = /^["']([^])/u.exec(text);
  if (quoted) return quoted[1]!.codePointAt(0)!;
  const match =
    /^\s*[+-]?(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?|inf(?:inity)?|nan)/i.exec(text);
  if (!match || match[0].length < text.length) state.problems.push(`${text}: invalid number`);
  if (!match) return 0;
  if (/inf/i.test(match[0])) return match[0].trim().startsWith('-') ? -Infinity : Infinity;
  return Number(match[0]);
}

/**
 * Replaces backslash escapes, as `echo -e` and `%b` do.
 * @param octalWithoutZero `%b` also takes `\NNN`
 * @returns stop: `\c` was met; nothing more is to be written
 */
export function expandEscapes(text: string, octalWithoutZero: boolean): { text: string; stop: boolean } {
  let out = '';
  for (let i = 0; i < text.length;) {
    if (text[i] !== '\\') {
      out += text[i++];
      continue;
    }
    const escape = readEscape(text, i, !octalWithoutZero, true);
    out += escape.text;
    if (escape.stop) return { text: out, stop: true };
    i = escape.next;
  }
  return { text: out, stop: false };
}

const simpleEscapes: Record<string, string> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

function readEscape(
  text: string,
  at: number,
  zeroOctalOnly: boolean,
  inArgument = false,
): { text: string; next: number; stop?: boolean } {
  const c = text[at + 1];
  if (c === undefined) return { text: '\\', next: at + 1 };
  const simple = simpleEscapes[c];
  if (simple !== undefined) return { text: simple, next: at + 2 };
  if (c === 'c' && inArgument) return { text: '', next: at + 2, stop: true };
  if (c === '"' || (c === "'" && !inArgument))
    return { text: inArgument && zeroOctalOnly ? '\\' + c : c, next: at + 2 };
  const octal = (inArgument ? (zeroOctalOnly ? /^0[0-7]{0,3}/ : /^0?[0-7]{1,3}|^0/) : /^[0-7]{1,3}/).exec(
    text.slice(at + 1, at + 5),
  );
  if (octal) return { text: String.fromCharCode(parseInt(octal[0], 8) & 0xff), next: at + 1 + octal[0].length };
  const hex = /^x([0-9a-fA-F]{1,2})|^u([0-9a-fA-F]{1,4})|^U([0-9a-fA-F]{1,8})/.exec(text.slice(at + 1, at + 10));
  if (hex) {
    const code = parseInt(hex[1] ?? hex[2] ?? hex[3]!, 16);
    return { text: code <= 0x10ffff ? String.fromCodePoint(code) : '', next: at + 1 + hex[0].length };
  }
  return { text: '\\' + c, next: at + 2 };
}
