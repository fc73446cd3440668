import numbers from '../../engine/kubernetes/schema/generated/protobuf-fields.json' with { type: 'json' };
import { apiResources, structType } from '../../engine/kubernetes/schema/index.ts';
import { encodeMessage, sealEnvelope } from '../../engine/kubernetes/apiserver/protobuf-writer.ts';
import type { RandomStream } from '../../engine/world/index.ts';
import { plausible } from './plausible.ts';
import { Values } from './values.ts';

export interface FuzzRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Uint8Array;
}

interface Target {
  root: string;
  group: string;
  version: string;
  kind: string;
  resource: string;
  namespaced: boolean;
  type: string | undefined;
  verbs: readonly string[];
}

/** Reads an object that a request may start from. */
export type Current = (path: string) => Record<string, unknown> | undefined;

const names = ['a', 'b', 'c', 'web', 'kubernetes', 'default', 'kube-root-ca.crt'];
const oddNames = ['UPPER', '..', '%2F', 'a'.repeat(300), '%zz', '__proto__', 'constructor', 'a b', '', 'a%00b', '-'];
const namespaces = ['default', 'kube-system', 'a', 'missing', 'UPPER'];
const subresources = [
  ...['status', 'scale', 'log', 'exec', 'attach', 'binding', 'eviction', 'finalize', 'token', 'proxy', 'resize'],
  ...['ephemeralcontainers', 'approval', 'portforward', 'nope', '__proto__'],
];
const accepts = [
  'application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  'application/yaml',
  'application/vnd.kubernetes.protobuf,application/json',
  'application/vnd.kubernetes.protobuf',
  'text/html',
  '*/*',
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  ';;;,',
];
const queryParts: readonly ((v: Values) => string)[] = [
  () => 'watch=1&timeoutSeconds=1',
  () => 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
  (v) => `limit=${v.random.pick(['1', '2', '500', '-1', 'x', '99999999999999999999'])}`,
  (v) =>
    `continue=${v.random.pick(['abc', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiYVx1MDAwMCJ9', '%25'])}`,
  (v) =>
    `labelSelector=${encodeURIComponent(v.random.pick(['app=web', 'app in (web,x)', '!app', 'a>1', '((', 'a=b=c', ',']))}`,
  (v) =>
    `fieldSelector=${encodeURIComponent(v.random.pick(['metadata.name=a', 'metadata.namespace!=a', 'status.phase=x', 'nope=1', 'a\\=b', '=']))}`,
  (v) => `resourceVersion=${v.random.pick(['0', '1', '50', '999999999', 'abc', '-1', ''])}`,
  (v) => `resourceVersionMatch=${v.random.pick(['Exact', 'NotOlderThan', 'x'])}`,
  (v) => `dryRun=${v.random.pick(['All', 'None', ''])}`,
  (v) => `fieldValidation=${v.random.pick(['Strict', 'Warn', 'Ignore', 'Loose'])}`,
  (v) =>
    `fieldManager=${v.random.pick(['x', 'y', 'm'.repeat(129), encodeURIComponent('\u0007')])}&force=${v.chance(0.5)}`,
  (v) => `propagationPolicy=${v.random.pick(['Foreground', 'Background', 'Orphan', 'x'])}`,
  (v) => `gracePeriodSeconds=${v.random.pick(['0', '1', '-1', 'x', '30'])}`,
  (v) => `includeObject=${v.random.pick(['None', 'Metadata', 'Object', 'x'])}`,
  (v) => `timeout=${v.random.pick(['1s', 'x', '0', '-1s'])}`,
  (v) => `pretty=${v.random.pick(['true', 'x', ''])}`,
  () => '%zz=1&&==&a',
  () => 'orphanDependents=true',
  (v) => `container=${v.random.pick(['c', 'x'])}&tailLines=${v.random.pick(['1', '-1', 'x'])}&follow=${v.chance(0.5)}`,
];
const patchTypes = ['json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json', 'apply-patch+yaml'];
const otherPaths = [
  ...['/', '/api', '/apis', '/api/v1', '/apis/apps', '/apis/apps/v1', '/version', '/healthz', '/readyz?verbose'],
  ...['/livez/etcd', '/metrics', '/openapi/v2', '/openapi/v3', '/openapi/v3/apis/apps/v1', '/openapi/v3/nope'],
  ...['/openid/v1/jwks', '/logs', '//', '/api//v1', '/api/v1/watch/pods', '/api/v1/proxy/x', '/apis/__proto__/v1/x'],
  ...['/api/v1/namespaces//pods', '/%00', '/apis/example.com/v1', '/api/v1/watch/namespaces/default/pods/a'],
];
const reviews = ['subjectaccessreviews', 'selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'tokenreviews'];

/** Requests of all kinds from a seeded stream: sound ones, broken ones, and those that start from what is stored. */
export class Generator {
  readonly #values: Values;
  readonly #targets: readonly Target[];
  readonly #favourites: readonly Target[];
  readonly #current: Current;

  constructor(random: RandomStream, current: Current) {
    this.#values = new Values(random);
    this.#current = current;
    const builtIn = apiResources.map(({ group, version, kind, resource, namespaced, type, verbs }) => ({
      root: group ? `/apis/${group}/${version}` : `/api/${version}`,
      ...{ group, version, kind, resource, namespaced, type, verbs },
    }));
    const custom = ['v1', 'v1beta1'].map((version) => ({
      root: `/apis/example.com/${version}`,
      ...{ group: 'example.com', version, kind: 'Widget', resource: 'widgets', namespaced: true, type: undefined },
      verbs: ['create', 'get', 'list', 'patch', 'update', 'delete', 'watch', 'deletecollection'],
    }));
    this.#targets = [...builtIn, ...custom];
    this.#favourites = this.#targets.filter(({ resource }) => plausible(resource, this.#values) !== undefined);
  }

  next(): FuzzRequest {
    const v = this.#values;
    const roll = v.random.float();
    const request = roll < 0.04 ? this.#elsewhere() : this.#onResource();
    if (v.chance(0.03))
      request.headers['impersonate-user'] = v.random.pick(['jane', 'system:serviceaccount:a:b', 'system:node:a']);
    if (v.chance(0.01)) request.headers['impersonate-group'] = v.random.pick(['system:nodes', 'x, y']);
    return request;
  }

  #elsewhere(): FuzzRequest {
    const v = this.#values;
    const method = v.random.pick(['GET', 'GET', 'GET', 'POST', 'HEAD', 'OPTIONS', 'DELETE', 'PATCH', 'TRACE', 'get']);
    return { method, path: v.random.pick(otherPaths), headers: { accept: v.random.pick(accepts) } };
  }

  #onResource(): FuzzRequest {
    const v = this.#values;
    const target = v.random.pick(v.chance(0.6) ? this.#favourites : this.#targets);
    const odd = v.chance(0.06);
    let path = target.root;
    const places = target.namespaced ? (odd ? v.chance(0.5) : !v.chance(0.05)) : odd && v.chance(0.3);
    if (places)
      path += `/namespaces/${odd ? v.random.pick([...namespaces, ...oddNames]) : v.random.pick(namespaces.slice(0, v.chance(0.7) ? 1 : 3))}`;
    path += `/${target.resource}`;
    const method = v.random.pick(['GET', 'GET', 'POST', 'POST', 'PUT', 'PATCH', 'PATCH', 'DELETE']);
    const collection =
      method === 'POST' || (method === 'GET' && v.chance(0.5)) || (method === 'DELETE' && v.chance(0.04));
    const name = odd
      ? v.random.pick([...names, ...oddNames])
      : v.random.pick(v.chance(0.8) ? names.slice(0, 2) : names);
    const sub = v.chance(0.12) ? v.random.pick(subresources) : undefined;
    if (!collection || (sub && v.chance(0.9))) path += `/${name}`;
    const item = path;
    if (sub) path += `/${sub}`;
    const query = this.#query();
    const { body, type } = this.#body(method, target, item, name, sub);
    const headers: Record<string, string> = { accept: v.random.pick(v.chance(0.8) ? accepts.slice(0, 6) : accepts) };
    if (type !== undefined) headers['content-type'] = type;
    return {
      method: odd && v.chance(0.1) ? 'HEAD' : method,
      path: path + query,
      headers,
      ...(body !== undefined && { body }),
    };
  }

  #query(): string {
    const v = this.#values;
    if (v.chance(0.5)) return '';
    const parts = Array.from({ length: 1 + v.random.int(3) }, () => v.random.pick(queryParts)(v));
    return `?${parts.join('&')}`;
  }

  #body(
    method: string,
    target: Target,
    item: string,
    name: string,
    sub: string | undefined,
  ): { body?: string | Uint8Array; type?: string } {
    const v = this.#values;
    if (method === 'GET') return {};
    if (v.chance(0.03)) {
      const body = v.random.pick([
        '',
        '{',
        '[1,',
        'a: [',
        '\u0000',
        'null',
        '"x"',
        '- a\n- b',
        'k8s\u0000abc',
        '&a [*a]',
        '{"a":1}{"b":2}',
      ]);
      return {
        body,
        type: v.random.pick([
          'application/json',
          'application/yaml',
          'application/vnd.kubernetes.protobuf',
          'text/plain',
          '',
        ]),
      };
    }
    if (method === 'DELETE') return v.chance(0.5) ? {} : this.#json(this.#deleteOptions());
    if (method === 'PATCH') return this.#patch(target, item, name);
    if (sub) return this.#json(this.#subBody(sub, item));
    const current = method === 'PUT' || v.chance(0.1) ? this.#current(item) : undefined;
    const object = current ? (v.mutated(current) as Record<string, unknown>) : this.#object(target, name);
    return v.chance(0.05) ? this.#protobuf(object, target) : this.#json(object);
  }

  #object(target: Target, name: string): Record<string, unknown> {
    const v = this.#values;
    const type = target.type === undefined ? undefined : structType(target.type);
    const sound = v.chance(0.6) ? plausible(target.resource, v) : undefined;
    const fields = sound ?? (type ? v.struct(type, 0, v.chance(0.3) ? 0.03 : 0) : { spec: v.junk() });
    const metadata: Record<string, unknown> = v.chance(0.05) ? { generateName: 'g-' } : { name };
    if (v.chance(0.4)) metadata['labels'] = { app: v.random.pick(['web', 'x', v.string()]) };
    if (v.chance(0.1)) metadata['finalizers'] = [v.random.pick(['example.com/x', 'orphan', 'bad'])];
    if (v.chance(0.1))
      metadata['ownerReferences'] = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: v.string() || 'u' }];
    if (v.chance(0.05))
      metadata[v.random.pick(['namespace', 'uid', 'resourceVersion', 'managedFields', 'annotations'])] = v.junk();
    const apiVersion = target.group ? `${target.group}/${target.version}` : target.version;
    return { ...(v.chance(0.9) && { apiVersion, kind: target.kind }), metadata, ...fields };
  }

  #patch(target: Target, item: string, name: string): { body: string; type: string } {
    const v = this.#values;
    const kind = v.random.pick(patchTypes);
    const type = `application/${kind}`;
    const current = this.#current(item);
    if (kind === 'json-patch+json') {
      const at = () =>
        v.random.pick([
          '',
          '/',
          '/spec',
          '/metadata/name',
          '/metadata/labels/app',
          '/data/a',
          '/spec/template/spec/containers/0/image',
          '/spec/replicas',
          '/metadata/finalizers/-',
          'x',
          '/a~0~1b',
        ]);
      const operation = () => ({
        op: v.random.pick(['add', 'remove', 'replace', 'test', 'move', 'copy', 'x']),
        path: at(),
        ...(v.chance(0.3) && { from: at() }),
        value: v.chance(0.6) ? v.random.pick<unknown>(['web', 2, {}, [], null]) : v.junk(),
      });
      return {
        body: JSON.stringify(v.chance(0.03) ? v.junk() : Array.from({ length: v.random.int(3) }, operation)),
        type,
      };
    }
    const from = current && v.chance(0.6) ? v.mutated(current) : this.#object(target, name);
    return { body: JSON.stringify(v.chance(0.03) ? v.junk() : from), type };
  }

  #subBody(sub: string, item: string): unknown {
    const v = this.#values;
    const current = this.#current(item);
    if (current && v.chance(0.7)) {
      const type = sub === 'status' ? v.junk() : undefined;
      return v.mutated(type === undefined ? current : { ...current, status: v.chance(0.5) ? type : current['status'] });
    }
    switch (sub) {
      case 'scale':
        return { spec: { replicas: v.random.pick<unknown>([0, 3, -1, 'x', 1.5]) } };
      case 'eviction':
        return { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: item.split('/').at(-1) } };
      case 'binding':
        return { target: { kind: 'Node', name: v.string() } };
      case 'token':
        return { spec: { expirationSeconds: v.random.pick([600, 3600, 1, -1]), audiences: ['a'] } };
      default:
        return v.junk();
    }
  }

  #deleteOptions(): unknown {
    const v = this.#values;
    if (v.chance(0.1)) return v.junk();
    return {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      ...(v.chance(0.5) && { gracePeriodSeconds: v.random.pick<unknown>([0, 1, -1, 30, 'x', null]) }),
      ...(v.chance(0.5) && {
        propagationPolicy: v.random.pick<unknown>(['Foreground', 'Background', 'Orphan', 'x', 1]),
      }),
      ...(v.chance(0.2) && {
        preconditions: v.random.pick<unknown>([{ uid: 'x' }, { resourceVersion: '1' }, {}, 'x']),
      }),
      ...(v.chance(0.2) && { dryRun: v.random.pick<unknown>([['All'], ['x'], 'All', []]) }),
    };
  }

  #json(value: unknown): { body: string; type: string } {
    const v = this.#values;
    return { body: JSON.stringify(value), type: v.chance(0.9) ? 'application/json' : 'application/yaml' };
  }

  #protobuf(object: Record<string, unknown>, target: Target): { body: Uint8Array; type: string } {
    const v = this.#values;
    const type = target.type === undefined ? undefined : structType(target.type);
    const apiVersion = target.group ? `${target.group}/${target.version}` : target.version;
    let raw: Uint8Array | undefined;
    try {
      raw = type && encodeMessage(object, type, numbers);
    } catch {
      // Objects that don't fit their schema have no such form.
    }
    const bytes = sealEnvelope({ apiVersion, kind: target.kind }, raw ?? new Uint8Array([10, 200]));
    if (v.chance(0.4)) bytes[v.random.int(bytes.length)]! ^= 1 << v.random.int(8);
    return { body: bytes, type: 'application/vnd.kubernetes.protobuf' };
  }

  /** A review, which is no stored object. */
  review(): FuzzRequest {
    const v = this.#values;
    const resource = v.random.pick(reviews);
    const group = resource === 'tokenreviews' ? 'authentication.k8s.io' : 'authorization.k8s.io';
    const spec = v.chance(0.3)
      ? v.junk()
      : { resourceAttributes: { verb: 'get', resource: 'pods' }, token: 'x', namespace: 'a', user: 'jane' };
    const headers = { accept: 'application/json', 'content-type': 'application/json' };
    return { method: 'POST', path: `/apis/${group}/v1/${resource}`, headers, body: JSON.stringify({ spec }) };
  }
}
