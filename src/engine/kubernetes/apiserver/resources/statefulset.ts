import type { IStatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../apimachinery/field-error.ts';
import type { LabelSelector } from '../../apimachinery/label-selector.ts';
import { ageColumn, column, nameColumn } from './common/columns.ts';
import { defineKind } from './common/define.ts';
import type { Kind } from './common/kind-type.ts';
import { labelSelectorScale } from './common/scale.ts';
import { checkLabels, checkNonNegative, checkOneOf, same } from './common/validate.ts';
import {
  countOrPercent,
  defaultTemplate,
  templateColumns,
  validateIntOrPercent,
  validateSelector,
  validateTemplateLabels,
  type PodTemplate,
} from './common/workload.ts';
import type { Column } from './kind.ts';
import { podWarnings } from './pod/warnings.ts';

type StatefulSet = Kind<IStatefulSet, 'spec'>;

const onlyTheseMayChange =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
  "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

const mutableFields = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const;

export const statefulSet = defineKind<StatefulSet>('apps', 'v1', 'statefulsets', {
  subresources: { scale: labelSelectorScale as never },

  defaults({ spec }) {
    if (!spec) return;
    spec.podManagementPolicy ||= 'OrderedReady';
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ||= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.partition ??= 0;
    }
    spec.persistentVolumeClaimRetentionPolicy ??= {};
    spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain';
    spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain';
    spec.replicas ??= 1;
    spec.revisionHistoryLimit ??= 10;
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.apiVersion = 'v1';
      claim.kind = 'PersistentVolumeClaim';
      if (claim.spec) claim.spec.volumeMode ??= 'Filesystem';
      claim.status = { phase: 'Pending' };
    }
    spec.template ??= {};
    defaultTemplate(spec.template);
  },

  prepareForCreate(draft) {
    draft.status = { replicas: 0, availableReplicas: 0 };
    draft.metadata.generation = 1;
  },

  validate({ spec }): FieldError[] {
    const errors = checkOneOf(spec.podManagementPolicy, 'spec.podManagementPolicy', ['OrderedReady', 'Parallel']);
    errors.push(...validateUpdateStrategy(spec.updateStrategy, 'spec.updateStrategy'));
    const retention = spec.persistentVolumeClaimRetentionPolicy;
    for (const name of ['whenDeleted', 'whenScaled'] as const) {
      const policy: string | undefined = retention?.[name];
      if (policy !== undefined && policy !== 'Retain' && policy !== 'Delete') {
        errors.push(notSupported(`spec.persistentVolumeClaimRetentionPolicy.${name}`, policy, ['Delete', 'Retain']));
      }
    }
    errors.push(...checkNonNegative(spec.replicas, 'spec.replicas'));
    errors.push(...checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'));
    errors.push(...checkNonNegative(spec.ordinals?.start, 'spec.ordinals.start'));
    const selector = spec.selector as LabelSelector | undefined;
    errors.push(...validateSelector(selector, 'spec.selector', 'statefulset'));
    errors.push(...validateStatefulTemplate(spec.template as PodTemplate | undefined, selector, 'spec.template'));
    errors.push(...checkNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'));
    return errors;
  },

  validateUpdate(object, old): FieldError[] {
    const rest = { ...object.spec } as Record<string, unknown>;
    for (const name of mutableFields) rest[name] = old.spec[name];
    return same(rest, old.spec) ? [] : [forbidden('spec', onlyTheseMayChange)];
  },

  warnings: ({ spec }) => podWarnings(spec.template?.spec, 'spec.template.spec'),

  columns: [
    nameColumn as Column<StatefulSet>,
    column(
      'Ready',
      'Pods that are ready, of those wanted.',
      ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    ),
    ageColumn as Column<StatefulSet>,
    ...templateColumns<StatefulSet>(),
  ],
});

/**
 * Upstream leaves the Pods' spec unchecked here, because mounts may name claim templates
 * (ValidatePodTemplateSpecForStatefulSet): what is wrong with it shows when a Pod is created.
 */
function validateStatefulTemplate(
  template: PodTemplate | undefined,
  selector: LabelSelector | undefined,
  path: string,
): FieldError[] {
  const errors = validateTemplateLabels(template, selector, path);
  errors.push(...checkLabels(template?.metadata?.labels, `${path}.labels`));
  const policy = template?.spec?.restartPolicy;
  if (policy && policy !== 'Always') errors.push(notSupported(`${path}.spec.restartPolicy`, policy, ['Always']));
  if (template?.spec?.activeDeadlineSeconds !== undefined) {
    errors.push(
      forbidden(`${path}.spec.activeDeadlineSeconds`, 'activeDeadlineSeconds in StatefulSet is not Supported'),
    );
  }
  return errors;
}

function validateUpdateStrategy(strategy: StatefulSet['spec']['updateStrategy'], path: string): FieldError[] {
  const type: string = strategy?.type ?? '';
  if (type === '') return [required(path)];
  if (type === 'OnDelete') {
    if (!strategy?.rollingUpdate) return [];
    return [
      invalid(`${path}.rollingUpdate`, strategy.rollingUpdate, `only allowed for updateStrategy 'RollingUpdate'`),
    ];
  }
  if (type !== 'RollingUpdate') {
    return [invalid(path, { Type: type, RollingUpdate: null }, `must be 'RollingUpdate' or 'OnDelete'`)];
  }
  const at = `${path}.rollingUpdate`;
  const { partition, maxUnavailable } = strategy?.rollingUpdate ?? {};
  const errors = checkNonNegative(partition, `${at}.partition`);
  if (maxUnavailable !== undefined) {
    errors.push(...validateIntOrPercent(maxUnavailable, `${at}.maxUnavailable`));
    if (countOrPercent(maxUnavailable) === 0)
      errors.push(invalid(`${at}.maxUnavailable`, maxUnavailable, 'cannot be 0'));
  }
  return errors;
}
