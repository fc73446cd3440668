import type { ILease } from 'kubernetes-models/coordination.k8s.io/v1/Lease';
import type { INode } from 'kubernetes-models/v1/Node';
import type { IPod } from 'kubernetes-models/v1/Pod';
import { compareStrings } from '../../../gotemplate/index.ts';
import { ageSince } from '../../../kubernetes/apimachinery/duration.ts';
import {
  formatQuantity,
  parseQuantity,
  type Quantity,
  quantityMilliValue,
  quantityValue,
  zeroQuantity,
} from '../../../kubernetes/apimachinery/quantity.ts';
import { isForbidden } from '../framework/errors.ts';
import { type DescribeContext, describer, listAll, live, type Live, wellKnown } from './describer.ts';
import { searchEvents, writeEventTable } from './events.ts';
import { formatTime, sortedEntries, writeMetadata } from './format.ts';
import { addResources, podResources, type Resources } from './pod-resources.ts';
import { taintText } from './tolerations.ts';
import type { DescriptionWriter } from './writer.ts';

const leaseNamespace = 'kube-node-lease';

export const node = describer<INode>({
  group: '',
  kind: 'Node',
  async describe(w, object, context) {
    const { metadata, spec, status } = object;
    const pods = await runningPods(context, metadata.name);
    w.field(0, 'Name', metadata.name);
    w.field(0, 'Roles', nodeRoles(metadata.labels).join(',') || '<none>');
    writeMetadata(w, metadata);
    w.field(0, 'CreationTimestamp', formatTime(metadata.creationTimestamp));
    const taints = [...(spec.taints ?? [])].sort((a, b) =>
      compareStrings(`${a.effect},${a.key}`, `${b.effect},${b.key}`),
    );
    w.lines(0, 'Taints', taints.map(taintText));
    w.field(0, 'Unschedulable', spec.unschedulable ?? false);
    await writeLease(w, context, metadata.name);
    writeConditions(w, object);
    w.line(0, 'Addresses:');
    for (const { type, address } of status.addresses ?? []) w.field(1, type, address);
    for (const [title, list] of [
      ['Capacity', status.capacity],
      ['Allocatable', status.allocatable],
    ] as const) {
      const entries = sortedEntries(list);
      if (entries.length > 0) w.line(0, `${title}:`);
      for (const [name, quantity] of entries) w.field(1, name, quantity);
    }
    writeSystemInfo(w, object);
    if (spec.podCIDR) w.field(0, 'PodCIDR', spec.podCIDR);
    if (spec.podCIDRs?.length) w.field(0, 'PodCIDRs', spec.podCIDRs.join(','));
    if (spec.providerID) w.field(0, 'ProviderID', spec.providerID);
    if (pods) writeAllocation(w, object, pods, context.now);
    else w.field(0, 'Pods', 'not authorized');
    await writeNodeEvents(w, object, context);
  },
});

/** Names from `node-role.kubernetes.io/NAME` labels, sorted. */
function nodeRoles(labels: Readonly<Record<string, string>> = {}): string[] {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(labels)) {
    if (key.startsWith('node-role.kubernetes.io/')) roles.add(key.slice('node-role.kubernetes.io/'.length));
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return [...roles].filter(Boolean).sort(compareStrings);
}

