import { loadYaml, YamlError } from '../../../yaml/index.ts';
import { KustomizeError } from './error.ts';
import { mergeSpecs, type FieldSpec } from './field-spec.ts';
import type { Gvk } from './id.ts';
import type { Loader } from './loader.ts';
import { nameReferences } from './name-references.ts';

/** Fields that name a resource of a kind. */
export interface NameReference extends Gvk {
  readonly fieldSpecs: readonly FieldSpec[];
}

/** Which fields the transformers change (builtinconfig.TransformerConfig). */
export interface TransformerConfig {
  readonly namePrefix: readonly FieldSpec[];
  readonly nameSuffix: readonly FieldSpec[];
  readonly namespace: readonly FieldSpec[];
  readonly commonLabels: readonly FieldSpec[];
  readonly templateLabels: readonly FieldSpec[];
  readonly commonAnnotations: readonly FieldSpec[];
  readonly nameReference: readonly NameReference[];
  readonly varReference: readonly FieldSpec[];
  readonly images: readonly FieldSpec[];
  readonly replicas: readonly FieldSpec[];
}

const lists = [
  'namePrefix',
  'nameSuffix',
  'namespace',
  'commonLabels',
  'templateLabels',
  'commonAnnotations',
  'varReference',
  'images',
  'replicas',
] as const;

export const emptyConfig: TransformerConfig = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  templateLabels: [],
  commonAnnotations: [],
  nameReference: [],
  varReference: [],
  images: [],
  replicas: [],
};

/** Metadata of what a workload makes: where labels and annotations of the templates are. */
function templates(field: string): FieldSpec[] {
  const at = (path: string, kind: Gvk): FieldSpec => ({ path: `${path}/metadata/${field}`, create: true, ...kind });
  return [
    at('spec/template', { version: 'v1', kind: 'ReplicationController' }),
    at('spec/template', { kind: 'Deployment' }),
    at('spec/template', { kind: 'ReplicaSet' }),
    at('spec/template', { kind: 'DaemonSet' }),
    at('spec/template', { group: 'apps', kind: 'StatefulSet' }),
    at('spec/template', { group: 'batch', kind: 'Job' }),
    at('spec/jobTemplate', { group: 'batch', kind: 'CronJob' }),
    at('spec/jobTemplate/spec/template', { group: 'batch', kind: 'CronJob' }),
  ];
}

const claims: FieldSpec = {
  path: 'spec/volumeClaimTemplates[]/metadata/labels',
  create: true,
  group: 'apps',
  kind: 'StatefulSet',
};

/** Selectors within a Pod's own spec. */
function podSelectors(group: string, kind: string): FieldSpec[] {
  const affinities = ['podAffinity', 'podAntiAffinity'].flatMap((affinity) => [
    `affinity/${affinity}/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm`,
    `affinity/${affinity}/requiredDuringSchedulingIgnoredDuringExecution`,
  ]);
  return [...affinities, 'topologySpreadConstraints'].map((path) => ({
    path: `spec/template/spec/${path}/labelSelector/matchLabels`,
    group,
    kind,
  }));
}

const templateLabels: readonly FieldSpec[] = [
  { path: 'metadata/labels', create: true },
  ...templates('labels'),
  claims,
];

const selectors: readonly FieldSpec[] = [
  { path: 'spec/selector', create: true, version: 'v1', kind: 'Service' },
  { path: 'spec/selector', create: true, version: 'v1', kind: 'ReplicationController' },
  { path: 'spec/selector/matchLabels', create: true, kind: 'Deployment' },
  ...podSelectors('apps', 'Deployment'),
  { path: 'spec/selector/matchLabels', create: true, kind: 'ReplicaSet' },
  { path: 'spec/selector/matchLabels', create: true, kind: 'DaemonSet' },
  { path: 'spec/selector/matchLabels', create: true, group: 'apps', kind: 'StatefulSet' },
  ...podSelectors('apps', 'StatefulSet'),
  { path: 'spec/selector/matchLabels', group: 'batch', kind: 'Job' },
  { path: 'spec/jobTemplate/spec/selector/matchLabels', group: 'batch', kind: 'CronJob' },
  { path: 'spec/selector/matchLabels', group: 'policy', kind: 'PodDisruptionBudget' },
  { path: 'spec/podSelector/matchLabels', group: 'networking.k8s.io', kind: 'NetworkPolicy' },
  { path: 'spec/ingress/from/podSelector/matchLabels', group: 'networking.k8s.io', kind: 'NetworkPolicy' },
  { path: 'spec/egress/to/podSelector/matchLabels', group: 'networking.k8s.io', kind: 'NetworkPolicy' },
];

