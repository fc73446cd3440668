import { rfc3339 } from '../../world/index.ts';
import type { Container as RuntimeContainer } from '../../runtime/index.ts';
import type { Pod } from '../types.ts';
import {
  isSidecar,
  type ContainerRecord,
  type ContainerSpec,
  type ContainerStatus,
  type PodCondition,
} from './types.ts';

/** Pod status as the kubelet reports it (packages kubelet and kubelet/status). */

export interface PodObservation {
  pod: Pod;
  records: ReadonlyMap<string, ContainerRecord>;
  /** Unix ms. */
  now: number;
  startTime: string;
  hostIP: string;
  podIP: string | undefined;
  /** The sandbox runs and has its network. */
  sandboxReady: boolean;
  /** Nothing of the Pod may run again: it was evicted or its deadline passed. */
  failure?: { reason: string; message: string };
  /** Why the node has ended the Pod: shown as condition DisruptionTarget. */
  disruption?: string;
  /** The Pod is being ended, so what runs no more will not run again. */
  terminating: boolean;
}

export function makePodStatus(observed: PodObservation): Pod['status'] {
  const { pod, records } = observed;
  const { spec } = pod;
  const hasInit = (spec.initContainers?.length ?? 0) > 0;
  const waiting = hasInit ? 'PodInitializing' : 'ContainerCreating';
  const initStatuses = statusesOf(spec.initContainers, records, 'PodInitializing');
  const statuses = statusesOf(spec.containers, records, waiting);
  if (statuses.length > 1) statuses.sort((a, b) => (a.name < b.name ? -1 : 1));
  const ephemeral = statusesOf(spec.ephemeralContainers as ContainerSpec[] | undefined, records, 'ContainerCreating');
  if (observed.terminating) settle(pod, statuses, initStatuses);
  const phase = observed.failure ? 'Failed' : podPhase(pod, initStatuses, statuses, observed.terminating);
  if (phase === 'Failed' || phase === 'Succeeded' || observed.terminating) {
    for (const status of [...initStatuses, ...statuses])
      if (!status.state?.running)
        Object.assign(status, { ready: isDoneInit(spec, status, initStatuses), started: false });
  }
  const { podIP, hostIP } = observed;
  const previous = pod.status as Record<string, unknown>;
  // Member by member: this is made several times for every Pod, and spreading optional parts costs much more.
  const status: Record<string, unknown> = {};
  if (pod.metadata.generation !== undefined) status['observedGeneration'] = pod.metadata.generation;
  status['phase'] = phase;
  status['conditions'] = makeConditions(observed, phase, initStatuses, statuses);
  if (observed.failure) Object.assign(status, observed.failure);
  else if (previous['nominatedNodeName']) status['nominatedNodeName'] = previous['nominatedNodeName'];
  status['hostIP'] = hostIP;
  status['hostIPs'] = [{ ip: hostIP }];
  if (podIP !== undefined) {
    status['podIP'] = podIP;
    status['podIPs'] = [{ ip: podIP }];
  }
  status['startTime'] = observed.startTime;
  if (initStatuses.length > 0) status['initContainerStatuses'] = initStatuses;
  if (statuses.length > 0) status['containerStatuses'] = statuses;
  if (ephemeral.length > 0) status['ephemeralContainerStatuses'] = ephemeral;
  status['qosClass'] = previous['qosClass'] ?? qosClass(pod);
  if (previous['resize'] !== undefined) status['resize'] = previous['resize'];
  return status as unknown as Pod['status'];
}

/**
 * Once a Pod has ended, all of its containers have: what became of those that nobody knows of is a failure
 * (kubelet/status, TerminatePod).
 */
