import type { IPod } from 'kubernetes-models/v1/Pod';
import { compareStrings } from '../../../gotemplate/index.ts';
import type { LabelSelector } from '../../../kubernetes/apimachinery/label-selector.ts';
import { follow } from '../client/follow.ts';
import type { ApiObject, RestMapping } from '../client/types.ts';
import { live, type Live, wellKnown } from '../describe/describer.ts';
import { selectorText } from '../describe/format.ts';
import type { Context } from '../framework/command.ts';
import { CommandError } from '../framework/errors.ts';

/** Orders Pods by how well they serve a purpose; the first one is taken. */
export type PodOrder = (a: Live<IPod>, b: Live<IPod>) => number;

const phases = ['Running', 'Unknown', 'Pending'];

function readyCondition({ status }: Live<IPod>) {
  return status.conditions?.find((c) => c.type === 'Ready' && c.status === 'True');
}

function restarts({ status }: Live<IPod>): number {
  return Math.max(0, ...(status.containerStatuses ?? []).map((c) => c.restartCount));
}

function first(...differences: readonly number[]): number {
  return differences.find((d) => d !== 0) ?? 0;
}

function common(a: Live<IPod>, b: Live<IPod>): number {
  const phase = (pod: Live<IPod>) => phases.indexOf(pod.status.phase ?? 'Pending');
  const readySince = (pod: Live<IPod>) => readyCondition(pod)?.lastTransitionTime ?? '';
  return first(
    Number(!a.spec.nodeName) - Number(!b.spec.nodeName),
    phase(a) - phase(b),
    Number(!readyCondition(a)) - Number(!readyCondition(b)),
    compareStrings(readySince(a), readySince(b)),
  );
}

function creation(a: Live<IPod>, b: Live<IPod>): number {
  return compareStrings(a.metadata.creationTimestamp ?? '', b.metadata.creationTimestamp ?? '');
}

/** podutils.ByLogging: those that have run longest and crashed most say most. */
export const byLogging: PodOrder = (a, b) => first(common(a, b), restarts(b) - restarts(a), creation(a, b));

/** podutils.ActivePods, best first: the most stable ones. */
export const byActivity: PodOrder = (a, b) => first(common(a, b), restarts(a) - restarts(b), creation(a, b));

/** The selector of the Pods that belong to an object; undefined if its kind has none. */
export function podSelector(object: ApiObject): string | undefined {
  const spec = (object.spec ?? {}) as { selector?: unknown };
  switch (object.kind) {
    case 'Deployment':
    case 'ReplicaSet':
    case 'StatefulSet':
    case 'DaemonSet':
    case 'Job':
      return selectorText(spec.selector as LabelSelector | undefined);
    case 'ReplicationController':
    case 'Service':
      return selectorText({ matchLabels: spec.selector as Record<string, string> | undefined });
    default:
      return undefined;
  }
}

/** `no kind "ConfigMap" …`: what logs, exec and others say of an object that stands for no Pods. */
export function notAttachable(verb: string, mapping: RestMapping): CommandError {
  const version = mapping.group === '' ? `v1.${mapping.kind}` : `${mapping.version}.${mapping.kind}`;
  return new CommandError(`cannot ${verb} *${version}: selector for *${version} not implemented`);
}

/** The selector of the Pods that stand behind an object. @throws CommandError if there is none */
export function selectorOf({ object, mapping }: { object: ApiObject; mapping: RestMapping }, verb: string): string {
  const selector = podSelector(object);
  if (selector === undefined) throw notAttachable(verb, mapping);
  const { selector: labels } = (object['spec'] ?? {}) as { selector?: object };
  if (object.kind === 'Service' && Object.keys(labels ?? {}).length === 0)
    throw new CommandError(
      `cannot ${verb} *v1.Service: invalid service '${object.metadata.name}': Service is defined without a selector`,
    );
  return selector;
}

/** The Pods that a selector chooses, best first; waits for the first one. @param timeout ms @throws TimedOut */
export async function selectPods(
  { process, factory }: Pick<Context, 'process' | 'factory'>,
  namespace: string,
  labelSelector: string,
  order: PodOrder,
  timeout: number,
): Promise<Live<IPod>[]> {
  const deadline = process.world.clock.now() + timeout;
  const found: Live<IPod>[] = [];
  let isSynced = false;
  for await (const event of follow(process, factory.client(), wellKnown.pods, namespace, { labelSelector }, deadline)) {
    if (event.type === 'SYNCED') isSynced = true;
    else if (event.type === 'ADDED') found.push(live<IPod>(event.object));
    if (isSynced && found.length > 0) break;
  }
  return found.sort(order);
}
