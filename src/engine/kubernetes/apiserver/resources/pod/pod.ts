import { forbidden, invalid, type FieldError } from '../../../apimachinery/field-error.ts';
import type { Pod } from '../../../types.ts';
import { defineKind } from '../common/define.ts';
import { checkNonNegative } from '../common/validate.ts';
import type { Mutable } from '../kind.ts';
import { podColumns } from './columns.ts';
import { defaultPod, defaultPodSpec } from './defaults.ts';
import { qosClass } from './qos.ts';
import { validatePodSpec } from './validation/index.ts';
import { podWarnings } from './warnings.ts';
import { validatePodUpdate } from './update.ts';

export const pod = defineKind<Pod>('', 'v1', 'pods', {
  columns: podColumns,

  defaults({ spec }) {
    if (!spec) return;
    defaultPodSpec(spec as never);
    defaultPod(spec as never);
  },

  prepareForCreate(draft) {
    draft.status = { phase: 'Pending', qosClass: qosClass(draft as Pod) } as Mutable<Pod>['status'];
    draft.metadata.generation = 1;
    addMatchLabelKeys(draft.spec, draft.metadata.labels);
    addSpreadKeys(draft.spec, draft.metadata.labels);
    delete draft.spec?.ephemeralContainers;
    if (draft.spec?.schedulingGates?.length) {
      draft.status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          reason: 'SchedulingGated',
          message: 'Scheduling is blocked due to non-empty scheduling gates',
        },
      ] as Mutable<Pod>['status']['conditions'];
    }
  },

  validate(object): FieldError[] {
    const errors = validatePodSpec(object.spec ?? { containers: [] }, 'spec');
    errors.push(...checkNonNegative(object.metadata.deletionGracePeriodSeconds, 'metadata.deletionGracePeriodSeconds'));
    return errors;
  },

  validateUpdate(object, old, { subresource }): FieldError[] {
    if (subresource === 'status' || subresource === 'ephemeralcontainers' || subresource === 'binding') {
      return subresource === 'status' ? [] : validateEphemeralUpdate(object, old);
    }
    return subresource === 'resize' ? validateResize(object, old) : validatePodUpdate(object, old);
  },

  warnings: (object) => podWarnings(object.spec, 'spec'),

  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec.restartPolicy ?? '',
    'spec.schedulerName': ({ spec }) => spec.schedulerName ?? '',
    'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => String(spec.hostNetwork ?? false),
    'status.phase': ({ status }) => status.phase ?? '',
    'status.podIP': ({ status }) => status.podIPs?.[0]?.ip ?? '',
    'status.podIPs': ({ status }) => status.podIPs?.[0]?.ip ?? '',
    'status.nominatedNodeName': ({ status }) => status.nominatedNodeName ?? '',
  },

  /** A Pod that no kubelet has seen, or that has ended, goes at once; others get their grace period (podStrategy.CheckGracefulDelete). */
  gracePeriodSeconds({ spec, status }, requested) {
    if (!spec.nodeName || status.phase === 'Failed' || status.phase === 'Succeeded') return 0;
    const seconds = requested ?? spec.terminationGracePeriodSeconds ?? 30;
    return seconds < 0 ? 1 : seconds;
  },
});

/** New amounts leave the Pod in its class, and take nothing away (ValidatePodResize). */
function validateResize(object: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  const quality = qosClass(object);
  if (old.status.qosClass && quality !== old.status.qosClass)
    errors.push(invalid('spec', quality, 'Pod QOS Class may not change as a result of resizing'));
  object.spec.containers.forEach(({ resources }, i) => {
    const before = old.spec.containers[i]?.resources;
    for (const list of ['limits', 'requests'] as const) {
      const lost = Object.keys(before?.[list] ?? {}).some((name) => resources?.[list]?.[name] === undefined);
      if (lost) errors.push(forbidden(`spec.containers[${i}].resources.${list}`, `resource ${list} cannot be removed`));
    }
  });
  return errors;
}

/** `matchLabelKeys` and `mismatchLabelKeys` of Pod affinity become requirements on the Pod's own values (applyMatchLabelKeysAndMismatchLabelKeys). */
function addMatchLabelKeys(
  spec: Mutable<Pod>['spec'] | undefined,
  labels: Readonly<Record<string, string>> = {},
): void {
  for (const list of [spec?.affinity?.podAffinity, spec?.affinity?.podAntiAffinity]) {
    const terms = [
      ...(list?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(list?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
    ];
    for (const { labelSelector, matchLabelKeys = [], mismatchLabelKeys = [] } of terms) {
      if (!labelSelector) continue;
      const requirements = [
        ...matchLabelKeys.map((key) => ({ key, operator: 'In' })),
        ...mismatchLabelKeys.map((key) => ({ key, operator: 'NotIn' })),
      ].flatMap(({ key, operator }) => (labels[key] === undefined ? [] : [{ key, operator, values: [labels[key]] }]));
      if (requirements.length > 0)
        labelSelector.matchExpressions = [...(labelSelector.matchExpressions ?? []), ...requirements];
    }
  }
}

/** Likewise `matchLabelKeys` of topology spread (applyMatchLabelKeysToTopologySpreadConstraints). */
function addSpreadKeys(spec: Mutable<Pod>['spec'] | undefined, labels: Readonly<Record<string, string>> = {}): void {
  for (const { labelSelector, matchLabelKeys = [] } of spec?.topologySpreadConstraints ?? []) {
    if (!labelSelector) continue;
    const requirements = matchLabelKeys.flatMap((key) =>
      labels[key] === undefined ? [] : [{ key, operator: 'In', values: [labels[key]] }],
    );
    if (requirements.length > 0)
      labelSelector.matchExpressions = [...(labelSelector.matchExpressions ?? []), ...requirements];
  }
}

function validateEphemeralUpdate(object: Pod, old: Pod): FieldError[] {
  const before = old.spec.ephemeralContainers ?? [];
  const names = new Set((object.spec.ephemeralContainers ?? []).map((c) => c.name));
  const lost = before.filter((c) => !names.has(c.name));
  return lost.map((c) =>
    forbidden(
      'spec.ephemeralContainers',
      `existing ephemeral containers ${JSON.stringify(c.name)} may not be removed\n`,
    ),
  );
}