function settle(pod: Pod, statuses: readonly ContainerStatus[], initStatuses: readonly ContainerStatus[]): void {
  if ((pod.spec.initContainers ?? []).length > 0 && !hasInitialized(statuses, initStatuses)) return;
  for (const status of statuses) {
    const { waiting } = status.state ?? {};
    if (!waiting) continue;
    const { terminated: last } = status.lastState ?? {};
    // What waited for its restart stays as it ended.
    const terminated = last ?? { ...lost, startedAt: null, finishedAt: null };
    Object.assign(status, { state: { terminated }, ...(last ? { lastState: {} } : undefined) });
  }
}

/** Whether main containers have ever been due: one has run, or the last init container has succeeded. */
function hasInitialized(statuses: readonly ContainerStatus[], initStatuses: readonly ContainerStatus[]): boolean {
  if (statuses.some(({ state, lastState }) => !state?.waiting || lastState?.terminated)) return true;
  const last = initStatuses.at(-1);
  return last?.state?.terminated?.exitCode === 0 || last?.lastState?.terminated?.exitCode === 0;
}

const lost = {
  exitCode: 137,
  reason: 'ContainerStatusUnknown',
  message: 'The container could not be located when the pod was terminated',
};

/** A finished init container counts as ready for ever. */
function isDoneInit(spec: Pod['spec'], status: ContainerStatus, initStatuses: readonly ContainerStatus[]): boolean {
  if (!initStatuses.includes(status)) return false;
  const container = spec.initContainers?.find((c) => c.name === status.name);
  return !isSidecar(container as ContainerSpec) && status.state?.terminated?.exitCode === 0;
}

const noStatuses: ContainerStatus[] = [];

function statusesOf(
  containers: readonly ContainerSpec[] | undefined,
  records: ReadonlyMap<string, ContainerRecord>,
  reason: string,
): ContainerStatus[] {
  if (!containers || containers.length === 0) return noStatuses;
  return containers.map((c) => containerStatus(c, records.get(c.name), reason));
}

function containerStatus(
  container: ContainerSpec,
  record: ContainerRecord | undefined,
  waitingReason: string,
): ContainerStatus {
  const current = record?.current;
  const status: Record<string, unknown> = {
    name: container.name,
    state: { waiting: { reason: waitingReason } },
    lastState: {},
    ready: false,
    restartCount: record?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    started: false,
  };
  if (container.volumeMounts && container.volumeMounts.length > 0)
    status['volumeMounts'] = container.volumeMounts.map((mount) => ({
      name: mount.name,
      mountPath: mount.mountPath,
      ...(mount.readOnly ? { readOnly: true, recursiveReadOnly: 'Disabled' } : undefined),
    }));
  const previous = record?.previous;
  if (previous) status['lastState'] = { terminated: terminated(previous) };
  if (record && current) {
    status['containerID'] = `containerd://${current.id}`;
    status['image'] = record.imageName;
    status['imageID'] = record.imageID;
    if (record.kind !== 'ephemeral') {
      status['resources'] = container.resources ?? {};
      if (container.resources?.requests) status['allocatedResources'] = container.resources.requests;
    }
    switch (current.state) {
      case 'created':
        status['state'] = { waiting: { reason: waitingReason } };
        break;
      case 'running':
        status['state'] = { running: { startedAt: rfc3339(current.startedAt!) } };
        status['started'] = record.kind === 'ephemeral' ? undefined : record.started;
        status['ready'] = record.kind !== 'ephemeral' && record.ready;
        break;
      case 'exited':
        status['state'] = { terminated: terminated(current) };
        status['ready'] = record.kind === 'init' && current.exitCode === 0;
    }
  }
  if (record?.waiting && current?.state !== 'running') {
    if (current?.state === 'exited') status['lastState'] = { terminated: terminated(current) };
    status['state'] = { waiting: record.waiting };
    status['ready'] = false;
  }
  if (record?.kind === 'ephemeral') delete status['started'];
  return status as unknown as ContainerStatus;
}

