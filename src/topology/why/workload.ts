import type { PodFields, TopologyObject } from '../objects.ts';
import { messageOf, namespaceFlag, newestEvent, type Cause, type ObjectSource } from './cause.ts';
import { whyPod } from './pod.ts';

const kinds: Record<string, { kind: string; pods: string }> = {
  'apps/deployments': { kind: 'Deployment', pods: 'apps/replicasets' },
  'apps/replicasets': { kind: 'ReplicaSet', pods: '/pods' },
  'apps/statefulsets': { kind: 'StatefulSet', pods: '/pods' },
  'apps/daemonsets': { kind: 'DaemonSet', pods: '/pods' },
};

export function isWorkload(resource: string): boolean {
  return resource in kinds;
}

/** Why a Deployment, ReplicaSet, … has not (yet) what it wants, down to the Pod that is the reason. */
export function whyWorkload(resource: string, object: TopologyObject, objects: ObjectSource): Cause[] {
  const { kind, pods: ownedResource } = kinds[resource]!;
  const command = `kubectl describe ${kind.toLowerCase()} ${object.metadata.name}${namespaceFlag(object)}`;
  const desired = Number(object.spec?.replicas ?? object.status?.desiredNumberScheduled ?? 1);
  const ready = Number(object.status?.readyReplicas ?? object.status?.numberReady ?? 0);
  const params = { kind, name: object.metadata.name, desired, ready };
  if (object.spec?.paused === true) return [{ code: 'workload_paused', params, command }];
  if (desired === 0) return [{ code: 'workload_scaled_to_zero', params, command }];
  const owned = ownedBy(object, ownedResource, objects);
  const pods = ownedResource === '/pods' ? owned : owned.flatMap((set) => ownedBy(set, '/pods', objects));
  const failed = [object, ...owned]
    .map((o) => [o, newestEvent(objects, o.kind ?? kind, o, ['FailedCreate'])] as const)
    .find(([, e]) => e);
  if (failed && pods.length < desired)
    return [
      { code: 'workload_cannot_create_pods', params, evidence: messageOf(failed[1]), command },
      ...refusal(messageOf(failed[1]) ?? '', namespaceFlag(object)),
    ];
  const conditions = (object.status?.conditions ?? []) as {
    type: string;
    status: string;
    reason?: string;
    message?: string;
  }[];
  const progressing = conditions.find((c) => c.type === 'Progressing');
  const troubled = pods.find((pod) => !isReady(pod) && !pod.metadata.deletionTimestamp);
  const updated = Number(object.status?.updatedReplicas ?? desired);
  if (ready >= desired && updated >= desired && !troubled) return [{ code: 'workload_fine', params, command }];
  const code: Cause['code'] =
    progressing?.reason === 'ProgressDeadlineExceeded'
      ? 'workload_rollout_stuck'
      : ready >= desired
        ? 'workload_rolling'
        : 'workload_pods_missing';
  const outer: Cause = {
    code,
    params,
    evidence: code === 'workload_rollout_stuck' ? progressing?.message : undefined,
    command,
  };
  if (!troubled) return [outer];
  const key = `${troubled.metadata.namespace ?? 'default'}/${troubled.metadata.name}`;
  return [{ ...outer, next: { resource: '/pods', key } }, ...whyPod(troubled, objects)];
}

/** What the API server's refusal means. */
function refusal(message: string, flag: string): Cause[] {
  const quota = /exceeded quota: ([^,]+)/.exec(message);
  if (quota)
    return [
      { code: 'quota_exceeded', params: { name: quota[1]! }, command: `kubectl describe quota ${quota[1]}${flag}` },
    ];
  const account =
    /serviceaccount "(?:[^"/]+\/)?([^"]+)" not found|error looking up service account [^/]+\/([^:]+):/.exec(message);
  if (account)
    return [
      {
        code: 'account_missing',
        params: { name: account[1] ?? account[2] ?? '' },
        command: `kubectl get serviceaccounts${flag}`,
      },
    ];
  return [];
}

function ownedBy(owner: TopologyObject, resource: string, objects: ObjectSource): TopologyObject[] {
  return objects(resource).filter((o) =>
    o.metadata.ownerReferences?.some((r) => r.controller && r.uid === owner.metadata.uid),
  );
}

function isReady(pod: TopologyObject): boolean {
  const { status } = pod as unknown as PodFields;
  return (
    status.phase === 'Succeeded' || (status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false)
  );
}
