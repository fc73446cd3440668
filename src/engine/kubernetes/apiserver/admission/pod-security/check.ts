import type { Pod } from '../../../types.ts';
import type { Level } from './policy.ts';

/** What a check looks at: a Pod, or a workload's template. */
export interface PodView {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: Pod['spec'];
}

export interface Violation {
  /** e.g. `host namespaces` */
  readonly reason: string;
  /** e.g. `hostNetwork=true` */
  readonly detail: string;
}

type Run = (pod: PodView) => Violation | undefined;

/** One rule of the Pod Security Standards: a file or a part of one, and a line in `evaluate.ts`. */
export interface Check {
  readonly id: string;
  readonly level: Exclude<Level, 'privileged'>;
  /** The check by the first minor version that has it so, oldest first. */
  readonly versions: readonly { readonly since: number; readonly run: Run; readonly overrides?: readonly string[] }[];
}

/** The part of containers, init containers and ephemeral ones that they have in common. */
export type AnyContainer = Pod['spec']['containers'][number];

/** In upstream's order. */
export function allContainers({
  initContainers = [],
  containers,
  ephemeralContainers = [],
}: Pod['spec']): AnyContainer[] {
  return [...initContainers, ...containers, ...(ephemeralContainers as AnyContainer[])];
}

export function namesOf(spec: Pod['spec'], isBad: (container: AnyContainer) => boolean): string[] {
  return allContainers(spec)
    .filter(isBad)
    .map(({ name }) => name);
}

/** `"a", "b"`. */
export function quoted(items: readonly string[]): string {
  return items.length === 0 ? '' : `"${items.join('", "')}"`;
}

export function plural(count: number, singular: string, many = `${singular}s`): string {
  return count === 1 ? singular : many;
}

/** `container "a"`, `containers "a", "b"`. */
export function containersText(names: readonly string[]): string {
  return `${plural(names.length, 'container')} ${quoted(names)}`;
}

/** Each once, sorted. */
export function sorted(values: Iterable<string>): string[] {
  return [...new Set(values)].sort();
}

/** `pod and containers "a"`: who set something that is not allowed; empty if nobody did. */
export function setters(byPod: boolean, containers: readonly string[]): string {
  return [...(byPod ? ['pod'] : []), ...(containers.length > 0 ? [containersText(containers)] : [])].join(' and ');
}

/** Rules about Linux say nothing of Pods for Windows. */
export function unlessWindows(run: Run): Run {
  return (pod) => (pod.spec.os?.name === 'windows' ? undefined : run(pod));
}

/** A Pod that has its own user namespace is root only in there. */
export function unlessOwnUsers(run: Run): Run {
  return (pod) => (pod.spec.hostUsers === false ? undefined : run(pod));
}
