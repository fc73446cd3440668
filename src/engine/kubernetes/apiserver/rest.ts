import type { HttpRequest, HttpResponse } from '../../network/http.ts';
import { invalid as invalidField } from '../apimachinery/field-error.ts';
import { typeForKind } from '../schema/index.ts';
import type { Draft, KubeObject } from '../types.ts';
import { converse, type Conversation } from './admission/webhooks/conversation.ts';
import { ServiceAccountMissing } from './admission/service-account.ts';
import { decodeObject, parseBody, readBody } from './body.ts';
import type { ApiServerCore, ServedResource } from './core.ts';
import { validateDeleteOptions, type FullDeleteOptions } from './delete.ts';
import { itemJson, partialMetadata, wireItem, wireObject } from './encoding.ts';
import { badRequest, invalid, methodNotAllowed, pathNotFound } from './errors.ts';
import { list, number, waitForRevision } from './list.ts';
import type { Negotiated } from './negotiation.ts';
import { isRecord } from './objects.ts';
import { patchRequest } from './patch/request.ts';
import type { Query, ResourceTarget } from './request-info.ts';
import type { Mutable } from './resources/kind.ts';
import { respond, respondJson } from './responses.ts';
import type { WriteOptions } from './storage.ts';
import type { Entry } from './store.ts';
import { subresourceOf } from './subresources/registry.ts';
import { includeObject, table } from './table.ts';
import type { User } from './user.ts';
import { watch } from './watch.ts';
import { checkName, fieldValidation, placeInNamespace, writeOptions } from './write-options.ts';

/** A request for a resource, with all that the verbs need to know. */
export interface RestRequest {
  core: ApiServerCore;
  served: ServedResource;
  target: ResourceTarget;
  query: Query;
  http: HttpRequest;
  user: User;
  negotiated: Negotiated;
  warnings: string[];
  /** How webhooks are asked about what the request writes. */
  conversation?: Conversation;
}

/** How long the default service account of a new namespace is waited for, as upstream's admission does. */
const accountAttempts = 10;
const accountRetryMs = 100;

/** @throws ApiError */
export async function serveRest(request: RestRequest, verb: string): Promise<HttpResponse> {
  const { core, query } = request;
  if (!core.etcd.hasQuorum && needsEtcd(verb, query)) await core.etcd.waitForQuorum();
  const asks = core.around.webhooks.inUse || request.served.ready;
  if (!asks || !writes.has(verb) || request.conversation) return serveVerb(request, verb);
  // The request may be tried several times: its body must be there each time.
  const body = await readBody(request.http);
  const http = { ...request.http, body };
  return converse(core.around.random.uint32(), (conversation) => serveVerb({ ...request, http, conversation }, verb));
}

const writes = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);

async function serveVerb(request: RestRequest, verb: string): Promise<HttpResponse> {
  const { served, target } = request;
  if (target.subresource !== undefined && target.subresource !== 'status') return serveSubresource(request, verb);
  if (target.subresource === 'status') {
    if (!served.definition.subresources?.status) throw pathNotFound();
    if (verb !== 'get' && verb !== 'update' && verb !== 'patch') throw methodNotAllowed();
  } else if (!served.verbs.includes(verb)) {
    throw methodNotAllowed();
  }
  switch (verb) {
    case 'get':
      return get(request);
    case 'list':
      return listAll(request);
    case 'watch':
      return watchAll(request);
    case 'create':
      return create(request);
    case 'update':
      return update(request);
    case 'patch':
      return patchRequest(request);
    case 'delete':
      return remove(request);
    case 'deletecollection':
      return removeCollection(request);
    default:
      throw methodNotAllowed();
  }
}

/** Watches, and reads that any version will do for, come from the server's own cache. */
function needsEtcd(verb: string, query: Query): boolean {
  if (verb === 'watch') return false;
  return (verb !== 'get' && verb !== 'list') || !query.get('resourceVersion');
}

async function get({ served, target, query, core, negotiated, warnings }: RestRequest): Promise<HttpResponse> {
  await waitForRevision(core, query);
  const entry = served.storage.mustGet(target.namespace, target.name!);
  checkReadable(served, [entry]);
  await served.ready?.([entry.object]);
  return one(core, served, entry, query, negotiated, 200, warnings);
}

/** Values whose encryption key is gone cannot be read. @throws ApiError InternalError */
function checkReadable({ storage }: ServedResource, entries: readonly Entry[]): void {
  const { checkReadable: check } = storage.around;
  if (check) for (const { key, revision } of entries) check(storage.store.id, key, revision);
}

