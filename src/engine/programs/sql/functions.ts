import type { Environment } from './evaluate.ts';
import { compare, fixed, formatTimestamp, parseTimestamp, toNumber, toText, toTruth } from './values.ts';
import type { Value } from './syntax.ts';

/** Functions of one row. Those of several rows (COUNT, SUM, …) are in `aggregate.ts`. */
export type SqlFunction = (args: readonly Value[], environment: Environment) => Value;

/** NULL if an argument is. */
const strict =
  (run: SqlFunction): SqlFunction =>
  (args, environment) =>
    args.includes(null) ? null : run(args, environment);

const text = (run: (...texts: string[]) => Value): SqlFunction => strict((args) => run(...args.map(toText)));
const number = (run: (...numbers: number[]) => number): SqlFunction => strict((args) => run(...args.map(toNumber)));

const now: SqlFunction = (_, e) => e.now();
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']; // prettier-ignore

const datePart = (part: (d: Date) => Value): SqlFunction =>
  strict(([value]) => {
    const ms = parseTimestamp(toText(value!));
    return ms === undefined ? null : part(new Date(ms));
  });

const parts: Readonly<Record<string, (d: Date) => Value>> = {
  year: (d) => d.getUTCFullYear(),
  month: (d) => d.getUTCMonth() + 1,
  day: (d) => d.getUTCDate(),
  hour: (d) => d.getUTCHours(),
  minute: (d) => d.getUTCMinutes(),
  second: (d) => d.getUTCSeconds(),
  dow: (d) => d.getUTCDay(),
  epoch: (d) => d.getTime() / 1000,
};

function formatDate(ms: number, format: string): string {
  const d = new Date(ms);
  const two = (n: number) => String(n).padStart(2, '0');
  const fields: Record<string, string> = {
    Y: String(d.getUTCFullYear()), y: two(d.getUTCFullYear() % 100), m: two(d.getUTCMonth() + 1), d: two(d.getUTCDate()), H: two(d.getUTCHours()),
    i: two(d.getUTCMinutes()), s: two(d.getUTCSeconds()), S: two(d.getUTCSeconds()), M: months[d.getUTCMonth()]!, b: months[d.getUTCMonth()]!.slice(0, 3),
    W: days[d.getUTCDay()]!, a: days[d.getUTCDay()]!.slice(0, 3), e: String(d.getUTCDate()), c: String(d.getUTCMonth() + 1), '%': '%',
    T: `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`,
  }; // prettier-ignore
  return format.replace(/%(.)/g, (_, c: string) => fields[c] ?? c);
}

const concat: SqlFunction = (args, e) =>
  e.dialect.name === 'mysql' && args.includes(null) ? null : args.map(toText).join('');

const substring: SqlFunction = strict(([value, from = 1, length]) => {
  const glyphs = [...toText(value!)];
  const start = toNumber(from!);
  const at = start < 0 ? glyphs.length + start : start - 1;
  return glyphs.slice(Math.max(0, at), length === undefined ? undefined : at + toNumber(length!)).join('');
});

const common: Record<string, SqlFunction> = {
  ABS: number(Math.abs),
  CEIL: number(Math.ceil),
  CEILING: number(Math.ceil),
  CHAR_LENGTH: text((a) => [...a!].length),
  COALESCE: (args) => args.find((a) => a !== null) ?? null,
  CONCAT: concat,
  CONCAT_WS: ([separator, ...rest]) => separator === null ? null : rest.filter((r) => r !== null).map(toText).join(toText(separator!)), // prettier-ignore
  CURRENT_DATE: (_, e) => e.now().slice(0, 10),
  CURRENT_TIMESTAMP: now,
  EXTRACT: strict(([part, value]) => {
    const ms = parseTimestamp(toText(value!));
    return ms === undefined ? null : (parts[toText(part!)]?.(new Date(ms)) ?? null);
  }),
  FLOOR: number(Math.floor),
  GREATEST: strict((args) => args.reduce((a, b) => ((compare(a, b, false) ?? 0) >= 0 ? a : b))),
  LEAST: strict((args) => args.reduce((a, b) => ((compare(a, b, false) ?? 0) <= 0 ? a : b))),
  LEFT: text((a, n) => [...a!].slice(0, Number(n)).join('')),
  LOWER: text((a) => a!.toLowerCase()),
  LPAD: text((a, n, fill = ' ') => a!.padStart(Number(n), fill).slice(0, Number(n))),
  LTRIM: text((a) => a!.trimStart()),
  MD5: strict(([a], e) => e.digest(toText(a!))),
  MOD: strict(([a, b]) => (toNumber(b!) === 0 ? null : toNumber(a!) % toNumber(b!))),
  NOW: now,
  NULLIF: ([a = null, b = null]) => (a !== null && b !== null && compare(a, b, false) === 0 ? null : a),
  PI: () => Math.PI,
  POSITION: text((a, b) => b!.indexOf(a!) + 1),
  POW: number((a, b) => a! ** b!),
  POWER: number((a, b) => a! ** b!),
  REPEAT: text((a, n) => a!.repeat(Math.min(10_000, Math.max(0, Number(n))))),
  REPLACE: text((a, b, c) => (b === '' ? a! : a!.split(b!).join(c!))),
  REVERSE: text((a) => [...a!].reverse().join('')),
  RIGHT: text((a, n) => (Number(n) <= 0 ? '' : [...a!].slice(-Number(n)).join(''))),
  ROUND: strict(([a, digits]) => {
    const d = digits === undefined ? 0 : toNumber(digits!);
    return d > 0 ? fixed(toNumber(a!), d) : Number(fixed(toNumber(a!) / 10 ** -d, 0)) * 10 ** -d;
  }),
  RPAD: text((a, n, fill = ' ') => a!.padEnd(Number(n), fill).slice(0, Number(n))),
  RTRIM: text((a) => a!.trimEnd()),
  SIGN: number(Math.sign),
  SQRT: number(Math.sqrt),
  SUBSTR: substring,
  SUBSTRING: substring,
  TRIM: text((a) => a!.trim()),
  UPPER: text((a) => a!.toUpperCase()),
  VERSION: (_, e) => e.version,
  CURRENT_USER: (_, e) => e.user,
  SESSION_USER: (_, e) => e.user,
  USER: (_, e) => e.user,
};

