import type { IDaemonSet } from 'kubernetes-models/apps/v1/DaemonSet';
import { invalid, notSupported, required, type FieldError } from '../../apimachinery/field-error.ts';
import { formatLabels, type LabelSelector } from '../../apimachinery/label-selector.ts';
import { ageColumn, column, nameColumn } from './common/columns.ts';
import { defineKind } from './common/define.ts';
import type { Kind } from './common/kind-type.ts';
import { checkImmutable, checkNonNegative, same } from './common/validate.ts';
import {
  countOrPercent,
  defaultTemplate,
  selectorColumn,
  templateColumns,
  validateAtMost100Percent,
  validateIntOrPercent,
  validateSelector,
  validateTemplate,
} from './common/workload.ts';
import type { Column } from './kind.ts';
import { podWarnings } from './pod/warnings.ts';

type DaemonSet = Kind<IDaemonSet, 'spec'>;

/** Kept in an annotation: how often the template changed. */
const templateGeneration = 'deprecated.daemonset.template.generation';

export const daemonSet = defineKind<DaemonSet>('apps', 'v1', 'daemonsets', {
  defaults({ spec }) {
    if (!spec) return;
    spec.updateStrategy ??= {};
    spec.updateStrategy.type ||= 'RollingUpdate';
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {};
      spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
      spec.updateStrategy.rollingUpdate.maxSurge ??= 0;
    }
    spec.revisionHistoryLimit ??= 10;
    spec.template ??= {};
    defaultTemplate(spec.template);
  },

  prepareForCreate(draft) {
    draft.status = { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 };
    draft.metadata.generation = 1;
    draft.metadata.annotations = { ...draft.metadata.annotations, [templateGeneration]: '1' };
  },

  prepareForUpdate(draft, old) {
    const before = Number(old.metadata.annotations?.[templateGeneration] ?? 1);
    const templateChanged = !same(draft.spec?.template, old.spec.template);
    draft.metadata.annotations = {
      ...draft.metadata.annotations,
      [templateGeneration]: String(templateChanged ? before + 1 : before),
    };
  },

  validate({ spec }): FieldError[] {
    const selector = spec.selector as LabelSelector | undefined;
    const errors = validateSelector(selector, 'spec.selector', 'daemonset');
    errors.push(...validateTemplate(spec.template as never, selector, 'spec.template', 'DaemonSet'));
    errors.push(...checkNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'));
    errors.push(...validateUpdateStrategy(spec.updateStrategy, 'spec.updateStrategy'));
    errors.push(...checkNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'));
    return errors;
  },

  validateUpdate: (object, old) => checkImmutable(object.spec.selector, old.spec.selector, 'spec.selector'),

  warnings: ({ spec }) => podWarnings(spec.template?.spec, 'spec.template.spec'),

  columns: [
    nameColumn as Column<DaemonSet>,
    column('Desired', 'Nodes that should run a Pod.', ({ status }) => status?.desiredNumberScheduled ?? 0, 'integer'),
    column('Current', 'Nodes that run one.', ({ status }) => status?.currentNumberScheduled ?? 0, 'integer'),
    column('Ready', 'Nodes whose Pod is ready.', ({ status }) => status?.numberReady ?? 0, 'integer'),
    column(
      'Up-to-date',
      'Nodes with a Pod of the present template.',
      ({ status }) => status?.updatedNumberScheduled ?? 0,
      'integer',
    ),
    column('Available', 'Nodes whose Pod is available.', ({ status }) => status?.numberAvailable ?? 0, 'integer'),
    column('Node Selector', 'Which nodes are meant.', ({ spec }) => formatLabels(spec.template?.spec?.nodeSelector)),
    ageColumn as Column<DaemonSet>,
    ...templateColumns<DaemonSet>(),
    selectorColumn<DaemonSet>(),
  ],
});

function validateUpdateStrategy(strategy: DaemonSet['spec']['updateStrategy'], path: string): FieldError[] {
  const type: string = strategy?.type ?? '';
  if (type === 'OnDelete') return [];
  if (type !== 'RollingUpdate') {
    const value = { Type: type, RollingUpdate: strategy?.rollingUpdate ?? null };
    return [notSupported(path, value, ['RollingUpdate', 'OnDelete'])];
  }
  const at = `${path}.rollingUpdate`;
  if (!strategy?.rollingUpdate) return [required(at)];
  const { maxUnavailable, maxSurge } = strategy.rollingUpdate;
  const hasUnavailable = countOrPercent(maxUnavailable) !== 0;
  const hasSurge = countOrPercent(maxSurge) !== 0;
  const errors = validateIntOrPercent(maxUnavailable, `${at}.maxUnavailable`);
  errors.push(...validateIntOrPercent(maxSurge, `${at}.maxSurge`));
  if (hasUnavailable && hasSurge)
    errors.push(invalid(`${at}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero'));
  if (!hasUnavailable && !hasSurge) errors.push(required(`${at}.maxUnavailable`, 'cannot be 0 when maxSurge is 0'));
  errors.push(...validateAtMost100Percent(maxUnavailable, `${at}.maxUnavailable`));
  errors.push(...validateAtMost100Percent(maxSurge, `${at}.maxSurge`));
  return errors;
}
