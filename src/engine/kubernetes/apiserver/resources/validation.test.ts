import { describe, expect, test } from 'vitest';
import { resourceForKind, parseGroupVersion } from '../../schema/index.ts';
import { TestApi } from '../harness.test-support.ts';

/** What the server says of manifests that learners get wrong, in upstream's words. */

const api = new TestApi();

type Manifest = { apiVersion: string; kind: string } & Record<string, unknown>;

async function problems(manifest: Manifest): Promise<string[]> {
  const { group, version } = parseGroupVersion(manifest.apiVersion);
  const resource = resourceForKind(group, version, manifest.kind)!;
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const path = `${root}${resource.namespaced ? '/namespaces/default' : ''}/${resource.resource}?dryRun=All`;
  const { json } = await api.request('POST', path, { metadata: { name: 'x' }, ...manifest });
  const causes = json.details?.causes as { field: string; message: string }[] | undefined;
  return (
    causes?.map(({ field, message }) => `${field}: ${message}`) ?? (json.status === 'Failure' ? [json.message] : [])
  );
}

await api.request('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });

const service = (spec: object): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  spec: { ports: [{ port: 80 }], ...spec },
});
const quota = (spec: object): Manifest => ({ apiVersion: 'v1', kind: 'ResourceQuota', spec });
const autoscaler = (spec: object): Manifest => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  spec: { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }, ...spec },
});
const pod = (container: object, spec: object = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Pod',
  spec: { containers: [{ name: 'c', image: 'nginx', ...container }], ...spec },
});

