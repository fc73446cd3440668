import type { HttpRequest, HttpResponse, Repeat } from '../../../network/index.ts';
import { ConnectionError, type Process } from '../../../process/index.ts';
import { httpDate } from '../service.ts';
import type { Directive, Location, NginxConfig, VirtualServer } from './config.ts';
import { accessLog, logAccess, logError, logRepeated, repeatedLog, type AccessLog, type RepeatedLog } from './log.ts';
import { fill, template, type Exchange } from './variables.ts';

const reasons: Record<number, string> = {
  200: 'OK',
  204: 'No Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  304: 'Not Modified',
  400: 'Bad Request',
  401: 'Authorization Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Not Allowed',
  413: 'Request Entity Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

const encoder = new TextEncoder();

/** A file's answer, which stands as long as no file has changed: probes ask for the same one again and again. */
interface Remembered {
  config: NginxConfig;
  /** `FileSystem.changes` when it was made. */
  changes: number;
  host: string;
  exchange: Exchange;
  response: HttpResponse;
  log: AccessLog | undefined;
  /** `log` for requests that come again and again as the same object. */
  repeated: WeakMap<HttpRequest, RepeatedLog>;
}

/** Of each nginx by request path. */
const remembered = new WeakMap<Process, Map<string, Remembered>>();
/** Paths remembered of one nginx. */
const maxRemembered = 16;

/** Answers one request as the configuration says, and writes the access log. */
export function respond(
  process: Process,
  config: NginxConfig,
  version: string,
  port: number,
  request: HttpRequest,
  connection: number,
): HttpResponse | Promise<HttpResponse> {
  const host = request.headers['host'] ?? '';
  const repeatable = request.method === 'GET' && request.headers['if-none-match'] === undefined;
  const known = repeatable ? remembered.get(process)?.get(request.path) : undefined;
  const { changes } = process.machine.fs;
  if (known?.config === config && known.changes === changes && known.host === host && known.exchange.port === port)
    return again(known, request);
  const [rawPath = '/', args = ''] = request.path.split(/\?(.*)/s);
  let uri: string;
  try {
    uri = decodeURIComponent(rawPath);
  } catch {
    uri = rawPath;
  }
  const server = chooseServer(config, port, host);
  const exchange: Exchange = { process, config, version, server, port, request, uri, args, connection, varies: false };
  const log = accessLog(exchange, directive(exchange, chooseLocation(server, uri), 'access_log')?.args);
  const done = (response: HttpResponse): HttpResponse => {
    if (log) logAccess(log, exchange, response);
    return request.method === 'HEAD' ? { ...response, body: new Uint8Array() } : response;
  };
  const response = route(exchange, 0);
  if (response instanceof Promise) return response.then(done);
  if (repeatable && response.status === 200 && !exchange.varies)
    remember(request.path, { config, changes, host, exchange, response, log, repeated: new WeakMap() });
  return done(response);
}

function again(known: Remembered, request: HttpRequest): HttpResponse {
  const { process } = known.exchange;
  const { status, headers, body } = known.response;
  const response = { status, headers: { ...headers, date: httpDate(process.world.clock.now()) }, body };
  const log = logOf(known, request);
  if (log) logRepeated(log, process);
  return response;
}

function logOf(known: Remembered, request: HttpRequest): RepeatedLog | undefined {
  if (!known.log) return undefined;
  let log = known.repeated.get(request);
  if (!log) {
    log = repeatedLog(known.log, { ...known.exchange, request }, known.response);
    known.repeated.set(request, log);
  }
  return log;
}

/**
 * How to answer a request once more that has just been answered, as long as files and configuration stay as they are.
 * @param current the configuration that holds
 */
export function repetition(
  process: Process,
  current: () => NginxConfig,
  port: number,
  request: HttpRequest,
): Repeat | undefined {
  const known = remembered.get(process)?.get(request.path);
  if (known?.host !== (request.headers['host'] ?? '') || known.exchange.port !== port) return undefined;
  const { fs } = process.machine;
  const log = logOf(known, request);
  return () => {
    if (known.config !== current() || known.changes !== fs.changes) return false;
    if (log) logRepeated(log, process);
    return true;
  };
}

function remember(path: string, answer: Remembered): void {
  const { process } = answer.exchange;
  let answers = remembered.get(process);
  if (!answers) remembered.set(process, (answers = new Map()));
  if (answers.size >= maxRemembered) answers.clear();
  answers.set(path, answer);
}

function chooseServer(config: NginxConfig, port: number, host: string): VirtualServer {
  const candidates = config.servers.filter((s) => s.ports.includes(port));
  const name = host.replace(/:\d+$/, '').toLowerCase();
  return (
    candidates.find((s) => s.names.includes(name)) ??
    candidates.find((s) => s.names.some((n) => n.startsWith('*.') && name.endsWith(n.slice(1)))) ??
    candidates.find((s) => s.isDefault) ??
    candidates[0]!
  );
}

/** nginx's search: exact, then longest prefix, unless a regular expression matches and the prefix is not `^~`. */
function chooseLocation(server: VirtualServer, uri: string): Location | undefined {
  const exact = server.locations.find((l) => l.modifier === '=' && l.pattern === uri);
  if (exact) return exact;
  let best: Location | undefined;
  for (const l of server.locations)
    if ((l.modifier === '' || l.modifier === '^~') && uri.startsWith(l.pattern))
      if (!best || l.pattern.length > best.pattern.length) best = l;
  if (best?.modifier === '^~') return best;
  const regex = server.locations.find(
    (l) =>
      (l.modifier === '~' || l.modifier === '~*') && new RegExp(l.pattern, l.modifier === '~*' ? 'i' : '').test(uri),
  );
  return regex ?? best;
}

/** The directive of that name in the innermost level that has one. */
function directive(exchange: Exchange, location: Location | undefined, name: string): Directive | undefined {
  return (
    location?.directives.find((d) => d.name === name) ??
    exchange.server.directives.find((d) => d.name === name) ??
    exchange.config.http.find((d) => d.name === name)
  );
}

function route(exchange: Exchange, depth: number): HttpResponse | Promise<HttpResponse> {
  const location = chooseLocation(exchange.server, exchange.uri);
  const back = [exchange.server.directives, location?.directives ?? []]
    .flatMap((list) => list.filter((d) => d.name === 'return'))
    .at(0);
  if (back) return returned(exchange, location, back);
  const pass = location?.directives.find((d) => d.name === 'proxy_pass');
  if (pass) return proxied(exchange, location!, pass.args[0] ?? '');
  const { method } = exchange.request;
  if (method !== 'GET' && method !== 'HEAD') return failure(exchange, location, 405, depth);
  return file(exchange, location, depth);
}

/** An internal redirect. */
function within(exchange: Exchange, uri: string, depth: number): HttpResponse | Promise<HttpResponse> {
  const inner = { ...exchange, uri };
  const response = route(inner, depth + 1);
  if (inner.varies) exchange.varies = true;
  return response;
}

function returned(exchange: Exchange, location: Location | undefined, d: Directive): HttpResponse {
  const status = /^\d+$/.test(d.args[0] ?? '') ? Number(d.args[0]) : 302;
  const value = d.args[0] === String(status) ? d.args[1] : d.args[0];
  const text = value === undefined ? undefined : expand(exchange, value);
  if (status >= 300 && status < 400)
    return {
      ...page(exchange, location, status),
      headers: { ...page(exchange, location, status).headers, location: text ?? '' },
    };
  if (text === undefined)
    return status >= 400 ? page(exchange, location, status) : answer(exchange, location, status, '', 'text/plain');
  const type = directive(exchange, location, 'default_type')?.args[0] ?? 'text/plain';
  return answer(exchange, location, status, text, type);
}

async function proxied(exchange: Exchange, location: Location, target: string): Promise<HttpResponse> {
  const { process, request } = exchange;
  const url = expand(exchange, target);
  const base = /^(https?:\/\/[^/]+)(\/.*)?$/.exec(url);
  if (!base) return page(exchange, location, 500);
  const rest = request.path.slice(location.modifier === '' ? location.pattern.length : 0);
  const path = base[2] === undefined ? request.path : base[2] + rest;
  const headers: Record<string, string> = {
    ...request.headers,
    host: base[1]!.replace(/^https?:\/\//, ''),
    connection: 'close',
  };
  for (const d of location.directives)
    if (d.name === 'proxy_set_header') headers[(d.args[0] ?? '').toLowerCase()] = expand(exchange, d.args[1] ?? '');
  try {
    const response = await process.fetch(base[1]! + path, { ...request, headers });
    return { ...response, headers: { ...response.headers, server: `nginx/${exchange.version}` } };
  } catch (error) {
    if (!(error instanceof ConnectionError)) throw error;
    const timeout = error.code === 'ETIMEDOUT';
    logError(
      exchange,
      'error',
      timeout
        ? 'upstream timed out (110: Connection timed out) while connecting to upstream'
        : 'connect() failed (111: Connection refused) while connecting to upstream',
    );
    return page(exchange, location, timeout ? 504 : 502);
  }
}

function file(exchange: Exchange, location: Location | undefined, depth: number): HttpResponse | Promise<HttpResponse> {
  const { process, uri } = exchange;
  const { fs } = process.machine;
  const alias = location?.directives.find((d) => d.name === 'alias')?.args[0];
  const root = directive(exchange, location, 'root')?.args[0] ?? '/etc/nginx/html';
  const onDisk = (path: string) => (alias !== undefined ? alias + path.slice(location!.pattern.length) : root + path);
  const attempts = directive(exchange, location, 'try_files')?.args;
  if (attempts && depth < 10) {
    const found = attempts
      .slice(0, -1)
      .map((a) => expand(exchange, a))
      .find((a) => {
        const node = fs.lookup(onDisk(a).replace(/\/$/, '') || '/');
        return node?.type === (a.endsWith('/') ? 'directory' : 'file');
      });
    if (found === undefined) {
      const last = expand(exchange, attempts.at(-1)!);
      if (last.startsWith('=')) return failure(exchange, location, Number(last.slice(1)), depth);
      return within(exchange, last.split('?')[0]!, depth);
    }
    return serveFile(exchange, location, onDisk(found), found, depth);
  }
  return serveFile(exchange, location, onDisk(uri), uri, depth);
}

function serveFile(
  exchange: Exchange,
  location: Location | undefined,
  path: string,
  uri: string,
  depth: number,
): HttpResponse | Promise<HttpResponse> {
  const { fs } = exchange.process.machine;
  const node = fs.lookup(path);
  if (node?.type === 'directory') {
    if (!uri.endsWith('/')) {
      const moved = page(exchange, location, 301);
      return {
        ...moved,
        headers: { ...moved.headers, location: `http://${exchange.request.headers['host'] ?? ''}${uri}/` },
      };
    }
    const names = directive(exchange, location, 'index')?.args ?? ['index.html'];
    const index = names.find((name) => fs.lookup(path + name)?.type === 'file');
    if (index !== undefined && depth < 10) return within(exchange, uri + index, depth);
    if (directive(exchange, location, 'autoindex')?.args[0] === 'on') return listing(exchange, location, path, uri);
    logError(exchange, 'error', `directory index of "${path}" is forbidden`);
    return failure(exchange, location, 403, depth);
  }
  if (node?.type !== 'file') {
    logError(exchange, 'error', `open() "${path}" failed (2: No such file or directory)`);
    return failure(exchange, location, 404, depth);
  }
  // Files that make their content when they are read (tokens) are read each time.
  if (Object.getOwnPropertyDescriptor(node, 'data')?.get) exchange.varies = true;
  const extension = /\.([^./]+)$/.exec(path)?.[1] ?? '';
  const type =
    exchange.config.types.get(extension) ?? directive(exchange, location, 'default_type')?.args[0] ?? 'text/plain';
  const etag = `"${Math.floor(node.mtime / 1000).toString(16)}-${node.data.length.toString(16)}"`;
  if (exchange.request.headers['if-none-match'] === etag)
    return { status: 304, headers: { server: `nginx/${exchange.version}`, etag }, body: new Uint8Array() };
  return answer(exchange, location, 200, node.data, type, {
    'last-modified': httpDate(node.mtime),
    etag,
    'accept-ranges': 'bytes',
  });
}

function listing(exchange: Exchange, location: Location | undefined, path: string, uri: string): HttpResponse {
  const rows = exchange.process.machine.fs.readdir(path).map((name) => `<a href="${name}">${name}</a>\r\n`);
  const html = `<html>\r\n<head><title>Index of ${uri}</title></head>\r\n<body>\r\n<h1>Index of ${uri}</h1><hr><pre><a href="../">../</a>\r\n${rows.join('')}</pre><hr></body>\r\n</html>\r\n`;
  return answer(exchange, location, 200, html, 'text/html');
}

/** An error response: the configured error_page, or nginx's own. */
function failure(
  exchange: Exchange,
  location: Location | undefined,
  status: number,
  depth: number,
): HttpResponse | Promise<HttpResponse> {
  const lists = [location?.directives ?? [], exchange.server.directives, exchange.config.http];
  const custom = lists
    .flatMap((l) => l.filter((d) => d.name === 'error_page'))
    .find((d) => d.args.includes(String(status)));
  const target = custom?.args.at(-1);
  if (target?.startsWith('/') && depth < 10) {
    const change = custom!.args.find((a) => a.startsWith('='));
    const inner = within(exchange, target, depth);
    const withStatus = (r: HttpResponse) => ({ ...r, status: change ? Number(change.slice(1)) || r.status : status });
    return inner instanceof Promise ? inner.then(withStatus) : withStatus(inner);
  }
  return page(exchange, location, status);
}

function page(exchange: Exchange, location: Location | undefined, status: number): HttpResponse {
  const title = `${status} ${reasons[status] ?? ''}`;
  const html = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/${exchange.version}</center>\r\n</body>\r\n</html>\r\n`;
  return answer(exchange, location, status, html, 'text/html');
}

function answer(
  exchange: Exchange,
  location: Location | undefined,
  status: number,
  body: string | Uint8Array,
  type: string,
  extra: Record<string, string> = {},
): HttpResponse {
  const bytes = typeof body === 'string' ? encoder.encode(body) : body;
  const headers: Record<string, string> = {
    server: `nginx/${exchange.version}`,
    date: httpDate(exchange.process.world.clock.now()),
    'content-type': type,
    'content-length': String(bytes.length),
    ...('last-modified' in extra ? { 'last-modified': extra['last-modified'] } : {}),
    connection: 'keep-alive',
  };
  for (const [name, value] of Object.entries(extra)) headers[name] = value;
  const own = location?.directives.filter((d) => d.name === 'add_header') ?? [];
  const added = own.length > 0 ? own : exchange.server.directives.filter((d) => d.name === 'add_header');
  for (const d of added)
    if (status < 400 || d.args.includes('always'))
      headers[(d.args[0] ?? '').toLowerCase()] = expand(exchange, d.args[1] ?? '');
  return { status, headers, body: bytes };
}

function expand(exchange: Exchange, text: string): string {
  if (!text.includes('$')) return text;
  const made = template(exchange.config, text);
  if (!made.targetOnly) exchange.varies = true;
  return fill(made, exchange);
}
