import type { HttpRequest, HttpResponse } from '../../../network/index.ts';
import type { Process } from '../../../process/index.ts';
import { httpDate, textResponse } from '../../../programs/servers/service.ts';
import type { RandomStream } from '../../../world/index.ts';
import { entryFor, listenerFor, type Entry, type PortTable, type WeightedBackend } from '../gateway-api/table.ts';
import type { Filter, HeaderModifier, PathModifier } from '../gateway-api/types.ts';
import { bodySize, endToEnd, forward, type ForwardFailure } from '../reverse-proxy/forward.ts';
import type { ServiceEndpoints } from '../reverse-proxy/service-endpoints.ts';

/** Envoy's defaults, virtual ms. */
const limits = { connect: 10_000, read: 300_000 };

interface Outcome {
  readonly response: HttpResponse;
  readonly details: string;
  /** Envoy's response flags: `-`, `UH`, `UF`, `UT`, `NR`. */
  readonly flags: string;
  readonly upstream?: string;
  readonly took?: number;
}

/** Envoy: answers by the table that its control plane has sent last. */
export class DataPlane {
  readonly #process: Process;
  readonly #services: ServiceEndpoints;
  readonly #random: RandomStream;
  readonly #turns = new Map<string, number>();

  constructor(process: Process, services: ServiceEndpoints) {
    this.#process = process;
    this.#services = services;
    this.#random = process.world.random.stream(`envoy/${process.machine.hostname}`);
  }

  async handle(table: PortTable, request: HttpRequest): Promise<HttpResponse> {
    const began = this.#process.world.queue.now;
    const host = (request.headers['host'] ?? '').toLowerCase().replace(/:\d+$/, '');
    const listener = listenerFor(table, host);
    const entry = listener && entryFor(listener, host, request);
    const id = this.#random.uuid();
    const outcome: Outcome = entry
      ? await this.#route(entry, table, request, host, id)
      : { response: empty(404), details: 'route_not_found', flags: 'NR' };
    const headers = { date: httpDate(this.#process.world.clock.now()), ...outcome.response.headers };
    const response = { ...outcome.response, headers };
    this.#log(request, response, outcome, entry, id, began, table);
    return request.method === 'HEAD' ? { ...response, body: new Uint8Array() } : response;
  }

  async #route(entry: Entry, table: PortTable, request: HttpRequest, host: string, id: string): Promise<Outcome> {
    const redirect = entry.filters.find(({ type }) => type === 'RequestRedirect')?.requestRedirect;
    if (redirect) {
      const scheme = redirect.scheme ?? (table.protocol === 'HTTPS' ? 'https' : 'http');
      const port = redirect.port ?? (redirect.scheme ? undefined : outsidePort(request.headers['host']));
      const standard = port === undefined || (scheme === 'http' && port === 80) || (scheme === 'https' && port === 443);
      const location = `${scheme}://${redirect.hostname ?? host}${standard ? '' : `:${port}`}${replaced(entry, redirect.path, request.path)}`;
      return { response: empty(redirect.statusCode ?? 302, { location }), details: 'direct_response', flags: '-' };
    }
    const backend = this.#choose(entry.backends);
    if (!backend?.service) return { response: empty(500), details: 'direct_response', flags: '-' };
    const filters = [...entry.filters, ...backend.filters];
    const outcome = await this.#proxy(entry, backend.service, filtered(entry, filters, request, table, id));
    let { headers } = outcome.response;
    for (const { responseHeaderModifier } of filters)
      if (responseHeaderModifier) headers = modified(headers, responseHeaderModifier);
    return { ...outcome, response: { ...outcome.response, headers } };
  }

  /** By weight; those whose reference is broken take their share, and answer it with errors. */
  #choose(backends: readonly WeightedBackend[]): WeightedBackend | undefined {
    const total = backends.reduce((sum, { weight }) => sum + weight, 0);
    if (total === 0) return undefined;
    if (backends.length === 1) return backends[0];
    let at = this.#random.float() * total;
    for (const backend of backends) if ((at -= backend.weight) < 0) return backend;
    return backends.at(-1);
  }

