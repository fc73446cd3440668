import { expect, test } from 'vitest';
import { errorText } from '../../apimachinery/field-error.ts';
import {
  apiResources,
  decode,
  parseGroupVersion,
  resourceForKind,
  typeForKind,
  type FieldType,
} from '../../schema/index.ts';
import type { KubeObject } from '../../types.ts';
import type { KindContext, KindDefinition, Mutable } from './kind.ts';
import { kindOf, kinds } from './registry.ts';

const now = Date.parse('2026-01-01T00:10:00Z');

const context: KindContext = {
  now: '2026-01-01T00:10:00Z',
  nowMs: now,
  get: () => undefined,
  list: () => [],
  served: () => undefined,
  authorize: () => ({ allowed: true }),
  writeStatus: () => {},
  randomSuffix: (length) => 'x'.repeat(length),
  uuid: () => '00000000-0000-4000-8000-000000000000',
  randomInt: () => 7,
};

function definitionOf(input: { apiVersion: string; kind: string }): KindDefinition {
  const { group, version } = parseGroupVersion(input.apiVersion);
  return kindOf(group, version, resourceForKind(group, version, input.kind)!.resource)!;
}

type Manifest = { apiVersion: string; kind: string } & Record<string, unknown>;

/** An object as the server would store it, and what is wrong with it. */
function create(input: Manifest): { object: KubeObject; errors: string[] } {
  const definition = definitionOf(input);
  const object = decode(input, typeForKind(input.apiVersion, input.kind)!).value as unknown as Mutable<KubeObject>;
  object.metadata ??= { name: 'x' } as Mutable<KubeObject>['metadata'];
  object.metadata.creationTimestamp = '2026-01-01T00:00:00Z';
  definition.defaults?.(object, context);
  definition.prepareForCreate?.(object, context);
  return { object, errors: (definition.validate?.(object, context) ?? []).map(errorText) };
}

function cells(object: KubeObject, wide = false): unknown[] {
  const columns = definitionOf(object).columns!.filter((c) => wide || c.priority === 0);
  return columns.map((c) => c.value(object, now));
}

const podOf = (container: object, spec: object = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'x' },
  spec: { containers: [{ name: 'c', image: 'nginx', ...container }], ...spec },
});

test('every resource of the schema has a definition, in discovery order', () => {
  expect(kinds.map((k) => k.resource)).toEqual(apiResources.map((r) => r.resource));
  const plain = kinds.filter((k) => !k.columns && k.verbs!.includes('list')).map((k) => k.resource);
  expect(plain).toEqual([]);
});

