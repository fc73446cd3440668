import type { IPod } from 'kubernetes-models/v1/Pod';
import type { ApiMetadata } from '../client/types.ts';
import { controllerOf, type DescribeContext, listAll, wellKnown } from './describer.ts';
import type { DescriptionWriter } from './writer.ts';

/** `3 Running / 0 Waiting / 0 Succeeded / 0 Failed`: the Pods that a controller owns. @throws StatusError */
export async function podStatuses(
  context: DescribeContext,
  owner: ApiMetadata,
  labelSelector: string,
): Promise<string> {
  const counts = { Running: 0, Pending: 0, Succeeded: 0, Failed: 0 };
  for (const pod of await listAll<IPod>(context, wellKnown.pods, owner.namespace ?? '', { labelSelector })) {
    if (controllerOf(pod.metadata)?.uid !== owner.uid) continue;
    const phase = pod.status.phase as keyof typeof counts | undefined;
    if (phase && phase in counts) counts[phase]++;
  }
  return `${counts.Running} Running / ${counts.Pending} Waiting / ${counts.Succeeded} Succeeded / ${counts.Failed} Failed`;
}

export interface Condition {
  type: string;
  status: string;
  reason?: string;
}

/** The short Conditions table of workloads. */
export function writeWorkloadConditions(w: DescriptionWriter, conditions: readonly Condition[] | undefined): void {
  if (!conditions?.length) return;
  w.line(0, 'Conditions:');
  w.table(
    1,
    ['Type', 'Status', 'Reason'],
    conditions.map((c) => [`${c.type} `, c.status, c.reason ?? '']),
  );
}