const mysql: Record<string, SqlFunction> = {
  CONNECTION_ID: (_, e) => e.connection,
  CURDATE: (_, e) => e.now().slice(0, 10),
  CURTIME: (_, e) => e.now().slice(11, 19),
  CURRENT_TIME: (_, e) => e.now().slice(11, 19),
  DATABASE: (_, e) => e.database ?? null,
  SCHEMA: (_, e) => e.database ?? null,
  DATE: strict(([a]) => (parseTimestamp(toText(a!)) === undefined ? null : toText(a!).slice(0, 10))),
  DATEDIFF: strict(([a, b]) => {
    const [x, y] = [parseTimestamp(toText(a!).slice(0, 10)), parseTimestamp(toText(b!).slice(0, 10))];
    return x === undefined || y === undefined ? null : (x - y) / 86_400_000;
  }),
  DATE_FORMAT: strict(([a, format]) => {
    const ms = parseTimestamp(toText(a!));
    return ms === undefined ? null : formatDate(ms, toText(format!));
  }),
  YEAR: datePart(parts['year']!),
  MONTH: datePart(parts['month']!),
  DAY: datePart(parts['day']!),
  HOUR: datePart(parts['hour']!),
  MINUTE: datePart(parts['minute']!),
  SECOND: datePart(parts['second']!),
  DAYNAME: datePart((d) => days[d.getUTCDay()]!),
  MONTHNAME: datePart((d) => months[d.getUTCMonth()]!),
  FORMAT: strict(([a, d]) => fixed(toNumber(a!), toNumber(d!)).replace(/\B(?=(\d{3})+(?!\d))/g, ',')),
  IF: ([condition = null, a = null, b = null]) => (toTruth(condition) ? a : b),
  IFNULL: ([a = null, b = null]) => a ?? b,
  INSTR: text((a, b) => a!.toLowerCase().indexOf(b!.toLowerCase()) + 1),
  LAST_INSERT_ID: (_, e) => e.lastInsertId,
  LCASE: text((a) => a!.toLowerCase()),
  LENGTH: text((a) => new TextEncoder().encode(a).length),
  RAND: (_, e) => e.random(),
  ROW_COUNT: (_, e) => e.rowCount,
  FOUND_ROWS: (_, e) => e.rowCount,
  SLEEP: strict(([seconds], e) => (e.sleep(toNumber(seconds!) * 1000), 0)),
  TRUNCATE: strict(([a, d]) => fixed(Math.trunc(toNumber(a!) * 10 ** toNumber(d!)) / 10 ** toNumber(d!), toNumber(d!))),
  UCASE: text((a) => a!.toUpperCase()),
  UNIX_TIMESTAMP: ([a], e) => Math.floor((parseTimestamp(a === undefined ? e.now() : toText(a)) ?? 0) / 1000),
  FROM_UNIXTIME: strict(([a]) => formatTimestamp(toNumber(a!) * 1000)),
  SYSDATE: now,
  UTC_TIMESTAMP: now,
  UUID: (_, e) => e.uuid(),
};

const postgres: Record<string, SqlFunction> = {
  CURRENT_DATABASE: (_, e) => e.database ?? null,
  CURRENT_SCHEMA: () => 'public',
  CLOCK_TIMESTAMP: now,
  LOCALTIMESTAMP: (_, e) => e.now().replace(/\+00$/, ''),
  DATE_TRUNC: strict(([unit, a]) => {
    const lengths: Record<string, number> = { year: 4, month: 7, day: 10, hour: 13, minute: 16, second: 19 };
    const length = lengths[toText(unit!)] ?? 19;
    return toText(a!).slice(0, length) + '0000-01-01 00:00:00'.slice(length);
  }),
  DATE_PART: strict(([part, a]) => parts[toText(part!)]?.(new Date(parseTimestamp(toText(a!)) ?? 0)) ?? null),
  INITCAP: text((a) => a!.toLowerCase().replace(/\b\p{L}/gu, (c) => c.toUpperCase())),
  LENGTH: text((a) => [...a!].length),
  RANDOM: (_, e) => e.random(),
  SPLIT_PART: text((a, b, n) => a!.split(b!)[Number(n) - 1] ?? ''),
  STRPOS: text((a, b) => a!.indexOf(b!) + 1),
  PG_SLEEP: strict(([seconds], e) => (e.sleep(toNumber(seconds!) * 1000), '')),
  PG_IS_IN_RECOVERY: () => false,
  PG_BACKEND_PID: (_, e) => e.connection,
  GEN_RANDOM_UUID: (_, e) => e.uuid(),
};

const tables = { mysql: { ...common, ...mysql }, postgres: { ...common, ...postgres } };

/** The function of that name (upper case) in a dialect. */
export function functionNamed(name: string, dialect: 'mysql' | 'postgres'): SqlFunction | undefined {
  return Object.hasOwn(tables[dialect], name) ? tables[dialect][name] : undefined;
}
