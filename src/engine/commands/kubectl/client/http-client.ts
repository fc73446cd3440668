import { isReader, type HttpResponse } from '../../../network/index.ts';
import { ConnectionError, type Process } from '../../../process/index.ts';
import { Cancelled, readAll, type Cancellation } from '../../../world/index.ts';
import { CommandError, RequestError, StatusError } from '../framework/errors.ts';
import { klogLine } from '../framework/klog.ts';
import type { Status } from '../framework/status.ts';
import type { ClientConfig } from './config.ts';
import {
  resourcePath,
  type ListOptions,
  type PatchType,
  type Query,
  type RawRequest,
  type RestClient,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from './rest.ts';
import { gvkOf, groupResource, groupVersion, type ApiList, type ApiObject, type RestMapping } from './types.ts';

const tableAccept =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

const patchTypes: Record<PatchType, string> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};

/** Requests of one kubectl process. */
export class HttpRestClient implements RestClient {
  /** Texts of warnings already shown. */
  readonly warnings = new Set<string>();
  readonly #process: Process;
  readonly #config: ClientConfig;
  readonly #verbosity: number;

  constructor(process: Process, config: ClientConfig, options: { verbosity: number }) {
    this.#process = process;
    this.#config = config;
    this.#verbosity = options.verbosity;
  }

  async request(request: RawRequest): Promise<HttpResponse> {
    const response = await this.#send(request);
    if (response.status >= 400) throw await this.#failure(request, response);
    return response;
  }

  async json<T = unknown>(request: RawRequest): Promise<T> {
    return JSON.parse(await this.text(request)) as T;
  }

