import type { IPersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import type { IPod } from 'kubernetes-models/v1/Pod';
import { compareStrings } from '../../../gotemplate/index.ts';
import { claimSummary } from './claims.ts';
import { type DescribeContext, describer, listAll, type Live, wellKnown } from './describer.ts';
import { writeEvents } from './events.ts';
import { formatTime } from './format.ts';

export const persistentVolumeClaim = describer<IPersistentVolumeClaim>({
  group: '',
  kind: 'PersistentVolumeClaim',
  async describe(w, object, context) {
    claimSummary(w, object, context);
    w.lines(0, 'Used By', await users(object, context));
    const conditions = object.status.conditions ?? [];
    if (conditions.length > 0) {
      w.line(0, 'Conditions:');
      w.row(1, 'Type', 'Status', 'LastProbeTime', 'LastTransitionTime', 'Reason', 'Message');
      w.row(1, '----', '------', '-----------------', '------------------', '------', '-------');
      for (const c of conditions)
        w.row(
          1,
          `${c.type} `,
          `${c.status} `,
          `${formatTime(c.lastProbeTime)} `,
          `${formatTime(c.lastTransitionTime)} `,
          `${c.reason ?? ''} `,
          c.message ?? '',
        );
    }
    await writeEvents(w, object, context);
  },
});

/** Names of the Pods that mount the claim or own it. */
async function users({ metadata }: Live<IPersistentVolumeClaim>, context: DescribeContext): Promise<string[]> {
  const pods = await listAll<IPod>(context, wellKnown.pods, metadata.namespace ?? '');
  const owners = new Set((metadata.ownerReferences ?? []).filter((o) => o.kind === 'Pod').map((o) => o.uid));
  return pods
    .filter(
      (pod) =>
        (pod.spec.volumes ?? []).some((volume) => volume.persistentVolumeClaim?.claimName === metadata.name) ||
        owners.has(pod.metadata.uid ?? ''),
    )
    .map((pod) => pod.metadata.name)
    .sort(compareStrings);
}
