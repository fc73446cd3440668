/** What may stand in a kustomization file, with the Go names that messages use. */
export type GoType =
  | { readonly is: 'scalar'; readonly json: 'string' | 'boolean' | 'number'; readonly go: string }
  | { readonly is: 'list'; readonly items: GoType }
  | { readonly is: 'map'; readonly items: GoType }
  | {
      readonly is: 'struct';
      readonly name: string;
      readonly fields: Readonly<Record<string, GoType>>;
      /** Embedded structs that a field comes from, outermost first. */
      readonly via?: Readonly<Record<string, readonly string[]>>;
    }
  | { readonly is: 'any' };

const text: GoType = { is: 'scalar', json: 'string', go: 'string' };
const flag: GoType = { is: 'scalar', json: 'boolean', go: 'bool' };
const int: GoType = { is: 'scalar', json: 'number', go: 'int' };
const long: GoType = { is: 'scalar', json: 'number', go: 'int64' };
const any: GoType = { is: 'any' };
const list = (items: GoType): GoType => ({ is: 'list', items });
const map = (items: GoType): GoType => ({ is: 'map', items });
const struct = (name: string, fields: Record<string, GoType>, via?: Record<string, readonly string[]>): GoType => ({
  is: 'struct',
  name,
  fields,
  ...(via ? { via } : {}),
});
/** All fields of an embedded struct come through it. */
const through = (fields: Record<string, GoType>, ...names: string[]) =>
  Object.fromEntries(Object.keys(fields).map((field) => [field, names]));

const gvk = { group: text, version: text, kind: text };
const resourceId = { ...gvk, name: text, namespace: text };
const viaId = { ...through(resourceId, 'ResId'), ...through(gvk, 'ResId', 'Gvk') };
const selector = struct('Selector', { ...resourceId, annotationSelector: text, labelSelector: text }, viaId);
const fieldSpec = struct('FieldSpec', { ...gvk, path: text, create: flag }, through(gvk, 'Gvk'));
const patch = struct('Patch', { path: text, patch: text, target: selector, options: map(flag) });
const image = struct('Image', { name: text, newName: text, tagSuffix: text, newTag: text, digest: text });
const fieldOptions = struct('FieldOptions', {
  delimiter: text,
  index: int,
  encoding: text,
  create: flag,
});
const generatorOptions = struct('GeneratorOptions', {
  labels: map(text),
  annotations: map(text),
  disableNameSuffixHash: flag,
  immutable: flag,
});
const sources = { literals: list(text), files: list(text), envs: list(text), env: text };
const generator = { namespace: text, name: text, behavior: text, ...sources, options: generatorOptions };
const viaArgs = { ...through(generator, 'GeneratorArgs'), ...through(sources, 'GeneratorArgs', 'KvPairSources') };

const replacementFields = {
  source: struct('SourceSelector', { ...resourceId, fieldPath: text, options: fieldOptions }, viaId),
  sourceValue: text,
  targets: list(
    struct('TargetSelector', {
      select: selector,
      reject: list(selector),
      fieldPaths: list(text),
      options: fieldOptions,
    }),
  ),
};

const helmChart = struct('HelmChart', {
  name: text,
  version: text,
  repo: text,
  releaseName: text,
  namespace: text,
  additionalValuesFiles: list(text),
  valuesFile: text,
  valuesInline: map(any),
  valuesMerge: text,
  includeCRDs: flag,
  skipHooks: flag,
  apiVersions: list(text),
  kubeVersion: text,
  nameTemplate: text,
  skipTests: flag,
  debug: flag,
  devel: flag,
});

export const kustomizationType: GoType = struct('Kustomization', {
  apiVersion: text,
  kind: text,
  metadata: struct('ObjectMeta', { name: text, namespace: text, labels: map(text), annotations: map(text) }),
  openapi: map(text),
  namePrefix: text,
  nameSuffix: text,
  namespace: text,
  commonLabels: map(text),
  labels: list(
    struct('Label', { pairs: map(text), includeSelectors: flag, includeTemplates: flag, fields: list(fieldSpec) }),
  ),
  commonAnnotations: map(text),
  patchesStrategicMerge: list(text),
  patchesJson6902: list(patch),
  patches: list(patch),
  images: list(image),
  imageTags: list(image),
  replacements: list(
    struct('ReplacementField', { ...replacementFields, path: text }, through(replacementFields, 'Replacement')),
  ),
  replicas: list(struct('Replica', { name: text, count: long })),
  vars: list(
    struct('Var', {
      name: text,
      objref: struct('Target', { apiVersion: text, ...resourceId }, through(gvk, 'Gvk')),
      fieldref: struct('FieldSelector', { fieldpath: text }),
    }),
  ),
  sortOptions: struct('SortOptions', {
    order: text,
    legacySortOptions: struct('LegacySortOptions', { orderFirst: list(text), orderLast: list(text) }),
  }),
  resources: list(text),
  components: list(text),
  crds: list(text),
  bases: list(text),
  configMapGenerator: list(struct('ConfigMapArgs', generator, viaArgs)),
  secretGenerator: list(struct('SecretArgs', { ...generator, type: text }, viaArgs)),
  helmGlobals: struct('HelmGlobals', { chartHome: text, configHome: text }),
  helmCharts: list(helmChart),
  helmChartInflationGenerator: list(
    struct('HelmChartArgs', {
      chartName: text,
      chartVersion: text,
      chartRepoUrl: text,
      chartHome: text,
      chartRepoName: text,
      helmBin: text,
      helmHome: text,
      values: text,
      valuesLocal: map(any),
      valuesMerge: text,
      releaseName: text,
      releaseNamespace: text,
      extraArgs: list(text),
    }),
  ),
  generatorOptions,
  configurations: list(text),
  generators: list(text),
  transformers: list(text),
  validators: list(text),
  buildMetadata: list(text),
});
