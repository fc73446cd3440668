import type { IJobSpec } from 'kubernetes-models/batch/v1/JobSpec';
import { invalid, notSupported, required, tooLong, type FieldError } from '../../../apimachinery/field-error.ts';
import type { LabelSelector } from '../../../apimachinery/label-selector.ts';
import { isDomainPrefixedPath } from '../../../apimachinery/names.ts';
import { checkLabelSelector, checkName, checkNonNegative } from '../common/validate.ts';
import { validateTemplateLabels } from '../common/workload.ts';
import type { Mutable } from '../kind.ts';
import { validatePodTemplate } from '../pod/validation/index.ts';

/** Specs of Jobs, on their own and in a CronJob (SetDefaults_Job, ValidateJobSpec). */

export function defaultJobSpec(spec: Mutable<IJobSpec>): void {
  // One Pod that succeeds once, unless parallelism says it is a work queue.
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : 2147483647;
  spec.completionMode ||= 'NonIndexed';
  spec.suspend ??= false;
  spec.manualSelector ??= undefined;
  if (spec.manualSelector === undefined) delete spec.manualSelector;
  spec.podReplacementPolicy ||= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed';
}

/** @param generated the selector is the server's own, so it isn't checked */
export function validateJobSpec(spec: IJobSpec, path: string, generated: boolean): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of [
    'parallelism',
    'completions',
    'activeDeadlineSeconds',
    'backoffLimit',
    'ttlSecondsAfterFinished',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
  ] as const) {
    errors.push(...checkNonNegative(spec[name], `${path}.${name}`));
  }
  errors.push(...validateIndexed(spec, path));
  errors.push(...validateFailurePolicy(spec, path));
  errors.push(...validateSuccessPolicy(spec, path));
  const replacement: string | undefined = spec.podReplacementPolicy;
  const allowed = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'];
  if (replacement !== undefined && !allowed.includes(replacement))
    errors.push(notSupported(`${path}.podReplacementPolicy`, replacement, allowed));
  if (spec.managedBy !== undefined) {
    errors.push(...checkName(spec.managedBy, `${path}.managedBy`, isDomainPrefixedPath));
    if (spec.managedBy.length > 63) errors.push(tooLong(`${path}.managedBy`, 63));
  }
  const selector = spec.selector as LabelSelector | undefined;
  if (!generated) errors.push(...checkLabelSelector(selector, `${path}.selector`));
  if (selector) errors.push(...validateTemplateLabels(spec.template as never, selector, `${path}.template`));
  const template = `${path}.template`;
  errors.push(...validatePodTemplate((spec.template ?? {}) as never, template));
  const policy: string = spec.template?.spec?.restartPolicy ?? '';
  if (policy === 'Always') {
    errors.push(required(`${template}.spec.restartPolicy`, 'valid values: "OnFailure", "Never"'));
  } else if (policy !== 'OnFailure' && policy !== 'Never') {
    errors.push(notSupported(`${template}.spec.restartPolicy`, policy, ['OnFailure', 'Never']));
  } else if (spec.podFailurePolicy && policy !== 'Never') {
    const message = 'only "Never" is supported when podFailurePolicy is specified';
    errors.push(invalid(`${template}.spec.restartPolicy`, policy, message));
  }
  return errors;
}

function validateIndexed(spec: IJobSpec, path: string): FieldError[] {
  const mode: string = spec.completionMode ?? 'NonIndexed';
  if (mode !== 'NonIndexed' && mode !== 'Indexed') {
    return [notSupported(`${path}.completionMode`, mode, ['Indexed', 'NonIndexed'])];
  }
  const errors: FieldError[] = [];
  if (mode === 'Indexed') {
    if (spec.completions === undefined) errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
    if ((spec.parallelism ?? 0) > 100000) {
      errors.push(
        invalid(
          `${path}.parallelism`,
          spec.parallelism,
          'must be less than or equal to 100000 when completion mode is Indexed',
        ),
      );
    }
  } else if (spec.backoffLimitPerIndex !== undefined) {
    errors.push(invalid(`${path}.backoffLimitPerIndex`, spec.backoffLimitPerIndex, 'requires indexed completion mode'));
  }
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'));
  }
  return errors;
}

/** Succeeding early is for Jobs with indexes. */
function validateSuccessPolicy({ successPolicy, completionMode }: IJobSpec, path: string): FieldError[] {
  if (!successPolicy) return [];
  const at = `${path}.successPolicy`;
  if (completionMode !== 'Indexed') return [invalid(at, successPolicy, 'requires indexed completion mode')];
  const rules = successPolicy.rules ?? [];
  if (rules.length === 0)
    return [required(`${at}.rules`, 'at least one rules must be specified when the successPolicy is specified')];
  return rules.flatMap(({ succeededCount, succeededIndexes }, i) => {
    if (succeededCount === undefined && succeededIndexes === undefined) {
      const message = 'at least one of succeededCount or succeededIndexes must be specified';
      return [required(`${at}.rules[${i}]`, message)];
    }
    return checkNonNegative(succeededCount, `${at}.rules[${i}].succeededCount`);
  });
}

const failureActions = ['Count', 'FailIndex', 'FailJob', 'Ignore'];

function validateFailurePolicy(spec: IJobSpec, path: string): FieldError[] {
  return (spec.podFailurePolicy?.rules ?? []).flatMap((rule, i) => {
    const at = `${path}.podFailurePolicy.rules[${i}]`;
    const errors: FieldError[] = [];
    const action: string = rule.action ?? '';
    if (!action)
      errors.push(required(`${at}.action`, `valid values: ${failureActions.map((a) => JSON.stringify(a)).join(', ')}`));
    else if (!failureActions.includes(action)) errors.push(notSupported(`${at}.action`, action, failureActions));
    if (rule.onExitCodes && rule.onPodConditions?.length) {
      errors.push(invalid(at, rule, 'specifying both OnExitCodes and OnPodConditions is not supported'));
    } else if (!rule.onExitCodes && !rule.onPodConditions?.length) {
      errors.push(invalid(at, rule, 'specifying one of OnExitCodes and OnPodConditions is required'));
    }
    const name = rule.onExitCodes?.containerName;
    const containers = [...(spec.template?.spec?.containers ?? []), ...(spec.template?.spec?.initContainers ?? [])];
    if (name && !containers.some((c) => c.name === name)) {
      errors.push(
        invalid(
          `${at}.onExitCodes.containerName`,
          name,
          'must be one of the container or initContainer names in the pod template',
        ),
      );
    }
    return errors;
  });
}
