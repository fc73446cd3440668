import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { HttpResponse } from '../../network/http.ts';
import { toBytes } from '../../world/index.ts';
import { structType, type StructType } from '../schema/index.ts';
import type { ApiServerCore, ServedResource } from './core.ts';
import { notAcceptable } from './errors.ts';
import { versionInfo } from './health.ts';
import { parseAccept } from './negotiation.ts';
import { encodeOpenApiV2, openApiV2ProtobufTypes } from './openapi-protobuf.ts';
import { schemaName, SchemaCollector, type Describe, type Fields } from './openapi-schemas.ts';
import { respond } from './responses.ts';

/** The OpenAPI documents: one a group and version (v3), or one for all (v2). Made when asked for, and kept. */
export class OpenApi {
  readonly #core: ApiServerCore;
  readonly #describe: Describe;
  #generation = -1;
  #documents = new Map<string, Uint8Array>();

  constructor(core: ApiServerCore, describe: Describe = () => undefined) {
    this.#core = core;
    this.#describe = describe;
  }

  /** Answers /openapi/…; undefined for other paths. @throws ApiError NotAcceptable */
  handle(path: string, accept: string | undefined): HttpResponse | undefined {
    if (!path.startsWith('/openapi/')) return undefined;
    if (this.#generation !== this.#core.generation) {
      this.#generation = this.#core.generation;
      this.#documents = new Map();
    }
    if (path === '/openapi/v2') return this.#v2(accept);
    if (path === '/openapi/v3' || path === '/openapi/v3/') return respond(200, { paths: this.#index() });
    const id = path.slice('/openapi/v3/'.length);
    if (!this.#groupVersions().has(id)) return undefined;
    requireJson(accept);
    return this.#serve(id, () => toBytes(JSON.stringify(this.#v3(id))));
  }

  #groupVersions(): Map<string, ServedResource[]> {
    const map = new Map<string, ServedResource[]>();
    for (const served of this.#core.served()) {
      const { group } = served.definition;
      const id = group ? `apis/${served.apiVersion}` : `api/${served.apiVersion}`;
      const list = map.get(id);
      if (list) list.push(served);
      else map.set(id, [served]);
    }
    return map;
  }

  #index(): Fields {
    const paths: Fields = {};
    for (const [id, list] of this.#groupVersions()) {
      const custom = list.some((served) => served.custom) ? this.#generation : 0;
      const hash = bytesToHex(sha256(utf8ToBytes(`${versionInfo.gitVersion} ${id} ${custom}`))).toUpperCase();
      paths[id] = { serverRelativeURL: `/openapi/v3/${id}?hash=${hash}` };
    }
    return paths;
  }

  #serve(id: string, make: () => Uint8Array): HttpResponse {
    let body = this.#documents.get(id);
    if (!body) this.#documents.set(id, (body = make()));
    return {
      status: 200,
      headers: { 'content-type': 'application/json', 'content-length': String(body.length) },
      body,
    };
  }

  #v3(id: string): Fields {
    const collector = new SchemaCollector('#/components/schemas/', this.#describe);
    const paths: Fields = {};
    for (const served of this.#groupVersions().get(id)!)
      this.#addResource(served, collector, paths, '#/components/schemas/');
    const deleteOptions = structType('meta/v1/DeleteOptions');
    if (deleteOptions) collector.add(deleteOptions);
    return {
      openapi: '3.0.0',
      info: { title: 'Kubernetes', version: versionInfo.gitVersion },
      paths,
      components: { schemas: sorted(collector.schemas) },
    };
  }

  #v2(accept: string | undefined): HttpResponse {
    const asked = parseAccept(accept).map(({ type }) => type);
    if (asked.some((type) => openApiV2ProtobufTypes.includes(type))) {
      const response = this.#serve('v2.pb', () => encodeOpenApiV2(this.#v2Document()));
      return { ...response, headers: { ...response.headers, 'content-type': openApiV2ProtobufTypes[1]! } };
    }
    requireJson(accept);
    return this.#serve('v2', () => toBytes(JSON.stringify(this.#v2Document())));
  }

  #v2Document(): Fields {
    const prefix = '#/definitions/';
    const collector = new SchemaCollector(prefix, this.#describe, true);
    const paths: Fields = {};
    for (const list of this.#groupVersions().values()) {
      for (const served of list) this.#addResource(served, collector, paths, prefix);
    }
    return {
      swagger: '2.0',
      info: { title: 'Kubernetes', version: versionInfo.gitVersion },
      paths,
      definitions: sorted(collector.schemas),
    };
  }

