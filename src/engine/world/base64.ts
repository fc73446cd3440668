/** Base64 (RFC 4648). */

const standard = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const digits = new Map([...standard].map((c, i) => [c, i] as const).concat([['-', 62] as const, ['_', 63] as const]));

/** With padding. Text is taken as UTF-8. */
export function encodeBase64(data: Uint8Array | string): string {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const n = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const left = bytes.length - i;
    parts.push(
      standard[n >> 18]! +
        standard[(n >> 12) & 63]! +
        (left > 1 ? standard[(n >> 6) & 63]! : '=') +
        (left > 2 ? standard[n & 63]! : '='),
    );
  }
  return parts.join('');
}

/** With the URL alphabet and without padding (§5), as tokens have it. */
export function encodeBase64Url(data: Uint8Array | string): string {
  return encodeBase64(data).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** Takes both alphabets; what is none of their characters is left out. */
export function decodeBase64(text: string): Uint8Array {
  const out = new Uint8Array(Math.floor((text.length * 3) / 4));
  let at = 0;
  let bits = 0;
  let value = 0;
  for (const c of text) {
    const digit = digits.get(c);
    if (digit === undefined) continue;
    value = ((value << 6) | digit) & 0xffffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[at++] = (value >> bits) & 0xff;
  }
  return out.slice(0, at);
}

/**
 * The URL alphabet and nothing else.
 * @throws Error in Go's words
 */
export function decodeBase64Url(text: string): Uint8Array {
  const wrong = text.search(/[^A-Za-z0-9_-]/);
  if (wrong >= 0) throw new Error(`illegal base64 data at input byte ${wrong}`);
  if (text.length % 4 === 1) throw new Error(`illegal base64 data at input byte ${text.length}`);
  return decodeBase64(text);
}
