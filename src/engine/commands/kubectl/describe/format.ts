import { compareStrings, formatValue } from '../../../gotemplate/index.ts';
import { formatSelector, selectorFrom, type LabelSelector } from '../../../kubernetes/apimachinery/label-selector.ts';
import type { ApiMetadata } from '../client/types.ts';
import type { DescriptionWriter } from './writer.ts';

/** Texts that descriptions of many kinds share. */

/** Annotations longer than this get lines of their own, cut at it. */
const maxAnnotation = 140;

/** Set by client-side apply; too long to show. */
const hiddenAnnotations = new Set(['kubectl.kubernetes.io/last-applied-configuration']);

export type StringMap = Readonly<Record<string, string>>;

export function sortedEntries<T>(map: Readonly<Record<string, T>> | undefined | null): [string, T][] {
  return Object.entries(map ?? {}).sort(([a], [b]) => compareStrings(a, b));
}

/** A selector as it is typed on a command line; '' selects everything. */
export function selectorText(selector: LabelSelector | undefined): string {
  return formatSelector(selectorFrom(selector) ?? []);
}

export function writeLabels(
  w: DescriptionWriter,
  level: number,
  title: string,
  labels: StringMap | undefined | null,
): void {
  w.lines(
    level,
    title,
    sortedEntries(labels).map(([key, value]) => `${key}=${value}`),
  );
}

export function writeAnnotations(
  w: DescriptionWriter,
  level: number,
  title: string,
  annotations: StringMap | undefined,
): void {
  const shown = sortedEntries(annotations).filter(([key]) => !hiddenAnnotations.has(key));
  const lines = shown.flatMap(([key, whole]) => {
    const value = whole.endsWith('\n') ? whole.slice(0, -1) : whole;
    if (byteLength(value) + byteLength(key) + 2 <= maxAnnotation && !value.includes('\n')) return [`${key}: ${value}`];
    return [`${key}:`, ...value.split('\n').map((line) => `  ${shorten(line, maxAnnotation - 2)}`)];
  });
  if (lines.length === 0) w.field(level, title, '<none>');
  lines.forEach((line, i) => w.line(i === 0 ? level : 0, i === 0 ? `${title}:\t${line}` : `\t${line}`));
}

/** Name and the metadata that most descriptions begin with. */
export function writeHeader(w: DescriptionWriter, metadata: ApiMetadata): void {
  w.field(0, 'Name', metadata.name ?? '');
  w.field(0, 'Namespace', metadata.namespace ?? '');
  writeMetadata(w, metadata);
}

export function writeMetadata(w: DescriptionWriter, metadata: ApiMetadata): void {
  writeLabels(w, 0, 'Labels', metadata.labels);
  writeAnnotations(w, 0, 'Annotations', metadata.annotations);
}

export function shorten(text: string, bytes: number): string {
  const encoded = new TextEncoder().encode(text);
  return encoded.length > bytes ? `${new TextDecoder().decode(encoded.slice(0, bytes))}...` : text;
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Sun, 22 Nov 2026 18:20:52 +0000` (time.RFC1123Z) for an API timestamp; year 1 for a missing one. */
export function formatTime(timestamp: string | null | undefined): string {
  if (!timestamp) return 'Mon, 01 Jan 0001 00:00:00 +0000';
  const time = new Date(timestamp);
  const two = (n: number) => String(n).padStart(2, '0');
  const date = `${two(time.getUTCDate())} ${months[time.getUTCMonth()]} ${time.getUTCFullYear()}`;
  const clock = [time.getUTCHours(), time.getUTCMinutes(), time.getUTCSeconds()].map(two).join(':');
  return `${weekdays[time.getUTCDay()]}, ${date} ${clock} +0000`;
}

/** `[a b]`, as Go prints a list. */
export function formatList(list: readonly unknown[] | undefined): string {
  return formatValue(list ?? []);
}

export function formatBool(value: boolean | undefined | null): string {
  return value ? 'True' : 'False';
}

/** `<unset>` where the API tells absent from false. */
export function formatOptionalBool(value: boolean | undefined | null): string {
  return value === undefined || value === null ? '<unset>' : formatBool(value);
}

/** Bytes that a base64 text stands for. */
export function decodedLength(base64: string): number {
  const text = base64.replace(/=+$/, '');
  return Math.floor((text.length * 3) / 4);
}

/** host:port, with brackets around an IPv6 address (net.JoinHostPort). */
export function joinHostPort(host: string, port: number | string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
