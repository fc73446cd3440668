import { isReader, type HttpResponse } from '../../../network/index.ts';
import { ConnectionError, type Process } from '../../../process/index.ts';
import { Cancellation, Pipe, readAll, readerOf, toBytes, type ByteReader, type Duplex } from '../../../world/index.ts';
import { ConnectionFailed, DaemonError } from '../framework/errors.ts';
import type { Flags } from '../framework/flags.ts';
import type { ConfigFile } from './config-file.ts';
import { contextHost } from './contexts.ts';

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface RequestOptions {
  query?: Query;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is. */
  data?: Uint8Array | ByteReader;
  headers?: Record<string, string>;
}

const apiVersion = '1.50';
export const defaultHost = 'unix:///var/run/docker.sock';

/** Where the Engine is: `-H`, DOCKER_HOST, the context, the default socket. @throws CliError for a context that isn't there */
export function hostOf(process: Process, globals: Flags, config: ConfigFile): string {
  const given = globals.list('host').at(-1) ?? '';
  if (given !== '') return normalizeHost(given);
  const context = globals.string('context');
  const environment = process.env.get('DOCKER_HOST') ?? '';
  if (context === '' && environment !== '') return normalizeHost(environment);
  const name = context || process.env.get('DOCKER_CONTEXT') || config.currentContext || 'default';
  return name === 'default' ? normalizeHost(environment || defaultHost) : contextHost(process, config, name);
}

function normalizeHost(text: string): string {
  if (/^(unix|tcp|http|https|ssh|npipe):\/\//.test(text)) return text;
  return `tcp://${text}${/:\d+$/.test(text) ? '' : ':2375'}`;
}

/** The Engine API over HTTP, as the docker CLI uses it. */
export class DockerClient {
  readonly #process: Process;
  readonly #resolve: () => string;
  #host: string | undefined;
  #pinged = false;

  constructor(process: Process, resolve: () => string) {
    this.#process = process;
    this.#resolve = resolve;
  }

  get host(): string {
    return (this.#host ??= this.#resolve());
  }

  #url(path: string, query: Query | undefined): string {
    const pairs: string[] = [];
    for (const [name, value] of Object.entries(query ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (value === undefined) continue;
      for (const each of Array.isArray(value) ? (value as readonly string[]) : [value])
        pairs.push(
          `${encodeURIComponent(name)}=${encodeURIComponent(each === true ? '1' : each === false ? '0' : String(each))}`,
        );
    }
    const { host } = this;
    const whole = `${path}${pairs.length > 0 ? `?${pairs.join('&')}` : ''}`;
    if (host.startsWith('unix://')) return `http+unix://${encodeURIComponent(host.slice('unix://'.length))}${whole}`;
    return `${host.replace(/^tcp:/, 'http:')}${whole}`;
  }

  async #fetch(method: string, path: string, options: RequestOptions, upgrade = false): Promise<HttpResponse> {
    const { body, data, headers, query } = options;
    try {
      return await this.#process.fetch(this.#url(path, query), {
        method,
        headers: {
          'user-agent': 'Docker-Client/28.2.2 (linux)',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(upgrade ? { connection: 'Upgrade', upgrade: 'tcp' } : {}),
          ...headers,
        },
        ...(body === undefined ? (data === undefined ? {} : { body: data }) : { body: toBytes(JSON.stringify(body)) }),
      });
    } catch (error) {
      if (error instanceof ConnectionError || error instanceof TypeError) throw new ConnectionFailed(this.host);
      throw error;
    }
  }

  /** Every command begins with it: who is there, which API version do both speak. @throws ConnectionFailed */
  async ping(): Promise<Record<string, string>> {
    this.#pinged = true;
    return (await this.#fetch('HEAD', '/_ping', {})).headers;
  }

  /** @throws DaemonError for an answer of failure, ConnectionFailed */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<HttpResponse> {
    if (!this.#pinged) await this.ping();
    const response = await this.#fetch(method, `/v${apiVersion}${path}`, options);
    if (response.status >= 400) throw await daemonError(response, this.#process.cancel);
    return response;
  }

  async json<T>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    const response = await this.request(method, path, options);
    const bytes = await bodyBytes(response, this.#process.cancel);
    return (bytes.length === 0 ? undefined : JSON.parse(new TextDecoder().decode(bytes))) as T;
  }

  async bytes(method: string, path: string, options: RequestOptions = {}): Promise<Uint8Array> {
    return bodyBytes(await this.request(method, path, options), this.#process.cancel);
  }

  /** The answer's body as it comes. */
  async stream(method: string, path: string, options: RequestOptions = {}): Promise<ByteReader> {
    const { body } = await this.request(method, path, options);
    return isReader(body) ? body : readerOf(body);
  }

  /** A connection taken over for raw bytes. Closing its writer is the half-close; `close` ends all of it. */
  async hijack(path: string, options: RequestOptions = {}): Promise<Duplex & { close(): void; tty: boolean }> {
    if (!this.#pinged) await this.ping();
    const response = await this.#fetch('POST', `/v${apiVersion}${path}`, options, true);
    if (response.status >= 400) throw await daemonError(response, this.#process.cancel);
    const { queue } = this.#process.world;
    const up = new Pipe(queue);
    const down = new Pipe(queue);
    const cancel = new Cancellation();
    void response.upgrade?.({ reader: up.reader, writer: down.writer }, cancel).catch(() => {});
    return {
      reader: down.reader,
      writer: up.writer,
      tty: response.headers['content-type'] === 'application/vnd.docker.raw-stream',
      close: () => {
        up.writer.close();
        down.reader.close();
        cancel.cancel();
      },
    };
  }
}

async function bodyBytes(response: HttpResponse, cancel?: Cancellation): Promise<Uint8Array> {
  return isReader(response.body) ? readAll(response.body, cancel) : response.body;
}

async function daemonError(response: HttpResponse, cancel?: Cancellation): Promise<DaemonError> {
  const text = new TextDecoder().decode(await bodyBytes(response, cancel));
  let message = text.trim();
  try {
    message = String((JSON.parse(text) as { message?: unknown }).message ?? message);
  } catch {
    // Not from the Engine, then.
  }
  return new DaemonError(response.status, message);
}

/** `filters=` of the flags `name=value`; undefined without any. */
export function filtersOf(list: readonly string[]): string | undefined {
  const filters: Record<string, Record<string, boolean>> = {};
  for (const item of list) {
    if (item === '') continue;
    const at = item.indexOf('=');
    (filters[item.slice(0, at).trim().toLowerCase()] ??= {})[item.slice(at + 1).trim()] = true;
  }
  return Object.keys(filters).length > 0 ? JSON.stringify(filters) : undefined;
}
