import { ExecError, ParseError, Template, type FunctionMap, type GoFunction } from '../../../gotemplate/index.ts';
import { CliError } from './errors.ts';
import { alignColumns } from './tabwriter.ts';

/** JSON as Go writes it, `<`, `>` and `&` escaped; whole numbers stay numbers. */
export function goJson(value: unknown, indent?: string): string {
  const text = JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? Number(v) : v), indent) ?? 'null';
  return text.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** JSON without escapes for HTML, as the templates' own function writes it. */
export function templateJson(value: unknown, indent?: string): string {
  return JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? Number(v) : v), indent) ?? 'null';
}

const go = (call: (...args: never[]) => unknown): GoFunction => ({ arity: [call.length, call.length], call });

/** The functions that all of Docker's templates know. */
export const templateFunctions: FunctionMap = {
  json: go((value: unknown) => templateJson(value)),
  split: go((text: unknown, separator: unknown) => String(text).split(String(separator))),
  join: go((list: unknown, separator: unknown) => ((list ?? []) as unknown[]).map(String).join(String(separator))),
  title: go((text: unknown) =>
    String(text).replace(/(^|[^\p{L}\p{N}_])(\p{Ll})/gu, (_, before: string, c: string) => before + c.toUpperCase()),
  ),
  lower: go((text: unknown) => String(text).toLowerCase()),
  upper: go((text: unknown) => String(text).toUpperCase()),
  pad: go((text: unknown, before: unknown, after: unknown) =>
    text === '' ? '' : ' '.repeat(Number(before)) + String(text) + ' '.repeat(Number(after)),
  ),
  truncate: go((text: unknown, length: unknown) =>
    [...String(text)].length < Number(length) ? String(text) : [...String(text)].slice(0, Number(length)).join(''),
  ),
  label: go((row: unknown, name: unknown) =>
    ((row as { label?: (name: string) => string })['label'] ?? (() => ''))(String(name)),
  ),
};

/** One column: heading, and what a row shows. */
export interface Field<Row> {
  readonly header: string;
  readonly value: (row: Row) => unknown;
}

export interface ListFormat<Row> {
  readonly fields: Readonly<Record<string, Field<Row>>>;
  /** Go's name of the type, for errors. */
  readonly type: string;
  /** Names of the fields that the table shows. */
  readonly columns: readonly string[];
  /** What `-q` prints. */
  readonly quiet?: string;
  /** `.Label "x"`. */
  readonly label?: (row: Row, name: string) => string;
  /** Template for `--format raw`. */
  readonly raw?: string;
  /** Fields that are left out of JSON. */
  readonly hiddenInJson?: readonly string[];
  readonly parsePrefix?: string;
  readonly executePrefix?: string;
}

/** What a list prints under `--format`, `-q` and no flags. @throws CliError for a template that fails */
export function formatList<Row>(
  list: ListFormat<Row>,
  rows: readonly Row[],
  {
    format = 'table',
    quiet = false,
    columns = list.columns,
  }: { format?: string; quiet?: boolean; columns?: readonly string[] },
): string {
  const given = format === '' ? 'table' : format;
  if (quiet && list.quiet && (given === 'table' || given === 'raw')) {
    const value = list.fields[list.quiet]!.value;
    return rows
      .map((row) => (given === 'raw' ? `${rawQuiet(list)}: ${String(value(row))}\n` : `${String(value(row))}\n`))
      .join('');
  }
  if (given === 'raw' && list.raw !== undefined) return render(list, rows, unescape(list.raw), false);
  if (given === 'json') return rows.map((row) => `${goJson(jsonRow(list, row))}\n`).join('');
  const table = given.startsWith('table');
  const template =
    given === 'table'
      ? columns.map((name) => `{{.${name}}}`).join('\t')
      : unescape(table ? given.slice(5).trim() : given);
  return render(list, rows, template, table);
}

function rawQuiet<Row>(list: ListFormat<Row>): string {
  return list.type === '*formatter.ContainerContext'
    ? 'container_id'
    : list.type === '*formatter.imageContext'
      ? 'image_id'
      : 'name';
}

