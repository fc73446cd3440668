import { own } from '../../../world/index.ts';
import { ageSince } from '../../../kubernetes/apimachinery/duration.ts';
import type { ApiObject } from '../client/types.ts';
import { compareStrings, sprint } from '../../../gotemplate/index.ts';
import type { Printer } from './printer.ts';
import { TabWriter } from './tabwriter.ts';

/** metav1.Table as the server sends it. */
export interface Table {
  kind: 'Table';
  columnDefinitions?: TableColumn[];
  rows?: TableRow[];
}

export interface TableColumn {
  name: string;
  type: string;
  format?: string;
  description?: string;
  /** 0: always shown; higher: with `-o wide`. */
  priority?: number;
}

export interface TableRow {
  cells: unknown[];
  object?: ApiObject;
}

export interface TableOptions {
  wide?: boolean;
  noHeaders?: boolean;
  withNamespace?: boolean;
  /** `pod/` before each name: the kind to show. */
  withKind?: string;
  showLabels?: boolean;
  columnLabels?: readonly string[];
  /** Unix ms, for objects that are no Table. */
  now: number;
}

export function isTable(object: ApiObject): object is ApiObject & Table {
  return object.kind === 'Table';
}

/** Tables for people: aligned columns, headings only when they change. */
export class TablePrinter implements Printer {
  readonly #options: TableOptions;
  readonly #writer: TabWriter;
  #columns: TableColumn[] = [];
  #headersPrinted = false;

  constructor(options: TableOptions, writer: TabWriter = newTabWriter()) {
    this.#options = options;
    this.#writer = writer;
  }

  /** Rows go to the tab writer; they come out with `flush`. */
  print(object: ApiObject, event?: string): string {
    const table = isTable(object) ? object : genericTable(object, this.#options.now);
    // Only the first Table of a watch says what its columns are.
    const columns = table.columnDefinitions ?? [];
    const rows = table.rows ?? [];
    const same = JSON.stringify(columns) === JSON.stringify(this.#columns);
    const noHeaders =
      this.#options.noHeaders || (this.#headersPrinted && (columns.length === 0 || same)) || rows.length === 0;
    if (columns.length > 0 && !same) {
      this.#columns = columns;
      this.#headersPrinted = false;
    }
    if (rows.length > 0) this.#headersPrinted = true;
    const decorated = decorate(this.#columns, rows, this.#options, event);
    if (!noHeaders)
      this.#line(
        decorated.columns,
        decorated.columns.map((c) => c.name.toUpperCase()),
      );
    for (const row of decorated.rows) this.#line(decorated.columns, row.map(cellText));
    return '';
  }

  flush(): string {
    return this.#writer.flush();
  }

  #line(columns: readonly TableColumn[], cells: readonly string[]): void {
    const shown = cells.filter((_, i) => i < columns.length && (this.#options.wide || !columns[i]!.priority));
    this.#writer.write(`${shown.join('\t')}\n`);
  }
}

/** The tab writer of `kubectl get`. */
export function newTabWriter(): TabWriter {
  return new TabWriter({ minWidth: 6, padding: 3, rememberWidths: true });
}

function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number' && Number.isInteger(cell)) return String(cell);
  if (typeof cell !== 'string') return sprint(cell);
  const at = cell.search(/[\f\n\r]/);
  return at < 0 ? cell : `${cell.slice(0, at)}...`;
}

function decorate(
  columns: readonly TableColumn[],
  rows: readonly TableRow[],
  options: TableOptions,
  event: string | undefined,
): { columns: TableColumn[]; rows: unknown[][] } {
  const plain = (name: string): TableColumn => ({ name, type: 'string' });
  const nameColumn = columns.findIndex((c) => c.format === 'name' && c.type === 'string');
  const labels = options.columnLabels ?? [];
  return {
    columns: [
      ...(event === undefined ? [] : [plain('Event')]),
      ...(options.withNamespace ? [plain('Namespace')] : []),
      ...columns,
      ...labels.map((label) => plain(label.split('/').at(-1)!.toUpperCase())),
      ...(options.showLabels ? [plain('Labels')] : []),
    ],
    rows: rows.map(({ cells, object }) => {
      const metadata = object?.metadata;
      const shown = [...cells];
      if (options.withKind && nameColumn >= 0) shown[nameColumn] = `${options.withKind}/${String(shown[nameColumn])}`;
      while (shown.length < columns.length) shown.push(undefined);
      return [
        ...(event === undefined ? [] : [event.padEnd(8)]),
        ...(options.withNamespace ? [metadata?.namespace ?? ''] : []),
        ...shown,
        ...labels.map((label) => own(metadata?.labels, label) ?? ''),
        ...(options.showLabels ? [formatLabels(metadata?.labels)] : []),
      ];
    }),
  };
}

/** `a=b,c=d`, sorted as pairs; `<none>` if there are none. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? '<none>' : pairs.sort(compareStrings).join(',');
}

/** Name and age of any object, for servers that do not print. */
function genericTable(object: ApiObject, now: number): Table {
  const items = Array.isArray(object.items) ? (object.items as ApiObject[]) : [object];
  return {
    kind: 'Table',
    columnDefinitions: [
      { name: 'Name', type: 'string', format: 'name' },
      { name: 'Age', type: 'string' },
    ],
    rows: items.map((item) => ({
      cells: [item.metadata.name ?? '', ageSince(item.metadata.creationTimestamp, now)],
      object: item,
    })),
  };
}
