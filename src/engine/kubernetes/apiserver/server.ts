import type { HttpHandler, HttpRequest, HttpResponse } from '../../network/http.ts';
import type { World } from '../../world/index.ts';
import { parseFieldSelector } from '../apimachinery/field-selector.ts';
import { parseDuration } from '../apimachinery/duration.ts';
import { ApiError, type Client } from '../client.ts';
import { admissionPlugins } from './admission/registry.ts';
import type { AdmissionPlugin } from './admission/plugin.ts';
import { CustomResources } from './apiextensions/serving.ts';
import { authenticate, impersonation } from './authentication.ts';
import { alwaysAllow, refusal, type AuthorizationAttributes, type Authorizer } from './authorization.ts';
import { bootstrap } from './bootstrap.ts';
import { InProcessClient } from './client.ts';
import { ApiServerCore } from './core.ts';
import { discovery } from './discovery.ts';
import { badRequest, internalError, methodNotAllowed, notAcceptable, pathNotFound } from './errors.ts';
import { GoJsonError } from './go-json.ts';
import { discoverIssuer, issuerPaths } from './issuer-discovery.ts';
import { FlowControl } from './flow-control.ts';
import { health, healthPaths } from './health.ts';
import { ServerMetrics } from './metrics.ts';
import { acceptedTypes, negotiate, type Negotiated } from './negotiation.ts';
import { NodeAndRbacAuthorizer } from './node-authorizer.ts';
import { OpenApi } from './openapi.ts';
import { parseRequest, type Query, type RequestInfo, type ResourceTarget } from './request-info.ts';
import type { KindDefinition } from './resources/kind.ts';
import { kinds as builtInKinds, optionalKinds } from './resources/registry.ts';
import { respond, respondError, respondText } from './responses.ts';
import { serveRest, type RestRequest } from './rest.ts';
import type { ProtobufFields } from './protobuf.ts';
import { authorizationChecks } from './rbac/index.ts';
import { isReview, review } from './reviews.ts';
import { keepServiceAddresses } from './service-addresses.ts';
import { verifyToken } from './service-account-tokens.ts';
import { serveStream, streamSubresources } from './subresources/serve-stream.ts';
import type { PodLogs, PodStreams } from './subresources/streams.ts';
import type { User } from './user.ts';

export interface ApiServerOptions {
  world: World;
  /** By default all built-in kinds. */
  kinds?: readonly KindDefinition[];
  admission?: readonly AdmissionPlugin[];
  /** By default everybody may do everything. */
  authorization?: 'AlwaysAllow' | 'RBAC';
  /** Bearer tokens and who they stand for, besides service accounts' own. */
  tokens?: ReadonlyMap<string, User>;
  /** The component's name in the state hash; several clusters in a world need several. */
  name?: string;
  /**
   * Versions that are off by default and shall be served, as `--runtime-config` names them, with the features they need:
   * `{'admissionregistration.k8s.io/v1beta1': true}` for MutatingAdmissionPolicy.
   */
  runtimeConfig?: Readonly<Record<string, boolean>>;
  /** Creates the namespaces and the `kubernetes` Service of a fresh cluster; default true. */
  bootstrap?: boolean;
}

/** A simulated kube-apiserver with its store. */
export interface ApiServer {
  /** Answers HTTP requests as kube-apiserver does. */
  readonly handle: HttpHandler;
  /** A client inside the process. */
  client(identity: { manager: string; user?: string }): Client;
  /** Who answers `pods/log`. */
  registerLogs(logs: PodLogs): void;
  /** Who answers `pods/exec`, `attach` and `portforward`. */
  registerStreams(streams: PodStreams): void;
  /** Gives the server what it can do without for a while; it is large, so whoever needs it brings it. */
  serveRealClients(data: RealClientData): void;
  readonly core: ApiServerCore;
}

