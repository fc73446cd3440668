import type { PodFields, TopologyObject } from '../objects.ts';
import { messageOf, newestEvent, type Cause, type ObjectSource } from './cause.ts';

/** What the scheduler's message means, by the words of its plug-ins; the first that fits is told. */
const reasons: readonly (readonly [pattern: RegExp, code: Cause['code'], parameter?: string])[] = [
  [/Insufficient ([\w./-]+)/, 'schedule_insufficient', 'resource'],
  [/untolerated taint(?:\(s\))? ?\{?([^}:,]*)/, 'schedule_taint', 'taint'],
  [/didn't match Pod's node affinity\/selector/, 'schedule_node_labels'],
  [/didn't (?:match|satisfy) (?:pod|existing pods) (?:anti-)?affinity|pod topology spread/, 'schedule_pod_affinity'],
  [
    /unbound immediate PersistentVolumeClaims|persistentvolumeclaim "([^"]*)" not found/,
    'schedule_claim_unbound',
    'claim',
  ],
  [/didn't have free ports/, 'schedule_host_port'],
];

/** Why no node has the Pod yet. */
export function whyUnscheduled(pod: TopologyObject, objects: ObjectSource, command: string): Cause[] {
  const { status } = pod as unknown as PodFields;
  const scheduled = status.conditions?.find((c) => c.type === 'PodScheduled');
  if (scheduled?.reason === 'SchedulingGated')
    return [{ code: 'pod_gated', params: {}, evidence: scheduled.message, command }];
  const evidence = scheduled?.message ?? messageOf(newestEvent(objects, 'Pod', pod, ['FailedScheduling']));
  if (!evidence) return [{ code: 'pod_not_scheduled_yet', params: {}, command }];
  return [{ code: 'pod_no_node_fits', params: {}, evidence, command }, ...reasonsIn(evidence, pod)];
}

function reasonsIn(message: string, pod: TopologyObject): Cause[] {
  return reasons.flatMap(([pattern, code, parameter]): Cause[] => {
    const match = pattern.exec(message);
    if (!match) return [];
    const params = parameter ? { [parameter]: match[1]?.trim() || '…' } : {};
    const key = `${pod.metadata.namespace ?? 'default'}/`;
    const claim = code === 'schedule_claim_unbound' ? (match[1] ?? firstClaim(pod)) : undefined;
    if (claim === undefined) return [{ code, params, command: commands[code] }];
    const next = { resource: '/persistentvolumeclaims', key: key + claim };
    return [{ code, params: { claim }, command: commands[code], next }];
  });
}

const commands: Readonly<Partial<Record<Cause['code'], string>>> = {
  schedule_insufficient: 'kubectl describe nodes',
  schedule_taint: "kubectl get nodes -o custom-columns='NAME:.metadata.name,TAINTS:.spec.taints[*].key'",
  schedule_node_labels: 'kubectl get nodes --show-labels',
  schedule_claim_unbound: 'kubectl get pvc',
};

function firstClaim(pod: TopologyObject): string | undefined {
  const volumes = (pod.spec?.volumes ?? []) as { persistentVolumeClaim?: { claimName: string } }[];
  return volumes.find((volume) => volume.persistentVolumeClaim)?.persistentVolumeClaim?.claimName;
}
