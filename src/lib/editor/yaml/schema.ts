import {
  apiResources,
  formatGroupVersion,
  parseGroupVersion,
  resourceForKind,
} from '../../../engine/kubernetes/schema/resources.ts';
import {
  structType,
  type Field,
  type FieldType,
  type StructType,
} from '../../../engine/kubernetes/schema/structure.ts';
import type { YamlContext } from './context.ts';

/** The type of a whole manifest. */
export function manifestType(apiVersion: string | undefined, kind: string | undefined): StructType | undefined {
  if (!apiVersion || !kind) return undefined;
  const { group, version } = parseGroupVersion(apiVersion);
  const resource = resourceForKind(group, version, kind);
  return resource && structType(resource.type);
}

/** The type that a path leads to from a manifest. */
export function typeAt(root: StructType, path: readonly string[]): FieldType | undefined {
  let type: FieldType | undefined = { kind: 'struct', struct: root };
  for (const part of path) {
    if (!type) return undefined;
    if (part === '[]') type = type.kind === 'list' ? type.items : undefined;
    else if (type.kind === 'map') type = type.items;
    else type = type.kind === 'struct' ? type.struct.fields.get(part)?.type : undefined;
  }
  return type;
}

/** As `kubectl explain` names types. */
export function typeName(type: FieldType): string {
  switch (type.kind) {
    case 'list':
      return `[]${typeName(type.items)}`;
    case 'map':
      return `map[string]${typeName(type.items)}`;
    case 'struct':
      return type.struct.name.slice(type.struct.name.lastIndexOf('/') + 1);
    case 'int32':
    case 'int64':
      return 'integer';
    case 'double':
      return 'number';
    default:
      return type.kind;
  }
}

export interface Suggestion {
  label: string;
  /** Text to insert; `$0` is where the cursor goes. */
  insert: string;
  detail: string;
  required: boolean;
  /** Where its description stands. */
  owner?: { type: string; field: string };
}

const header: Suggestion[] = ['apiVersion', 'kind', 'metadata', 'spec'].map((label) => ({
  label,
  insert: label === 'metadata' ? 'metadata:\n  name: $0' : label === 'spec' ? 'spec:\n  $0' : `${label}: $0`,
  detail: '',
  required: true,
}));

function insertionOf({ name, type }: Field): string {
  if (type.kind === 'list') return `${name}:\n  - $0`;
  return type.kind === 'struct' || type.kind === 'map' || type.kind === 'object' ? `${name}:\n  $0` : `${name}: $0`;
}

/** What may stand at the cursor: keys of the map, or values of the key. */
export function suggestions(context: YamlContext): Suggestion[] {
  if (context.valueOf !== undefined) return values(context, context.valueOf);
  const root = manifestType(context.apiVersion, context.kind);
  if (!root) return context.path.length === 0 ? header.filter(({ label }) => !context.siblings.includes(label)) : [];
  const type = typeAt(root, context.path);
  if (type?.kind !== 'struct') return [];
  const { struct } = type;
  return [...struct.fields.values()]
    .filter(({ name }) => !context.siblings.includes(name) && !(name === 'status' && context.path.length === 0))
    .map((field) => ({
      label: field.name,
      insert: insertionOf(field),
      detail: typeName(field.type),
      required: field.required,
      owner: { type: struct.name, field: field.name },
    }));
}

function values({ apiVersion, kind, path }: YamlContext, key: string): Suggestion[] {
  const plain = (label: string, detail = ''): Suggestion => ({ label, insert: label, detail, required: false });
  if (path.length === 0 && key === 'kind') {
    const fitting = apiResources.filter(
      ({ group, version }) => !apiVersion || formatGroupVersion(group, version) === apiVersion,
    );
    return fitting.map((resource) => plain(resource.kind, formatGroupVersion(resource.group, resource.version)));
  }
  if (path.length === 0 && key === 'apiVersion') {
    const fitting = apiResources.filter((resource) => !kind || resource.kind === kind);
    return [...new Set(fitting.map(({ group, version }) => formatGroupVersion(group, version)))].map((text) =>
      plain(text),
    );
  }
  const root = manifestType(apiVersion, kind);
  const type = root && typeAt(root, [...path, key]);
  if (type?.kind === 'boolean') return [plain('true'), plain('false')];
  return type && 'values' in type ? (type.values ?? []).map((value) => plain(value)) : [];
}

type Descriptions = Record<string, Record<string, string>>;
let descriptions: Promise<Descriptions> | undefined;

/** The API documentation of a field, loaded when it is first asked for. */
export async function describe(owner: { type: string; field: string }): Promise<string | undefined> {
  descriptions ??= import('../../../engine/kubernetes/schema/generated/descriptions.json').then(
    (module) => module.default as Descriptions,
  );
  return (await descriptions)[owner.type]?.[owner.field];
}

/** The field that a key in a manifest is. */
export function fieldAt(
  context: YamlContext,
  key: string,
): { field: Field; owner: { type: string; field: string } } | undefined {
  const root = manifestType(context.apiVersion, context.kind);
  const type = root && typeAt(root, context.path);
  const field = type?.kind === 'struct' ? type.struct.fields.get(key) : undefined;
  return type?.kind === 'struct' && field ? { field, owner: { type: type.struct.name, field: key } } : undefined;
}
