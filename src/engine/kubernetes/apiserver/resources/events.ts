import { invalid, required, type FieldError } from '../../apimachinery/field-error.ts';
import { ageSince } from '../../apimachinery/duration.ts';
import type { KubeObject } from '../../types.ts';
import { column, nameColumn, wideColumn } from './common/columns.ts';
import { defineKind } from './common/define.ts';
import type { Column, KindDefinition } from './kind.ts';

/** Events: one storage under two APIs, with other field names in each. */

interface Reference {
  kind?: string;
  namespace?: string;
  name?: string;
  fieldPath?: string;
  uid?: string;
  apiVersion?: string;
  resourceVersion?: string;
}

/** Field names of core/v1 and of events.k8s.io/v1. */
interface AnyEvent extends KubeObject {
  type?: string;
  reason?: string;
  eventTime?: string;
  involvedObject?: Reference;
  regarding?: Reference;
  message?: string;
  note?: string;
  source?: { component?: string; host?: string };
  deprecatedSource?: { component?: string; host?: string };
  firstTimestamp?: string;
  deprecatedFirstTimestamp?: string;
  lastTimestamp?: string;
  deprecatedLastTimestamp?: string;
  count?: number;
  deprecatedCount?: number;
  series?: { count?: number; lastObservedTime?: string };
  reportingComponent?: string;
  reportingController?: string;
  reportingInstance?: string;
}

const about = (event: AnyEvent) => event.involvedObject ?? event.regarding ?? {};

function firstSeen(event: AnyEvent, now: number): string {
  return ageSince(event.firstTimestamp ?? event.deprecatedFirstTimestamp ?? event.eventTime, now);
}

function lastSeen(event: AnyEvent, now: number): string {
  if (event.series) return ageSince(event.series.lastObservedTime, now);
  const last = event.lastTimestamp ?? event.deprecatedLastTimestamp;
  return last ? ageSince(last, now) : firstSeen(event, now);
}

function sourceText(event: AnyEvent): string {
  const { component, host } = event.source ?? event.deprecatedSource ?? {};
  const parts = component
    ? [component, host]
    : [event.reportingComponent ?? event.reportingController, event.reportingInstance];
  return parts.filter(Boolean).join(', ');
}

const columns: readonly Column<AnyEvent>[] = [
  column('Last Seen', 'When it happened last.', lastSeen),
  column('Type', 'Normal or Warning.', ({ type }) => type ?? ''),
  column('Reason', 'One word for what happened.', ({ reason }) => reason ?? ''),
  column('Object', 'What it is about.', (event) => {
    const { kind = '', name } = about(event);
    return name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase();
  }),
  wideColumn('Subobject', 'Which part of the object.', (event) => about(event).fieldPath ?? ''),
  wideColumn('Source', 'Who reported it.', sourceText),
  column('Message', 'What happened, in words.', (event) => (event.message ?? event.note ?? '').trim()),
  wideColumn('First Seen', 'When it happened first.', firstSeen),
  wideColumn(
    'Count',
    'How often it happened.',
    (event) => event.series?.count ?? (event.count || event.deprecatedCount || 1),
    'integer',
  ),
  { ...(nameColumn as Column<AnyEvent>), priority: 1 },
];

const selectable: Readonly<Record<string, (event: AnyEvent) => string>> = {
  reason: ({ reason }) => reason ?? '',
  type: ({ type }) => type ?? '',
  reportingComponent: (event) => event.reportingComponent ?? event.reportingController ?? '',
  source: (event) =>
    (event.source ?? event.deprecatedSource)?.component ||
    (event.reportingComponent ?? event.reportingController ?? ''),
};

const referenceFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'] as const;

function selectableFor(
  reference: 'involvedObject' | 'regarding',
): Readonly<Record<string, (event: AnyEvent) => string>> {
  const fields = referenceFields.map(
    (name) => [`${reference}.${name}`, (event: AnyEvent) => about(event)[name] ?? ''] as const,
  );
  return { ...selectable, ...Object.fromEntries(fields) };
}

/** `kubectl` and old clients write core events freely; the newer API is strict (ValidateEventCreate). */
function validate(event: AnyEvent): FieldError[] {
  const errors: FieldError[] = [];
  const namespace = about(event).namespace ?? '';
  const isNew = event.apiVersion === 'events.k8s.io/v1';
  if (namespace === '' ? event.metadata.namespace !== 'default' : namespace !== event.metadata.namespace) {
    const message = 'does not match event.namespace';
    if (!(namespace === '' && event.metadata.namespace === 'kube-system')) {
      // The internal type has one name for it, whatever the version.
      errors.push(invalid('involvedObject.namespace', namespace, message));
    }
  }
  if (isNew && event.eventTime) {
    if (!event.reportingController) errors.push(required('reportingController'));
    if (!event.reportingInstance) errors.push(required('reportingInstance'));
    if (!event.reason) errors.push(required('reason'));
    if (event.type !== 'Normal' && event.type !== 'Warning')
      errors.push(invalid('type', event.type ?? '', 'has invalid value'));
  }
  return errors;
}

function eventKind(group: string, reference: 'involvedObject' | 'regarding'): KindDefinition<AnyEvent> {
  return defineKind<AnyEvent>(group, 'v1', 'events', {
    generation: false,
    ttlSeconds: 3600,
    columns,
    validate,
    selectableFields: selectableFor(reference),
  });
}

export const coreEvent = eventKind('', 'involvedObject');
export const event = eventKind('events.k8s.io', 'regarding');
