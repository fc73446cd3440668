import { fieldsOf, type Kind, kindOf, sortedKeys, typeName } from './value.ts';

/** Go's package fmt on plain values: see `Value` for which Go type each one stands for. */

interface Flags {
  plus: boolean;
  minus: boolean;
  sharp: boolean;
  space: boolean;
  zero: boolean;
  width: number | undefined;
  precision: number | undefined;
}

const noFlags: Flags = {
  plus: false,
  minus: false,
  sharp: false,
  space: false,
  zero: false,
  width: undefined,
  precision: undefined,
};

const encoder = new TextEncoder();

/** fmt.Sprint: operands in their default format, a space between two when neither is a string. */
export function sprint(...args: readonly unknown[]): string {
  let out = '';
  args.forEach((arg, i) => {
    if (i > 0 && typeof arg !== 'string' && typeof args[i - 1] !== 'string') out += ' ';
    out += formatValue(arg);
  });
  return out;
}

/** fmt.Sprintln: operands in their default format, always spaces between them, and a newline. */
export function sprintln(...args: readonly unknown[]): string {
  return args.map((arg) => formatValue(arg)).join(' ') + '\n';
}

/** `%v`. */
export function formatValue(value: unknown): string {
  return formatVerb('v', value, noFlags);
}

/** fmt.Sprintf, with its complaints (`%!d(string=x)`, `%!d(MISSING)`, `%!(EXTRA int=1)`). */
export function sprintf(format: string, ...args: readonly unknown[]): string {
  let out = '';
  let next = 0;
  let reordered = false;
  const chars = [...format];
  let i = 0;

  const number = (): number | undefined => {
    let digits = '';
    while (i < chars.length && chars[i]! >= '0' && chars[i]! <= '9') digits += chars[i++];
    return digits === '' ? undefined : Number(digits);
  };
  /** `[n]`: the operand to take next. */
  const argumentIndex = (): boolean => {
    if (chars[i] !== '[') return true;
    const end = chars.indexOf(']', i);
    const index = end < 0 ? NaN : Number(chars.slice(i + 1, end).join(''));
    i = end < 0 ? chars.length : end + 1;
    if (!Number.isInteger(index) || index < 1 || index > args.length) return false;
    next = index - 1;
    reordered = true;
    return true;
  };

  while (i < chars.length) {
    if (chars[i] !== '%') {
      out += chars[i++];
      continue;
    }
    i++;
    const flags = { ...noFlags };
    for (; i < chars.length; i++) {
      const c = chars[i];
      if (c === '+') flags.plus = true;
      else if (c === '-') flags.minus = true;
      else if (c === '#') flags.sharp = true;
      else if (c === ' ') flags.space = true;
      else if (c === '0') flags.zero = true;
      else break;
    }
    let goodIndex = argumentIndex();
    if (chars[i] === '*') {
      i++;
      const width = toInt(args[next++]);
      if (width === undefined) out += '%!(BADWIDTH)';
      else {
        flags.width = Math.abs(width);
        if (width < 0) flags.minus = true;
      }
    } else flags.width = number();
    if (chars[i] === '.') {
      i++;
      goodIndex = argumentIndex() && goodIndex;
      if (chars[i] === '*') {
        i++;
        const precision = toInt(args[next++]);
        if (precision === undefined || precision < 0) out += '%!(BADPREC)';
        else flags.precision = precision;
      } else flags.precision = number() ?? 0;
    }
    goodIndex = argumentIndex() && goodIndex;
    if (flags.minus) flags.zero = false;
    const verb = chars[i++];
    if (verb === undefined) {
      out += '%!(NOVERB)';
      break;
    }
    if (verb === '%') out += '%';
    else if (!goodIndex) out += `%!${verb}(BADINDEX)`;
    else if (next >= args.length) out += `%!${verb}(MISSING)`;
    else out += formatVerb(verb, args[next++], flags);
  }
  if (!reordered && next < args.length) {
    const extra = args.slice(next).map((arg) => {
      const kind = kindOf(arg);
      return kind === 'nil' || kind === 'invalid' ? '<nil>' : `${typeName(arg)}=${formatValue(arg)}`;
    });
    out += `%!(EXTRA ${extra.join(', ')})`;
  }
  return out;
}

