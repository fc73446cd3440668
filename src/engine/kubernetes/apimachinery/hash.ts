/** Hashes and random names as controllers make them: letters and digits that spell no words (util/rand). */

export const safeAlphabet = 'bcdfghjklmnpqrstvwxz2456789';

/** Each character replaced by one of the safe alphabet (`SafeEncodeString`). */
export function safeEncode(text: string): string {
  let result = '';
  for (let i = 0; i < text.length; i++) result += safeAlphabet[text.charCodeAt(i) % safeAlphabet.length];
  return result;
}

/** 32-bit FNV-1a of the UTF-16 code units' bytes. */
export function fnv32a(text: string, seed = 0x811c9dc5): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    hash = Math.imul(hash ^ (code & 0xff), 0x01000193);
    if (code > 0xff) hash = Math.imul(hash ^ (code >> 8), 0x01000193);
  }
  return hash >>> 0;
}

/** One text for one value: keys sorted, empty and absent fields alike. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).filter(([, v]) => v !== undefined && v !== null);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${canonicalText(v)}`).join(',')}}`;
}

/** The `pod-template-hash` of a template (`ComputeHash`). @param collisionCount of the workload's status */
export function podTemplateHash(template: unknown, collisionCount?: number): string {
  const hash = fnv32a(canonicalText(template));
  return safeEncode(String(collisionCount === undefined ? hash : fnv32a(String(collisionCount), hash)));
}
