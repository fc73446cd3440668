import type { IPodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { formatLabelSelector } from '../../../kubernetes/apimachinery/label-selector.ts';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';

export const podDisruptionBudget = describer<IPodDisruptionBudget>({
  group: 'policy',
  kind: 'PodDisruptionBudget',
  async describe(w, object, context) {
    const { metadata, spec, status } = object;
    w.field(0, 'Name', metadata.name);
    w.field(0, 'Namespace', metadata.namespace);
    if (spec.minAvailable !== undefined) w.field(0, 'Min available', spec.minAvailable);
    else if (spec.maxUnavailable !== undefined) w.field(0, 'Max unavailable', spec.maxUnavailable);
    w.field(0, 'Selector', spec.selector ? formatLabelSelector(spec.selector) : '<unset>');
    w.line(0, 'Status:');
    w.field(2, 'Allowed disruptions', status.disruptionsAllowed ?? 0);
    w.field(2, 'Current', status.currentHealthy ?? 0);
    w.field(2, 'Desired', status.desiredHealthy ?? 0);
    w.field(2, 'Total', status.expectedPods ?? 0);
    await writeEvents(w, object, context);
  },
});
