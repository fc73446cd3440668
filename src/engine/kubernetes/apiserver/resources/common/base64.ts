const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** UTF-8 text to base64. */
export function encodeBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let result = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i]!, bytes[i + 1], bytes[i + 2]];
    result += alphabet[a >> 2]! + alphabet[((a & 3) << 4) | ((b ?? 0) >> 4)]!;
    result += b === undefined ? '=' : alphabet[((b & 15) << 2) | ((c ?? 0) >> 6)]!;
    result += c === undefined ? '=' : alphabet[c & 63]!;
  }
  return result;
}

/** Base64 to UTF-8 text; what is no text comes out with replacement characters. */
export function decodeBase64(text: string): string {
  const digits = [...text].map((c) => alphabet.indexOf(c)).filter((d) => d >= 0);
  const bytes: number[] = [];
  for (let i = 0; i + 1 < digits.length; i += 4) {
    const [a, b, c, d] = [digits[i]!, digits[i + 1]!, digits[i + 2], digits[i + 3]];
    bytes.push((a << 2) | (b >> 4));
    if (c !== undefined) bytes.push(((b & 15) << 4) | (c >> 2));
    if (c !== undefined && d !== undefined) bytes.push(((c & 3) << 6) | d);
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
