import { optionalStructure } from './optional.ts';
import structure from './generated/structure.json' with { type: 'json' };

/** What a field holds, as the API declares it. */
export type FieldType =
  | { readonly kind: ScalarKind; readonly values?: readonly string[] }
  | { readonly kind: 'list'; readonly items: FieldType }
  | { readonly kind: 'map'; readonly items: FieldType }
  | { readonly kind: 'struct'; readonly struct: StructType };

export type ScalarKind =
  | 'string'
  | 'int32'
  | 'int64'
  | 'double'
  | 'boolean'
  | 'quantity'
  | 'intOrString'
  | 'time'
  | 'microTime'
  | 'bytes'
  /** Any JSON object (RawExtension, FieldsV1). */
  | 'object'
  /** Any JSON value. */
  | 'any';

export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** The API documents it as required (validation decides what is an error). */
  readonly required: boolean;
  /** How server-side apply merges: lists `atomic`, `set` or `map` by `listKeys`; maps and structs `granular` or `atomic`. */
  readonly merge: 'atomic' | 'set' | 'map' | 'granular';
  readonly listKeys?: readonly string[];
  /** Strategic merge patch: the key that identifies list items; '' for a primitive list that merges. */
  readonly patchMergeKey?: string;
  /** Strategic merge patch: `$retainKeys` applies. */
  readonly retainKeys: boolean;
}

export interface StructType {
  /** e.g. `apps/v1/DeploymentSpec`. */
  readonly name: string;
  readonly fields: ReadonlyMap<string, Field>;
  /** Server-side apply owns it as a whole. */
  readonly atomic: boolean;
  /** Unknown fields are kept (x-kubernetes-preserve-unknown-fields of custom resources). */
  readonly preserveUnknown?: boolean;
}

const scalarKinds: Readonly<Record<string, ScalarKind>> = {
  s: 'string',
  i: 'int32',
  l: 'int64',
  n: 'double',
  b: 'boolean',
  q: 'quantity',
  x: 'intOrString',
  t: 'time',
  T: 'microTime',
  y: 'bytes',
  o: 'object',
  f: 'object',
  j: 'any',
};

/** The last parts of the short notation: required, list keys, patch strategy, atomic. */
const notes = /(!)?(?:\[([^\]]*)\])?(?:~([^$^]*)(\$)?)?(\^)?$/;

const texts: Readonly<Record<string, string>> = { ...structure, ...optionalStructure };
const parsed = new Map<string, StructType>();

/** @param name e.g. `core/v1/Container`; undefined if the API has no such type */
export function structType(name: string): StructType | undefined {
  const known = parsed.get(name);
  if (known) return known;
  const text = texts[name];
  if (text === undefined) return undefined;
  const type = parseStruct(name, text);
  parsed.set(name, type);
  return type;
}

/** Names of all types, sorted. */
export function structTypeNames(): readonly string[] {
  return Object.keys(structure);
}

function parseStruct(name: string, text: string): StructType {
  const atomic = text.startsWith('^ ');
  const fields = new Map<string, Field>();
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  for (const part of (atomic ? text.slice(2) : text).split(' ')) {
    if (part === '') continue;
    const colon = part.indexOf(':');
    const field = parseField(part.slice(0, colon), part.slice(colon + 1), folder);
    fields.set(field.name, field);
  }
  return { name, fields, atomic };
}

function parseField(name: string, text: string, folder: string): Field {
  // `[]` and `{}` open a type; the notes that end the text may hold brackets too, so the type's own are cut off first.
  const prefix = /^(?:\[\]|\{\})*/.exec(text)![0];
  const rest = text.slice(prefix.length);
  const note = notes.exec(rest)!;
  const type = parseType(prefix + rest.slice(0, note.index), folder);
  const [, required, keys, patchMergeKey, retainKeys, atomic] = note;
  const isStruct = type.kind === 'struct';
  const granular = (type.kind === 'map' || isStruct) && !atomic;
  return {
    name,
    type,
    required: required !== undefined,
    merge: keys === '=' ? 'set' : keys !== undefined ? 'map' : granular ? 'granular' : 'atomic',
    ...(keys !== undefined && keys !== '=' ? { listKeys: keys.split(',') } : {}),
    ...(patchMergeKey !== undefined && !(patchMergeKey === '' && isStruct)
      ? { patchMergeKey: patchMergeKey === '=' ? '' : patchMergeKey }
      : {}),
    retainKeys: retainKeys !== undefined,
  };
}

function parseType(text: string, folder: string): FieldType {
  if (text.startsWith('[]')) return { kind: 'list', items: parseType(text.slice(2), folder) };
  if (text.startsWith('{}')) return { kind: 'map', items: parseType(text.slice(2), folder) };
  if (text.startsWith('@')) {
    const name = text.includes('/') ? text.slice(1) : folder + text.slice(1);
    return {
      kind: 'struct',
      // Types refer to each other (JSONSchemaProps to itself), so the other end is looked up when it is needed.
      get struct() {
        return structType(name)!;
      },
    };
  }
  const kind = scalarKinds[text[0]!]!;
  return text.length > 1 ? { kind, values: text.slice(2, -1).replaceAll('+', ' ').split('|') } : { kind };
}
