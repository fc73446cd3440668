import { contains, isReader, parseIp, type HttpRequest, type HttpResponse } from '../../../network/index.ts';
import { resolveName, type Process } from '../../../process/index.ts';
import { commonLogDate, httpDate, slashDate } from '../../../programs/servers/service.ts';
import type { RandomStream } from '../../../world/index.ts';
import { perlRegex } from '../../../regex/linear.ts';
import { bodySize, endToEnd, forward, type ForwardFailure } from '../reverse-proxy/forward.ts';
import type { ServiceEndpoints, Upstream } from '../reverse-proxy/service-endpoints.ts';
import type { Canary } from './annotations.ts';
import { defaultBackendName, locationFor, serverFor, type Backend, type Configuration, type Location, type VirtualServer } from './configuration.ts'; // prettier-ignore
import { page, redirect } from './pages.ts';

/** One request on its way through nginx. */
interface Exchange {
  readonly request: HttpRequest;
  readonly scheme: 'http' | 'https';
  readonly server: VirtualServer;
  readonly host: string;
  readonly client: string;
  readonly id: string;
  readonly began: number;
  /** What the access log says of the backends that were tried. */
  upstreamName: string;
  readonly tried: { at: string; length: string; seconds: string; status: string }[];
}

/** The nginx that the controller runs: answers by the configuration that stands at the moment. */
export class IngressProxy {
  readonly #process: Process;
  readonly #services: ServiceEndpoints;
  readonly #configuration: () => Configuration;
  readonly #random: RandomStream;
  /** Whose turn it is, for each upstream. */
  readonly #turns = new Map<string, number>();
  #connections = 0;

  constructor(process: Process, services: ServiceEndpoints, configuration: () => Configuration) {
    this.#process = process;
    this.#services = services;
    this.#configuration = configuration;
    this.#random = process.world.random.stream(`ingress-nginx/${process.machine.hostname}`);
  }