  async text(request: RawRequest): Promise<string> {
    const response = await this.request(request);
    return new TextDecoder().decode(await this.#body(response));
  }

  get(
    mapping: RestMapping,
    namespace: string,
    name: string,
    options: { table?: boolean; includeObject?: string; subresource?: string } = {},
  ): Promise<ApiObject> {
    return this.json({
      method: 'GET',
      path: resourcePath(mapping, scope(mapping, namespace), name, options.subresource),
      about: { resource: groupResource(mapping), name },
      query: { includeObject: options.includeObject },
      headers: accept(options.table),
    });
  }

  list(
    mapping: RestMapping,
    namespace: string,
    options: ListOptions & { table?: boolean; includeObject?: string } = {},
  ): Promise<ApiList> {
    return this.json({
      method: 'GET',
      path: resourcePath(mapping, scope(mapping, namespace)),
      about: { resource: groupResource(mapping) },
      query: listQuery(options),
      headers: accept(options.table),
    });
  }

  create(
    mapping: RestMapping,
    namespace: string,
    object: object,
    options: WriteOptions & { name?: string } = {},
  ): Promise<ApiObject> {
    return this.json({
      method: 'POST',
      path: resourcePath(mapping, scope(mapping, namespace), options.name, options.subresource),
      about: { resource: groupResource(mapping), name: options.name },
      query: writeQuery(options),
      body: object,
    });
  }

  replace(
    mapping: RestMapping,
    namespace: string,
    name: string,
    object: object,
    options: WriteOptions = {},
  ): Promise<ApiObject> {
    return this.json({
      method: 'PUT',
      path: resourcePath(mapping, scope(mapping, namespace), name, options.subresource),
      about: { resource: groupResource(mapping), name },
      query: writeQuery(options),
      body: object,
    });
  }

  patch(
    mapping: RestMapping,
    namespace: string,
    name: string,
    type: PatchType,
    patch: string | object,
    options: WriteOptions = {},
  ): Promise<ApiObject> {
    return this.json({
      method: 'PATCH',
      path: resourcePath(mapping, scope(mapping, namespace), name, options.subresource),
      about: { resource: groupResource(mapping), name },
      query: writeQuery(options),
      headers: { 'content-type': patchTypes[type] },
      body: patch,
    });
  }

  delete(mapping: RestMapping, namespace: string, name: string, body?: object, query?: Query): Promise<ApiObject> {
    return this.json({
      method: 'DELETE',
      path: resourcePath(mapping, scope(mapping, namespace), name),
      about: { resource: groupResource(mapping), name },
      query,
      body,
    });
  }

  async *watch(
    mapping: RestMapping,
    namespace: string,
    options: ListOptions & WatchOptions,
  ): AsyncGenerator<WatchEvent> {
    const response = await this.request({
      method: 'GET',
      path: resourcePath(mapping, scope(mapping, namespace)),
      about: { resource: groupResource(mapping) },
      query: { ...listQuery(options), watch: true, allowWatchBookmarks: options.allowBookmarks || undefined },
      headers: accept(options.table),
    });
    for await (const line of this.#lines(response, options.cancel)) yield JSON.parse(line) as WatchEvent;
  }

  /** Lines of a streamed body until it, or the request timeout, ends. */
  async *#lines(response: HttpResponse, cancel?: Cancellation): AsyncGenerator<string> {
    const { body } = response;
    const decoder = new TextDecoder();
    let rest = '';
    if (!isReader(body)) {
      yield* decoder.decode(body).split('\n').filter(Boolean);
      return;
    }
    const end = this.#deadline(cancel);
    try {
      for (;;) {
        let chunk: Uint8Array | undefined;
        try {
          chunk = await body.read(end?.cancel ?? cancel ?? this.#process.cancel);
        } catch (error) {
          if (error instanceof Cancelled && !this.#process.cancel.cancelled) return;
          throw error;
        }
        if (!chunk) break;
        rest += decoder.decode(chunk, { stream: true });
        const lines = rest.split('\n');
        rest = lines.pop()!;
        for (const line of lines) if (line !== '') yield line;
      }
      if (rest !== '') yield rest;
    } finally {
      end?.clear();
      body.close();
    }
  }

  /** A cancellation that fires after `--request-timeout`. */
  #deadline(parent = this.#process.cancel): { cancel: Cancellation; clear(): void } | undefined {
    const { timeout } = this.#config;
    if (timeout <= 0) return undefined;
    const cancel = parent.child();
    const timer = this.#process.world.queue.wakeAfter(timeout, () => cancel.cancel(new Cancelled('timeout')));
    return { cancel, clear: () => timer.cancel() };
  }

  async #body(response: HttpResponse): Promise<Uint8Array> {
    return isReader(response.body) ? readAll(response.body, this.#process.cancel) : response.body;
  }

  async #send(request: RawRequest): Promise<HttpResponse> {
    const { server, headers, certificate, tls, timeoutText } = this.#config;
    const query = encodeQuery({ ...request.query, ...(timeoutText ? { timeout: timeoutText } : {}) });
    const url = `${server}${request.path}${query}`;
    const body = encodeBody(request.body);
    const unreachable = unreachableReason(url);
    if (unreachable !== undefined) throw new RequestError(request.method, url, unreachable);
    const end = this.#deadline();
    try {
      const started = this.#process.world.clock.now();
      const response = await this.#process.fetch(url, {
        method: request.method,
        headers: {
          accept: 'application/json',
          'user-agent': 'kubectl/v1.35.2 (linux/amd64) kubernetes/fdc9d74',
          ...headers,
          ...(body && !request.headers?.['content-type'] ? { 'content-type': 'application/json' } : {}),
          ...request.headers,
        },
        body,
        cancel: end?.cancel ?? this.#process.cancel,
        peer: certificate ? { certificate } : undefined,
        tls,
      });
      await this.#log(request.method, url, response.status, this.#process.world.clock.now() - started);
      await this.#warn(response.headers.warning);
      return response;
    } catch (error) {
      if (error instanceof ConnectionError) throw new RequestError(request.method, url, error.message);
      if (error instanceof Cancelled && end?.cancel.cancelled && !this.#process.cancel.cancelled)
        throw new RequestError(
          request.method,
          url,
          'context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
        );
      throw error;
    } finally {
      end?.clear();
    }
  }

  async #log(method: string, url: string, status: number, ms: number): Promise<void> {
    if (this.#verbosity < 6) return;
    const text = `"Response" verb="${method}" url="${url}" status="${status} ${statusTexts[status] ?? ''}" milliseconds=${Math.round(ms)}`;
    await this.#process.printError(klogLine(this.#process, 'I', 'round_trippers.go:632', text));
  }

  async #warn(header: string | undefined): Promise<void> {
    for (const match of (header ?? '').matchAll(/\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)) {
      const text = match[1]!.replace(/\\(.)/g, '$1');
      if (this.warnings.has(text)) continue;
      this.warnings.add(text);
      await this.#process.printError(`Warning: ${text}\n`);
    }
  }

  async #failure(request: RawRequest, response: HttpResponse): Promise<StatusError> {
    const text = new TextDecoder().decode(await this.#body(response));
    try {
      const status = JSON.parse(text) as Status;
      if (status.kind === 'Status') return new StatusError(status);
    } catch {
      // not a Status: made up below from the HTTP status
    }
    return new StatusError(genericStatus(request, response.status, text));
  }
}

