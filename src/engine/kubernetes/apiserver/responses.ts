import { toYaml } from '../../yaml/index.ts';
import type { HttpResponse } from '../../network/http.ts';
import { toBytes } from '../../world/index.ts';
import type { ApiError } from '../client.ts';
import type { Negotiated } from './negotiation.ts';

const json: Negotiated = { format: 'json', as: 'object', version: '', pretty: false };

export function respond(
  status: number,
  value: unknown,
  negotiated: Negotiated = json,
  warnings: readonly string[] = [],
): HttpResponse {
  if (negotiated.format === 'yaml') return respondWith(status, 'application/yaml', toYaml(value), warnings);
  return respondJson(status, JSON.stringify(value, undefined, negotiated.pretty ? 2 : undefined) + '\n', warnings);
}

/** @param text JSON that is ready to be sent, in pieces if it is long */
export function respondJson(
  status: number,
  text: string | readonly string[],
  warnings: readonly string[] = [],
): HttpResponse {
  return respondWith(status, 'application/json', text, warnings);
}

const encoder = new TextEncoder();

/** Pieces of text as bytes, without a copy of the whole in between where all of it is ASCII. */
function encodePieces(pieces: readonly string[]): Uint8Array {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    const { read, written } = encoder.encodeInto(piece, bytes.subarray(at));
    if (read < piece.length) return toBytes(pieces.join(''));
    at += written;
  }
  return bytes;
}

function respondWith(
  status: number,
  type: string,
  text: string | readonly string[],
  warnings: readonly string[],
): HttpResponse {
  const headers: Record<string, string> = { 'cache-control': 'no-cache, private', 'content-type': type };
  if (warnings.length > 0) headers['warning'] = [...new Set(warnings)].map(warningHeader).join(', ');
  const body = typeof text === 'string' ? toBytes(text) : encodePieces(text);
  headers['content-length'] = String(body.length);
  return { status, headers, body };
}

export function respondText(status: number, text: string): HttpResponse {
  const body = toBytes(text);
  return {
    status,
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-length': String(body.length),
    },
    body,
  };
}

export function respondError(
  error: ApiError,
  negotiated: Negotiated = json,
  warnings: readonly string[] = [],
): HttpResponse {
  const response = respond(error.code, error.status, negotiated, warnings);
  const { retryAfterSeconds } = error.status.details ?? {};
  if (retryAfterSeconds) response.headers['retry-after'] = String(retryAfterSeconds);
  return response;
}

/** RFC 7234: code 299, no agent, quoted text. */
function warningHeader(text: string): string {
  const clean = text.replace(/[\u0000-\u001f\u007f]/g, ' ').replace(/(["\\])/g, '\\$1');
  return `299 - "${clean}"`;
}