function unescape(text: string): string {
  return text.replaceAll('\\t', '\t').replaceAll('\\n', '\n');
}

function jsonRow<Row>(list: ListFormat<Row>, row: Row): Record<string, unknown> {
  const names = Object.keys(list.fields)
    .filter((name) => !list.hiddenInJson?.includes(name))
    .sort();
  return Object.fromEntries(names.map((name) => [name, list.fields[name]!.value(row)]));
}

function render<Row>(list: ListFormat<Row>, rows: readonly Row[], template: string, table: boolean): string {
  const source = template.replace(/\.Label\s+("(?:[^"\\]|\\.)*"|`[^`]*`)/g, (_, name: string) => `label $ ${name}`);
  let parsed: Template;
  try {
    parsed = new Template('', {
      functions: { ...templateFunctions, json: go(rowJson(list)), label: go(labelOf(list)) },
      missingKey: 'error',
    }).parse(source);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    throw new CliError(`${list.parsePrefix ?? 'template parsing error'}: ${error.message}`);
  }
  const run = (data: unknown) => {
    try {
      return parsed.execute(data);
    } catch (error) {
      if (!(error instanceof ExecError)) throw error;
      const message = error.message.replace(
        /map has no entry for key "([^"]+)"/,
        (_, name: string) => `can't evaluate field ${name} in type ${list.type}`,
      );
      throw new CliError(`${list.executePrefix ?? 'template parsing error'}: ${message}`);
    }
  };
  const cells = (row: Row) => {
    const data: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(list.fields))
      Object.defineProperty(data, name, { enumerable: true, get: () => plain(field.value(row)) });
    Object.defineProperty(data, rowOf, { value: row });
    return data;
  };
  const lines = rows.map((row) => run(cells(row)));
  if (!table) return lines.map((line) => `${line}\n`).join('');
  const headers: Record<string, unknown> = Object.fromEntries(
    Object.entries(list.fields).map(([name, field]) => [name, field.header]),
  );
  const head = run(headers);
  return alignColumns([head, ...lines].map((line) => `${line}\n`).join(''));
}

const rowOf: unique symbol = Symbol('row');

function plain(value: unknown): unknown {
  return value === undefined ? null : value;
}

function rowJson<Row>(list: ListFormat<Row>) {
  return (value: unknown) => {
    const row = (value as { [rowOf]?: Row } | null)?.[rowOf];
    return row === undefined ? templateJson(value) : goJson(jsonRow(list, row));
  };
}

function labelOf<Row>(list: ListFormat<Row>) {
  return (data: unknown, name: unknown) => {
    const row = (data as { [rowOf]?: Row })[rowOf];
    return row === undefined ? String(name) : (list.label?.(row, String(name)) ?? '');
  };
}

/** Shortens to `width` columns, an ellipsis in the last one. */
export function ellipsis(text: string, width: number): string {
  const glyphs = [...text];
  if (glyphs.length <= width) return text;
  return width <= 1 ? glyphs.slice(0, width).join('') : `${glyphs.slice(0, width - 1).join('')}…`;
}

/** Short id: without `sha256:`, 12 digits. */
export function truncateId(id: string): string {
  const colon = id.indexOf(':');
  return (colon >= 0 ? id.slice(colon + 1) : id).slice(0, 12);
}

/** `2026-11-22 18:06:15 +0000 UTC` of Unix seconds. */
export function goTime(unixSeconds: number): string {
  return `${new Date(unixSeconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`;
}

/** The order of numbers in names: `web9` before `web10`. */
export function naturalLess(a: string, b: string): number {
  const parts = (text: string) => text.match(/\d+|\D+/g) ?? [];
  const left = parts(a);
  const right = parts(b);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const [x, y] = [left[i]!, right[i]!];
    if (x === y) continue;
    if (/^\d/.test(x) && /^\d/.test(y) && Number(x) !== Number(y)) return Number(x) - Number(y);
    return x < y ? -1 : 1;
  }
  return left.length - right.length;
}
