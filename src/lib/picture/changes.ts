import type { Topology } from '../../topology/model.ts';

/** What of the picture a change is told of: the status of each thing, by its name. */
export type Statuses = ReadonlyMap<string, string>;

export function statusesOf({ pods, nodes, services, workloads }: Topology): Statuses {
  return new Map([
    ...nodes.map(({ name, ready }) => [`Node ${name}`, ready ? 'Ready' : 'NotReady'] as const),
    ...workloads.map((w) => [`${w.kind} ${w.name}`, w.note ?? `${w.ready}/${w.desired}`] as const),
    ...services.map(({ name, ready }) => [`Service ${name}`, `${ready}`] as const),
    ...pods.map(({ name, status, ready }) => [`Pod ${name}`, `${status}${ready ? ' ✓' : ''}`] as const),
  ]);
}

export interface Change {
  name: string;
  /** Undefined: it has gone. */
  status: string | undefined;
}

/** What differs between two moments. */
export function changesBetween(before: Statuses, after: Statuses): Change[] {
  const changes: Change[] = [];
  for (const [name, status] of after) if (before.get(name) !== status) changes.push({ name, status });
  for (const name of before.keys()) if (!after.has(name)) changes.push({ name, status: undefined });
  return changes;
}