  async handle(scheme: 'http' | 'https', request: HttpRequest): Promise<HttpResponse> {
    const host = (request.headers['host'] ?? '').toLowerCase();
    this.#connections++;
    const exchange: Exchange = {
      request,
      scheme,
      server: serverFor(this.#configuration(), host),
      host,
      client: request.peer?.address ?? '127.0.0.1',
      id: this.#random.hex(32),
      began: this.#process.world.queue.now,
      upstreamName: '',
      tried: [],
    };
    const answer = await this.#answer(exchange);
    const { server } = exchange;
    const response: HttpResponse = {
      ...answer,
      headers: {
        date: httpDate(this.#process.world.clock.now()),
        ...answer.headers,
        ...(scheme === 'https' && server.tls && server.host !== '_'
          ? { 'strict-transport-security': 'max-age=31536000; includeSubDomains' }
          : undefined),
      },
      ...(request.method === 'HEAD' ? { body: new Uint8Array() } : undefined),
    };
    this.#log(exchange, response);
    return response;
  }

  async #answer(exchange: Exchange): Promise<HttpResponse> {
    const { request, scheme, server, client, host } = exchange;
    if (host === '') return page(400);
    const path = pathOf(request);
    const location = locationFor(server, path);
    if (!location) {
      exchange.upstreamName = defaultBackendName;
      const answer = page(404);
      exchange.tried.push({ at: '127.0.0.1:8181', length: String(bodySize(answer)), seconds: '0.000', status: '404' });
      return answer;
    }
    const { settings } = location;
    exchange.upstreamName = location.backend.name;
    const address = parseIp(client);
    if (settings.deny.some((block) => contains(block, address))) return page(403);
    if (settings.allow.length > 0 && !settings.allow.some((block) => contains(block, address))) return page(403);
    const secure = (server.tls && settings.sslRedirect) || settings.forceSslRedirect;
    if (scheme === 'http' && secure && request.headers['x-forwarded-proto'] !== 'https')
      return redirect(308, `https://${host.replace(/:\d+$/, '')}${request.path}`);
    if (settings.redirect) return redirect(settings.redirect.status, settings.redirect.to);
    if (path === '/' && settings.appRoot !== '') return redirect(302, `${scheme}://${host}${settings.appRoot}`);
    const length = Number(request.headers['content-length'] ?? (request.body && !isReader(request.body) ? request.body.length : 0)); // prettier-ignore
    if (settings.proxyBodySize > 0 && length > settings.proxyBodySize) {
      this.#error(exchange, `client intended to send too large body: ${length} bytes`);
      return page(413);
    }
    if (settings.cors && request.method === 'OPTIONS')
      return { status: 204, headers: corsHeaders, body: new Uint8Array() };
    const backend = this.#canary(location, request) ?? location.backend;
    exchange.upstreamName = backend.name;
    const answer = await this.#proxy(exchange, location, backend);
    return settings.cors ? { ...answer, headers: { ...answer.headers, ...corsHeaders } } : answer;
  }

  /** The canary's backend, if this request is for it. */
  #canary({ canary }: Location, { headers }: HttpRequest): Backend | undefined {
    if (!canary) return undefined;
    const chosen = decided(canary.rule, headers);
    if (chosen === false) return undefined;
    if (chosen || (canary.rule.weight > 0 && this.#random.float() * canary.rule.total < canary.rule.weight))
      return canary.backend;
    return undefined;
  }

  async #upstreams(backend: Backend): Promise<readonly Upstream[]> {
    const found = this.#services.find(backend.namespace, backend.service, backend.port);
    if (found.kind === 'endpoints') return found.upstreams;
    if (found.kind !== 'external') return [];
    const resolved = await resolveName(this.#process.machine, found.host, this.#process.cancel);
    return 'failure' in resolved ? [] : resolved.addresses.map((ip) => ({ ip, port: found.port }));
  }

  /** Tries up to three endpoints, as `proxy_next_upstream error timeout` does for requests that may be repeated. */
  async #proxy(exchange: Exchange, location: Location, backend: Backend): Promise<HttpResponse> {
    const upstreams = await this.#upstreams(backend);
    if (upstreams.length === 0) return page(503);
    const { settings } = location;
    const request = this.#upstreamRequest(exchange, location);
    const limits = { connect: settings.connectTimeout, read: settings.readTimeout };
    let failure: ForwardFailure = 'refused';
    for (let attempt = 0; attempt < Math.min(3, Math.max(upstreams.length, 3)); attempt++) {
      const turn = this.#turns.get(backend.name) ?? this.#random.int(upstreams.length);
      this.#turns.set(backend.name, (turn + 1) % upstreams.length);
      const upstream = upstreams[turn % upstreams.length]!;
      const outcome = await forward(this.#process, upstream, settings.backendProtocol === 'HTTPS' ? 'https' : 'http', request, limits); // prettier-ignore
      const at = `${upstream.ip}:${upstream.port}`;
      const seconds = (outcome.took / 1000).toFixed(3);
      if ('response' in outcome) {
        const { response } = outcome;
        exchange.tried.push({ at, length: String(bodySize(response)), seconds, status: String(response.status) });
        const headers = endToEnd(response.headers);
        delete headers['server'];
        delete headers['date'];
        return { ...response, headers };
      }
      failure = outcome.failure;
      const status = failure === 'connect-timeout' || failure === 'read-timeout' ? '504' : '502';
      exchange.tried.push({ at, length: '0', seconds, status });
      this.#error(exchange, `${failureTexts[failure]}`, `http://${at}${request.path}`);
      if (failure === 'read-timeout' || !['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'].includes(request.method)) break;
    }
    return page(failure === 'connect-timeout' || failure === 'read-timeout' ? 504 : 502);
  }

  #upstreamRequest({ request, scheme, host, client, id }: Exchange, location: Location): HttpRequest {
    const { settings } = location;
    const bare = host.replace(/:\d+$/, '');
    const forwarded: Record<string, string> = {
      host: settings.upstreamVhost || host,
      'x-request-id': id,
      'x-real-ip': client,
      'x-forwarded-for': client,
      'x-forwarded-host': bare === '' ? host : host,
      'x-forwarded-port': scheme === 'https' ? '443' : '80',
      'x-forwarded-proto': scheme,
      'x-forwarded-scheme': scheme,
      'x-scheme': scheme,
      ...(settings.forwardedPrefix ? { 'x-forwarded-prefix': settings.forwardedPrefix } : undefined),
    };
    const { peer: _peer, cancel: _cancel, ...rest } = request;
    return {
      ...rest,
      path: rewritten(location, request.path),
      headers: { ...endToEnd(request.headers), ...forwarded },
    };
  }

  #error({ server, request, client, host }: Exchange, what: string, upstream?: string): void {
    const head = `${slashDate(this.#process.world.clock.now())} [error] 30#30: *${this.#connections} ${what}`;
    const line = `${head}, client: ${client}, server: ${server.host}, request: "${request.method} ${request.path} HTTP/1.1"${upstream ? `, upstream: "${upstream}"` : ''}, host: "${host}"\n`;
    void this.#process.stderr.write(line);
  }