/** Why no request can go to a URL at all (net/http's words). */
function unreachableReason(url: string): string | undefined {
  const [, scheme = '', host = ''] = /^(\w*):\/\/([^/?#]*)/.exec(url) ?? [];
  if (scheme !== 'http' && scheme !== 'https') return `unsupported protocol scheme ${JSON.stringify(scheme)}`;
  if (host === '' || host.startsWith(':'))
    return host === '' ? 'http: no Host in request URL' : `dial tcp ${host}: connect: connection refused`;
  return undefined;
}

function scope(mapping: RestMapping, namespace: string): string {
  return mapping.namespaced ? namespace : '';
}

function accept(table: boolean | undefined): Record<string, string> | undefined {
  return table ? { accept: tableAccept } : undefined;
}

function listQuery(options: ListOptions & { includeObject?: string }): Query {
  return {
    labelSelector: options.labelSelector || undefined,
    fieldSelector: options.fieldSelector || undefined,
    limit: options.limit || undefined,
    continue: options.continue || undefined,
    resourceVersion: options.resourceVersion || undefined,
    includeObject: options.includeObject,
  };
}

function writeQuery(options: WriteOptions): Query {
  return {
    dryRun: options.dryRun ? 'All' : undefined,
    fieldManager: options.fieldManager || undefined,
    fieldValidation: options.fieldValidation || undefined,
    force: options.force,
  };
}

/** `?a=b`, keys sorted as url.Values.Encode does. */
export function encodeQuery(query: Query): string {
  const pairs: string[] = [];
  for (const key of Object.keys(query).sort()) {
    const value = query[key];
    if (value === undefined) continue;
    const values = Array.isArray(value) ? (value as readonly string[]) : [value as string];
    for (const v of values) pairs.push(`${queryEscape(key)}=${queryEscape(String(v))}`);
  }
  return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

function queryEscape(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

function encodeBody(body: RawRequest['body']): Uint8Array | undefined {
  if (body === undefined || body instanceof Uint8Array) return body;
  return new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body));
}

const statusTexts: Record<number, string> = {
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  409: 'Conflict',
  410: 'Gone',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** What client-go makes of an error response that is no Status (apierrors.NewGenericServerResponse). */
function genericStatus(request: RawRequest, code: number, text: string): Status {
  const { resource, name } = request.about ?? {};
  const about = [request.method.toLowerCase(), resource, name].filter(Boolean).join(' ');
  const base = (reason: string, message: string): Status => ({
    status: 'Failure',
    code,
    reason,
    message: resource === undefined ? message : `${message} (${about})`,
    details: {},
  });
  switch (code) {
    case 400:
      return base('BadRequest', 'the server rejected our request for an unknown reason');
    case 401:
      return base('Unauthorized', 'the server has asked for the client to provide credentials');
    case 403:
      return base('Forbidden', text || 'the server does not allow access to the requested resource');
    case 404:
      return base('NotFound', 'the server could not find the requested resource');
    case 405:
      return base('MethodNotAllowed', 'the server does not allow this method on the requested resource');
    case 406:
      return base(
        'NotAcceptable',
        text || 'the server was unable to respond with a content type that the client supports',
      );
    case 409:
      return base(request.method === 'POST' ? 'AlreadyExists' : 'Conflict', 'the server reported a conflict');
    case 410:
      return base('Gone', 'the requested resource is no longer available');
    case 415:
      return base('UnsupportedMediaType', text || 'the body of the request was in an unknown format');
    case 422:
      return base('Invalid', 'the server rejected our request due to an error in our request');
    case 429:
      return base('TooManyRequests', 'the server has received too many requests and has asked us to try again later');
    case 503:
      return base('ServiceUnavailable', 'the server is currently unable to handle the request');
    case 504:
      return base(
        'Timeout',
        'the server was unable to return a response in the time allotted, but may still be processing the request',
      );
    default:
      return code >= 500
        ? base(
            'InternalError',
            `an error on the server (${JSON.stringify(text)}) has prevented the request from succeeding`,
          )
        : base('', `the server responded with the status code ${code} but did not return more information`);
  }
}

/** @throws CommandError if a raw path is not one. */
export function rawPath(text: string): { path: string; query: Query } {
  if (!text.startsWith('/'))
    throw new CommandError(`--raw must be a valid URL path: parse ${JSON.stringify(text)}: invalid URI for request`);
  const [path = '', search = ''] = text.split('?', 2);
  const query: Record<string, string> = {};
  for (const pair of search.split('&').filter(Boolean)) {
    const [key = '', value = ''] = pair.split('=', 2);
    query[decodeURIComponent(key)] = decodeURIComponent(value.replaceAll('+', ' '));
  }
  return { path, query };
}

/** `apps/v1, Kind=Deployment` (schema.GroupVersionKind.String). */
export function gvkText(object: { apiVersion: string; kind: string }): string {
  const gvk = gvkOf(object);
  return `${gvk.group}/${gvk.version}, Kind=${gvk.kind}`;
}

/** `apps/v1, Resource=deployments` (schema.GroupVersionResource.String). */
export function gvrText(mapping: RestMapping): string {
  return `${mapping.group}/${mapping.version}, Resource=${mapping.resource}`;
}

export { groupVersion };