test.each<[string, Manifest, string[]]>([
  ['no containers', podOf({}, { containers: [] }), ['spec.containers: Required value']],
  [
    'ports',
    podOf({ ports: [{ containerPort: 70000 }, { containerPort: 80, protocol: 'HTTP' }] }),
    [
      'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
      'spec.containers[0].ports[1].protocol: Unsupported value: "HTTP": supported values: "SCTP", "TCP", "UDP"',
    ],
  ],
  [
    'requests above limits',
    podOf({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
    ['spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1'],
  ],
  [
    'mount without volume',
    podOf({ volumeMounts: [{ name: 'none', mountPath: '/x' }] }),
    ['spec.containers[0].volumeMounts[0].name: Not found: "none"'],
  ],
  [
    'two sources in a volume',
    podOf(
      { volumeMounts: [{ name: 'v', mountPath: '' }] },
      { volumes: [{ name: 'v', emptyDir: {}, hostPath: { path: '/x' } }, { name: 'v' }] },
    ),
    [
      'spec.volumes[0].hostPath: Forbidden: may not specify more than 1 volume type',
      'spec.containers[0].volumeMounts[0].mountPath: Required value',
    ],
  ],
  [
    'Service ports',
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { ports: [{ port: 0 }, { port: 80 }] } },
    [
      'spec.ports[0].name: Required value',
      'spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive',
      'spec.ports[1].name: Required value',
    ],
  ],
  [
    'Deployment without selector',
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'x' },
      spec: {
        template: { metadata: { labels: { app: 'other' } }, spec: { containers: [{ name: 'c', image: 'nginx' }] } },
      },
    },
    [
      'spec.selector: Required value',
      'spec.template.metadata.labels: Invalid value: {"app":"other"}: `selector` does not match template `labels`',
    ],
  ],
  [
    'StatefulSet',
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'e' },
      spec: {
        replicas: -2,
        selector: { matchLabels: { app: 'e' } },
        template: {
          metadata: { labels: { app: 'e' } },
          spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'nginx' }] },
        },
      },
    },
    [
      'spec.replicas: Invalid value: -2: must be greater than or equal to 0',
      'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    ],
  ],
  [
    'CronJob',
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'c' },
      spec: {
        schedule: 'every day',
        jobTemplate: { spec: { template: { spec: { containers: [{ name: 'c', image: 'busybox' }] } } } },
      },
    },
    [
      'spec.schedule: Invalid value: "every day": expected exactly 5 fields, found 2: [every day]',
      'spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
  ],
  [
    'HorizontalPodAutoscaler',
    {
      apiVersion: 'autoscaling/v1',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'h' },
      spec: { maxReplicas: 0, scaleTargetRef: { kind: 'Deployment', name: 'x', apiVersion: 'apps/v1' } },
    },
    [
      'spec.maxReplicas: Invalid value: 0: must be greater than 0',
      'spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`',
    ],
  ],
  [
    'Job',
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'bad' },
      spec: {
        parallelism: -1,
        completionMode: 'Indexed',
        template: { spec: { containers: [{ name: 'c', image: 'x' }] } },
      },
    },
    [
      'spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
      'spec.completions: Required value: when completion mode is Indexed',
      'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
    ],
  ],
  [
    'Secret without its keys',
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 't' }, type: 'kubernetes.io/tls', stringData: { a: 'b' } },
    ['data[tls.crt]: Required value', 'data[tls.key]: Required value'],
  ],
  [
    'node port out of range',
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'x' },
      spec: { type: 'NodePort', ports: [{ port: 80, nodePort: 10 }] },
    },
    [
      'spec.ports[0].nodePort: Invalid value: 10: provided port is not in the valid range. The range of valid ports is 30000-32767',
    ],
  ],
])('%s', (_, input, expected) => expect(create(input).errors).toEqual(expected));

test('defaults of a Deployment and a Service', () => {
  const { object } = create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'w' } },
      template: { metadata: { labels: { app: 'w' } }, spec: { containers: [{ name: 'c', image: 'nginx:1.27' }] } },
    },
  });
  expect(object).toMatchObject({
    spec: {
      replicas: 1,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: {
        spec: {
          containers: [
            {
              imagePullPolicy: 'IfNotPresent',
              resources: {},
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
            },
          ],
          dnsPolicy: 'ClusterFirst',
          restartPolicy: 'Always',
          schedulerName: 'default-scheduler',
          securityContext: {},
          terminationGracePeriodSeconds: 30,
        },
      },
    },
  });
  expect(cells(object)).toEqual(['web', '0/1', 0, 0, '10m']);
  const service = create({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's' },
    spec: { type: 'NodePort', selector: { a: 'b' }, ports: [{ port: 80 }] },
  });
  expect(service.errors).toEqual([]);
  expect(cells(service.object, true)).toEqual(['s', 'NodePort', '10.96.1.7', '<none>', '80:30093/TCP', '10m', 'a=b']);
});

test.each<[string, object, unknown[]]>([
  ['pending', { phase: 'Pending' }, ['0/1', 'Pending', '0']],
  [
    'waiting',
    {
      phase: 'Pending',
      containerStatuses: [
        { name: 'c', restartCount: 0, ready: false, state: { waiting: { reason: 'ContainerCreating' } } },
      ],
    },
    ['0/1', 'ContainerCreating', '0'],
  ],
  [
    'crashing',
    {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'c',
          restartCount: 2,
          ready: false,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
          lastState: { terminated: { exitCode: 1, finishedAt: '2026-01-01T00:09:38Z' } },
        },
      ],
    },
    ['0/1', 'CrashLoopBackOff', '2 (22s ago)'],
  ],
  [
    'done',
    {
      phase: 'Succeeded',
      containerStatuses: [
        { name: 'c', restartCount: 0, ready: false, state: { terminated: { exitCode: 0, reason: 'Completed' } } },
      ],
    },
    ['0/1', 'Completed', '0'],
  ],
  ['evicted', { phase: 'Failed', reason: 'Evicted' }, ['0/1', 'Evicted', '0']],
  [
    'gated',
    { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }] },
    ['0/1', 'SchedulingGated', '0'],
  ],
])('STATUS of a %s Pod', (_, status, expected) => {
  const { object } = create(podOf({}));
  expect(cells({ ...object, status } as KubeObject).slice(1, 4)).toEqual(expected);
});