  async #proxy(
    entry: Entry,
    { namespace, name, port }: NonNullable<WeightedBackend['service']>,
    request: HttpRequest,
  ): Promise<Outcome> {
    // prettier-ignore
    const found = this.#services.find(namespace, name, port);
    const upstreams = found.kind === 'endpoints' ? found.upstreams : [];
    if (upstreams.length === 0)
      return { response: textResponse(503, 'no healthy upstream', plain), details: 'no_healthy_upstream', flags: 'UH' };
    const key = `${namespace}/${name}:${port}`;
    const turn = this.#turns.get(key) ?? this.#random.int(upstreams.length);
    this.#turns.set(key, (turn + 1) % upstreams.length);
    const upstream = upstreams[turn % upstreams.length]!;
    const at = `${upstream.ip}:${upstream.port}`;
    const read = entry.timeout > 0 ? entry.timeout : limits.read;
    const result = await forward(this.#process, upstream, 'http', request, { ...limits, read });
    if ('failure' in result) return { ...failed(result.failure), upstream: at, took: result.took };
    const headers = endToEnd(result.response.headers);
    delete headers['date'];
    delete headers['server'];
    return {
      response: { ...result.response, headers },
      details: 'via_upstream',
      flags: '-',
      upstream: at,
      took: result.took,
    };
  }

  /** Envoy Gateway's access log: one line of JSON. */
  #log(
    request: HttpRequest,
    response: HttpResponse,
    outcome: Outcome,
    entry: Entry | undefined,
    id: string,
    began: number,
    table: PortTable,
  ): void {
    // prettier-ignore
    const { world, machine, stdout } = this.#process;
    const [own = ''] = machine.net.addresses;
    const line = {
      start_time: new Date(world.clock.now() - (world.queue.now - began)).toISOString(),
      method: request.method,
      'x-envoy-origin-path': request.path,
      protocol: 'HTTP/1.1',
      response_code: response.status,
      response_flags: outcome.flags,
      response_code_details: outcome.details,
      connection_termination_details: null,
      upstream_transport_failure_reason: null,
      bytes_received: request.body instanceof Uint8Array ? request.body.length : 0,
      bytes_sent: bodySize(response),
      duration: Math.round(world.queue.now - began),
      'x-envoy-upstream-service-time': null,
      'x-forwarded-for': request.peer?.address ?? null,
      'user-agent': request.headers['user-agent'] ?? null,
      'x-request-id': id,
      ':authority': request.headers['host'] ?? null,
      upstream_host: outcome.upstream ?? null,
      upstream_cluster: entry?.cluster ?? null,
      upstream_local_address: outcome.upstream ? own : null,
      downstream_local_address: `${own}:${containerPort(table.port)}`,
      downstream_remote_address: `${request.peer?.address ?? ''}:${request.peer?.port ?? 0}`,
      requested_server_name: null,
      route_name: entry ? `${entry.name}/${(entry.hostname ?? '*').replaceAll('.', '_')}` : null,
    };
    void stdout.write(`${JSON.stringify(line)}\n`);
  }
}

const plain = { 'content-type': 'text/plain' };

/** Envoy runs without privileges: low ports are moved up. */
export function containerPort(port: number): number {
  return port < 1024 ? port + 10_000 : port;
}

function outsidePort(host: string | undefined): number | undefined {
  const port = /:(\d+)$/.exec(host ?? '')?.[1];
  return port === undefined ? undefined : Number(port);
}

function empty(status: number, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers: { ...headers, 'content-length': '0' }, body: new Uint8Array() };
}

function failed(failure: ForwardFailure): Outcome {
  if (failure === 'read-timeout')
    return { response: textResponse(504, 'upstream request timeout', plain), details: 'response_timeout', flags: 'UT' };
  const why = failure === 'connect-timeout' ? 'connection timeout' : failure === 'closed' || failure === 'not-tls' ? 'connection termination' : 'remote connection failure, transport failure reason: delayed connect error: Connection refused'; // prettier-ignore
  const text = `upstream connect error or disconnect/reset before headers. reset reason: ${why}`;
  return { response: textResponse(503, text, plain), details: `upstream_reset_before_response_started{${why.split(',')[0]!.replaceAll(' ', '_')}}`, flags: failure === 'closed' ? 'UC' : 'UF' }; // prettier-ignore
}

function filtered(
  entry: Entry,
  filters: readonly Filter[],
  request: HttpRequest,
  table: PortTable,
  id: string,
): HttpRequest {
  // prettier-ignore
  const { peer, cancel: _cancel, ...rest } = request;
  const client = peer?.address ?? '127.0.0.1';
  let headers: Record<string, string> = {
    ...endToEnd(request.headers),
    'x-envoy-external-address': client,
    'x-forwarded-for': request.headers['x-forwarded-for'] ? `${request.headers['x-forwarded-for']},${client}` : client,
    'x-forwarded-proto': table.protocol === 'HTTPS' ? 'https' : 'http',
    'x-request-id': request.headers['x-request-id'] ?? id,
  };
  let { path } = request;
  for (const { requestHeaderModifier, urlRewrite } of filters) {
    if (requestHeaderModifier) headers = modified(headers, requestHeaderModifier);
    if (urlRewrite?.hostname) headers['host'] = urlRewrite.hostname;
    if (urlRewrite?.path) path = replaced(entry, urlRewrite.path, path);
  }
  return { ...rest, path, headers };
}

function modified(
  before: Readonly<Record<string, string>>,
  { set = [], add = [], remove = [] }: HeaderModifier,
): Record<string, string> {
  // prettier-ignore
  const headers = { ...before };
  for (const { name, value } of set) headers[name.toLowerCase()] = value;
  for (const { name, value } of add) {
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value : `${headers[key]},${value}`;
  }
  for (const name of remove) delete headers[name.toLowerCase()];
  return headers;
}

/** A path after ReplaceFullPath or ReplacePrefixMatch, with the query as it was. */
function replaced({ match }: Entry, modifier: PathModifier | undefined, path: string): string {
  if (!modifier) return path;
  const [raw = '/', query] = path.split(/\?(.*)/s);
  const end = query === undefined ? '' : `?${query}`;
  if (modifier.type === 'ReplaceFullPath') return `${modifier.replaceFullPath || '/'}${end}`;
  const prefix = (match.path?.value ?? '/').replace(/\/+$/, '');
  const rest = raw.slice(prefix.length);
  const front = (modifier.replacePrefixMatch ?? '/').replace(/\/+$/, '');
  const whole = `${front}${rest === '' || rest.startsWith('/') ? rest : `/${rest}`}`;
  return `${whole || '/'}${end}`;
}
