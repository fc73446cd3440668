import { sprint } from '../../../gotemplate/index.ts';
import type { ApiObject } from '../client/types.ts';
import { CommandError } from '../framework/errors.ts';
import { JsonPath, JsonPathError, relaxedJsonPath } from '../jsonpath/index.ts';
import { withIntegers } from './go-values.ts';
import { itemsOf, type Printer } from './printer.ts';
import { newTabWriter } from './table.ts';

interface Column {
  header: string;
  path: JsonPath;
}

/** Columns of `HEADER:path,…`. @throws CommandError */
export function customColumns(spec: string, noHeaders: boolean): Printer {
  if (spec === '') throw new CommandError('custom-columns format specified but no custom columns given');
  const columns = spec.split(',').map((part) => {
    const at = part.indexOf(':');
    if (at < 0) throw new CommandError(`unexpected custom-columns spec: ${part}, expected <header>:<json-path-expr>`);
    return { header: part.slice(0, at), path: pathOf(part.slice(at + 1)) };
  });
  return new CustomColumnsPrinter(columns, noHeaders);
}

/** Columns of a file: a line of headers, a line of paths under them. @throws CommandError */
export function customColumnsTemplate(template: string, noHeaders: boolean): Printer {
  const [first = '', second] = template.split('\n');
  const headers = first.trim().split(/\s+/).filter(Boolean);
  const paths = (second ?? '').trim().split(/\s+/).filter(Boolean);
  if (template === '')
    throw new CommandError(
      'invalid template, missing header line. Expected format is one line of space separated headers, one line of space separated column specs.',
    );
  if (second === undefined || headers.length === 0)
    throw new CommandError(
      'invalid template, missing data line. Expected format is one line of headers followed by one line of JSON path expressions',
    );
  if (headers.length !== paths.length)
    throw new CommandError(
      `number of headers (${headers.length}) and field specifications (${paths.length}) don't match`,
    );
  const columns = headers.map((header, i) => ({ header, path: pathOf(paths[i]!) }));
  return new CustomColumnsPrinter(columns, noHeaders);
}

function pathOf(text: string): JsonPath {
  try {
    return new JsonPath(relaxedJsonPath(text));
  } catch (error) {
    if (error instanceof JsonPathError) throw new CommandError(error.message);
    throw error;
  }
}

class CustomColumnsPrinter implements Printer {
  readonly #columns: readonly Column[];
  readonly #noHeaders: boolean;
  readonly #writer = newTabWriter();
  #headersPrinted = false;

  constructor(columns: readonly Column[], noHeaders: boolean) {
    this.#columns = columns;
    this.#noHeaders = noHeaders;
  }

  print(object: ApiObject): string {
    if (!this.#noHeaders && !this.#headersPrinted)
      this.#writer.write(`${this.#columns.map((c) => c.header).join('\t')}\n`);
    this.#headersPrinted = true;
    for (const item of itemsOf(object))
      this.#writer.write(`${this.#columns.map((c) => cell(c.path, item)).join('\t')}\n`);
    return '';
  }

  flush(): string {
    return this.#writer.flush();
  }
}

function cell(path: JsonPath, item: ApiObject): string {
  try {
    const values = path.find(item);
    if (values.length === 0 || values[0]!.length === 0) return '<none>';
    return values
      .flat()
      .map((v) => (v === null ? '<nil>' : sprint(withIntegers(v))))
      .join(',');
  } catch (error) {
    if (error instanceof JsonPathError) throw new CommandError(error.message);
    throw error;
  }
}
