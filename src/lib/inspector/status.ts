import type { KubeObject } from '../state/objects.svelte.ts';

export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'none';

export interface StatusView {
  /** In the words `kubectl get` uses. */
  text: string;
  tone: Tone;
}

interface ContainerState {
  waiting?: { reason?: string };
  terminated?: { reason?: string; exitCode?: number; signal?: number };
  running?: object;
}

export interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  image?: string;
  state?: ContainerState;
}

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

const badReasons = /BackOff|Err|Error|Invalid|Failed|Evicted|OOMKilled|Unknown|NotReady/;
const busyReasons = /ContainerCreating|PodInitializing|Pending|Terminating|^Init:/;

function toneOf(reason: string, ready: boolean): Tone {
  if (badReasons.test(reason)) return 'bad';
  if (busyReasons.test(reason)) return 'busy';
  if (reason === 'Completed' || reason === 'Succeeded') return 'none';
  return ready ? 'ok' : 'busy';
}

/** A Pod's STATUS column: what its containers wait for or ended with comes before its phase. */
export function podStatus(pod: KubeObject): StatusView & { ready: number; containers: number; restarts: number } {
  const status = pod.status ?? {};
  const statuses = (status.containerStatuses ?? []) as ContainerStatus[];
  const containers = ((pod.spec?.containers ?? []) as unknown[]).length;
  let reason = (status.reason as string | undefined) ?? (status.phase as string | undefined) ?? 'Unknown';
  let running = false;
  for (const { state, ready } of statuses.toReversed()) {
    if (state?.waiting?.reason) reason = state.waiting.reason;
    else if (state?.terminated) {
      const { reason: ended, signal, exitCode = 0 } = state.terminated;
      reason = ended ?? (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);
    } else if (state?.running && ready) running = true;
  }
  if (reason === 'Completed' && running) reason = 'Running';
  if (pod.metadata.deletionTimestamp) reason = status.reason === 'NodeLost' ? 'Unknown' : 'Terminating';
  const ready = statuses.filter((container) => container.ready).length;
  const restarts = statuses.reduce((sum, container) => sum + number(container.restartCount), 0);
  return { text: reason, tone: toneOf(reason, ready === containers), ready, containers, restarts };
}

interface Condition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
}

export const conditionsOf = (object: KubeObject): Condition[] => (object.status?.conditions ?? []) as Condition[];

function replicas(object: KubeObject, ready: unknown): StatusView {
  const want = number(object.spec?.replicas);
  const have = number(ready);
  const failed = conditionsOf(object).some(
    ({ type, status }) =>
      (type === 'Progressing' && status === 'False') || (type === 'ReplicaFailure' && status === 'True'),
  );
  return { text: `${have}/${want}`, tone: failed ? 'bad' : have < want ? 'busy' : 'ok' };
}

function nodeStatus(node: KubeObject): StatusView {
  const ready = conditionsOf(node).find(({ type }) => type === 'Ready')?.status === 'True';
  const text = `${ready ? 'Ready' : 'NotReady'}${node.spec?.unschedulable ? ',SchedulingDisabled' : ''}`;
  return { text, tone: ready ? (node.spec?.unschedulable ? 'warn' : 'ok') : 'bad' };
}

/** One word about how an object is, by its resource; undefined where there is nothing to say. */
export function statusOf(resource: string, object: KubeObject): StatusView | undefined {
  switch (resource) {
    case '/pods':
      return podStatus(object);
    case '/nodes':
      return nodeStatus(object);
    case 'apps/deployments':
      return replicas(object, object.status?.availableReplicas);
    case 'apps/replicasets':
    case 'apps/statefulsets':
      return replicas(object, object.status?.readyReplicas);
    case 'apps/daemonsets': {
      const [have, want] = [number(object.status?.numberReady), number(object.status?.desiredNumberScheduled)];
      return { text: `${have}/${want}`, tone: have < want ? 'busy' : 'ok' };
    }
    case '/services':
      return { text: String(object.spec?.type ?? 'ClusterIP'), tone: 'none' };
    case '/namespaces':
    case '/persistentvolumeclaims':
    case '/persistentvolumes': {
      const phase = String(object.status?.phase ?? '');
      return phase ? { text: phase, tone: /Active|Bound|Available/.test(phase) ? 'ok' : 'busy' } : undefined;
    }
    default:
      return object.metadata.deletionTimestamp ? { text: 'Terminating', tone: 'busy' } : undefined;
  }
}