function toInt(value: unknown): number | undefined {
  return typeof value === 'bigint' ? Number(value) : undefined;
}

function formatVerb(verb: string, value: unknown, flags: Flags): string {
  if (verb === 'T') return pad(typeName(value), flags);
  // %+v asks for field names, not for signs.
  if (verb === 'v' && flags.plus) return formatVerb(verb, value, { ...flags, plus: false });
  const kind = kindOf(value);
  switch (kind) {
    case 'nil':
    case 'invalid':
      return verb === 'v' ? pad('<nil>', flags) : `%!${verb}(<nil>)`;
    case 'slice': {
      const list = value as readonly unknown[];
      if (verb === 'v' && flags.sharp)
        return `[]interface {}{${list.map((item) => formatVerb(verb, item, flags)).join(', ')}}`;
      return `[${list.map((item) => formatVerb(verb, item, flags)).join(' ')}]`;
    }
    case 'map': {
      const map = value as Readonly<Record<string, unknown>>;
      const fields = fieldsOf(map);
      if (fields && verb === 'v') return `{${fields.map((f) => formatVerb(verb, f, flags)).join(' ')}}`;
      const items = sortedKeys(map).map((k) => `${formatVerb(verb, k, flags)}:${formatVerb(verb, map[k], flags)}`);
      return verb === 'v' && flags.sharp ? `map[string]interface {}{${items.join(', ')}}` : `map[${items.join(' ')}]`;
    }
    default:
      return (
        formatBasic(verb, kind, value, flags) ?? `%!${verb}(${typeName(value)}=${formatVerb('v', value, noFlags)})`
      );
  }
}

/** Undefined if the verb doesn't fit the type. */
function formatBasic(verb: string, kind: Kind, value: unknown, flags: Flags): string | undefined {
  switch (kind) {
    case 'bool':
      return verb === 'v' || verb === 't' ? pad(String(value), flags) : undefined;
    case 'string':
      return formatString(verb, value as string, flags);
    case 'int':
      return formatInt(verb, value as bigint, flags);
    case 'float':
      return formatFloat(verb, value as number, flags);
    default:
      return undefined;
  }
}

