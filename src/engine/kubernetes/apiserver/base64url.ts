/** Base64 with the URL alphabet and without padding (RFC 4648 §5), as tokens use it. */

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const values = new Map([...alphabet].map((c, i) => [c, i]));

export function encodeBase64Url(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const n = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const characters = alphabet[n >> 18]! + alphabet[(n >> 12) & 63]! + alphabet[(n >> 6) & 63]! + alphabet[n & 63]!;
    text += characters.slice(0, Math.min(4, bytes.length - i + 1));
  }
  return text;
}

/** @throws Error in Go's words for text that is no such base64 */
export function decodeBase64Url(text: string): Uint8Array {
  const bytes: number[] = [];
  let buffer = 0;
  let bits = 0;
  for (let i = 0; i < text.length; i++) {
    const value = values.get(text[i]!);
    if (value === undefined) throw new Error(`illegal base64 data at input byte ${i}`);
    buffer = ((buffer << 6) | value) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((buffer >> bits) & 255);
  }
  if (text.length % 4 === 1) throw new Error(`illegal base64 data at input byte ${text.length}`);
  return Uint8Array.from(bytes);
}

/** Plain base64 with padding, as Secrets hold it; what is no base64 is left out. */
export function decodeBase64Bytes(text: string): Uint8Array {
  return decodeBase64Url(
    text
      .replaceAll('+', '-')
      .replaceAll('/', '_')
      .replace(/[^A-Za-z0-9_-]/g, ''),
  );
}

export function encodeBase64Bytes(bytes: Uint8Array): string {
  const text = encodeBase64Url(bytes).replaceAll('-', '+').replaceAll('_', '/');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}
