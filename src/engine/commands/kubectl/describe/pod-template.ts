import type { IPodTemplateSpec } from 'kubernetes-models/v1/PodTemplateSpec';
import { writeContainers } from './containers.ts';
import { writeAnnotations, writeLabels } from './format.ts';
import { writeTolerations, writeTopologySpread } from './tolerations.ts';
import { writeVolumes } from './volumes.ts';
import type { DescriptionWriter } from './writer.ts';

/** The `Pod Template:` section of workloads and of `rollout history --revision`. */
export function writePodTemplate(w: DescriptionWriter, template: IPodTemplateSpec | undefined): void {
  w.line(0, 'Pod Template:');
  if (!template) return w.write(1, '<unset>');
  const { metadata = {}, spec } = template;
  writeLabels(w, 1, 'Labels', metadata.labels);
  if (Object.keys(metadata.annotations ?? {}).length > 0) writeAnnotations(w, 1, 'Annotations', metadata.annotations);
  if (spec?.serviceAccountName) w.field(1, 'Service Account', spec.serviceAccountName);
  if (spec?.initContainers?.length)
    writeContainers(w, { title: 'Init Containers', containers: spec.initContainers, nested: true });
  writeContainers(w, { title: 'Containers', containers: spec?.containers ?? [], nested: true });
  writeVolumes(w, true, spec?.volumes);
  writeTopologySpread(w, 1, spec?.topologySpreadConstraints);
  if (spec?.priorityClassName) w.field(1, 'Priority Class Name', spec.priorityClassName);
  writeLabels(w, 1, 'Node-Selectors', spec?.nodeSelector);
  writeTolerations(w, 1, spec?.tolerations);
}