function terminated(container: RuntimeContainer): Record<string, unknown> {
  return {
    exitCode: container.exitCode ?? 0,
    reason: container.reason,
    ...(container.message === undefined ? undefined : { message: container.message }),
    startedAt: rfc3339(container.startedAt ?? 0),
    finishedAt: rfc3339(container.finishedAt ?? 0),
    containerID: `containerd://${container.id}`,
  };
}

/** Upstream's getPhase. */
function podPhase(
  pod: Pod,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
  terminating: boolean,
): string {
  const { spec } = pod;
  const policy = spec.restartPolicy ?? 'Always';
  let pendingInit = 0;
  let failedInit = 0;
  (spec.initContainers ?? []).forEach((container, i) => {
    if (isSidecar(container as ContainerSpec)) {
      if (!initStatuses[i]?.started) pendingInit++;
      return;
    }
    const { state, lastState } = initStatuses[i]!;
    if (state?.terminated) {
      if (state.terminated.exitCode !== 0) failedInit++;
    } else if (state?.waiting && lastState?.terminated) {
      if (lastState.terminated.exitCode !== 0) pendingInit++;
    } else pendingInit++;
  });
  let waiting = 0;
  let running = 0;
  let stopped = 0;
  let succeeded = 0;
  for (const { state, lastState } of statuses) {
    if (state?.running) running++;
    else if (state?.terminated) {
      stopped++;
      if (state.terminated.exitCode === 0) succeeded++;
    } else if (lastState?.terminated) stopped++;
    else waiting++;
  }
  const sidecarsRunning = (spec.initContainers ?? []).some(
    (c, i) => isSidecar(c as ContainerSpec) && initStatuses[i]?.state?.running,
  );
  if (failedInit > 0 && policy === 'Never') return 'Failed';
  // Mirror Pods keep their phase; all others end in a terminal one.
  if (terminating && running === 0 && waiting > 0 && !sidecarsRunning) {
    return pod.metadata.annotations?.['kubernetes.io/config.mirror'] ? (pod.status.phase ?? 'Pending') : 'Failed';
  }
  const ranBefore = running + stopped > 0;
  if ((pendingInit > 0 || failedInit > 0) && !ranBefore) return 'Pending';
  if (waiting > 0) return 'Pending';
  if (running > 0) return 'Running';
  if (stopped > 0) {
    if (sidecarsRunning && !terminating) return 'Running';
    if (policy === 'Always' && !terminating) return 'Running';
    if (stopped === succeeded) return 'Succeeded';
    if (policy === 'Never' || terminating) return 'Failed';
    return 'Running';
  }
  return 'Pending';
}

interface Verdict {
  status: 'True' | 'False';
  reason?: string;
  message?: string;
}

function makeConditions(
  observed: PodObservation,
  phase: string,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
): PodCondition[] {
  const { pod, now, sandboxReady } = observed;
  const old = (pod.status.conditions ?? []) as PodCondition[];
  const time = rfc3339(now);
  const ready = containersReady(pod, phase, initStatuses, statuses);
  const own = [
    condition(pod, old, time, 'PodReadyToStartContainers', sandboxReady ? isTrue : isFalse),
    condition(pod, old, time, 'Initialized', initialized(pod, phase, initStatuses, statuses)),
    condition(pod, old, time, 'Ready', podReady(pod, ready)),
    condition(pod, old, time, 'ContainersReady', ready),
    condition(pod, old, time, 'PodScheduled', isTrue),
  ];
  if (observed.disruption !== undefined) {
    const verdict = { status: 'True', reason: 'TerminationByKubelet', message: observed.disruption } as const;
    own.unshift(condition(pod, old, time, 'DisruptionTarget', verdict));
  }
  const others = old.filter((c) => !ownConditions.has(c.type) && !own.some(({ type }) => type === c.type));
  return others.length === 0 ? own : [...others, ...own];
}

const isTrue: Verdict = { status: 'True' };
const isFalse: Verdict = { status: 'False' };
const ownConditions = new Set(['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled']);

