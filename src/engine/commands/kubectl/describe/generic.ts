import { formatValue } from '../../../gotemplate/index.ts';
import type { ApiObject } from '../client/types.ts';
import type { DescribeContext } from './describer.ts';
import { writeEvents } from './events.ts';
import { sortedEntries, writeHeader } from './format.ts';
import type { DescriptionWriter } from './writer.ts';

/** Shown at the top, or never. */
const hidden = new Set([
  '.metadata.managedFields',
  '.metadata.name',
  '.metadata.namespace',
  '.metadata.labels',
  '.metadata.annotations',
]);

/** Describes an object of any kind by its fields. @throws StatusError */
export async function describeGeneric(
  w: DescriptionWriter,
  object: ApiObject,
  context: DescribeContext,
): Promise<void> {
  writeHeader(w, object.metadata);
  writeFields(w, 0, object, '');
  await writeEvents(w, object, context);
}

function writeFields(w: DescriptionWriter, level: number, fields: object, prefix: string): void {
  for (const [name, value] of sortedEntries(fields as Readonly<Record<string, unknown>>)) {
    const path = `${prefix}.${name}`;
    if (hidden.has(path)) continue;
    if (Array.isArray(value)) {
      w.line(level, `${fieldLabel(name)}:`);
      for (const item of value as unknown[]) {
        if (isObject(item)) writeFields(w, level + 1, item, path);
        else w.line(level + 1, scalarText(item));
      }
    } else if (isObject(value)) {
      w.line(level, `${fieldLabel(name)}:`);
      writeFields(w, level + 1, value, path);
    } else w.field(level, fieldLabel(name), scalarText(value));
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** JSON integers are int64 in Go, never in exponent form. */
function scalarText(value: unknown): string {
  return formatValue(typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value);
}

const acronyms = new Set(['API', 'URL', 'UID', 'OSB', 'GUID']);

/** `lastTransitionTime` as `Last Transition Time`; names with anything but letters and hyphens stay as they are. */
export function fieldLabel(name: string): string {
  if (!/^[\p{L}-]*$/u.test(name)) return name;
  return splitCamelCase(name)
    .map((part) => {
      const upper = part.toUpperCase();
      return acronyms.has(upper) ? upper : upper.slice(0, 1) + part.slice(1).toLowerCase();
    })
    .join(' ');
}

/** Splits where the case changes; the last capital of a run begins the word after it. */
function splitCamelCase(name: string): string[] {
  return name.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|[^\p{Lu}\p{Ll}]+/gu) ?? [];
}