export interface RealClientData {
  /** `schema/generated/protobuf-fields.json`: Go clients send some requests as protobuf. */
  protobuf?: ProtobufFields;
  /** `schema/generated/descriptions.json`: texts in the OpenAPI documents, for `kubectl explain`. */
  descriptions?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export function createApiServer(options: ApiServerOptions): ApiServer {
  return new KubeApiServer(options);
}

const verbsByMethod: Readonly<Record<string, string>> = {
  GET: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/** Opened with a GET by clients that use WebSockets, which does more than reading. */
const upgradedSubresources = new Set(['exec', 'attach', 'portforward']);

class KubeApiServer implements ApiServer {
  readonly core: ApiServerCore;
  readonly #authorizer: Authorizer;
  readonly #tokens: ReadonlyMap<string, User>;
  #requests = 0;
  readonly #flows: FlowControl;
  readonly #metrics: ServerMetrics;
  #openApi: OpenApi;
  #logs: PodLogs | undefined;
  #streams: PodStreams = {};

  constructor(options: ApiServerOptions) {
    const { world, admission = admissionPlugins } = options;
    const kinds = [...(options.kinds ?? builtInKinds), ...optionalKinds(options.runtimeConfig ?? {})];
    const rbac = options.authorization === 'RBAC';
    const authorizer = (): Authorizer => this.#authorizer;
    this.core = new ApiServerCore(world, kinds, rbac ? [...authorizationChecks(authorizer), ...admission] : admission);
    this.#authorizer = rbac ? new NodeAndRbacAuthorizer(this.core.store) : alwaysAllow;
    this.core.around.authorize = (attributes) => this.#authorizer.authorize(attributes);
    this.#openApi = new OpenApi(this.core);
    this.#flows = new FlowControl(this.core);
    this.#metrics = new ServerMetrics(this.core);
    this.#tokens = options.tokens ?? new Map();
    world.registerState(options.name ?? 'kubernetes', () => this.core.store.snapshot());
    if (this.core.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions')) new CustomResources(this.core);
    keepServiceAddresses(this.core);
    if (options.bootstrap ?? true) bootstrap(this.core);
  }

  client(identity: { manager: string; user?: string }): Client {
    return new InProcessClient(this.core, identity);
  }

  registerLogs(logs: PodLogs): void {
    this.#logs = logs;
  }

  registerStreams(streams: PodStreams): void {
    this.#streams = { ...this.#streams, ...streams };
    if (streams.fetch) this.core.around.webhooks.transport = streams.fetch;
  }

  serveRealClients({ protobuf, descriptions }: RealClientData): void {
    if (protobuf) this.core.protobuf = protobuf;
    if (descriptions) this.#openApi = new OpenApi(this.core, (type, field = '') => descriptions[type]?.[field]);
  }

  readonly handle: HttpHandler = async (request) => {
    const about: Partial<AuthorizationAttributes> = {};
    const response = await this.#answer(request, about);
    const headers: Record<string, string> = {
      'audit-id': request.headers['audit-id'] ?? auditId(++this.#requests),
      'cache-control': 'no-cache, private',
    };
    const { user, verb = request.method, group, version, resource, subresource } = about;
    if (user && !(subresource && streamSubresources.has(subresource))) {
      Object.assign(headers, this.#flows.headers(about as AuthorizationAttributes));
    }
    this.#metrics.count(verb.toUpperCase(), response.status, resource, group, version, subresource);
    return { ...response, headers: { ...headers, ...response.headers } };
  };

  /** @param about is told who asks for what */
  async #answer(request: HttpRequest, about: Partial<AuthorizationAttributes>): Promise<HttpResponse> {
    const warnings: string[] = [];
    let negotiated: Negotiated | undefined;
    try {
      const info = parseRequest(request.path);
      const user = this.#user(request);
      const { target } = info;
      if (!target) {
        Object.assign(about, { user, verb: request.method.toLowerCase(), path: info.path });
        this.#allow(about as AuthorizationAttributes);
        return this.#nonResource(request, info);
      }
      const served = this.core.find(target.group, target.version, target.resource);
      const verb = verbOf(request.method, info, target);
      Object.assign(about, authorizationOf(user, verb, info));
      checkTimeout(verb, info.query);
      if (served || this.core.servesGroupVersion(target.group, target.version)) {
        this.#allowResource(request, about as AuthorizationAttributes, target);
      }
      if (!served && this.core.extensions.has(target.group, target.version)) {
        this.#allow(about as AuthorizationAttributes);
        return this.core.extensions.serve(request, target, info.query);
      }
      if (!served) {
        if (this.core.servesGroupVersion(target.group, target.version)) throw pathNotFound();
        return respondText(404, '404 page not found\n');
      }
      if (served.definition.namespaced ? false : target.namespace !== undefined) throw pathNotFound();
      negotiated = negotiate(request.headers['accept'], info.query.bool('pretty'));
      const rest: RestRequest = {
        core: this.core,
        served,
        target,
        query: info.query,
        http: request,
        user,
        negotiated,
        warnings,
      };
      warnings.push(...deprecationWarnings(rest, verb));
      if (isReview(target.resource) && target.name === undefined) {
        // Nothing that could be a row of a table.
        if (negotiated.as !== 'object') throw notAcceptable(acceptedTypes);
        return await review(rest, verb, {
          user,
          authorizer: this.#authorizer,
          userOf: (token) => this.#userOfToken(token),
        });
      }
      if (target.subresource !== undefined && streamSubresources.has(target.subresource)) {
        return await serveStream(rest, this.#logs, this.#streams);
      }
      return await serveRest(rest, verb);
    } catch (error) {
      return respondError(asApiError(error), negotiated && { ...negotiated, as: 'object' }, warnings);
    }
  }

  #user(request: HttpRequest): User {
    const user = authenticate(this.core, this.#tokens, request);
    const other = impersonation(request);
    if (!other) return user;
    for (const check of other.checks) this.#allow({ user, ...check });
    return other.user;
  }

  #userOfToken(token: string): User | undefined {
    const get = (resource: string, namespace: string, name: string) => this.core.get('', resource, namespace, name);
    return this.#tokens.get(token) ?? verifyToken(token, this.core.world.clock.now(), get);
  }

  #allowResource(request: HttpRequest, attributes: AuthorizationAttributes, target: ResourceTarget): void {
    this.#allow(attributes);
    const { verb } = attributes;
    const { subresource } = target;
    const upgrades = verb === 'get' && subresource !== undefined && upgradedSubresources.has(subresource);
    if (upgrades || this.#wouldCreate(request, verb, target)) this.#allow({ ...attributes, verb: 'create' });
  }

  /** A server-side apply of what does not exist. */
  #wouldCreate({ headers }: HttpRequest, verb: string, target: ResourceTarget): boolean {
    if (verb !== 'patch' || !headers['content-type']?.startsWith('application/apply-patch')) return false;
    const served = this.core.find(target.group, target.version, target.resource);
    return served !== undefined && !served.storage.get(target.namespace, target.name!);
  }

  #allow(attributes: AuthorizationAttributes): void {
    const { allowed, reason } = this.#authorizer.authorize(attributes);
    if (!allowed) throw refusal(attributes, reason);
  }

  #nonResource(request: HttpRequest, { path, query }: RequestInfo): HttpResponse {
    const alive = path === '/version' ? undefined : health(path, query, this.core.etcd.hasQuorum);
    // Plain handlers take any method.
    if (alive) return request.method === 'HEAD' ? { ...alive, body: new Uint8Array(0) } : alive;
    if (path === '/metrics') return this.#metrics.respond();
    const found =
      health(path, query, true) ??
      discoverIssuer(this.core, path) ??
      this.#openApi.handle(path, request.headers['accept']) ??
      this.#discovery(request, path);
    if (!found) {
      if (path === '/' || path === '') return respond(200, { paths: this.#paths() });
      return path.startsWith('/api/v1') ? respondError(pathNotFound()) : respondText(404, '404 page not found\n');
    }
    if (request.method !== 'GET') throw methodNotAllowed();
    return found;
  }

  #discovery(request: HttpRequest, path: string): HttpResponse | undefined {
    if (!path.startsWith('/api')) return undefined;
    const accept = request.headers['accept'];
    const aggregated = /as=APIGroupDiscoveryList/.test(accept ?? '');
    const negotiated = aggregated ? negotiate('application/json') : negotiate(accept, false, false);
    return discovery(this.core, path, accept, negotiated);
  }

  #paths(): string[] {
    const paths = new Set(['/api', '/api/v1', '/apis', '/apis/', '/metrics', '/version', ...healthPaths]);
    for (const path of ['/openapi/v2', '/openapi/v3', '/openapi/v3/', ...issuerPaths]) paths.add(path);
    for (const { definition } of this.core.served()) {
      if (!definition.group) continue;
      paths.add(`/apis/${definition.group}`);
      paths.add(`/apis/${definition.group}/${definition.version}`);
    }
    return [...paths].sort();
  }
}

/** A UUID made of a count: whoever only looks, as the page does, must not draw from the world's chance. */
function auditId(n: number): string {
  const digits = [1, 2, 3, 4].map((i) => {
    const mixed = Math.imul((n * 4 + i) ^ (n >>> 7), 0x9e3779b1);
    return ((mixed ^ (mixed >>> 15)) >>> 0).toString(16).padStart(8, '0');
  });
  const text = digits.join('');
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-a${text.slice(17, 20)}-${text.slice(20)}`;
}

function verbOf(method: string, { query }: RequestInfo, target: ResourceTarget): string {
  const verb = verbsByMethod[method];
  if (!verb) throw methodNotAllowed();
  const watches = target.watch || query.bool('watch');
  if (verb === 'get' && target.subresource === undefined && (target.name === undefined || watches)) {
    return watches ? 'watch' : 'list';
  }
  if (target.name === undefined) {
    if (verb === 'delete') return 'deletecollection';
    if (verb !== 'create') throw methodNotAllowed();
  } else if (verb === 'create' && target.subresource === undefined) {
    throw methodNotAllowed();
  }
  return verb;
}

/** @throws ApiError BadRequest for a `timeout` that is no duration */
function checkTimeout(verb: string, query: Query): void {
  const timeout = query.get('timeout');
  if (timeout === undefined || verb === 'watch') return;
  try {
    parseDuration(timeout);
  } catch (error) {
    throw badRequest(`invalid timeout specified in the request URL - ${(error as Error).message}`);
  }
}

function authorizationOf(user: User, verb: string, { query, target }: RequestInfo): AuthorizationAttributes {
  const { group, version, resource, namespace, subresource } = target!;
  const collection = verb === 'list' || verb === 'watch' || verb === 'deletecollection';
  const fieldSelector = collection ? selectedFields(query) : undefined;
  // A collection chosen by one name counts as a request for that name, so that rules with resourceNames apply.
  const name = target!.name ?? fieldSelector?.['metadata.name'];
  const where = resource === 'namespaces' && target!.name !== undefined ? target!.name : namespace;
  return {
    user,
    verb,
    group,
    version,
    resource,
    ...(subresource !== undefined && { subresource }),
    ...(where !== undefined && { namespace: where }),
    ...(name !== undefined && { name }),
    ...(fieldSelector && { fieldSelector }),
  };
}

/** The fields that a collection is chosen by, as far as they must have one value. */
function selectedFields(query: Query): Record<string, string> | undefined {
  const text = query.get('fieldSelector');
  if (text === undefined) return undefined;
  try {
    const exact = parseFieldSelector(text).filter(({ operator }) => operator !== '!=');
    return Object.fromEntries(exact.map(({ field, value }) => [field, value]));
  } catch {
    // The list refuses it in its own words.
    return undefined;
  }
}

/** What the server says to every use of an API that is going away. */
function deprecationWarnings({ served, target }: RestRequest, verb: string): string[] {
  if (served.deprecation !== undefined) return [served.deprecation];
  if (target.group !== '' || verb === 'deletecollection') return [];
  if (served.definition.resource === 'componentstatuses') return ['v1 ComponentStatus is deprecated in v1.19+'];
  if (served.definition.resource !== 'endpoints') return [];
  return ['v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'];
}

function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof GoJsonError) return badRequest(error.message);
  return internalError(error instanceof Error ? error.message : String(error));
}
