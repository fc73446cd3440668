import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { goJson } from '../../printers/json.ts';

/** Letters that a name's hash avoids: those that could make words. */
const replacements: Record<string, string> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' };

/** Ten letters from the content of a ConfigMap or Secret (kubectl's util/hash). */
export function contentHash(content: Record<string, unknown>): string {
  const hex = bytesToHex(sha256(new TextEncoder().encode(goJson(content))));
  return [...hex.slice(0, 10)].map((c) => replacements[c] ?? c).join('');
}