/** Where `$(NAME)` of a var is replaced. */
function varReferences(): FieldSpec[] {
  const kinds: [kind: string, spec: string][] = [
    ['CronJob', 'spec/jobTemplate/spec/template/spec'],
    ['DaemonSet', 'spec/template/spec'],
    ['Deployment', 'spec/template/spec'],
    ['Job', 'spec/template/spec'],
    ['Pod', 'spec'],
    ['ReplicaSet', 'spec/template/spec'],
    ['StatefulSet', 'spec/template/spec'],
  ];
  const fields = ['args', 'command', 'env/value', 'volumeMounts/mountPath'];
  return [
    ...kinds.flatMap(([kind, spec]) =>
      ['containers', 'initContainers'].flatMap((list) =>
        fields.map((field) => ({ path: `${spec}/${list}/${field}`, kind })),
      ),
    ),
    ...['spec/rules/host', 'spec/tls/hosts', 'spec/tls/secretName'].map((path) => ({ path, kind: 'Ingress' })),
    ...['spec/ports/port', 'spec/ports/targetPort'].map((path) => ({ path, kind: 'Service' })),
    { path: 'metadata/labels' },
  ];
}

/** What applies unless `configurations` add to it. */
export const defaultConfig: TransformerConfig = {
  namePrefix: [{ path: 'metadata/name' }],
  nameSuffix: [{ path: 'metadata/name' }],
  namespace: [
    { path: 'metadata/name', kind: 'Namespace', create: true },
    {
      path: 'spec/service/namespace',
      group: 'apiregistration.k8s.io',
      kind: 'APIService',
      create: true,
    },
    {
      path: 'spec/conversion/webhook/clientConfig/service/namespace',
      group: 'apiextensions.k8s.io',
      kind: 'CustomResourceDefinition',
    },
  ],
  commonLabels: [...selectors, ...templateLabels],
  templateLabels,
  commonAnnotations: [{ path: 'metadata/annotations', create: true }, ...templates('annotations')],
  nameReference: nameReferences,
  varReference: varReferences(),
  images: [
    'spec/containers[]',
    'spec/initContainers[]',
    'spec/template/spec/containers[]',
    'spec/template/spec/initContainers[]',
  ].map((path) => ({ path: `${path}/image`, create: true })),
  replicas: ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'].map((kind) => ({
    path: 'spec/replicas',
    create: true,
    kind,
  })),
};

export function mergeConfigs(a: TransformerConfig, b: TransformerConfig): TransformerConfig {
  const merged = Object.fromEntries(lists.map((list) => [list, mergeSpecs(a[list], b[list])]));
  return { ...emptyConfig, ...merged, nameReference: mergeReferences(a.nameReference, b.nameReference) };
}

function mergeReferences(a: readonly NameReference[], b: readonly NameReference[]): NameReference[] {
  const merged = [...a];
  for (const reference of b) {
    const at = merged.findIndex(
      (r) =>
        (r.group ?? '') === (reference.group ?? '') &&
        (r.version ?? '') === (reference.version ?? '') &&
        (r.kind ?? '') === (reference.kind ?? ''),
    );
    if (at < 0) merged.push(reference);
    else merged[at] = { ...merged[at]!, fieldSpecs: mergeSpecs(merged[at]!.fieldSpecs, reference.fieldSpecs) };
  }
  return merged;
}

/** The defaults with what the files of `configurations` add. @throws KustomizeError */
export function loadConfig(loader: Loader, paths: readonly string[]): TransformerConfig {
  return paths.reduce((config, path) => {
    let data: unknown;
    try {
      data = loadYaml(loader.loadText(path));
    } catch (error) {
      if (error instanceof YamlError) throw new KustomizeError(error.message);
      throw error;
    }
    return mergeConfigs(config, { ...emptyConfig, ...(data as Partial<TransformerConfig> | null) });
  }, defaultConfig);
}
