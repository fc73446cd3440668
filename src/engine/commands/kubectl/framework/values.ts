/** Values as Go's strconv and time packages read them; errors carry their texts. */

/** @throws Error `strconv.ParseBool: parsing "x": invalid syntax` */
export function parseBool(text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw new Error(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

const integer = /^[+-]?(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]*|[1-9][0-9_]*)$/;

/** Base 0, as pflag parses integers. @throws Error in strconv's words */
export function parseInt64(text: string, bits: 32 | 64 = 64, name = 'ParseInt'): number {
  if (!integer.test(text)) throw new Error(`strconv.${name}: parsing ${JSON.stringify(text)}: invalid syntax`);
  const value = bigOf(text);
  const limit = 1n << BigInt(bits - 1);
  if (value >= limit || value < -limit)
    throw new Error(`strconv.${name}: parsing ${JSON.stringify(text)}: value out of range`);
  return Number(value);
}

/** @throws Error in strconv's words */
export function parseUint(text: string, bits: number): number {
  if (!/^\d/.test(text) || !integer.test(text))
    throw new Error(`strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  const value = bigOf(text);
  if (value >= 1n << BigInt(bits))
    throw new Error(`strconv.ParseUint: parsing ${JSON.stringify(text)}: value out of range`);
  return Number(value);
}

function bigOf(text: string): bigint {
  const negative = text.startsWith('-');
  let digits = text.replace(/^[+-]/, '').replaceAll('_', '');
  if (/^0[0-7]+$/.test(digits)) digits = `0o${digits.slice(1)}`;
  const value = BigInt(digits);
  return negative ? -value : value;
}

const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** Milliseconds of a Go duration such as `1h30m`, `-2s`, `500ms`. @throws Error in time.ParseDuration's words */
export function parseDuration(text: string): number {
  const quoted = JSON.stringify(text);
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0;
  if (rest === '') throw new Error(`time: invalid duration ${quoted}`);
  let ms = 0;
  while (rest !== '') {
    const number = /^(\d+\.?\d*|\.\d+)/.exec(rest)?.[0];
    if (number === undefined) throw new Error(`time: invalid duration ${quoted}`);
    rest = rest.slice(number.length);
    const unit = /^[^.\d]*/.exec(rest)![0];
    if (unit === '') throw new Error(`time: missing unit in duration ${quoted}`);
    const factor = unitMs[unit];
    if (factor === undefined) throw new Error(`time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`);
    ms += Number(number) * factor;
    rest = rest.slice(unit.length);
  }
  return text.startsWith('-') ? -ms : ms;
}

/** `1m30s` for milliseconds: time.Duration.String. */
export function formatDuration(ms: number): string {
  if (ms === 0) return '0s';
  const sign = ms < 0 ? '-' : '';
  const abs = Math.abs(ms);
  if (abs < 1000) {
    if (abs >= 1) return `${sign}${trimNumber(abs)}ms`;
    return abs >= 1e-3 ? `${sign}${trimNumber(abs * 1e3)}µs` : `${sign}${trimNumber(abs * 1e6)}ns`;
  }
  const hours = Math.floor(abs / 3_600_000);
  const minutes = Math.floor((abs % 3_600_000) / 60_000);
  const seconds = trimNumber((abs % 60_000) / 1000);
  return sign + (hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : '') + `${seconds}s`;
}

function trimNumber(n: number): string {
  return String(Number(n.toFixed(9)));
}

/** Go's %q for a string. */
export function quote(text: string): string {
  let out = '"';
  for (const c of text) {
    const code = c.codePointAt(0)!;
    if (c === '"' || c === '\\') out += `\\${c}`;
    else if (c === '\n') out += '\\n';
    else if (c === '\t') out += '\\t';
    else if (c === '\r') out += '\\r';
    else if (c === '\x07') out += '\\a';
    else if (c === '\b') out += '\\b';
    else if (c === '\f') out += '\\f';
    else if (c === '\v') out += '\\v';
    else if (code < 0x20 || code === 0x7f) out += `\\x${code.toString(16).padStart(2, '0')}`;
    else out += c;
  }
  return `${out}"`;
}
