import type { ServerCertificate } from '../../../network/socket.ts';
import type { HttpRequest } from '../../../network/index.ts';
import { perlRegex } from '../../../regex/linear.ts';
import { hostMatches, specificity } from './hostname.ts';
import type { Filter, RouteMatch, RouteRule, ValueMatch } from './types.ts';

/** What a data plane is told: ports with what is served there. */
export interface GatewayTable {
  readonly ports: readonly PortTable[];
}

export interface PortTable {
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly listeners: readonly ListenerTable[];
}

export interface ListenerTable {
  readonly name: string;
  readonly hostname: string | undefined;
  readonly certificate: ServerCertificate | undefined;
  /** By precedence: the first that fits is taken. */
  readonly entries: readonly Entry[];
}

/** One match of one rule of a route, under one hostname. */
export interface Entry {
  readonly hostname: string | undefined;
  readonly match: RouteMatch;
  readonly filters: readonly Filter[];
  readonly backends: readonly WeightedBackend[];
  /** Virtual ms; 0: as long as it takes. */
  readonly timeout: number;
  /** `httproute/default/web/rule/0/match/0`, for the access log. */
  readonly name: string;
  readonly cluster: string;
}

export interface WeightedBackend {
  readonly weight: number;
  /** Undefined: what the reference names can't be used. */
  readonly service: { readonly namespace: string; readonly name: string; readonly port: number } | undefined;
  readonly filters: readonly Filter[];
}

export interface EntrySource {
  readonly rule: RouteRule;
  readonly created: string;
  readonly key: string;
  readonly ruleIndex: number;
  readonly matchIndex: number;
}

const typeRank = { Exact: 2, PathPrefix: 1, RegularExpression: 0 } as const;

/** Order of precedence among matches (HTTPRouteRule.matches): hostname, path, method, headers, query, age, name, place. */
export function precedence(a: Entry & EntrySource, b: Entry & EntrySource): number {
  const path = ({ match: { path } }: Entry) => ({ rank: typeRank[path?.type ?? 'PathPrefix'], length: (path?.value ?? '/').length }); // prettier-ignore
  const [pa, pb] = [path(a), path(b)];
  return (
    specificity(b.hostname) - specificity(a.hostname) ||
    pb.rank - pa.rank ||
    pb.length - pa.length ||
    Number(b.match.method !== undefined) - Number(a.match.method !== undefined) ||
    (b.match.headers?.length ?? 0) - (a.match.headers?.length ?? 0) ||
    (b.match.queryParams?.length ?? 0) - (a.match.queryParams?.length ?? 0) ||
    (a.created < b.created ? -1 : a.created > b.created ? 1 : 0) ||
    (a.key < b.key ? -1 : a.key > b.key ? 1 : 0) ||
    a.ruleIndex - b.ruleIndex ||
    a.matchIndex - b.matchIndex
  );
}

/** The listener for a host: the most specific one that fits. */
export function listenerFor({ listeners }: PortTable, host: string): ListenerTable | undefined {
  return listeners
    .filter(({ hostname }) => hostMatches(hostname, host))
    .sort((a, b) => specificity(b.hostname) - specificity(a.hostname))[0];
}

export function entryFor({ entries }: ListenerTable, host: string, request: HttpRequest): Entry | undefined {
  const [path = '/', query = ''] = request.path.split(/\?(.*)/s);
  // Who has a host of its own is not served by routes for wildcards.
  const own = entries.filter((entry) => hostMatches(entry.hostname, host));
  const closest = own.filter((entry) => entry.hostname === own[0]!.hostname);
  return closest.find((entry) => fits(entry.match, path, query, request));
}

function fits(
  { path, headers = [], queryParams = [], method }: RouteMatch,
  asked: string,
  query: string,
  request: HttpRequest,
): boolean {
  // prettier-ignore
  if (method !== undefined && method !== request.method) return false;
  if (!pathFits(path, asked)) return false;
  if (!headers.every((one) => valueFits(one, request.headers[one.name.toLowerCase()]))) return false;
  return queryParams.every((one) => valueFits(one, queryValue(query, one.name)));
}

function pathFits(path: RouteMatch['path'], asked: string): boolean {
  const value = path?.value ?? '/';
  if (path?.type === 'Exact') return asked === value;
  if (path?.type === 'RegularExpression') return whole(value, asked);
  const base = value.replace(/\/+$/, '');
  return asked === base || asked.startsWith(`${base}/`);
}

function valueFits({ type, value }: ValueMatch, actual: string | undefined): boolean {
  if (actual === undefined) return false;
  return type === 'RegularExpression' ? whole(value, actual) : actual === value;
}

function whole(expression: string, text: string): boolean {
  try {
    return perlRegex(`^(?:${expression})$`).test(text);
  } catch {
    return false;
  }
}

function queryValue(query: string, name: string): string | undefined {
  for (const pair of query.split('&')) {
    const [key = '', value = ''] = pair.split(/=(.*)/s).map((part) => decode(part.replaceAll('+', ' ')));
    if (key === name) return value;
  }
  return undefined;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