  #addResource(served: ServedResource, collector: SchemaCollector, paths: Fields, prefix: string): void {
    const { definition, apiVersion, type } = served;
    const { group, version, kind, resource, namespaced } = definition;
    const gvk = { group, version, kind };
    const kinds = { 'x-kubernetes-group-version-kind': [gvk] };
    const name = served.schema
      ? collector.addCustom(type!.name, served.schema, kinds)
      : type && collector.add(type, kinds);
    const listName = name && this.#addList(collector, type!, gvk, prefix);
    const v2 = prefix === '#/definitions/';
    const content = (schema: string | undefined) =>
      schema ? contentOf(`${prefix}${schema}`, v2) : { description: 'OK' };
    const operation = (action: string, schema: string | undefined, parameters: readonly string[] = []): Fields => ({
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': gvk,
      ...(parameters.length > 0 && { parameters: parameters.map((parameter) => queryParameter(parameter, v2)) }),
      responses: { [action === 'post' ? '201' : '200']: content(schema) },
    });
    const root = group ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const collection = namespaced ? `${root}/namespaces/{namespace}/${resource}` : `${root}/${resource}`;
    const has = (verb: string) => served.verbs.includes(verb);
    const pathParameters = (named: boolean) => [
      ...(named ? [pathParameter('name', v2)] : []),
      ...(namespaced ? [pathParameter('namespace', v2)] : []),
    ];
    const withParameters = (named: boolean, operations: Fields): Fields => {
      const parameters = pathParameters(named);
      return parameters.length > 0 ? { ...operations, parameters } : operations;
    };
    paths[collection] = withParameters(false, {
      ...(has('list') && { get: operation('list', listName, listParameters) }),
      ...(has('create') && { post: operation('post', name, writeParameters) }),
      ...(has('deletecollection') && { delete: operation('deletecollection', undefined) }),
    });
    if (namespaced && has('list')) paths[`${root}/${resource}`] = { get: operation('list', listName, listParameters) };
    if (!has('get')) return;
    const item = `${collection}/{name}`;
    const itemOperations = (verbs: (verb: string) => boolean): Fields =>
      withParameters(true, {
        get: operation('get', name),
        ...(verbs('update') && { put: operation('put', name, writeParameters) }),
        ...(verbs('patch') && { patch: operation('patch', name, [...writeParameters, 'force']) }),
        ...(verbs('delete') && { delete: operation('delete', undefined) }),
      });
    paths[item] = itemOperations(has);
    if (definition.subresources?.status) paths[`${item}/status`] = itemOperations((verb) => verb !== 'delete');
  }

  #addList(
    collector: SchemaCollector,
    type: StructType,
    gvk: { group: string; version: string; kind: string },
    prefix: string,
  ): string {
    const itemName = schemaName(type.name);
    const name = `${itemName}List`;
    const meta = structType('meta/v1/ListMeta');
    const $ref = (schema: string) => ({ $ref: `${prefix}${schema}` });
    collector.schemas.set(name, {
      description: `${gvk.kind}List is a list of ${gvk.kind} objects.`,
      type: 'object',
      required: ['items'],
      properties: {
        apiVersion: { type: 'string' },
        items: { type: 'array', items: $ref(itemName) },
        kind: { type: 'string' },
        ...(meta && { metadata: $ref(collector.add(meta)) }),
      },
      'x-kubernetes-group-version-kind': [{ ...gvk, kind: `${gvk.kind}List` }],
    });
    return name;
  }
}

const listParameters = [
  'allowWatchBookmarks',
  'continue',
  'fieldSelector',
  'labelSelector',
  'limit',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'timeoutSeconds',
  'watch',
];
const writeParameters = ['pretty', 'dryRun', 'fieldManager', 'fieldValidation'];
const notStrings: Readonly<Record<string, string>> = {
  allowWatchBookmarks: 'boolean',
  sendInitialEvents: 'boolean',
  watch: 'boolean',
  force: 'boolean',
  limit: 'integer',
  timeoutSeconds: 'integer',
};

function queryParameter(name: string, v2: boolean): Fields {
  const type = notStrings[name] ?? 'string';
  return v2
    ? { name, in: 'query', type, uniqueItems: true }
    : { name, in: 'query', schema: { type, uniqueItems: true } };
}

function pathParameter(name: string, v2: boolean): Fields {
  const common = { name, in: 'path', required: true };
  return v2
    ? { ...common, type: 'string', uniqueItems: true }
    : { ...common, schema: { type: 'string', uniqueItems: true } };
}

function contentOf($ref: string, v2: boolean): Fields {
  if (v2) return { description: 'OK', schema: { $ref } };
  return { description: 'OK', content: { 'application/json': { schema: { $ref } } } };
}

function sorted(schemas: ReadonlyMap<string, Fields>): Fields {
  return Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** @throws ApiError NotAcceptable for clients that only read protobuf */
function requireJson(accept: string | undefined): void {
  const types = parseAccept(accept).map(({ type }) => type);
  if (!types.some((type) => type === 'application/json' || type === '*/*' || type === 'application/*')) {
    throw notAcceptable(['application/json']);
  }
}
