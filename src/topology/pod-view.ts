import type { ContainerStatus, PodFields, TopologyObject } from './objects.ts';

/** How a Pod is drawn. Form, sign and text say the same thing as the colour. */
export type PodTone = 'waiting' | 'starting' | 'running' | 'ready' | 'done' | 'failing' | 'leaving';

export interface PodView {
  /** uid */
  id: string;
  namespace: string;
  name: string;
  node: string | undefined;
  /** The STATUS column of `kubectl get pods`. */
  status: string;
  tone: PodTone;
  ready: boolean;
  restarts: number;
  /** What its labels call the application it belongs to. */
  app: string | undefined;
  /** Its controller. */
  owner: { id: string; kind: string; name: string } | undefined;
  /** Keys of the claims whose volumes it mounts. */
  claims: readonly string[];
}

const known = new WeakMap<TopologyObject, PodView>();

/** Objects never change: a new state is a new object, so each is looked at once. */
export function podView(pod: TopologyObject): PodView {
  let view = known.get(pod);
  if (!view) known.set(pod, (view = lookAt(pod)));
  return view;
}

function lookAt(pod: TopologyObject): PodView {
  const { spec, status } = pod as unknown as PodFields;
  const text = podStatus(pod);
  const ready = status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
  const namespace = pod.metadata.namespace ?? 'default';
  const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
  return {
    id: pod.metadata.uid,
    namespace,
    name: pod.metadata.name,
    node: spec.nodeName,
    status: text,
    tone: toneOf(pod, text, ready),
    ready,
    restarts: (status.containerStatuses ?? []).reduce((n, c) => n + c.restartCount, 0),
    app: pod.metadata.labels?.['app.kubernetes.io/name'] ?? pod.metadata.labels?.app,
    owner: owner && { id: owner.uid, kind: owner.kind, name: owner.name },
    claims: (spec.volumes ?? []).flatMap((volume) =>
      volume.persistentVolumeClaim
        ? [`${namespace}/${volume.persistentVolumeClaim.claimName}`]
        : volume.ephemeral
          ? [`${namespace}/${pod.metadata.name}-${volume.name}`]
          : [],
    ),
  };
}

function toneOf(pod: TopologyObject, text: string, ready: boolean): PodTone {
  const { spec, status } = pod as unknown as PodFields;
  if (pod.metadata.deletionTimestamp) return 'leaving';
  if (status.phase === 'Succeeded') return 'done';
  if (status.phase === 'Failed' || /BackOff|Err|Error|OOMKilled|Invalid|Unknown/.test(text)) return 'failing';
  if (spec.nodeName === undefined) return 'waiting';
  if (status.phase === 'Running') return ready ? 'ready' : 'running';
  return 'starting';
}

/** The STATUS column as upstream's server prints it (package printers/internalversion, printPod). */
export function podStatus(pod: TopologyObject): string {
  const { spec, status } = pod as unknown as PodFields;
  let reason = status.reason || status.phase || 'Pending';
  if (status.conditions?.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated'))
    reason = 'SchedulingGated';
  const restartable = new Set(
    (spec.initContainers ?? []).filter((c) => c.restartPolicy === 'Always').map((c) => c.name),
  );
  let initializing = false;
  for (const [i, container] of (status.initContainerStatuses ?? []).entries()) {
    const { terminated, waiting } = container.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (restartable.has(container.name) && container.state?.running && (container as { started?: boolean }).started)
      continue;
    if (terminated) reason = `Init:${terminated.reason || exitText(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') reason = `Init:${waiting.reason}`;
    else reason = `Init:${i}/${spec.initContainers?.length ?? 0}`;
    initializing = true;
    break;
  }
  if (!initializing) reason = runningReason(status.containerStatuses ?? [], reason, status.conditions ?? []);
  if (pod.metadata.deletionTimestamp && status.reason === 'NodeLost') return 'Unknown';
  if (pod.metadata.deletionTimestamp && status.phase !== 'Failed' && status.phase !== 'Succeeded') return 'Terminating';
  return reason;
}

function runningReason(
  containers: readonly ContainerStatus[],
  start: string,
  conditions: readonly { type: string; status: string }[],
): string {
  let reason = start;
  let running = false;
  for (const container of [...containers].reverse()) {
    const { waiting, terminated } = container.state ?? {};
    if (waiting?.reason) reason = waiting.reason;
    else if (terminated) reason = terminated.reason || exitText(terminated);
    else if (container.ready && container.state?.running) running = true;
  }
  if (reason === 'Completed' && running)
    return conditions.some((c) => c.type === 'Ready' && c.status === 'True') ? 'Running' : 'NotReady';
  return reason;
}

function exitText({ signal, exitCode }: { signal?: number; exitCode?: number }): string {
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode ?? 0}`;
}
