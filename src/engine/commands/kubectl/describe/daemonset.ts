import type { IDaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import { formatLabels } from '../../../kubernetes/apimachinery/label-selector.ts';
import { describer } from './describer.ts';
import { writeEvents } from './events.ts';
import { selectorText, writeMetadata } from './format.ts';
import { writePodTemplate } from './pod-template.ts';
import { podStatuses } from './workload.ts';

export const daemonSet = describer<IDaemonSet>({
  group: 'apps',
  kind: 'DaemonSet',
  async describe(w, object, context) {
    const { metadata, spec, status } = object;
    const selector = selectorText(spec.selector);
    w.field(0, 'Name', metadata.name);
    w.field(0, 'Namespace', metadata.namespace);
    w.field(0, 'Selector', selector);
    w.field(0, 'Node-Selector', formatLabels(spec.template.spec?.nodeSelector));
    writeMetadata(w, metadata);
    w.line(0, `Desired Number of Nodes Scheduled: ${status.desiredNumberScheduled ?? 0}`);
    w.line(0, `Current Number of Nodes Scheduled: ${status.currentNumberScheduled ?? 0}`);
    w.line(0, `Number of Nodes Scheduled with Up-to-date Pods: ${status.updatedNumberScheduled ?? 0}`);
    w.line(0, `Number of Nodes Scheduled with Available Pods: ${status.numberAvailable ?? 0}`);
    w.line(0, `Number of Nodes Misscheduled: ${status.numberMisscheduled ?? 0}`);
    w.field(0, 'Pods Status', await podStatuses(context, metadata, selector));
    writePodTemplate(w, spec.template);
    await writeEvents(w, object, context);
  },
});
