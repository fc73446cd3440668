/**
 * What a plain scalar means to the YAML library that kubectl uses: YAML 1.1 booleans, octal and binary integers,
 * underscores in numbers. Timestamps stay text, but are told apart, because the emitter quotes them.
 */
export type Resolved =
  | { type: 'null'; value: null }
  | { type: 'bool'; value: boolean }
  | { type: 'int'; value: number }
  | { type: 'float'; value: number }
  | { type: 'merge'; value: string }
  | { type: 'timestamp'; value: string }
  | { type: 'string'; value: string };

const words = new Map<string, Resolved>();
for (const text of ['', '~', 'null', 'Null', 'NULL']) words.set(text, { type: 'null', value: null });
for (const text of ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'])
  words.set(text, { type: 'bool', value: true });
for (const text of ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'])
  words.set(text, { type: 'bool', value: false });
for (const text of ['.nan', '.NaN', '.NAN']) words.set(text, { type: 'float', value: NaN });
for (const text of ['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'])
  words.set(text, { type: 'float', value: Infinity });
for (const text of ['-.inf', '-.Inf', '-.INF']) words.set(text, { type: 'float', value: -Infinity });
words.set('<<', { type: 'merge', value: '<<' });

const floatForm = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const integerForm = /^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)$/;
const timestampForm =
  /^\d{4}-(\d{1,2})-(\d{1,2})(?:(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?(?:Z|[-+]\d\d:\d\d))|(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.\d+)?))?$/;

/** The value of a plain scalar. */
export function resolvePlain(text: string): Resolved {
  const word = words.get(text);
  if (word) return word;
  const first = text.charCodeAt(0);
  const numeric = (first >= 48 && first <= 57) || first === 43 || first === 45 || first === 46;
  if (!numeric) return { type: 'string', value: text };
  if (isTimestamp(text)) return { type: 'timestamp', value: text };
  const plain = text.replaceAll('_', '');
  if (integerForm.test(plain)) {
    const value = integerValue(plain);
    if (value >= -(1n << 63n) && value < 1n << 64n) return { type: 'int', value: Number(value) };
  }
  if (floatForm.test(plain)) return { type: 'float', value: Number(plain) };
  return { type: 'string', value: text };
}

/**
 * The value of a plain scalar in version 3 of the library: only `true` and `false` are booleans, and a date is a point
 * in time, which JSON writes in full.
 */
export function resolveCore(text: string): Resolved {
  const resolved = resolvePlain(text);
  if (resolved.type === 'bool' && !/^(true|false)$/i.test(text)) return { type: 'string', value: text };
  if (resolved.type === 'timestamp') {
    const time = new Date(/\d:\d/.test(text) ? text.replace(/^(\S+) (\S+)$/, '$1T$2Z') : `${text}T00:00:00Z`);
    if (!Number.isNaN(time.getTime())) return { type: 'timestamp', value: time.toISOString().replace(/\.?0*Z$/, 'Z') };
  }
  return resolved;
}

function integerValue(text: string): bigint {
  const negative = text.startsWith('-');
  let digits = text.replace(/^[-+]/, '').toLowerCase();
  if (/^0[0-7]+$/.test(digits)) digits = `0o${digits.slice(1)}`;
  const value = BigInt(digits);
  return negative ? -value : value;
}

function isTimestamp(text: string): boolean {
  const match = timestampForm.exec(text);
  if (!match) return false;
  const [, month, day, h1, m1, s1, h2, m2, s2] = match;
  const inRange = (value: string | undefined, low: number, high: number) =>
    value === undefined || (Number(value) >= low && Number(value) <= high);
  return (
    inRange(month, 1, 12) &&
    inRange(day, 1, 31) &&
    inRange(h1 ?? h2, 0, 23) &&
    inRange(m1 ?? m2, 0, 59) &&
    inRange(s1 ?? s2, 0, 59)
  );
}

const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/** Whether a string written without quotes would be read back as the same string. */
export function isPlainString(text: string): boolean {
  const { type } = resolvePlain(text);
  return (type === 'string' || type === 'merge') && !base60.test(text);
}
