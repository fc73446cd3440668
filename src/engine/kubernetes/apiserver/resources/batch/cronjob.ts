import type { ICronJob } from 'kubernetes-models/batch/v1/CronJob';
import { ageSince } from '../../../apimachinery/duration.ts';
import { forbidden, invalid, required, type FieldError } from '../../../apimachinery/field-error.ts';
import { formatLabelSelector, type LabelSelector } from '../../../apimachinery/label-selector.ts';
import { timeZone } from '../../../apimachinery/time-zone.ts';
import { ageColumn, column, nameColumn, wideColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkNonNegative, checkOneOf } from '../common/validate.ts';
import { containerImages, containerNames, defaultTemplate } from '../common/workload.ts';
import type { Column } from '../kind.ts';
import { podWarnings } from '../pod/warnings.ts';
import { scheduleError } from './cron-schedule.ts';
import { validateJobSpec } from './job-spec.ts';

type CronJob = Kind<ICronJob, 'spec'>;

export const cronJob = defineKind<CronJob>('batch', 'v1', 'cronjobs', {
  defaults({ spec }) {
    if (!spec) return;
    spec.concurrencyPolicy ||= 'Allow';
    spec.suspend ??= false;
    spec.successfulJobsHistoryLimit ??= 3;
    spec.failedJobsHistoryLimit ??= 1;
    if (!spec.jobTemplate) return;
    spec.jobTemplate.metadata ??= {};
    defaultTemplate(spec.jobTemplate.spec?.template);
  },

  prepareForCreate(draft) {
    draft.status = {};
    draft.metadata.generation = 1;
  },

  validate({ metadata, spec }): FieldError[] {
    const errors: FieldError[] = [];
    if ((metadata.name ?? '').length > 52) {
      errors.push(invalid('metadata.name', metadata.name, 'must be no more than 52 characters'));
    }
    const { schedule = '' } = spec;
    if (schedule === '') errors.push(required('spec.schedule'));
    else {
      const complaint = scheduleError(schedule);
      if (complaint) errors.push(invalid('spec.schedule', schedule, complaint));
      if (/TZ/.test(schedule)) {
        errors.push(
          invalid('spec.schedule', schedule, 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'),
        );
      }
    }
    if (spec.timeZone !== undefined) errors.push(...validateTimeZone(spec.timeZone, 'spec.timeZone'));
    errors.push(...checkNonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'));
    errors.push(...checkOneOf(spec.concurrencyPolicy, 'spec.concurrencyPolicy', ['Allow', 'Forbid', 'Replace']));
    const template = spec.jobTemplate?.spec;
    errors.push(...validateJobSpec(template ?? ({} as never), 'spec.jobTemplate.spec', true));
    if (template?.manualSelector) {
      errors.push(forbidden('spec.jobTemplate.spec.manualSelector', '`manualSelector` can not be set on CronJobs'));
    }
    errors.push(...checkNonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit'));
    errors.push(...checkNonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit'));
    return errors;
  },

  warnings: ({ spec }) => podWarnings(spec.jobTemplate?.spec?.template?.spec, 'spec.jobTemplate.spec.template.spec'),

  columns: [
    nameColumn as Column<CronJob>,
    column('Schedule', 'When it runs.', ({ spec }) => spec.schedule),
    column('Timezone', 'Time zone of the schedule.', ({ spec }) => spec.timeZone ?? '<none>'),
    column('Suspend', 'Whether it is paused.', ({ spec }) =>
      spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False',
    ),
    column('Active', 'Jobs that run now.', ({ status }) => status?.active?.length ?? 0, 'integer'),
    column('Last Schedule', 'When it ran last.', ({ status }, now) =>
      status?.lastScheduleTime ? ageSince(status.lastScheduleTime as string, now) : '<none>',
    ),
    ageColumn as Column<CronJob>,
    wideColumn('Containers', 'Names of the containers in the template.', ({ spec }) =>
      containerNames(spec.jobTemplate?.spec?.template as never),
    ),
    wideColumn('Images', 'Images of the containers in the template.', ({ spec }) =>
      containerImages(spec.jobTemplate?.spec?.template as never),
    ),
    wideColumn('Selector', 'Which Pods belong to its Jobs.', ({ spec }) =>
      formatLabelSelector(spec.jobTemplate?.spec?.selector as LabelSelector | undefined),
    ),
  ],
});

function validateTimeZone(zone: string, path: string): FieldError[] {
  if (zone === '') return [invalid(path, zone, 'timeZone must be nil or non-empty string')];
  if (zone.toLowerCase() === 'local')
    return [
      invalid(path, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'),
    ];
  return timeZone(zone) ? [] : [invalid(path, zone, `unknown time zone ${zone}`)];
}
