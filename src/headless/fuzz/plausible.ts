import type { Values } from './values.ts';

/** Objects that the server takes, so that the random ones meet others: references, owners, quotas, selectors. */

type Fields = Record<string, unknown>;

const labels = { app: 'web' };
const podSpec = (v: Values): Fields => ({
  containers: [
    {
      name: 'c',
      image: v.random.pick(['nginx', 'busybox:1.36', 'x/y@sha256:abc']),
      ...(v.chance(0.3) && { resources: { requests: { cpu: '100m' }, limits: { memory: '64Mi' } } }),
      ...(v.chance(0.3) && { ports: [{ containerPort: 80, name: 'http' }] }),
      ...(v.chance(0.2) && { envFrom: [{ configMapRef: { name: 'a' } }] }),
    },
  ],
  ...(v.chance(0.2) && { nodeName: 'a' }),
  ...(v.chance(0.2) && { priorityClassName: 'a' }),
  ...(v.chance(0.2) && { terminationGracePeriodSeconds: v.random.int(3) }),
});
const template = (v: Values): Fields => ({ metadata: { labels }, spec: podSpec(v) });
const workload = (v: Values): Fields => ({
  spec: { replicas: v.random.int(4), selector: { matchLabels: labels }, template: template(v) },
});

const byResource: Readonly<Record<string, (v: Values) => Fields>> = {
  pods: (v) => ({ spec: podSpec(v) }),
  deployments: workload,
  replicasets: workload,
  statefulsets: (v) => ({ spec: { ...(workload(v)['spec'] as Fields), serviceName: 'a' } }),
  daemonsets: (v) => ({ spec: { selector: { matchLabels: labels }, template: template(v) } }),
  replicationcontrollers: (v) => ({ spec: { replicas: 1, selector: labels, template: template(v) } }),
  jobs: (v) => ({ spec: { template: { spec: { ...podSpec(v), restartPolicy: 'Never' } } } }),
  cronjobs: (v) => ({
    spec: {
      schedule: '* * * * *',
      jobTemplate: { spec: { template: { spec: { ...podSpec(v), restartPolicy: 'OnFailure' } } } },
    },
  }),
  services: (v) => ({
    spec: {
      selector: labels,
      type: v.random.pick(['ClusterIP', 'NodePort', 'LoadBalancer']),
      ports: [{ port: 80, ...(v.chance(0.3) && { nodePort: 30000 + v.random.int(9) }) }],
    },
  }),
  configmaps: (v) => ({ data: { a: v.string() }, ...(v.chance(0.2) && { immutable: true }) }),
  secrets: (v) => ({ stringData: { a: v.string() } }),
  namespaces: () => ({}),
  serviceaccounts: () => ({}),
  nodes: () => ({ status: { allocatable: { cpu: '4', memory: '8Gi', pods: '110' } } }),
  persistentvolumeclaims: () => ({
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }),
  persistentvolumes: () => ({
    spec: { accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, hostPath: { path: '/x' } },
  }),
  resourcequotas: (v) => ({ spec: { hard: { pods: String(v.random.int(50)), 'count/configmaps': '20' } } }),
  limitranges: () => ({ spec: { limits: [{ type: 'Container', default: { cpu: '1' } }] } }),
  priorityclasses: (v) => ({ value: v.random.int(1000) }),
  poddisruptionbudgets: () => ({ spec: { minAvailable: 1, selector: { matchLabels: labels } } }),
  roles: () => ({ rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] }),
  rolebindings: () => ({
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'a' },
    subjects: [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }],
  }),
  ingresses: () => ({ spec: { defaultBackend: { service: { name: 'a', port: { number: 80 } } } } }),
  networkpolicies: () => ({ spec: { podSelector: {} } }),
  horizontalpodautoscalers: () => ({
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' } },
  }),
  leases: () => ({ spec: { holderIdentity: 'x', leaseDurationSeconds: 10 } }),
  widgets: (v) => ({ spec: { size: v.random.int(9), replicas: 1, items: [{ name: 'a' }, { name: 'b' }] } }),
};

/** A sound object of a resource, without its metadata; undefined for resources that have none here. */
export function plausible(resource: string, values: Values): Fields | undefined {
  return byResource[resource]?.(values);
}

/** A definition whose objects take part: two versions, subresources, a list by key, a rule. */
export const widgetDefinition: Fields = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] },
    versions: ['v1', 'v1beta1'].map((name) => ({
      name,
      served: true,
      storage: name === 'v1',
      subresources: {
        status: {},
        scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
      },
      schema: {
        openAPIV3Schema: {
          type: 'object',
          properties: {
            spec: {
              type: 'object',
              properties: {
                size: { type: 'integer', minimum: 0, default: 1 },
                replicas: { type: 'integer' },
                free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                port: { 'x-kubernetes-int-or-string': true },
                items: {
                  type: 'array',
                  'x-kubernetes-list-type': 'map',
                  'x-kubernetes-list-map-keys': ['name'],
                  items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
                },
              },
              'x-kubernetes-validations': [{ rule: '!has(self.size) || self.size < 1000', message: 'too big' }],
            },
            status: { type: 'object', properties: { replicas: { type: 'integer' } } },
          },
        },
      },
    })),
  },
};
