import type { IEvent } from 'kubernetes-models/v1/Event';
import { ageSince } from '../../../kubernetes/apimachinery/duration.ts';
import type { ApiMetadata } from '../client/types.ts';
import { type DescribeContext, listAll, type Live, wellKnown } from './describer.ts';
import type { DescriptionWriter } from './writer.ts';

export interface EventSubject {
  kind?: string;
  name: string;
  namespace: string;
  uid: string;
}

/** The Events table of an object; nothing with `--show-events=false`, or when events can't be read. */
export async function writeEvents(
  w: DescriptionWriter,
  object: { kind?: string; metadata: ApiMetadata },
  context: DescribeContext,
): Promise<void> {
  if (!context.showEvents) return;
  const { name = '', namespace = '', uid = '' } = object.metadata;
  const events = await searchEvents(context, { kind: object.kind, name, namespace, uid });
  if (events) writeEventTable(w, events, context.now);
}

/** Events about an object; undefined if the server refuses to show them. */
export async function searchEvents(
  context: DescribeContext,
  subject: EventSubject,
): Promise<Live<IEvent>[] | undefined> {
  const fields = { kind: subject.kind, name: subject.name, namespace: subject.namespace, uid: subject.uid };
  const fieldSelector = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => `involvedObject.${field}=${value}`)
    .join(',');
  try {
    return await listAll<IEvent>(context, wellKnown.events, subject.namespace, { fieldSelector });
  } catch (error) {
    if (error instanceof Error && error.name === 'StatusError') return undefined;
    throw error;
  }
}

export function writeEventTable(w: DescriptionWriter, events: readonly Live<IEvent>[], now: number): void {
  if (events.length === 0) return w.field(0, 'Events', '<none>');
  const last = (event: Live<IEvent>) => (event.lastTimestamp ? Date.parse(event.lastTimestamp) : -Infinity);
  const sorted = [...events].sort((a, b) => compareTimes(last(a), last(b)));
  w.line(0, 'Events:');
  w.row(1, 'Type', 'Reason', 'Age', 'From', 'Message');
  w.row(1, '----', '------', '----', '----', '-------');
  for (const event of sorted) {
    const source = event.source?.component || event.reportingComponent || '';
    const path = event.involvedObject?.fieldPath;
    const message = (path ? `${path}: ` : '') + (event.message ?? '').trim();
    w.row(1, event.type ?? '', event.reason ?? '', eventAge(event, now), source, message);
  }
}

function compareTimes(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** `3m`, or `5s (x3 over 10m)` for an event that was seen several times. */
export function eventAge(event: Live<IEvent>, now: number): string {
  const first = ageSince(event.eventTime ?? event.firstTimestamp, now);
  if (event.series)
    return `${ageSince(event.series.lastObservedTime, now)} (x${event.series.count ?? 0} over ${first})`;
  if ((event.count ?? 0) > 1) return `${ageSince(event.lastTimestamp, now)} (x${event.count} over ${first})`;
  return first;
}