test('STATUS while init containers run, and after deletion', () => {
  const { object } = create(
    podOf(
      {},
      {
        initContainers: [
          { name: 'i', image: 'x' },
          { name: 's', image: 'x', restartPolicy: 'Always' },
        ],
      },
    ),
  );
  const running = {
    phase: 'Pending',
    initContainerStatuses: [{ name: 'i', restartCount: 0, ready: false, state: { running: {} } }],
  };
  expect(cells({ ...object, status: running } as KubeObject).slice(1, 3)).toEqual(['0/2', 'Init:0/2']);
  const deleted = { ...object, metadata: { ...object.metadata, deletionTimestamp: 'x' }, status: { phase: 'Running' } };
  expect(cells(deleted as KubeObject)[2]).toBe('Terminating');
});

test('a Pod may change its image and little else; the message shows the difference', () => {
  const definition = kindOf('', 'v1', 'pods')!;
  const { object: old } = create(podOf({}));
  const { object: image } = create(podOf({ image: 'nginx:2', imagePullPolicy: 'Always' }));
  expect(definition.validateUpdate!(image, old, context)).toEqual([]);
  const { object: command } = create(podOf({ command: ['sleep', '1000'] }));
  const [error] = definition.validateUpdate!(command, old, context);
  expect(error!.detail).toContain(
    '@@ -5,7 +5,10 @@\n   {\n    "Name": "c",\n    "Image": "nginx",\n-   "Command": null,\n+   "Command": [\n+    "sleep",\n+    "1000"\n+   ],\n    "Args": null,',
  );
});

/** An object with every field of its type: empty where it holds others, down to a depth. */
function filled(type: FieldType, depth: number): unknown {
  switch (type.kind) {
    case 'struct': {
      if (depth === 0) return {};
      return Object.fromEntries([...type.struct.fields.values()].map((f) => [f.name, filled(f.type, depth - 1)]));
    }
    case 'list':
      return [filled(type.items, depth)];
    case 'map':
      return { key: filled(type.items, depth) };
    case 'int32':
    case 'int64':
    case 'double':
      return 0;
    case 'boolean':
      return true;
    case 'quantity':
      return '1';
    case 'time':
    case 'microTime':
      return '2026-01-01T00:00:00Z';
    case 'object':
    case 'any':
      return {};
    default:
      return type.kind === 'intOrString' ? 0 : '';
  }
}

test.each(kinds.filter((k) => k.verbs!.includes('create')))(
  '$kind of $group survives whatever fields it has or lacks',
  (definition) => {
    const { group, version, kind } = definition;
    const apiVersion = group === '' ? version : `${group}/${version}`;
    const type = typeForKind(apiVersion, kind)!;
    const manifests: Manifest[] = [{ apiVersion, kind, metadata: { name: 'x' } }];
    for (let depth = 1; depth < 8; depth++) {
      const fields = [...type.fields.values()].filter((f) => f.name !== 'metadata');
      const body = Object.fromEntries(fields.map((f) => [f.name, filled(f.type, depth)]));
      manifests.push({ ...body, apiVersion, kind, metadata: { name: 'x', namespace: 'default' } });
    }
    let previous: KubeObject | undefined;
    for (const manifest of manifests) {
      const { object } = create(manifest);
      definition.columns?.forEach((c) =>
        expect(['string', 'number', 'boolean']).toContain(typeof c.value(object, now)),
      );
      definition.warnings?.(object, undefined, context);
      if (previous) definition.validateUpdate?.(object, previous, context);
      if (previous) definition.prepareForUpdate?.(structuredClone(object) as never, previous, context);
      previous = object;
    }
  },
);