/** The condition as it is now, or the one there was if nothing has changed. */
function condition(
  pod: Pod,
  old: readonly PodCondition[],
  time: string,
  type: string,
  { status, reason, message }: Verdict,
): PodCondition {
  const { generation } = pod.metadata;
  const before = old.find((c) => c.type === type);
  if (
    before?.status === status &&
    before.reason === reason &&
    before.message === message &&
    before.observedGeneration === generation &&
    before.lastProbeTime === null &&
    before.lastTransitionTime
  )
    return before;
  const made: Record<string, unknown> = { type };
  if (generation !== undefined) made['observedGeneration'] = generation;
  made['status'] = status;
  made['lastProbeTime'] = null;
  made['lastTransitionTime'] = before?.status === status ? (before.lastTransitionTime ?? time) : time;
  if (reason !== undefined) made['reason'] = reason;
  if (message !== undefined) made['message'] = message;
  return made as unknown as PodCondition;
}

function podReady(pod: Pod, containers: Verdict): Verdict {
  if (containers.status !== 'True') return containers;
  const missing: string[] = [];
  for (const { conditionType } of pod.spec.readinessGates ?? []) {
    const condition = pod.status.conditions?.find((c) => c.type === conditionType);
    if (!condition) missing.push(`corresponding condition of pod readiness gate "${conditionType}" does not exist.`);
    else if (condition.status !== 'True')
      missing.push(`the status of pod readiness gate "${conditionType}" is not "True", but ${condition.status}`);
  }
  return missing.length === 0
    ? isTrue
    : { status: 'False', reason: 'ReadinessGatesNotReady', message: missing.join(', ') };
}

function containersReady(
  pod: Pod,
  phase: string,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
): Verdict {
  if (phase === 'Succeeded') return { status: 'False', reason: 'PodCompleted' };
  if (phase === 'Failed') return { status: 'False', reason: 'PodFailed' };
  const unready: string[] = [];
  (pod.spec.initContainers ?? []).forEach((c, i) => {
    if (isSidecar(c as ContainerSpec) && !initStatuses[i]?.ready) unready.push(c.name);
  });
  for (const c of pod.spec.containers) if (!statuses.find((s) => s.name === c.name)?.ready) unready.push(c.name);
  if (unready.length === 0) return isTrue;
  return {
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${unready.join(' ')}]`,
  };
}

function initialized(
  pod: Pod,
  phase: string,
  initStatuses: readonly ContainerStatus[],
  statuses: readonly ContainerStatus[],
): Verdict {
  if (phase === 'Succeeded') return { status: 'True', reason: 'PodCompleted' };
  if (statuses.some((s) => s.state?.running || s.state?.terminated || s.lastState?.terminated)) return isTrue;
  const incomplete = (pod.spec.initContainers ?? [])
    .filter((c, i) => (isSidecar(c as ContainerSpec) ? !initStatuses[i]?.started : !initStatuses[i]?.ready))
    .map((c) => c.name);
  if (incomplete.length === 0) return isTrue;
  return {
    status: 'False',
    reason: 'ContainersNotInitialized',
    message: `containers with incomplete status: [${incomplete.join(' ')}]`,
  };
}

/** Guaranteed, Burstable or BestEffort, from the containers' requests and limits for CPU and memory. */
export function qosClass(pod: Pod): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  let any = false;
  let guaranteed = true;
  for (const { resources } of containers) {
    const requests = (resources?.requests ?? {}) as Record<string, string>;
    const limits = (resources?.limits ?? {}) as Record<string, string>;
    for (const name of ['cpu', 'memory']) {
      if (name in requests || name in limits) any = true;
      if (!(name in limits) || (name in requests && requests[name] !== limits[name])) guaranteed = false;
    }
  }
  return !any ? 'BestEffort' : guaranteed ? 'Guaranteed' : 'Burstable';
}
