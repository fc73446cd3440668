import { decodeBase64, encodeBase64 } from '../world/base64.ts';

/** Textual encodings of keys and certificates (RFC 7468). */

export interface PemBlock {
  readonly label: string;
  readonly data: Uint8Array;
}

export function encodePem(label: string, data: Uint8Array): string {
  const lines = encodeBase64(data).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.map((line) => `${line}\n`).join('')}-----END ${label}-----\n`;
}

/** Every block of a text, in order; what stands between them is left out. */
export function pemBlocks(text: string): PemBlock[] {
  return [...text.matchAll(/-----BEGIN ([^-]+)-----\r?\n?([^-]*)-----END \1-----/g)].map(([, label, body]) => ({
    label: label!,
    data: decodeBase64(body!),
  }));
}

/** The first block with one of these labels. */
export function pemBlock(text: string, ...labels: readonly string[]): PemBlock | undefined {
  return pemBlocks(text).find(({ label }) => labels.includes(label));
}