function formatString(verb: string, value: string, flags: Flags): string | undefined {
  const cut = flags.precision === undefined ? value : [...value].slice(0, flags.precision).join('');
  switch (verb) {
    case 'v':
      return pad(flags.sharp ? quote(value) : cut, flags);
    case 's':
      return pad(cut, flags);
    case 'q':
      return pad(flags.sharp && !/[`\p{Cc}\ufeff]/u.test(cut) ? '`' + cut + '`' : quote(cut, flags.plus), flags);
    case 'x':
    case 'X': {
      const bytes = encoder.encode(value).slice(0, flags.precision);
      const parts = [...bytes].map((b) => b.toString(16).padStart(2, '0'));
      const prefix = flags.sharp ? '0x' : '';
      const text = flags.space
        ? parts.map((p) => prefix + p).join(' ')
        : (parts.length > 0 ? prefix : '') + parts.join('');
      return pad(verb === 'X' ? text.toUpperCase() : text, flags);
    }
    default:
      return undefined;
  }
}

function formatInt(verb: string, value: bigint, flags: Flags): string | undefined {
  const radix = { v: 10, d: 10, b: 2, o: 8, O: 8, x: 16, X: 16 }[verb];
  if (radix !== undefined) {
    const negative = value < 0n;
    let digits = (negative ? -value : value).toString(radix);
    if (verb === 'X') digits = digits.toUpperCase();
    if (flags.precision !== undefined)
      digits = flags.precision === 0 && value === 0n ? '' : digits.padStart(flags.precision, '0');
    let prefix = '';
    if (verb === 'O') prefix = '0o';
    else if (flags.sharp && verb !== 'v') prefix = { b: '0b', o: '0', x: '0x', X: '0X' }[verb] ?? '';
    return padNumber(
      sign(negative, flags),
      prefix,
      digits,
      flags.precision === undefined ? flags : { ...flags, zero: false },
    );
  }
  const valid = value >= 0n && value <= 0x10ffffn;
  const char = valid ? String.fromCodePoint(Number(value)) : '\ufffd';
  switch (verb) {
    case 'c':
      return pad(char, flags);
    case 'q':
      return pad("'" + escapeChar(char, "'", flags.plus) + "'", flags);
    case 'U': {
      const text = 'U+' + value.toString(16).toUpperCase().padStart(4, '0');
      return pad(flags.sharp ? `${text} '${char}'` : text, flags);
    }
    default:
      return undefined;
  }
}

function sign(negative: boolean, flags: Flags): string {
  return negative ? '-' : flags.plus ? '+' : flags.space ? ' ' : '';
}

function formatFloat(verb: string, value: number, flags: Flags): string | undefined {
  if (!'vbgGeEfFxX'.includes(verb) || verb === 'b' || verb === 'x' || verb === 'X') return undefined;
  if (!Number.isFinite(value)) {
    const text = Number.isNaN(value) ? 'NaN' : 'Inf';
    const prefix = Number.isNaN(value) ? '' : value > 0 ? '+' : '-';
    return pad(prefix + text, { ...flags, zero: false });
  }
  const negative = value < 0 || Object.is(value, -0);
  const magnitude = Math.abs(value);
  let digits: string;
  switch (verb) {
    case 'e':
    case 'E':
      digits = exponent(magnitude.toExponential(flags.precision ?? 6));
      break;
    case 'f':
    case 'F':
      digits = magnitude < 1e21 ? magnitude.toFixed(flags.precision ?? 6) : expand(magnitude, flags.precision ?? 6);
      break;
    default:
      digits = general(magnitude, flags.precision);
  }
  if (verb === 'E' || verb === 'G') digits = digits.toUpperCase();
  return padNumber(sign(negative, flags), '', digits, flags);
}

function expand(value: number, precision: number): string {
  const whole = BigInt(value).toString();
  return precision > 0 ? `${whole}.${'0'.repeat(precision)}` : whole;
}

/** `%g`: the shortest text that reads back the same; an exponent below 1e-4 and from 1e6 (or the precision) up. */
function general(value: number, precision: number | undefined): string {
  if (value === 0) return '0';
  const scientific = precision === undefined ? value.toExponential() : value.toExponential(Math.max(precision, 1) - 1);
  const at = Number(scientific.slice(scientific.indexOf('e') + 1));
  const mantissa = scientific.slice(0, scientific.indexOf('e')).replace('.', '');
  const trimmed = mantissa.replace(/0+$/, '') || '0';
  let threshold = precision ?? 6;
  if (precision !== undefined && threshold > trimmed.length && trimmed.length >= at + 1) threshold = trimmed.length;
  if (at < -4 || at >= Math.max(threshold, 1)) {
    const head = trimmed.length > 1 ? `${trimmed[0]}.${trimmed.slice(1)}` : trimmed;
    return exponent(`${head}e${at < 0 ? '' : '+'}${at}`);
  }
  if (at < 0) return '0.' + '0'.repeat(-at - 1) + trimmed;
  if (trimmed.length <= at + 1) return trimmed.padEnd(at + 1, '0');
  return `${trimmed.slice(0, at + 1)}.${trimmed.slice(at + 1)}`;
}

/** Go writes at least two digits of exponent. */
function exponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}

function pad(text: string, flags: Flags): string {
  const missing = (flags.width ?? 0) - [...text].length;
  if (missing <= 0) return text;
  if (flags.minus) return text + ' '.repeat(missing);
  return (flags.zero ? '0' : ' ').repeat(missing) + text;
}

function padNumber(signText: string, prefix: string, digits: string, flags: Flags): string {
  if (!flags.zero || flags.minus) return pad(signText + prefix + digits, { ...flags, zero: false });
  return signText + prefix + digits.padStart((flags.width ?? 0) - signText.length - prefix.length, '0');
}

const escapes: Readonly<Record<string, string>> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
};

function escapeChar(char: string, quoteChar: string, ascii: boolean): string {
  if (char === quoteChar) return '\\' + char;
  const known = escapes[char];
  if (known) return known;
  const code = char.codePointAt(0)!;
  if (code >= 0x20 && code < 0x7f) return char;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (!ascii && /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(char)) return char;
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** strconv.Quote. */
export function quote(text: string, ascii = false): string {
  let out = '"';
  for (const char of text) out += escapeChar(char, '"', ascii);
  return out + '"';
}
