import { ageSince } from '../../../apimachinery/duration.ts';
import type { KubeObject } from '../../../types.ts';
import type { Column } from '../kind.ts';

/** Table columns; names, order and cell texts are those of the server's printers. */

export function column<T extends KubeObject>(
  name: string,
  description: string,
  value: Column<T>['value'],
  type: Column['type'] = 'string',
): Column<T> {
  return { name, type, description, priority: 0, value };
}

/** Shown only with `-o wide`. */
export function wideColumn<T extends KubeObject>(
  name: string,
  description: string,
  value: Column<T>['value'],
  type: Column['type'] = 'string',
): Column<T> {
  return { name, type, description, priority: 1, value };
}

export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique within its namespace.',
  priority: 0,
  value: (object) => object.metadata.name,
};

export const ageColumn: Column = {
  name: 'Age',
  type: 'string',
  description: 'Time since the object was created.',
  priority: 0,
  value: (object, now) => ageSince(object.metadata.creationTimestamp, now),
};

/** `<none>` for an empty list. */
export function joined(values: readonly string[] | undefined, separator = ','): string {
  return values && values.length > 0 ? values.join(separator) : '<none>';
}

/** For kinds whose tables show a time instead of an age. */
export const createdAtColumn: Column = {
  name: 'Created At',
  type: 'date',
  description: 'When the object was created.',
  priority: 0,
  value: (object) => object.metadata.creationTimestamp,
};

/** RWO, ROX, RWX, RWOP (storageutil.GetAccessModesAsString). */
export function accessModesText(modes: readonly string[] | undefined): string {
  const short: Readonly<Record<string, string>> = {
    ReadWriteOnce: 'RWO',
    ReadOnlyMany: 'ROX',
    ReadWriteMany: 'RWX',
    ReadWriteOncePod: 'RWOP',
  };
  return Object.keys(short)
    .filter((mode) => modes?.includes(mode))
    .map((mode) => short[mode])
    .join(',');
}