test.each<[string, Manifest, string[]]>([
  [
    'traffic distribution',
    service({ trafficDistribution: 'x' }),
    [
      'spec.trafficDistribution: Unsupported value: "x": supported values: "PreferClose", "PreferSameNode", "PreferSameZone"',
    ],
  ],
  [
    'classes of load balancers',
    service({ loadBalancerClass: 'a/b' }),
    ["spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"],
  ],
  [
    'health checks',
    service({ type: 'LoadBalancer', healthCheckNodePort: 30001 }),
    [
      "spec.healthCheckNodePort: Invalid value: 30001: may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'",
    ],
  ],
  [
    'loopback from outside',
    service({ externalIPs: ['127.0.0.1'] }),
    ['spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)'],
  ],
  [
    'unknown scope of a quota',
    quota({ hard: { pods: '1' }, scopes: ['Foo'] }),
    [
      'spec.scopes: Invalid value: ["Foo"]: unsupported scope',
      'spec.scopes: Invalid value: ["Foo"]: unsupported scope applied to resource',
    ],
  ],
  [
    'scope that does not fit',
    quota({ hard: { cpu: '1' }, scopes: ['BestEffort'] }),
    ['spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource'],
  ],
  [
    'scopes that exclude each other',
    quota({ hard: { pods: '1' }, scopes: ['BestEffort', 'NotBestEffort'] }),
    ['spec.scopes: Invalid value: ["BestEffort","NotBestEffort"]: conflicting scopes'],
  ],
  [
    'scope selector without values',
    quota({
      hard: { pods: '1' },
      scopeSelector: { matchExpressions: [{ scopeName: 'PriorityClass', operator: 'In' }] },
    }),
    [
      "spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
    ],
  ],
  [
    'quota of nothing known',
    quota({ hard: { foo: '1' } }),
    [
      'spec.hard[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
      'spec.hard[foo]: Invalid value: "foo": must be a standard resource for quota',
    ],
  ],
  [
    'claims of a container',
    pod({ resources: { claims: [{ name: 'x' }] } }),
    ['spec.containers[0].resources.claims[0]: Not found: "x"'],
  ],
  [
    'huge pages alone',
    pod({ resources: { limits: { 'hugepages-2Mi': '2Mi' } } }),
    ['spec.containers[0].resources: Forbidden: HugePages require cpu or memory'],
  ],
  [
    'resize policy',
    pod({ resizePolicy: [{ resourceName: 'foo', restartPolicy: 'x' }] }),
    [
      'spec.containers[0].resizePolicy: Unsupported value: "foo": supported values: "cpu", "memory"',
      'spec.containers[0].resizePolicy: Unsupported value: "x": supported values: "NotRequired", "RestartContainer"',
    ],
  ],
  [
    'resources of the Pod',
    pod({}, { resources: { limits: { foo: '1' } } }),
    ['spec.resources.limits[foo]: Unsupported value: "foo": supported values: "cpu", "hugepages-", "memory"'],
  ],
  [
    'containers that ask for more than the Pod',
    pod({ resources: { requests: { cpu: '2' } } }, { resources: { requests: { cpu: '1' } } }),
    [
      'spec.resources.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 2',
    ],
  ],
  [
    'sleep beyond the grace period',
    pod({ lifecycle: { preStop: { sleep: { seconds: 31 } } } }),
    [
      'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)',
    ],
  ],
  [
    'label keys without a selector',
    pod(
      {},
      {
        topologySpreadConstraints: [
          { maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'DoNotSchedule', matchLabelKeys: ['a'] },
        ],
      },
    ),
    [
      'spec.topologySpreadConstraints[0].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set',
    ],
  ],
  [
    'toleration',
    pod({}, { tolerations: [{ operator: 'Exists', value: 'x' }] }),
    [
      `spec.tolerations[0].operator: Invalid value: {"Key":"","Operator":"Exists","Value":"x","Effect":"","TolerationSeconds":null}: value must be empty when \`operator\` is 'Exists'`,
    ],
  ],
  [
    'broken registry credentials',
    {
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/dockerconfigjson',
      stringData: { '.dockerconfigjson': 'x' },
    },
    [
      'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character \'x\' looking for beginning of value',
    ],
  ],
  [
    'volume',
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        hostPath: { path: '/a/../b' },
        volumeMode: 'X',
      },
    },
    [
      'spec.hostPath.path: Invalid value: "/a/../b": must not contain \'..\'',
      'spec.volumeMode: Unsupported value: "X": supported values: "Block", "Filesystem"',
    ],
  ],
  [
    'how fast an autoscaler goes',
    autoscaler({ behavior: { scaleUp: { stabilizationWindowSeconds: 3601, selectPolicy: 'x' } } }),
    [
      'spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600',
      'spec.behavior.scaleUp.selectPolicy: Unsupported value: "x": supported values: "Disabled", "Max", "Min"',
    ],
  ],
  [
    'metrics',
    autoscaler({ metrics: [{ type: 'Pods', pods: { metric: { name: '' }, target: { type: 'Value', value: '1' } } }] }),
    [
      'spec.metrics[0].pods.metric.name: Required value: must specify a metric name',
      'spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue',
    ],
  ],
  [
    'success policy',
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      spec: {
        completionMode: 'Indexed',
        completions: 1,
        successPolicy: { rules: [] },
        podReplacementPolicy: 'x',
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'x' }] } },
      },
    },
    [
      'spec.successPolicy.rules: Required value: at least one rules must be specified when the successPolicy is specified',
      'spec.podReplacementPolicy: Unsupported value: "x": supported values: "Failed", "TerminatingOrFailed"',
    ],
  ],
  [
    'taints and ranges of a Node',
    {
      apiVersion: 'v1',
      kind: 'Node',
      spec: {
        podCIDR: 'x',
        taints: [
          { key: 'a', effect: 'NoSchedule' },
          { key: 'a', effect: 'NoSchedule' },
        ],
      },
    },
    [
      'spec.taints[1]: Duplicate value: {"Key":"a","Value":"","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair',
      'spec.podCIDRs[0]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
  ],
  [
    'an event about elsewhere',
    { apiVersion: 'v1', kind: 'Event', involvedObject: { namespace: 'x' } },
    ['involvedObject.namespace: Invalid value: "x": does not match event.namespace'],
  ],
])('%s', async (_, manifest, expected) => {
  expect(await problems(manifest)).toEqual(expected);
});

