import { setOwn } from '../../../world/index.ts';
/** JSON as Go's encoding/json writes it: sorted keys, `<`, `>`, `&` and line separators escaped. */
export function goJson(value: unknown, indent = 0, keepOrder = false): string {
  return escapeHtml(JSON.stringify(keepOrder ? value : sortKeys(value), undefined, indent) ?? 'null');
}

/** `kubectl -o json`: four blanks of indentation and a final line break. */
export function printJson(value: unknown, keepOrder = false): string {
  return keepOrder ? `${escapeHtml(JSON.stringify(value, undefined, 4))}\n` : `${goJson(value, 4)}\n`;
}

function escapeHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A copy with the keys of all objects sorted. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (value === null || typeof value !== 'object') return value;
  const source = value as Record<string, unknown>;
  const sorted: Record<string, unknown> = {};
  for (const key of Object.keys(source).sort(byBytes)) setOwn(sorted, key, sortKeys(source[key]));
  return sorted;
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