/** Undefined for users who may see the node but not the Pods. */
async function runningPods(context: DescribeContext, name: string): Promise<Live<IPod>[] | undefined> {
  const fieldSelector = `spec.nodeName=${name},status.phase!=Failed,status.phase!=Succeeded`;
  try {
    return await listAll<IPod>(context, wellKnown.pods, '', { fieldSelector });
  } catch (error) {
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

async function writeLease(w: DescriptionWriter, context: DescribeContext, name: string): Promise<void> {
  try {
    const { spec } = live<ILease>(await context.client.get(wellKnown.leases, leaseNamespace, name));
    w.line(0, 'Lease:');
    w.field(1, 'HolderIdentity', spec.holderIdentity ?? '<unset>');
    w.field(1, 'AcquireTime', spec.acquireTime ? formatTime(spec.acquireTime) : '<unset>');
    w.field(1, 'RenewTime', spec.renewTime ? formatTime(spec.renewTime) : '<unset>');
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'StatusError') throw error;
    w.field(0, 'Lease', `Failed to get lease: ${error.message}`);
  }
}

function writeConditions(w: DescriptionWriter, { status }: Live<INode>): void {
  if (!status.conditions?.length) return;
  w.line(0, 'Conditions:');
  w.row(1, 'Type', 'Status', 'LastHeartbeatTime', 'LastTransitionTime', 'Reason', 'Message');
  w.row(1, '----', '------', '-----------------', '------------------', '------', '-------');
  for (const c of status.conditions)
    w.row(
      1,
      `${c.type} `,
      `${c.status} `,
      `${formatTime(c.lastHeartbeatTime)} `,
      `${formatTime(c.lastTransitionTime)} `,
      `${c.reason ?? ''} `,
      c.message ?? '',
    );
}

function writeSystemInfo(w: DescriptionWriter, { status }: Live<INode>): void {
  const info = status.nodeInfo;
  w.line(0, 'System Info:');
  w.field(1, 'Machine ID', info?.machineID ?? '');
  w.field(1, 'System UUID', info?.systemUUID ?? '');
  w.field(1, 'Boot ID', info?.bootID ?? '');
  w.field(1, 'Kernel Version', info?.kernelVersion ?? '');
  w.field(1, 'OS Image', info?.osImage ?? '');
  w.field(1, 'Operating System', info?.operatingSystem ?? '');
  w.field(1, 'Architecture', info?.architecture ?? '');
  w.field(1, 'Container Runtime Version', info?.containerRuntimeVersion ?? '');
  w.field(1, 'Kubelet Version', info?.kubeletVersion ?? '');
  w.field(1, 'Kube-Proxy Version', info?.kubeProxyVersion ?? '');
}

function writeAllocation(
  w: DescriptionWriter,
  { status }: Live<INode>,
  pods: readonly Live<IPod>[],
  now: number,
): void {
  const list = Object.keys(status.allocatable ?? {}).length > 0 ? status.allocatable : status.capacity;
  const allocatable: Resources = new Map(Object.entries(list ?? {}).map(([name, q]) => [name, parseQuantity(q)]));
  const of = (resources: Resources, name: string) => resources.get(name) ?? zeroQuantity;
  const share = (resources: Resources, name: string) => {
    const quantity = of(resources, name);
    return `${formatQuantity(quantity)} (${percentage(name, quantity, of(allocatable, name))}%)`;
  };

  const requests: Resources = new Map();
  const limits: Resources = new Map();
  w.field(0, 'Non-terminated Pods', `(${pods.length} in total)`);
  w.row(1, 'Namespace', 'Name', '', 'CPU Requests', 'CPU Limits', 'Memory Requests', 'Memory Limits', 'Age');
  w.row(1, '---------', '----', '', '------------', '----------', '---------------', '-------------', '---');
  for (const pod of pods) {
    const own = { requests: podResources(pod, 'requests'), limits: podResources(pod, 'limits') };
    addResources(requests, own.requests);
    addResources(limits, own.limits);
    w.row(
      1,
      pod.metadata.namespace,
      pod.metadata.name,
      '',
      share(own.requests, 'cpu'),
      share(own.limits, 'cpu'),
      share(own.requests, 'memory'),
      share(own.limits, 'memory'),
      ageSince(pod.metadata.creationTimestamp, now),
    );
  }
  w.line(0, 'Allocated resources:');
  w.line(1, '(Total limits may be over 100 percent, i.e., overcommitted.)');
  const names = [...allocatable.keys()].sort(compareStrings);
  const hugePages = names.filter((name) => name.startsWith('hugepages-'));
  const extended = names.filter((name) => !hugePages.includes(name) && !standard.has(name));
  w.table(
    1,
    ['Resource', 'Requests', 'Limits'],
    [
      ...['cpu', 'memory', 'ephemeral-storage', ...hugePages].map((name) => [
        name,
        share(requests, name),
        share(limits, name),
      ]),
      ...extended.map((name) => [name, formatQuantity(of(requests, name)), formatQuantity(of(limits, name))]),
    ],
  );
}

const standard = new Set(['cpu', 'memory', 'ephemeral-storage', 'pods']);

/** Whole per cent, rounded towards zero. */
function percentage(name: string, part: Quantity, whole: Quantity): number {
  const measure = name === 'cpu' ? quantityMilliValue : quantityValue;
  const total = measure(whole);
  return total === 0 ? 0 : Math.trunc((measure(part) / total) * 100);
}

/** Controllers refer to a node by its UID, kubelets by its name: both are asked for. */
async function writeNodeEvents(
  w: DescriptionWriter,
  { metadata }: Live<INode>,
  context: DescribeContext,
): Promise<void> {
  if (!context.showEvents) return;
  const subject = { kind: 'Node', name: metadata.name, namespace: '' };
  const byUid = await searchEvents(context, { ...subject, uid: metadata.uid ?? '' });
  const byName = await searchEvents(context, { ...subject, uid: metadata.name });
  if (byUid || byName) writeEventTable(w, [...(byUid ?? []), ...(byName ?? [])], context.now);
}