test('a pull secret without name is only warned of', async () => {
  expect(await problems(pod({}, { imagePullSecrets: [{}] }))).toEqual([]);
});

test('local traffic of a load balancer gets a port for health checks, and gives it back', async () => {
  const path = '/api/v1/namespaces/default/services';
  const made = await api.request('POST', path, {
    metadata: { name: 'lb' },
    spec: { type: 'LoadBalancer', externalTrafficPolicy: 'Local', ports: [{ port: 80 }] },
  });
  expect(made.json.spec.healthCheckNodePort).toBeGreaterThanOrEqual(30_000);
  const spec = { ...made.json.spec, type: 'ClusterIP' };
  const after = await api.request('PUT', `${path}/lb`, { ...made.json, spec });
  expect(after.json.spec).not.toHaveProperty('healthCheckNodePort');
});

test('keys of affinity become requirements on the values of the Pod', async () => {
  const term = { topologyKey: 'z', labelSelector: {}, matchLabelKeys: ['a'], mismatchLabelKeys: ['b'] };
  const { json } = await api.request('POST', '/api/v1/namespaces/default/pods', {
    metadata: { name: 'near', labels: { a: '1', b: '2' } },
    spec: {
      containers: [{ name: 'c', image: 'x' }],
      affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
    },
  });
  const [stored] = json.spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution;
  expect(stored.labelSelector.matchExpressions).toEqual([
    { key: 'a', operator: 'In', values: ['1'] },
    { key: 'b', operator: 'NotIn', values: ['2'] },
  ]);
});

test('a resize leaves a Pod in its class and takes nothing away', async () => {
  const pods = '/api/v1/namespaces/default/pods';
  const resources = { requests: { cpu: '1', memory: '1Gi' } };
  await api.request('POST', pods, {
    metadata: { name: 'size' },
    spec: { containers: [{ name: 'c', image: 'x', resources }] },
  });
  const type = { 'content-type': 'application/strategic-merge-patch+json' };
  const resize = (wanted: object) =>
    api.request('PATCH', `${pods}/size/resize`, { spec: { containers: [{ name: 'c', resources: wanted }] } }, type);
  expect((await resize({ requests: { cpu: '2' } })).status).toBe(200);
  const limits = { cpu: '2', memory: '1Gi' };
  expect((await resize({ limits })).json.message).toContain('Pod QOS Class may not change as a result of resizing');
  expect((await resize({ requests: { cpu: null } })).json.message).toContain(
    'spec.containers[0].resources.requests: Forbidden: resource requests cannot be removed',
  );
});

describe('tokens bound to objects', () => {
  const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
  const ask = (boundObjectRef: object) => api.request('POST', path, { spec: { boundObjectRef } });

  test('only to what there is', async () => {
    const missing = await ask({ apiVersion: 'v1', kind: 'Secret', name: 'nope' });
    expect(missing.json.message).toBe('secrets "nope" not found');
    const odd = await ask({ apiVersion: 'v1', kind: 'ConfigMap', name: 'nope' });
    expect(odd.json.message).toBe('cannot bind token to object of type /v1, Kind=ConfigMap');
  });

  test('end with the object', async () => {
    const secrets = '/api/v1/namespaces/default/secrets';
    await api.request('POST', secrets, { metadata: { name: 's' } });
    const wrong = await ask({ apiVersion: 'v1', kind: 'Secret', name: 's', uid: 'bad' });
    expect(wrong.status).toBe(409);
    const { token } = (await ask({ apiVersion: 'v1', kind: 'Secret', name: 's' })).json.status;
    const authorization = `Bearer ${token}`;
    expect((await api.get('/version', { authorization })).status).toBe(200);
    await api.request('DELETE', `${secrets}/s`);
    expect((await api.get('/api', { authorization })).status).toBe(401);
  });
});
