import { isReader, type HttpRequest, type HttpResponse } from '../network/index.ts';
import { readAll, Pipe, toBytes, type ByteReader, type Duplex, type World } from '../world/index.ts';
import { badRequest, EngineError } from './errors.ts';

export type Json = Record<string, unknown>;

/** A request as a route sees it. */
export interface RouteRequest extends HttpRequest {
  /** What the pattern's `{name}`s and `{name…}` matched, decoded. */
  params: Readonly<Record<string, string>>;
  query: URLQuery;
}

export type RouteHandler = (request: RouteRequest) => HttpResponse | Promise<HttpResponse>;

export interface Route {
  method: string;
  /** `/containers/{id}/json`; `{name...}` matches slashes too. */
  pattern: string;
  handle: RouteHandler;
}

/** Query parameters: the last value of a name counts, but for `all`. */
export class URLQuery {
  readonly #values = new Map<string, string[]>();

  constructor(text: string) {
    for (const pair of text.split('&')) {
      if (pair === '') continue;
      const at = pair.indexOf('=');
      const key = decode(at < 0 ? pair : pair.slice(0, at));
      const values = this.#values.get(key) ?? [];
      values.push(at < 0 ? '' : decode(pair.slice(at + 1)));
      this.#values.set(key, values);
    }
  }

  get(name: string): string {
    return this.#values.get(name)?.at(0) ?? '';
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  all(name: string): string[] {
    return this.#values.get(name) ?? [];
  }

  /** httputils.BoolValue: everything but these is true. */
  bool(name: string): boolean {
    return !['', '0', 'no', 'false', 'none'].includes(this.get(name).toLowerCase().trim());
  }

  /** @throws EngineError for something that is no number */
  int(name: string): number | undefined {
    const text = this.get(name);
    if (text === '') return undefined;
    if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.Atoi: parsing "${text}": invalid syntax`);
    return Number(text);
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** Finds the route of a request; paths may begin with a version (`/v1.50/…`). */
export class Router {
  readonly #routes: { method: string; pattern: RegExp; names: string[]; handle: RouteHandler }[] = [];

  constructor(routes: readonly Route[]) {
    for (const { method, pattern, handle } of routes) {
      const names: string[] = [];
      const source = pattern.replace(/\{(\w+)(\.\.\.)?\}/g, (_, name: string, rest?: string) => {
        names.push(name);
        return rest ? '(.+)' : '([^/]+)';
      });
      this.#routes.push({ method, pattern: new RegExp(`^${source}$`), names, handle });
    }
  }

  find(method: string, path: string): { handle: RouteHandler; params: Record<string, string> } | undefined {
    for (const route of this.#routes) {
      if (route.method !== method) continue;
      const match = route.pattern.exec(path);
      if (match)
        return {
          handle: route.handle,
          params: Object.fromEntries(route.names.map((name, i) => [name, decode(match[i + 1]!)])),
        };
    }
    return undefined;
  }
}

export function json(value: unknown, status = 200): HttpResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: toBytes(`${JSON.stringify(value)}\n`) };
}

export function empty(status = 204): HttpResponse {
  return { status, headers: {}, body: new Uint8Array() };
}

export function errorResponse(error: EngineError): HttpResponse {
  return error.status === 304 ? empty(304) : json({ message: error.message }, error.status);
}

/** The body as a JSON object. @throws EngineError 400 */
export async function readJson(request: HttpRequest): Promise<Json> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return {};
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  } catch {
    // Told below.
  }
  throw badRequest('invalid JSON: invalid request body');
}

export async function readBytes(request: HttpRequest): Promise<Uint8Array> {
  const { body } = request;
  if (body === undefined) return new Uint8Array();
  return isReader(body) ? readAll(body, request.cancel) : body;
}

/** A body that is written while it is read; `write` runs on its own and its end ends the body. */
export function streaming(
  world: World,
  write: (send: (data: Uint8Array | string) => Promise<void>) => Promise<void>,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): HttpResponse {
  const pipe = new Pipe(world.queue);
  const body: ByteReader = pipe.reader;
  void write((data) => pipe.writer.write(data))
    .catch(() => {})
    .finally(() => pipe.writer.close());
  return { status: 200, headers, body };
}

/** Streamed JSON messages, each ended by CRLF, as pull, push, load and build send them. */
export function messages(world: World, write: (send: (message: Json) => Promise<void>) => Promise<void>): HttpResponse {
  return streaming(world, async (send) => {
    const message = (value: Json) => send(`${JSON.stringify(value)}\r\n`);
    try {
      await write(message);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      await message({ errorDetail: { message: error.message }, error: error.message });
    }
  });
}

/** Takes over the connection: 101 and then raw bytes. */
export function hijack(
  tty: boolean,
  serve: (connection: Duplex, request: HttpRequest) => Promise<void>,
  request: HttpRequest,
): HttpResponse {
  return {
    status: 101,
    headers: {
      'content-type': `application/vnd.docker.${tty ? 'raw' : 'multiplexed'}-stream`,
      connection: 'Upgrade',
      upgrade: 'tcp',
    },
    body: new Uint8Array(),
    upgrade: (connection, cancel) => serve(connection, { ...request, cancel }),
  };
}

/** A frame of a multiplexed stream: one byte that says which, three zero bytes, the length, the payload. */
export function frame(stream: 'stdin' | 'stdout' | 'stderr', data: Uint8Array): Uint8Array {
  const out = new Uint8Array(8 + data.length);
  out[0] = stream === 'stdin' ? 0 : stream === 'stdout' ? 1 : 2;
  new DataView(out.buffer).setUint32(4, data.length);
  out.set(data, 8);
  return out;
}
