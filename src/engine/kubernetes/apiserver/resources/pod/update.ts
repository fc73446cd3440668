import { forbidden, invalid, type FieldError } from '../../../apimachinery/field-error.ts';
import type { Pod } from '../../../types.ts';
import { same } from '../common/validate.ts';
import type { Mutable } from '../kind.ts';
import { goDiff } from '../common/go-diff.ts';

/** What may change in a Pod that exists (ValidatePodUpdate, ValidatePodStatusUpdate and neighbours). */

const onlyTheseMayChange =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
  '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

export function validatePodUpdate(pod: Pod, old: Pod): FieldError[] {
  const errors: FieldError[] = [];
  if (pod.spec.containers.length !== old.spec.containers.length) {
    return [forbidden('spec.containers', 'pod updates may not add or remove containers')];
  }
  if ((pod.spec.initContainers ?? []).length !== (old.spec.initContainers ?? []).length) {
    return [forbidden('spec.initContainers', 'pod updates may not add or remove containers')];
  }
  errors.push(...validateDeadline(pod, old));
  errors.push(...validateTolerationsUpdate(pod, old));
  errors.push(...validateGatesUpdate(pod, old));
  if (errors.length > 0) return errors;

  const munged = structuredCopy(pod);
  for (const list of ['containers', 'initContainers'] as const) {
    munged.spec[list]?.forEach((container, i) => {
      const image = old.spec[list]?.[i]?.image;
      if (image === undefined) delete container.image;
      else container.image = image;
    });
  }
  keep(munged.spec, old.spec, 'activeDeadlineSeconds');
  keep(munged.spec, old.spec, 'tolerations');
  if (pod.spec.terminationGracePeriodSeconds === 1 && (old.spec.terminationGracePeriodSeconds ?? 0) < 0) {
    keep(munged.spec, old.spec, 'terminationGracePeriodSeconds');
  }
  // Pods that wait at a gate may still be steered.
  if ((old.spec.schedulingGates ?? []).length > 0) {
    keep(munged.spec, old.spec, 'schedulingGates');
    keep(munged.spec, old.spec, 'nodeSelector');
    keep(munged.spec, old.spec, 'affinity');
  }
  if (!same(munged.spec, old.spec)) {
    errors.push(forbidden('spec', `${onlyTheseMayChange}\n${goDiff('core/v1/PodSpec', old.spec, munged.spec)}`));
  }
  return errors;
}

function validateDeadline(pod: Pod, old: Pod): FieldError[] {
  const now = pod.spec.activeDeadlineSeconds;
  const before = old.spec.activeDeadlineSeconds;
  const path = 'spec.activeDeadlineSeconds';
  if (before !== undefined && now === undefined)
    return [invalid(path, null, 'must not update from a positive integer to nil value')];
  if (before !== undefined && now !== undefined && now > before) {
    return [invalid(path, now, 'must be less than or equal to previous value')];
  }
  return [];
}

function validateTolerationsUpdate(pod: Pod, old: Pod): FieldError[] {
  const tolerations = pod.spec.tolerations ?? [];
  const lost = (old.spec.tolerations ?? []).some(
    (before) => !tolerations.some((after) => same(withoutSeconds(before), withoutSeconds(after))),
  );
  return lost
    ? [forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]
    : [];
}

function withoutSeconds(toleration: object): object {
  return { ...toleration, tolerationSeconds: undefined };
}

function validateGatesUpdate(pod: Pod, old: Pod): FieldError[] {
  const before = new Set((old.spec.schedulingGates ?? []).map((gate) => gate.name));
  const added = (pod.spec.schedulingGates ?? []).filter((gate) => !before.has(gate.name));
  if (added.length === 0) return [];
  const names = added.map((gate) => gate.name).join(',');
  return [forbidden('spec.schedulingGates', `only deletion is allowed, but found new scheduling gates '${names}'`)];
}

function keep<K extends string>(target: { [P in K]?: unknown }, source: { readonly [P in K]?: unknown }, key: K): void {
  if (source[key] === undefined) delete target[key];
  else target[key] = source[key];
}

function structuredCopy(pod: Pod): Mutable<Pod> {
  return JSON.parse(JSON.stringify(pod)) as Mutable<Pod>;
}
