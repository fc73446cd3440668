import { BrokenPipe, concatBytes, toBytes, type ByteReader, type Cancellation, type Duplex } from '../world/index.ts';
import { isReader, type HttpHandler, type HttpRequest, type HttpResponse, type Peer } from './http.ts';

/** HTTP/1.1 as bytes (RFC 9112), for connections that carry bytes: forwarded ports, raw sockets. */

/** Longest head of a message, in bytes. */
const headLimit = 64 << 10;

/** What came is not HTTP. */
export class HttpSyntaxError extends Error {
  override name = 'HttpSyntaxError';
}

const decoder = new TextDecoder();

/** Reads lines and bodies from a byte stream. */
class MessageReader {
  readonly #reader: ByteReader;
  readonly #cancel: Cancellation | undefined;
  #rest = new Uint8Array();

  constructor(reader: ByteReader, cancel: Cancellation | undefined) {
    this.#reader = reader;
    this.#cancel = cancel;
  }

  /** Up to `most` bytes that are there; undefined at the end. */
  async some(most: number): Promise<Uint8Array | undefined> {
    if (this.#rest.length === 0) {
      const chunk = await this.#reader.read(this.#cancel);
      if (!chunk) return undefined;
      this.#rest = new Uint8Array(chunk);
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    return part;
  }

  /** A line without its end; undefined at the end of the stream. @throws HttpSyntaxError */
  async line(): Promise<string | undefined> {
    for (;;) {
      const at = this.#rest.indexOf(10);
      if (at >= 0) {
        const line = decoder.decode(this.#rest.subarray(0, at));
        this.#rest = this.#rest.subarray(at + 1);
        return line.replace(/\r$/, '');
      }
      if (this.#rest.length > headLimit) throw new HttpSyntaxError('head too long');
      const chunk = await this.#reader.read(this.#cancel);
      if (!chunk) return undefined;
      this.#rest = new Uint8Array(concatBytes([this.#rest, chunk]));
    }
  }

  async headers(): Promise<Record<string, string>> {
    const headers: Record<string, string> = {};
    for (let line = await this.line(); line; line = await this.line()) {
      const colon = line.indexOf(':');
      if (colon < 1) throw new HttpSyntaxError(`malformed header ${JSON.stringify(line)}`);
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
    }
    return headers;
  }

  /** The body that follows `headers`. `untilEnd`: without a length it goes to the end of the stream. */
  body(headers: Record<string, string>, untilEnd: boolean): BodyReader | undefined {
    if (/chunked/i.test(headers['transfer-encoding'] ?? '')) return new BodyReader(this, 'chunked');
    const length = headers['content-length'];
    if (length !== undefined) return Number(length) > 0 ? new BodyReader(this, Number(length)) : undefined;
    return untilEnd ? new BodyReader(this, Infinity) : undefined;
  }
}

/** One message's body. */
class BodyReader implements ByteReader {
  readonly #input: MessageReader;
  readonly #chunked: boolean;
  #left: number;
  /** Called when the whole body has been read, or nobody wants the rest. */
  onEnd: (() => void) | undefined;

  constructor(input: MessageReader, length: number | 'chunked') {
    this.#input = input;
    this.#chunked = length === 'chunked';
    this.#left = length === 'chunked' ? 0 : length;
  }

  async read(): Promise<Uint8Array | undefined> {
    if (this.#chunked && this.#left === 0) await this.#nextChunk();
    if (this.#left <= 0) return this.#end();
    const part = await this.#input.some(this.#left);
    if (!part) return this.#end();
    this.#left -= part.length;
    if (this.#chunked && this.#left === 0) await this.#input.line();
    return part;
  }

  async #nextChunk(): Promise<void> {
    const size = parseInt((await this.#input.line()) ?? '', 16);
    if (size > 0) {
      this.#left = size;
      return;
    }
    if (size === 0) await this.#input.headers();
    this.#left = -1;
  }

  #end(): undefined {
    this.#left = -1;
    const { onEnd } = this;
    this.onEnd = undefined;
    onEnd?.();
    return undefined;
  }

  close(): void {
    this.#end();
  }
}

/**
 * Answers the requests that come on a connection, one after the other, until the client ends it or asks for that.
 * @param cancel fires when the connection breaks
 */
export async function serveHttp1(
  connection: Duplex,
  handler: HttpHandler,
  { peer, cancel }: { peer?: Peer; cancel?: Cancellation } = {},
): Promise<void> {
  const input = new MessageReader(connection.reader, cancel);
  try {
    while (await serveOne(input, connection, handler, peer, cancel));
  } catch (error) {
    if (error instanceof HttpSyntaxError)
      await connection.writer.write(
        'HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n400 Bad Request',
      );
    else if (!(error instanceof BrokenPipe)) throw error;
  } finally {
    connection.writer.close();
  }
}

/** @returns whether another request may follow */
async function serveOne(
  input: MessageReader,
  { writer, reader }: Duplex,
  handler: HttpHandler,
  peer: Peer | undefined,
  cancel: Cancellation | undefined,
): Promise<boolean> {
  const start = await input.line();
  if (start === undefined) return false;
  if (start === '') return true;
  const parts = /^([A-Za-z]+) (\S+) HTTP\/1\.([01])$/.exec(start);
  if (!parts) throw new HttpSyntaxError(`malformed request ${JSON.stringify(start)}`);
  const [, method = '', path = '/', minor] = parts;
  const headers = await input.headers();
  if (headers['expect']) await writer.write('HTTP/1.1 100 Continue\r\n\r\n');
  const body = await wholeBody(input.body(headers, false));
  const response = await handler({ method, path, headers, ...(body ? { body } : {}), cancel, peer });
  if (response.status === 101 && response.upgrade) {
    await writer.write(headOf(response, {}));
    await response.upgrade({ reader, writer }, cancel ?? neverCancelled);
    return false;
  }
  const bodiless = method === 'HEAD' || response.status === 204 || response.status === 304;
  const stays = minor === '1' ? !/close/i.test(headers['connection'] ?? '') : false;
  const own: Record<string, string> = stays ? {} : { connection: 'close' };
  if (!isReader(response.body)) {
    if (!bodiless || response.body.length > 0) own['content-length'] = String(response.body.length);
    await writer.write(headOf(response, own));
    if (!bodiless && response.body.length > 0) await writer.write(response.body, cancel);
    return stays;
  }
  const counted = response.headers['content-length'] !== undefined;
  const chunked = !counted && minor === '1' && !bodiless;
  await writer.write(headOf(response, chunked ? { ...own, 'transfer-encoding': 'chunked' } : own));
  if (!bodiless) await copyBody(response.body, { reader, writer }, chunked, cancel);
  response.body.close();
  return stays && (counted || chunked || bodiless);
}

const neverCancelled = { cancelled: false, onCancel: () => () => {} } as unknown as Cancellation;

async function wholeBody(body: BodyReader | undefined): Promise<Uint8Array | undefined> {
  if (!body) return undefined;
  const chunks: Uint8Array[] = [];
  for (let part = await body.read(); part; part = await body.read()) chunks.push(part);
  return concatBytes(chunks);
}

async function copyBody(
  body: ByteReader,
  { writer }: Duplex,
  chunked: boolean,
  cancel: Cancellation | undefined,
): Promise<void> {
  for (let part = await body.read(cancel); part; part = await body.read(cancel)) {
    if (part.length === 0) continue;
    const data = chunked ? concatBytes([toBytes(`${part.length.toString(16)}\r\n`), part, toBytes('\r\n')]) : part;
    await writer.write(data, cancel);
  }
  if (chunked) await writer.write('0\r\n\r\n', cancel);
}

function headOf({ status, headers }: HttpResponse, own: Record<string, string>): string {
  const all = { ...headers, ...own };
  const lines = Object.entries(all).map(([name, value]) => `${titleCase(name)}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${statusText(status)}\r\n${lines.join('')}\r\n`;
}

/** `content-type` as servers usually write it: `Content-Type`. */
function titleCase(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** Sends one request over a connection of its own. @throws HttpSyntaxError for an answer that is none, or no answer */
export async function requestHttp1(connection: Duplex, request: HttpRequest): Promise<HttpResponse> {
  const { method, path, headers, body, cancel } = request;
  const whole = isReader(body) ? await collect(body, cancel) : body;
  const length: Record<string, string> = whole ? { 'content-length': String(whole.length) } : {};
  const all: Record<string, string> = { ...headers, ...length };
  if (!all['upgrade']) all['connection'] = 'close';
  const lines = Object.entries(all).map(([name, value]) => `${titleCase(name)}: ${value}\r\n`);
  await connection.writer.write(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, cancel);
  if (whole && whole.length > 0) await connection.writer.write(whole, cancel);
  const input = new MessageReader(connection.reader, cancel);
  const response = await readResponse(input, method);
  const close = () => {
    connection.writer.close();
    connection.reader.close();
  };
  if (response.body instanceof BodyReader) response.body.onEnd = close;
  else close();
  return response;
}

async function readResponse(input: MessageReader, method: string): Promise<HttpResponse> {
  for (;;) {
    const start = await input.line();
    if (start === undefined) throw new HttpSyntaxError('EOF');
    const parts = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(start);
    if (!parts) throw new HttpSyntaxError(`malformed HTTP response ${JSON.stringify(start)}`);
    const status = Number(parts[1]);
    const headers = await input.headers();
    if (status === 100) continue;
    const bodiless = method === 'HEAD' || status === 204 || status === 304;
    const body = bodiless ? undefined : input.body(headers, true);
    delete headers['transfer-encoding'];
    return { status, headers, body: body ?? new Uint8Array() };
  }
}

async function collect(body: ByteReader, cancel: Cancellation | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (let part = await body.read(cancel); part; part = await body.read(cancel)) chunks.push(part);
  return concatBytes(chunks);
}

const statusTexts: Readonly<Record<number, string>> = {
  101: 'Switching Protocols',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  204: 'No Content',
  206: 'Partial Content',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

/** The reason phrase of a status code; '' for one that has none. */
export function statusText(status: number): string {
  return statusTexts[status] ?? '';
}
