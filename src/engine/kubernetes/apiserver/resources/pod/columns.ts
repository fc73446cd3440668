import { ageSince, parseTimestamp } from '../../../apimachinery/duration.ts';
import type { Pod } from '../../../types.ts';
import { ageColumn, column, nameColumn, wideColumn } from '../common/columns.ts';
import type { Column } from '../kind.ts';

/** What `kubectl get pods` shows of a Pod (printPod of the server's printers). */
export interface PodSummary {
  ready: number;
  total: number;
  reason: string;
  restarts: number;
  /** Unix ms of the last restart; undefined without one. */
  lastRestart: number | undefined;
}

const summaries = new WeakMap<Pod, PodSummary>();

/** READY, STATUS and RESTARTS of a Pod. */
export function podSummary(pod: Pod): PodSummary {
  let summary = summaries.get(pod);
  if (!summary) summaries.set(pod, (summary = summarize(pod)));
  return summary;
}

function summarize(pod: Pod): PodSummary {
  const { spec, status } = pod;
  const phase = status.phase ?? '';
  const conditions = status.conditions ?? [];
  const isTrue = (type: string) => conditions.some((c) => c.type === type && c.status === 'True');
  let reason: string = status.reason || phase;
  if (conditions.some((c) => c.type === 'PodScheduled' && c.reason === 'SchedulingGated')) reason = 'SchedulingGated';

  const init = spec.initContainers ?? [];
  const restartable = new Set(init.filter((c) => c.restartPolicy === 'Always').map((c) => c.name));
  const total = spec.containers.length + restartable.size;
  let ready = 0;
  let restarts = 0;
  let sidecarRestarts = 0;
  let lastRestart: number | undefined;
  let lastSidecarRestart: number | undefined;
  let initializing = false;

  for (const [i, container] of (status.initContainerStatuses ?? []).entries()) {
    const isSidecar = restartable.has(container.name);
    const finished = container.lastState?.terminated?.finishedAt;
    restarts += container.restartCount;
    lastRestart = later(lastRestart, finished);
    if (isSidecar) {
      sidecarRestarts += container.restartCount;
      lastSidecarRestart = later(lastSidecarRestart, finished);
    }
    const { terminated, waiting } = container.state ?? {};
    if (terminated?.exitCode === 0) continue;
    if (isSidecar && container.started) {
      if (container.ready) ready++;
      continue;
    }
    if (terminated) reason = `Init:${terminated.reason || exitText(terminated)}`;
    else if (waiting?.reason && waiting.reason !== 'PodInitializing') reason = `Init:${waiting.reason}`;
    else reason = `Init:${i}/${init.length}`;
    initializing = true;
    break;
  }

  if (!initializing || isTrue('Initialized')) {
    restarts = sidecarRestarts;
    lastRestart = lastSidecarRestart;
    let hasRunning = false;
    for (const container of [...(status.containerStatuses ?? [])].reverse()) {
      restarts += container.restartCount;
      lastRestart = later(lastRestart, container.lastState?.terminated?.finishedAt);
      const { terminated, waiting, running } = container.state ?? {};
      if (waiting?.reason) reason = waiting.reason;
      else if (terminated) reason = terminated.reason || exitText(terminated);
      else if (container.ready && running) {
        hasRunning = true;
        ready++;
      }
    }
    if (reason === 'Completed' && hasRunning) reason = isTrue('Ready') ? 'Running' : 'NotReady';
  }

  if (pod.metadata.deletionTimestamp) {
    if (status.reason === 'NodeLost') reason = 'Unknown';
    else if (phase !== 'Failed' && phase !== 'Succeeded') reason = 'Terminating';
  }
  return { ready, total, reason, restarts, lastRestart };
}

function exitText({ signal, exitCode }: { signal?: number; exitCode: number }): string {
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

function later(last: number | undefined, finished: unknown): number | undefined {
  if (typeof finished !== 'string') return last;
  const time = parseTimestamp(finished);
  return last === undefined || time > last ? time : last;
}

function restartsText(pod: Pod, now: number): string {
  const { restarts, lastRestart } = podSummary(pod);
  if (restarts === 0 || lastRestart === undefined) return String(restarts);
  return `${restarts} (${ageSince(new Date(lastRestart).toISOString(), now)} ago)`;
}

function readinessGates({ spec, status }: Pod): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return '<none>';
  const open = gates.filter((gate) => status.conditions?.find((c) => c.type === gate.conditionType)?.status === 'True');
  return `${open.length}/${gates.length}`;
}

export const podColumns: readonly Column<Pod>[] = [
  nameColumn as Column<Pod>,
  column(
    'Ready',
    'Containers that are ready, of all containers.',
    (pod) => `${podSummary(pod).ready}/${podSummary(pod).total}`,
  ),
  column(
    'Status',
    'What the Pod is doing, from its phase and the states of its containers.',
    (pod) => podSummary(pod).reason,
  ),
  column('Restarts', 'How often its containers were restarted, and when last.', restartsText),
  ageColumn as Column<Pod>,
  wideColumn('IP', 'Address of the Pod.', ({ status }) => status.podIPs?.[0]?.ip || '<none>'),
  wideColumn('Node', 'Node it runs on.', ({ spec }) => spec.nodeName || '<none>'),
  wideColumn(
    'Nominated Node',
    'Node where room is being made for it.',
    ({ status }) => status.nominatedNodeName || '<none>',
  ),
  wideColumn('Readiness Gates', 'Extra conditions that are true, of those the Pod waits for.', readinessGates),
];
