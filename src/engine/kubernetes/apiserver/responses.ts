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

/** @param text JSON that is ready to be sent */
export function respondJson(status: number, text: string, warnings: readonly string[] = []): HttpResponse {
  return respondWith(status, 'application/json', text, warnings);
}

function respondWith(status: number, type: string, text: string, warnings: readonly string[]): HttpResponse {
  const headers: Record<string, string> = { 'cache-control': 'no-cache, private', 'content-type': type };
  if (warnings.length > 0) headers['warning'] = [...new Set(warnings)].map(warningHeader).join(', ');
  const body = toBytes(text);
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
