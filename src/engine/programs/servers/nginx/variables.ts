import { commonLogDate } from '../service.ts';
import type { HttpRequest } from '../../../network/index.ts';
import type { Process } from '../../../process/index.ts';
import type { NginxConfig, VirtualServer } from './config.ts';

/** A request on its way to an answer. */
export interface Exchange {
  process: Process;
  config: NginxConfig;
  version: string;
  server: VirtualServer;
  port: number;
  request: HttpRequest;
  /** Decoded path without query. */
  uri: string;
  args: string;
  connection: number;
  /** The answer is made of more than the request's target, so that the next one may differ. */
  varies: boolean;
}

/** What a variable can tell of the answer, in logs. */
export interface Sent {
  status: number;
  size: number;
}

/** A text with variables, taken apart. */
export interface Template {
  parts: readonly (string | { variable: string })[];
  /** Its value depends on nothing but host, path and query of the request. */
  targetOnly: boolean;
}

const ofTarget = new Set([
  'uri',
  'document_uri',
  'request_uri',
  'args',
  'query_string',
  'is_args',
  'host',
  'server_name',
]);
const templates = new WeakMap<NginxConfig, Map<string, Template>>();

/** @param config the text's, which its template is kept for */
export function template(config: NginxConfig, text: string): Template {
  let known = templates.get(config);
  if (!known) templates.set(config, (known = new Map()));
  let made = known.get(text);
  if (!made) known.set(text, (made = newTemplate(text)));
  return made;
}

function newTemplate(text: string): Template {
  const parts: (string | { variable: string })[] = [];
  let end = 0;
  for (const match of text.matchAll(/\$(?:\{(\w+)\}|(\w+))/g)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push({ variable: match[1] ?? match[2]! });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(text.slice(end));
  const targetOnly = parts.every(
    (part) => typeof part === 'string' || ofTarget.has(part.variable) || part.variable.startsWith('arg_'),
  );
  return { parts, targetOnly };
}

/** The text with its variables' values. @param empty what stands for a variable without a value */
export function fill({ parts }: Template, exchange: Exchange, sent?: Sent, empty = ''): string {
  let text = '';
  for (const part of parts) text += typeof part === 'string' ? part : variable(exchange, part.variable, sent) || empty;
  return text;
}

/** The text for requests that are all alike: only the time is left to be filled in. @param end is put after it */
export function fillTimeless(
  { parts }: Template,
  exchange: Exchange,
  sent: Sent,
  empty: string,
  end: string,
): (unixMs: number) => string {
  const filled: (string | ((unixMs: number) => string))[] = [''];
  const add = (text: string) => {
    const last = filled.at(-1);
    if (typeof last === 'string') filled[filled.length - 1] = last + text;
    else filled.push(text);
  };
  for (const part of parts) {
    if (typeof part === 'string') add(part);
    else if (part.variable === 'time_local') filled.push(commonLogDate);
    else if (part.variable === 'time_iso8601') filled.push(isoDate);
    else add(variable(exchange, part.variable, sent) || empty);
  }
  add(end);
  return (unixMs) => {
    let text = '';
    for (const part of filled) text += typeof part === 'string' ? part : part(unixMs);
    return text;
  };
}

function isoDate(unixMs: number): string {
  return new Date(unixMs).toISOString().replace(/\.\d+Z/, '+00:00');
}

function variable(exchange: Exchange, name: string, sent?: Sent): string {
  const { request, process } = exchange;
  if (name.startsWith('http_')) return request.headers[name.slice(5).replaceAll('_', '-')] ?? '';
  if (name.startsWith('arg_')) {
    const pair = exchange.args.split('&').find((p) => p.startsWith(`${name.slice(4)}=`));
    return pair?.slice(pair.indexOf('=') + 1) ?? '';
  }
  switch (name) {
    case 'uri':
    case 'document_uri':
      return exchange.uri;
    case 'request_uri':
      return request.path;
    case 'args':
    case 'query_string':
      return exchange.args;
    case 'is_args':
      return exchange.args === '' ? '' : '?';
    case 'host':
      return (request.headers['host'] ?? exchange.server.names[0] ?? '').replace(/:\d+$/, '');
    case 'hostname':
      return process.machine.hostname;
    case 'server_name':
      return exchange.server.names[0] ?? '';
    case 'server_addr':
      return [...process.machine.net.addresses][0] ?? '127.0.0.1';
    case 'server_port':
      return String(exchange.port);
    case 'remote_addr':
      return request.peer?.address ?? '127.0.0.1';
    case 'proxy_add_x_forwarded_for': {
      const before = request.headers['x-forwarded-for'];
      return (before ? `${before}, ` : '') + (request.peer?.address ?? '127.0.0.1');
    }
    case 'scheme':
      return 'http';
    case 'request_method':
      return request.method;
    case 'request':
      return `${request.method} ${request.path} HTTP/1.1`;
    case 'server_protocol':
      return 'HTTP/1.1';
    case 'nginx_version':
      return exchange.version;
    case 'status':
      return String(sent?.status ?? '');
    case 'body_bytes_sent':
    case 'bytes_sent':
      return String(sent?.size ?? 0);
    case 'time_local':
      return commonLogDate(process.world.clock.now());
    case 'time_iso8601':
      return isoDate(process.world.clock.now());
    default:
      return '';
  }
}