async function listAll({ core, served, target, query, negotiated, warnings }: RestRequest): Promise<HttpResponse> {
  await waitForRevision(core, query);
  const { entries, metadata } = list(served, query, target.namespace, target.name);
  checkReadable(served, entries);
  await served.ready?.(entries.map(({ object }) => object));
  const { as, version } = negotiated;
  if (as === 'Table') {
    const include = includeObject(query.get('includeObject'));
    const now = core.world.clock.now();
    return respond(
      200,
      table(served, entries, now, { version, include, metadata, headers: true }),
      negotiated,
      warnings,
    );
  }
  if (as !== 'object') {
    const items = entries.map((entry) => partialMetadata(served, entry, version));
    const result = { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${version}`, metadata, items };
    return respond(200, result, negotiated, warnings);
  }
  const head = { kind: `${served.definition.kind}List`, apiVersion: served.apiVersion, metadata };
  if (negotiated.format === 'json' && !negotiated.pretty) {
    const pieces = [`${JSON.stringify(head).slice(0, -1)},"items":[`];
    entries.forEach((entry, i) => {
      if (i > 0) pieces.push(',');
      pieces.push(itemJson(served, entry));
    });
    pieces.push(']}\n');
    return respondJson(200, pieces, warnings);
  }
  const items = entries.map((entry) => wireItem(served, entry));
  return respond(200, { ...head, items }, negotiated, warnings);
}

function watchAll({ core, served, target, query, negotiated, http, warnings }: RestRequest): HttpResponse {
  const response = watch(core, served, query, negotiated, http, target.namespace, target.name);
  const header = respond(200, {}, negotiated, warnings).headers['warning'];
  if (header) response.headers['warning'] = header;
  return response;
}

async function create(request: RestRequest): Promise<HttpResponse> {
  const { core, served, target, query, http, negotiated, warnings } = request;
  if (served.definition.namespaced && target.namespace === undefined) throw methodNotAllowed();
  const options = writeOptions(request, 'CreateOptions');
  const bytes = await readBody(http);
  const { kind } = served.definition;
  const decoded = decodeObject(
    () => parseBody(bytes, http.headers['content-type'], core.protobuf),
    { apiVersion: served.apiVersion, kind, type: served.type, decode: served.decode },
    fieldValidation(query, 'CreateOptions'),
    options.warn!,
  ) as unknown as Mutable<Draft>;
  placeInNamespace(decoded, target.namespace);
  const stored = served.conversion ? served.conversion.toStored(decoded as KubeObject) : decoded;
  const entry = await retryForAccount(core, () => served.storage.create(stored as Mutable<Draft>, options));
  await served.ready?.([entry.object]);
  return one(core, served, entry, query, negotiated, 201, warnings);
}

/** Creates again while only the default service account is missing, which its controller is about to make. */
async function retryForAccount(core: ApiServerCore, attempt: () => Entry): Promise<Entry> {
  for (let i = 1; ; i++) {
    try {
      return attempt();
    } catch (error) {
      const waits = error instanceof ServiceAccountMissing && error.message.includes('serviceaccount "default"');
      if (!waits || i === accountAttempts) throw error;
    }
    await core.world.sleep(accountRetryMs);
  }
}

async function update(request: RestRequest): Promise<HttpResponse> {
  const { core, served, target, query, http, negotiated, warnings } = request;
  if (served.definition.namespaced && target.namespace === undefined) throw pathNotFound();
  const options = writeOptions(request, 'UpdateOptions');
  const bytes = await readBody(http);
  const decoded = decodeObject(
    () => parseBody(bytes, http.headers['content-type'], core.protobuf),
    { apiVersion: served.apiVersion, kind: served.definition.kind, type: served.type, decode: served.decode },
    fieldValidation(query, 'UpdateOptions'),
    options.warn!,
  ) as unknown as Mutable<Draft>;
  placeInNamespace(decoded, target.namespace);
  checkName(decoded, target);
  if (served.custom && !decoded.metadata.resourceVersion && served.storage.get(target.namespace, target.name!)) {
    const error = invalidField('metadata.resourceVersion', 0, 'must be specified for an update');
    throw invalid(served.definition, target.name!, [error]);
  }
  const stored = (served.conversion ? served.conversion.toStored(decoded as KubeObject) : decoded) as KubeObject;
  if (
    !served.storage.get(target.namespace, target.name!) &&
    createsOnUpdate.has(served.definition.resource) &&
    !target.subresource
  ) {
    const entry = served.storage.create(stored as Mutable<Draft>, options);
    return one(core, served, entry, query, negotiated, 201, warnings);
  }
  const entry = served.storage.update(target.namespace, target.name!, () => stored, options);
  await served.ready?.([entry.object]);
  return one(core, served, entry, query, negotiated, 200, warnings);
}

/** Kinds that PUT may create (AllowCreateOnUpdate). */
const createsOnUpdate = new Set(['endpoints', 'events', 'leases', 'limitranges', 'services']);

async function remove(request: RestRequest): Promise<HttpResponse> {
  const { core, served, target, query, negotiated, warnings } = request;
  if (served.definition.namespaced && target.namespace === undefined) throw pathNotFound();
  const { deleteOptions, options } = await readDeleteOptions(request);
  const { entry, gone } = served.storage.delete(target.namespace, target.name!, deleteOptions, options);
  if (!gone) await served.ready?.([entry.object]);
  if (!gone || returnsDeleted.has(`${served.definition.group}/${served.definition.resource}`)) {
    return one(core, served, entry, query, negotiated, 200, warnings);
  }
  const { group, resource } = served.definition;
  const details = { name: target.name, ...(group && { group }), kind: resource, uid: entry.object.metadata.uid };
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
  return respond(200, status, negotiated, warnings);
}

/** Kinds whose deletion answers with the object (ReturnDeletedObject). */
const returnsDeleted = new Set([
  '/pods',
  '/podtemplates',
  '/persistentvolumes',
  '/persistentvolumeclaims',
  '/resourcequotas',
  '/services',
  '/serviceaccounts',
]);

async function removeCollection(request: RestRequest): Promise<HttpResponse> {
  const { served, target, query, negotiated, warnings } = request;
  if (served.definition.namespaced && target.namespace === undefined) throw methodNotAllowed();
  const { deleteOptions, options } = await readDeleteOptions(request);
  const { entries, metadata } = list(served, query, target.namespace);
  await served.ready?.(entries.map(({ object }) => object));
  for (const { object } of entries) {
    if (!served.storage.get(object.metadata.namespace, object.metadata.name)) continue;
    served.storage.delete(object.metadata.namespace, object.metadata.name, deleteOptions, options);
  }
  const items = entries.map((entry) => wireItem(served, entry));
  const result = { kind: `${served.definition.kind}List`, apiVersion: served.apiVersion, metadata, items };
  return respond(200, result, negotiated, warnings);
}

async function readDeleteOptions(
  request: RestRequest,
): Promise<{ deleteOptions: FullDeleteOptions; options: WriteOptions }> {
  const { core, query, http } = request;
  const bytes = await readBody(http);
  const deleteOptions: FullDeleteOptions = {};
  let dryRun: readonly string[] = query.all('dryRun');
  if (bytes.length > 0) {
    const body = decodeObject(
      () => parseBody(bytes, http.headers['content-type'], core.protobuf),
      { apiVersion: 'v1', kind: 'DeleteOptions', type: undefined },
      'Ignore',
      () => {},
    );
    Object.assign(deleteOptions, knownDeleteOptions(body));
    if (Array.isArray(body['dryRun'])) dryRun = body['dryRun'] as string[];
  } else {
    const grace = query.get('gracePeriodSeconds');
    if (grace !== undefined) deleteOptions.gracePeriodSeconds = graceOf(number(query, 'gracePeriodSeconds')!);
    const policy = query.get('propagationPolicy');
    if (policy !== undefined) deleteOptions.propagationPolicy = policy as 'Orphan';
    if (query.has('orphanDependents')) deleteOptions.orphanDependents = query.bool('orphanDependents');
  }
  validateDeleteOptions(deleteOptions);
  return { deleteOptions, options: writeOptions(request, 'DeleteOptions', dryRun) };
}

/** A negative period is the shortest there is. */
function graceOf(seconds: number): number {
  return seconds < 0 ? 1 : seconds;
}

function knownDeleteOptions(body: Record<string, unknown>): FullDeleteOptions {
  const { gracePeriodSeconds, propagationPolicy, preconditions, orphanDependents } = body;
  const wrong = (value: unknown, field: string, type: string) =>
    badRequest(
      `DeleteOptions in version "v1" cannot be handled as a DeleteOptions: json: cannot unmarshal ${typeof value} into Go struct field DeleteOptions.${field} of type ${type}`,
    );
  const result: FullDeleteOptions = {};
  if (typeof gracePeriodSeconds === 'number') result.gracePeriodSeconds = graceOf(gracePeriodSeconds);
  else if (gracePeriodSeconds !== undefined && gracePeriodSeconds !== null)
    throw wrong(gracePeriodSeconds, 'gracePeriodSeconds', 'int64');
  if (typeof propagationPolicy === 'string') result.propagationPolicy = propagationPolicy as 'Orphan';
  else if (propagationPolicy !== undefined && propagationPolicy !== null)
    throw wrong(propagationPolicy, 'propagationPolicy', 'v1.DeletionPropagation');
  if (typeof orphanDependents === 'boolean') result.orphanDependents = orphanDependents;
  if (isRecord(preconditions)) {
    const { uid, resourceVersion } = preconditions;
    result.preconditions = {
      ...(typeof uid === 'string' && { uid }),
      ...(typeof resourceVersion === 'string' && { resourceVersion }),
    };
  }
  return result;
}

async function serveSubresource(request: RestRequest, verb: string): Promise<HttpResponse> {
  const { core, served, target, query, http, negotiated, warnings } = request;
  const name = target.subresource!;
  const handler = subresourceOf(served, name);
  if (!handler) throw pathNotFound();
  if (verb === 'get') {
    if (!handler.get) throw methodNotAllowed();
    const entry = served.storage.mustGet(target.namespace, target.name!);
    const shown = handler.get(served, entry.object);
    return shown === (entry.object as unknown)
      ? one(core, served, entry, query, negotiated, 200, warnings)
      : respond(200, shown, negotiated, warnings);
  }
  if (verb === 'patch') return patchRequest(request, handler);
  if (verb !== 'create' && verb !== 'update') throw methodNotAllowed();
  if (verb === 'create' ? !handler.create : !handler.update) throw methodNotAllowed();
  const options = {
    ...writeOptions(request, verb === 'create' ? 'CreateOptions' : 'UpdateOptions'),
    subresource: name,
  };
  const bytes = await readBody(http);
  const expected = bodyKind(served, name);
  const body = decodeObject(
    () => parseBody(bytes, http.headers['content-type'], core.protobuf),
    expected,
    fieldValidation(query, 'CreateOptions'),
    options.warn!,
  );
  placeInNamespace(body as unknown as Mutable<Draft>, target.namespace);
  if (verb === 'update') {
    checkName(body as unknown as Draft, target);
    const { object } = served.storage.mustGet(target.namespace, target.name!);
    return respond(200, shown(request, handler.update!(core, served, object, body, options)), negotiated, warnings);
  }
  return respond(
    201,
    handler.create!(core, served, target.namespace, target.name!, body, options),
    negotiated,
    warnings,
  );
}

/** A subresource's answer: the whole object gets its managers. */
export function shown({ served, target }: RestRequest, result: Record<string, unknown>): unknown {
  if (result['kind'] !== served.definition.kind) return result;
  const entry = served.storage.get(target.namespace, target.name!);
  return entry ? wireObject(served, entry) : result;
}

const bodyKinds: Readonly<Record<string, readonly [apiVersion: string, kind: string]>> = {
  scale: ['autoscaling/v1', 'Scale'],
  eviction: ['policy/v1', 'Eviction'],
  binding: ['v1', 'Binding'],
  token: ['authentication.k8s.io/v1', 'TokenRequest'],
};

/** What a subresource's body is: mostly its object. */
export function bodyKind(
  served: ServedResource,
  subresource: string,
): { apiVersion: string; kind: string; type: ReturnType<typeof typeForKind> } {
  const special = bodyKinds[subresource];
  if (special) return { apiVersion: special[0], kind: special[1], type: typeForKind(...special) };
  return { apiVersion: served.apiVersion, kind: served.definition.kind, type: served.type };
}

/** Answers with one object in the form that was asked for. */
export function one(
  core: ApiServerCore,
  served: ServedResource,
  entry: Entry,
  query: Query,
  negotiated: Negotiated,
  status: number,
  warnings: readonly string[],
): HttpResponse {
  const { as, version } = negotiated;
  if (as === 'Table') {
    const include = includeObject(query.get('includeObject'));
    const metadata = { resourceVersion: entry.object.metadata.resourceVersion };
    const shown = table(served, [entry], core.world.clock.now(), { version, include, metadata, headers: true });
    return respond(status, shown, negotiated, warnings);
  }
  const value = as === 'object' ? wireObject(served, entry) : partialMetadata(served, entry, version);
  return respond(status, value, negotiated, warnings);
}
