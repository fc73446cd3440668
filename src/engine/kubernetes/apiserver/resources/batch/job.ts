import type { IJob } from 'kubernetes-models/batch/v1/Job';
import { ageSince, humanDuration, parseTimestamp } from '../../../apimachinery/duration.ts';
import { invalid, type FieldError } from '../../../apimachinery/field-error.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import { goValueOf } from '../common/go-dump.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkImmutable, immutableMessage, same } from '../common/validate.ts';
import { defaultTemplate, selectorColumn, templateColumns } from '../common/workload.ts';
import type { Column, Mutable } from '../kind.ts';
import { podWarnings } from '../pod/warnings.ts';
import { defaultJobSpec, validateJobSpec } from './job-spec.ts';

type Job = Kind<IJob, 'spec'>;

export const job = defineKind<Job>('batch', 'v1', 'jobs', {
  defaults({ spec, metadata }) {
    if (!spec) return;
    defaultJobSpec(spec);
    spec.template ??= {};
    defaultTemplate(spec.template);
    const labels = spec.template?.metadata?.labels;
    const complete = spec.manualSelector || labels?.['batch.kubernetes.io/controller-uid'] !== undefined;
    if (labels && complete && isUnlabelled(metadata)) metadata.labels = { ...labels };
  },

  prepareForCreate(draft, context) {
    draft.status = {};
    draft.metadata.generation = 1;
    draft.metadata.uid ||= context.uuid();
    if (!draft.spec || draft.spec.manualSelector) return;
    generateSelector(draft as Mutable<Job>);
    // A Job without labels has those of its Pods, the generated ones included.
    if (isUnlabelled(draft.metadata)) draft.metadata.labels = { ...draft.spec.template?.metadata?.labels };
  },

  validate({ spec }): FieldError[] {
    return validateJobSpec(spec, 'spec', !spec.manualSelector);
  },

  validateUpdate(object, old): FieldError[] {
    const errors: FieldError[] = [];
    const { spec } = object;
    const indexed = spec.completionMode === 'Indexed';
    // Indexed Jobs may grow and shrink, parallelism with completions.
    if (!same(spec.completions, old.spec.completions) && !(indexed && spec.completions === spec.parallelism)) {
      errors.push(...checkImmutable(spec.completions, old.spec.completions, 'spec.completions'));
    }
    errors.push(...checkImmutable(spec.selector, old.spec.selector, 'spec.selector'));
    errors.push(...validateTemplateUpdate(object, old));
    errors.push(...checkImmutable(spec.completionMode, old.spec.completionMode, 'spec.completionMode'));
    errors.push(...checkImmutable(spec.podFailurePolicy, old.spec.podFailurePolicy, 'spec.podFailurePolicy'));
    errors.push(
      ...checkImmutable(spec.backoffLimitPerIndex, old.spec.backoffLimitPerIndex, 'spec.backoffLimitPerIndex'),
    );
    errors.push(...checkImmutable(spec.managedBy, old.spec.managedBy, 'spec.managedBy'));
    errors.push(...checkImmutable(spec.successPolicy, old.spec.successPolicy, 'spec.successPolicy'));
    return errors;
  },

  warnings: ({ spec }) => podWarnings(spec.template?.spec, 'spec.template.spec'),

  selectableFields: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },

  columns: [
    nameColumn as Column<Job>,
    column('Status', 'What became of it.', statusText),
    column('Completions', 'Pods that succeeded, of those that must.', completions),
    column('Duration', 'How long it ran.', duration),
    ageColumn as Column<Job>,
    ...templateColumns<Job>(),
    selectorColumn<Job>(),
  ],
});

function isUnlabelled({ labels }: { labels?: object }): boolean {
  return Object.keys(labels ?? {}).length === 0;
}

/** The labels by which a Job finds its Pods, old names and new ones (generateSelector). */
function generateSelector({ metadata, spec }: Mutable<Job>): void {
  const own: Record<string, string> = {
    'batch.kubernetes.io/controller-uid': metadata.uid,
    'batch.kubernetes.io/job-name': metadata.name ?? '',
    'controller-uid': metadata.uid,
    'job-name': metadata.name ?? '',
  };
  const template = spec.template as { metadata?: { labels?: Record<string, string> } };
  template.metadata = { ...template.metadata, labels: { ...template.metadata?.labels, ...own } };
  spec.selector ??= {};
  const selector = spec.selector as { matchLabels?: Record<string, string> };
  selector.matchLabels = { ...selector.matchLabels, 'batch.kubernetes.io/controller-uid': metadata.uid };
}

function validateTemplateUpdate(object: Job, old: Job): FieldError[] {
  const before = old.spec.template;
  const after = object.spec.template;
  if (same(before, after)) return [];
  const isIdle = Boolean(old.spec.suspend) && !old.status?.startTime;
  if (isIdle && same(withoutDirectives(before), withoutDirectives(after))) return [];
  const shown = { ...after?.metadata, Spec: goValueOf('core/v1/PodSpec', after?.spec) };
  return [invalid('spec.template', shown, immutableMessage)];
}

/** What may change while a Job is suspended and has never run: where and with what its Pods run. */
function withoutDirectives(template: Job['spec']['template']): unknown {
  const spec = { ...template?.spec } as Record<string, unknown>;
  for (const name of ['nodeSelector', 'affinity', 'tolerations', 'schedulingGates']) delete spec[name];
  return { spec };
}

function statusText({ metadata, spec, status }: Job): string {
  const has = (type: string) => status?.conditions?.some((c) => c.type === type && c.status === 'True') ?? false;
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  if (metadata.deletionTimestamp) return 'Terminating';
  if (spec.suspend && has('Suspended')) return 'Suspended';
  if (has('FailureTarget')) return 'FailureTarget';
  if (has('SuccessCriteriaMet')) return 'SuccessCriteriaMet';
  return 'Running';
}

function completions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 0;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function duration({ status }: Job, now: number): string {
  const start = status?.startTime as string | undefined;
  if (!start) return '';
  const ended =
    status?.completionTime ??
    status?.conditions?.find((c) => c.type === 'Failed' && c.status === 'True')?.lastTransitionTime;
  return ended ? humanDuration(parseTimestamp(ended as string) - parseTimestamp(start)) : ageSince(start, now);
}
