import { loadYaml, YamlError } from '../../../yaml/index.ts';
import { KustomizeError } from './error.ts';
import type { FieldSpec } from './field-spec.ts';
import { isMap, type Json } from './json.ts';
import { kustomizationType, type GoType } from './kustomization-type.ts';
import type { Loader } from './loader.ts';
import { kustomizationFile } from './loader.ts';

export interface Selector {
  group?: string;
  version?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  annotationSelector?: string;
  labelSelector?: string;
}

export interface Patch {
  path?: string;
  patch?: string;
  target?: Selector;
  options?: Record<string, boolean>;
}

export interface Image {
  name?: string;
  newName?: string;
  newTag?: string;
  tagSuffix?: string;
  digest?: string;
}

export interface GeneratorOptions {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  disableNameSuffixHash?: boolean;
  immutable?: boolean;
}

export interface GeneratorArgs {
  name?: string;
  namespace?: string;
  behavior?: string;
  literals?: string[];
  files?: string[];
  envs?: string[];
  env?: string;
  options?: GeneratorOptions;
  /** Of Secrets. */
  type?: string;
}

export interface FieldOptions {
  delimiter?: string;
  index?: number;
  encoding?: string;
  create?: boolean;
}

export interface Replacement {
  source?: Selector & { fieldPath?: string; options?: FieldOptions };
  sourceValue?: string;
  targets?: { select?: Selector; reject?: Selector[]; fieldPaths?: string[]; options?: FieldOptions }[];
}

export interface Var {
  name?: string;
  objref?: { apiVersion?: string; group?: string; version?: string; kind?: string; name?: string; namespace?: string };
  fieldref?: { fieldpath?: string };
}

/** What a kustomization file says. */
export interface Kustomization {
  apiVersion: string;
  kind: string;
  openapi?: Record<string, string>;
  namePrefix?: string;
  nameSuffix?: string;
  namespace?: string;
  commonLabels?: Record<string, string>;
  labels?: {
    pairs?: Record<string, string>;
    includeSelectors?: boolean;
    includeTemplates?: boolean;
    fields?: FieldSpec[];
  }[];
  commonAnnotations?: Record<string, string>;
  patchesStrategicMerge?: string[];
  patchesJson6902?: Patch[];
  patches?: Patch[];
  images: Image[];
  replacements?: (Replacement & { path?: string })[];
  replicas?: { name?: string; count?: number }[];
  vars?: Var[];
  sortOptions?: { order?: string; legacySortOptions?: { orderFirst?: string[]; orderLast?: string[] } };
  resources: string[];
  components?: string[];
  crds?: string[];
  configMapGenerator?: GeneratorArgs[];
  secretGenerator?: GeneratorArgs[];
  generatorOptions?: GeneratorOptions;
  helmCharts?: Json[];
  helmChartInflationGenerator?: Json[];
  configurations?: string[];
  generators?: string[];
  transformers?: string[];
  validators?: string[];
  buildMetadata?: string[];
}

const edit = "Run 'kustomize edit fix' to update your Kustomization automatically.";

/** Old fields, and what to use in their place, in the order of the warnings. */
const deprecated: readonly [field: string, instead: string, note?: string][] = [
  ['bases', 'resources'],
  ['commonLabels', 'labels'],
  ['imageTags', 'images'],
  ['patchesJson6902', 'patches'],
  ['patchesStrategicMerge', 'patches'],
  ['vars', 'replacements', `[EXPERIMENTAL] ${edit}`],
];

/**
 * Reads the kustomization of a directory.
 * @param warn gets a line for every field that is going away
 * @throws KustomizeError
 */
export function readKustomization(loader: Loader, warn: (line: string) => void): Kustomization {
  const { text } = kustomizationFile(loader);
  let data: unknown;
  try {
    data = loadYaml(text) ?? null;
  } catch (error) {
    if (error instanceof YamlError) throw new KustomizeError(`invalid Kustomization: ${error.message}`);
    throw error;
  }
  const raw = (checkType(data, kustomizationType) ?? {}) as Json;
  for (const [field, instead, note = edit] of deprecated)
    if (raw[field] !== undefined) warn(`# Warning: '${field}' is deprecated. Please use '${instead}' instead. ${note}`);
  const said = Object.entries(raw).filter(([key, value]) => !['apiVersion', 'kind'].includes(key) && !isZero(value));
  if (said.length === 0) throw new KustomizeError('kustomization.yaml is empty');
  const kustomization = complete(raw);
  checkKind(kustomization, loader.root);
  return kustomization;
}