  /** The controller's own format, `upstreaminfo`. */
  #log({ request, client, began, upstreamName, tried, id }: Exchange, response: HttpResponse): void {
    const { world } = this.#process;
    const { headers } = request;
    const length = request.path.length + 60 + Object.entries(headers).reduce((sum, [n, v]) => sum + n.length + v.length + 4, 0); // prettier-ignore
    const list = (of: (one: Exchange['tried'][number]) => string) => tried.map(of).join(', ') || '-';
    const line = [
      `${client} - - [${commonLogDate(world.clock.now())}] "${request.method} ${request.path} HTTP/1.1" ${response.status} ${bodySize(response)}`,
      `"${headers['referer'] ?? '-'}" "${headers['user-agent'] ?? '-'}" ${length} ${((world.queue.now - began) / 1000).toFixed(3)}`,
      `[${upstreamName}] [] ${list((t) => t.at)} ${list((t) => t.length)} ${list((t) => t.seconds)} ${list((t) => t.status)} ${id}`,
    ].join(' ');
    void this.#process.stdout.write(`${line}\n`);
  }
}

const failureTexts: Readonly<Record<ForwardFailure, string>> = {
  refused: 'connect() failed (111: Connection refused) while connecting to upstream',
  'connect-timeout': 'upstream timed out (110: Operation timed out) while connecting to upstream',
  'no-route': 'connect() failed (113: Host is unreachable) while connecting to upstream',
  'read-timeout': 'upstream timed out (110: Operation timed out) while reading response header from upstream',
  closed: 'upstream prematurely closed connection while reading response header from upstream',
  'not-tls': 'SSL_do_handshake() failed (SSL: error:0A00010B:SSL routines::wrong version number) while SSL handshaking to upstream',
}; // prettier-ignore

const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-credentials': 'true',
  'access-control-allow-methods': 'GET, PUT, POST, DELETE, PATCH, OPTIONS',
  'access-control-allow-headers':
    'DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization',
  'access-control-max-age': '1728000',
};

/** By header, then by cookie: yes, no, or nothing is said. */
function decided(rule: Canary, headers: Readonly<Record<string, string>>): boolean | undefined {
  const header = rule.header === '' ? undefined : headers[rule.header];
  if (header !== undefined) {
    if (rule.headerValue !== '') {
      if (header === rule.headerValue) return true;
    } else if (header === 'always' || header === 'never') return header === 'always';
  }
  if (rule.cookie === '') return undefined;
  const cookie = (headers['cookie'] ?? '').split(';').map((c) => c.trim().split('=')).find(([n]) => n === rule.cookie)?.[1]; // prettier-ignore
  return cookie === 'always' ? true : cookie === 'never' ? false : undefined;
}

function pathOf({ path }: HttpRequest): string {
  const raw = path.split('?')[0]!;
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}

/** `rewrite "(?i)PATH" TARGET break`: the target stands for the whole path. */
function rewritten({ settings: { rewriteTarget }, path: pattern }: Location, path: string): string {
  if (rewriteTarget === '') return path;
  const [raw = '/', query] = path.split(/\?(.*)/s);
  const match = perlRegex(pattern, { ignoreCase: true }).exec(raw);
  if (!match) return path;
  const target = rewriteTarget.replace(/\$(\d)/g, (_, n: string) => match[Number(n)] ?? '');
  const absolute = target.startsWith('/') ? target : `/${target}`;
  if (query === undefined || query === '') return absolute;
  return `${absolute}${absolute.includes('?') ? '&' : '?'}${query}`;
}
