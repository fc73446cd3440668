import type { ResourceClient } from '../client.ts';
import type { Draft, KubeObject, ResourceRef } from '../types.ts';
import type { InProcessClient } from './client.ts';
import type { ApiServerCore } from './core.ts';

/** What the API server writes about itself when it starts: the groups it serves, its fairness settings, its ranges. */

type Fields = Record<string, unknown>;

/** Creates objects of kinds that are served, with their status, unless they are there. */
class Writer {
  readonly #core: ApiServerCore;
  readonly #client: InProcessClient;

  constructor(core: ApiServerCore, client: InProcessClient) {
    this.#core = core;
    this.#client = client;
  }

  create(group: string, resource: string, name: string, fields: Fields, more: Fields = {}): void {
    const served = this.#core.find(group, 'v1', resource);
    if (!served || this.#core.get(group, resource, undefined, name)) return;
    const { kind, namespaced } = served.definition;
    const ref: ResourceRef = { group, version: 'v1', resource, kind, namespaced };
    const objects: ResourceClient<KubeObject> = this.#client.resource(ref);
    const { status, ...rest } = fields;
    const metadata = { name, ...more };
    const created = objects.create({ apiVersion: served.apiVersion, kind, metadata, ...rest } as Draft);
    if (status) objects.update({ ...created, status } as KubeObject, 'status');
  }
}

export function bootstrapObjects(core: ApiServerCore, client: InProcessClient): void {
  const writer = new Writer(core, client);
  apiServices(core, writer);
  flowControl(writer);
  for (const name of ['controller-manager', 'etcd-0', 'scheduler']) {
    writer.create('', 'componentstatuses', name, { conditions: [{ type: 'Healthy', status: 'True', message: 'ok' }] });
  }
}

/** The default priority levels and flow schemas, as far as they are missing. */
export function bootstrapFlowControl(core: ApiServerCore, client: InProcessClient): void {
  flowControl(new Writer(core, client));
}

/** The range of Service addresses, before anything takes one. */
export function bootstrapServiceCidr(core: ApiServerCore, client: InProcessClient, serviceCidr: string): void {
  const finalizers = ['networking.k8s.io/service-cidr-finalizer'];
  new Writer(core, client).create(
    'networking.k8s.io',
    'servicecidrs',
    'kubernetes',
    {
      spec: { cidrs: [serviceCidr] },
      status: { conditions: [condition(core, 'Ready', 'True', '', 'Kubernetes Service CIDR is ready')] },
    },
    { finalizers },
  );
}

function condition(core: ApiServerCore, type: string, status: string, reason: string, message: string): Fields {
  return { type, status, lastTransitionTime: core.around.timestamp, reason, message };
}

/** Which group's resources win where a name is in several: higher first (pkg/controlplane/apiserver/aggregator.go). */
const groupPriorities: Readonly<Record<string, number>> = {
  '': 18000,
  apps: 17800,
  'events.k8s.io': 17750,
  'authentication.k8s.io': 17700,
  'authorization.k8s.io': 17600,
  autoscaling: 17500,
  batch: 17400,
  'certificates.k8s.io': 17300,
  'networking.k8s.io': 17200,
  policy: 17100,
  'rbac.authorization.k8s.io': 17000,
  'storage.k8s.io': 16800,
  'admissionregistration.k8s.io': 16700,
  'apiextensions.k8s.io': 16700,
  'scheduling.k8s.io': 16600,
  'coordination.k8s.io': 16500,
  'node.k8s.io': 16300,
  'discovery.k8s.io': 16200,
  'flowcontrol.apiserver.k8s.io': 16100,
  'resource.k8s.io': 15900,
};

const versionPriorities: Readonly<Record<string, number>> = {
  '/v1': 1,
  'autoscaling/v2': 30,
  'flowcontrol.apiserver.k8s.io/v1': 21,
};

function apiServices(core: ApiServerCore, writer: Writer): void {
  const seen = new Set(['apiregistration.k8s.io/v1']);
  for (const { definition } of core.served()) {
    const { group, version } = definition;
    const id = `${group}/${version}`;
    if (seen.has(id)) continue;
    seen.add(id);
    const spec = {
      ...(group && { group }),
      version,
      groupPriorityMinimum: groupPriorities[group] ?? 1000,
      versionPriority: versionPriorities[id] ?? 15,
    };
    const available = condition(core, 'Available', 'True', 'Local', 'Local APIServices are always available');
    const labels = { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' };
    writer.create(
      'apiregistration.k8s.io',
      'apiservices',
      `${version}.${group}`,
      { spec, status: { conditions: [available] } },
      { labels },
    );
  }
}

/** Name, shares, lendable percent, queues, hand size (pkg/apis/flowcontrol/bootstrap). */
const priorityLevels: readonly (readonly [string, number, number, number, number])[] = [
  ['global-default', 20, 50, 128, 6],
  ['leader-election', 10, 0, 16, 4],
  ['node-high', 40, 25, 64, 6],
  ['system', 30, 33, 64, 6],
  ['workload-high', 40, 50, 128, 6],
  ['workload-low', 100, 90, 128, 6],
];

const queueLengthLimit = 50;

interface Flow {
  name: string;
  level: string;
  precedence: number;
  by?: 'ByUser' | 'ByNamespace';
  subjects: readonly Fields[];
  resourceRules?: readonly Fields[];
  nonResourceRules?: readonly Fields[];
}

const group = (name: string): Fields => ({ kind: 'Group', group: { name } });
const user = (name: string): Fields => ({ kind: 'User', user: { name } });
const systemAccount = (name: string): Fields => ({
  kind: 'ServiceAccount',
  serviceAccount: { namespace: 'kube-system', name },
});
const everybody = [group('system:unauthenticated'), group('system:authenticated')];

function resourceRule(
  verbs: readonly string[],
  apiGroups: readonly string[],
  resources: readonly string[],
  namespaces: readonly string[] = ['*'],
  clusterScope = true,
): Fields {
  return { verbs, apiGroups, resources, ...(clusterScope && { clusterScope }), namespaces };
}

const everything = [resourceRule(['*'], ['*'], ['*'])];
const everyPath = [{ verbs: ['*'], nonResourceURLs: ['*'] }];
const leaseVerbs = ['get', 'create', 'update'];
const electionRules = [resourceRule(leaseVerbs, ['coordination.k8s.io'], ['leases'], ['*'], false)];

const flows: readonly Flow[] = [
  {
    name: 'exempt',
    level: 'exempt',
    precedence: 1,
    subjects: [group('system:masters')],
    resourceRules: everything,
    nonResourceRules: everyPath,
  },
  {
    name: 'probes',
    level: 'exempt',
    precedence: 2,
    subjects: everybody,
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/readyz', '/livez'] }],
  },
  {
    name: 'system-leader-election',
    level: 'leader-election',
    precedence: 100,
    by: 'ByUser',
    subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')],
    resourceRules: electionRules,
  },
  {
    name: 'endpoint-controller',
    level: 'workload-high',
    precedence: 150,
    by: 'ByUser',
    subjects: [
      user('system:kube-controller-manager'),
      systemAccount('endpoint-controller'),
      systemAccount('endpointslicemirroring-controller'),
    ],
    resourceRules: [resourceRule(leaseVerbs, [''], ['endpoints'], ['*'], false)],
  },
  {
    name: 'workload-leader-election',
    level: 'leader-election',
    precedence: 200,
    by: 'ByUser',
    subjects: [systemAccount('*')],
    resourceRules: electionRules,
  },
  {
    name: 'system-node-high',
    level: 'node-high',
    precedence: 400,
    by: 'ByUser',
    subjects: [group('system:nodes')],
    resourceRules: [
      resourceRule(['*'], [''], ['nodes', 'nodes/status']),
      resourceRule(['*'], ['coordination.k8s.io'], ['leases'], ['*'], false),
    ],
  },
  {
    name: 'system-nodes',
    level: 'system',
    precedence: 500,
    by: 'ByUser',
    subjects: [group('system:nodes')],
    resourceRules: everything,
    nonResourceRules: everyPath,
  },
  {
    name: 'kube-controller-manager',
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    subjects: [user('system:kube-controller-manager')],
    resourceRules: everything,
    nonResourceRules: everyPath,
  },
  {
    name: 'kube-scheduler',
    level: 'workload-high',
    precedence: 800,
    by: 'ByNamespace',
    subjects: [user('system:kube-scheduler')],
    resourceRules: everything,
    nonResourceRules: everyPath,
  },
  {
    name: 'kube-system-service-accounts',
    level: 'workload-high',
    precedence: 900,
    by: 'ByNamespace',
    subjects: [systemAccount('*')],
    resourceRules: everything,
    nonResourceRules: everyPath,
  },
  {
    name: 'service-accounts',
    level: 'workload-low',
    precedence: 9000,
    by: 'ByUser',
    subjects: [group('system:serviceaccounts')],
    resourceRules: everything,
    nonResourceRules: everyPath,
  },
  {
    name: 'global-default',
    level: 'global-default',
    precedence: 9900,
    by: 'ByUser',
    subjects: everybody,
    resourceRules: everything,
    nonResourceRules: everyPath,
  },
  {
    name: 'catch-all',
    level: 'catch-all',
    precedence: 10000,
    by: 'ByUser',
    subjects: everybody,
    resourceRules: everything,
    nonResourceRules: everyPath,
  },
];

const flowControlGroup = 'flowcontrol.apiserver.k8s.io';

function flowControl(writer: Writer): void {
  const level = (name: string, spec: Fields) =>
    writer.create(flowControlGroup, 'prioritylevelconfigurations', name, { spec });
  level('exempt', { type: 'Exempt', exempt: { nominalConcurrencyShares: 0, lendablePercent: 0 } });
  level('catch-all', {
    type: 'Limited',
    limited: { nominalConcurrencyShares: 5, lendablePercent: 0, limitResponse: { type: 'Reject' } },
  });
  for (const [name, nominalConcurrencyShares, lendablePercent, queues, handSize] of priorityLevels) {
    const limitResponse = { type: 'Queue', queuing: { queues, handSize, queueLengthLimit } };
    level(name, { type: 'Limited', limited: { nominalConcurrencyShares, lendablePercent, limitResponse } });
  }
  for (const { name, level: priorityLevel, precedence, by, subjects, resourceRules, nonResourceRules } of flows) {
    const message = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(priorityLevel)} and it exists`;
    writer.create(flowControlGroup, 'flowschemas', name, {
      spec: {
        priorityLevelConfiguration: { name: priorityLevel },
        matchingPrecedence: precedence,
        ...(by && { distinguisherMethod: { type: by } }),
        rules: [{ subjects, ...(resourceRules && { resourceRules }), ...(nonResourceRules && { nonResourceRules }) }],
      },
      status: { conditions: [{ type: 'Dangling', status: 'False', reason: 'Found', message }] },
    });
  }
}