function complete(raw: Json): Kustomization {
  const kind = (raw['kind'] as string | undefined) || 'Kustomization';
  const fix = (args: GeneratorArgs): GeneratorArgs =>
    args.env ? { ...args, envs: [...(args.envs ?? []), args.env] } : args;
  const generators = (field: string) => (raw[field] as GeneratorArgs[] | undefined)?.map(fix);
  return {
    ...(raw as unknown as Kustomization),
    kind,
    apiVersion: (raw['apiVersion'] as string | undefined) || requiredVersion(kind),
    resources: [...((raw['resources'] as string[]) ?? []), ...((raw['bases'] as string[]) ?? [])],
    images: [...((raw['images'] as Image[]) ?? []), ...((raw['imageTags'] as Image[]) ?? [])],
    configMapGenerator: generators('configMapGenerator'),
    secretGenerator: generators('secretGenerator'),
  };
}

function requiredVersion(kind: string): string {
  return kind === 'Component' ? 'kustomize.config.k8s.io/v1alpha1' : 'kustomize.config.k8s.io/v1beta1';
}

function checkKind({ kind, apiVersion }: Kustomization, root: string): void {
  const faults: string[] = [];
  if (kind !== 'Kustomization' && kind !== 'Component') faults.push('kind should be Kustomization or Component');
  const wanted = requiredVersion(kind);
  if (apiVersion !== wanted) faults.push(`apiVersion for ${kind} should be ${wanted}`);
  if (faults.length > 0)
    throw new KustomizeError(`Failed to read kustomization file under ${root}:\n${faults.join('\n')}`);
}

function isZero(value: unknown): boolean {
  return value === null || value === undefined || value === '' || value === false || value === 0;
}

/**
 * Decodes data as Go does: nulls are as if not said, names of fields match whatever their case, and what fits no field
 * or no type is an error. @throws KustomizeError
 */
function checkType(value: unknown, type: GoType, struct = 'Kustomization', path: readonly string[] = []): unknown {
  if (value === null || value === undefined) return undefined;
  const fail = (wanted: string) => {
    const field = path.length === 0 ? 'value' : `struct field ${[struct, ...path].join('.')}`;
    const name = path.length === 0 ? 'types.Kustomization' : wanted;
    return new KustomizeError(
      `invalid Kustomization: json: cannot unmarshal ${jsonType(value, type)} into Go ${field} of type ${name}`,
    );
  };
  switch (type.is) {
    case 'scalar':
      if (typeof value !== type.json || (type.go === 'int64' && !Number.isInteger(value))) throw fail(type.go);
      return value;
    case 'list':
      if (!Array.isArray(value)) throw fail(goName(type));
      return value.map((item) => checkType(item, type.items, struct, path) ?? zero(type.items));
    case 'map':
      if (!isMap(value)) throw fail(goName(type));
      return Object.fromEntries(
        sortedEntries(value).map(([k, v]) => [k, checkType(v, type.items, struct, path) ?? zero(type.items)]),
      );
    case 'struct': {
      if (!isMap(value)) throw fail(`types.${type.name}`);
      const result: Json = {};
      for (const [key, item] of sortedEntries(value)) {
        const name = Object.hasOwn(type.fields, key)
          ? key
          : Object.keys(type.fields).find((f) => f.toLowerCase() === key.toLowerCase());
        const field = name === undefined ? undefined : type.fields[name];
        if (name === undefined || !field)
          throw new KustomizeError(`invalid Kustomization: json: unknown field ${JSON.stringify(key)}`);
        const read = checkType(item, field, type.name, [...path, ...(type.via?.[name] ?? []), name]);
        if (read !== undefined) result[name] = read;
      }
      return result;
    }
    case 'any':
      return value;
  }
}

function zero(type: GoType): unknown {
  if (type.is === 'list') return [];
  if (type.is !== 'scalar') return {};
  return type.json === 'string' ? '' : type.json === 'number' ? 0 : false;
}

function goName(type: GoType): string {
  switch (type.is) {
    case 'scalar':
      return type.go;
    case 'list':
      return `[]${goName(type.items)}`;
    case 'map':
      return `map[string]${goName(type.items)}`;
    case 'struct':
      return `types.${type.name}`;
    case 'any':
      return 'interface {}';
  }
}

function sortedEntries(map: Json): [string, unknown][] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

function jsonType(value: unknown, wanted: GoType): string {
  if (typeof value === 'number' && wanted.is === 'scalar' && wanted.json === 'number') return `number ${value}`;
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
