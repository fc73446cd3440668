import type { ServedResource } from './core.ts';
import { partialMetadata, wireObject } from './encoding.ts';
import { badRequest } from './errors.ts';
import type { Column } from './resources/kind.ts';
import type { Entry } from './store.ts';

/** Tables: what `kubectl get` prints (k8s.io/apiserver/pkg/registry/rest/table.go). */

type Fields = Record<string, unknown>;

const objectNameDescription =
  'Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically.';

/** Columns of a kind that declares none. */
const defaultColumns: readonly Column[] = [
  {
    name: 'Name',
    type: 'string',
    format: 'name',
    description: objectNameDescription,
    priority: 0,
    value: ({ metadata }) => metadata.name,
  },
  {
    name: 'Created At',
    type: 'date',
    description: 'When the server stored the object, in RFC3339 form and UTC.',
    priority: 0,
    value: ({ metadata }) => metadata.creationTimestamp,
  },
];

export type IncludeObject = 'None' | 'Metadata' | 'Object';

/** @throws ApiError BadRequest */
export function includeObject(value: string | undefined): IncludeObject {
  if (value === undefined) return 'Metadata';
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value;
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(value)}`);
}

export function table(
  served: ServedResource,
  entries: readonly Entry[],
  now: number,
  options: { version: string; include: IncludeObject; metadata: Fields; headers: boolean },
): Fields {
  const columns = served.definition.columns ?? served.storage.definition.columns ?? defaultColumns;
  // Columns of the stored version read stored objects.
  const convert = served.definition.columns ? served.conversion : undefined;
  const rows = entries.map((entry) => {
    const object = convert ? convert.fromStored(entry.object) : entry.object;
    return {
      cells: columns.map((column) => column.value(object, now)),
      ...(options.include !== 'None' && {
        object:
          options.include === 'Object' ? wireObject(served, entry) : partialMetadata(served, entry, options.version),
      }),
    };
  });
  const definitions = columns.map(({ name, type, format = '', description, priority }) => ({
    name,
    type,
    format,
    description,
    priority,
  }));
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata: options.metadata,
    columnDefinitions: options.headers ? definitions : null,
    rows,
  };
}
