import type { HttpRequest, HttpResponse } from '../../../network/http.ts';
import { rfc3339, type World } from '../../../world/index.ts';
import { matchesFields, parseFieldSelector } from '../../apimachinery/field-selector.ts';
import { matchesSelector, parseSelector } from '../../apimachinery/label-selector.ts';
import type { ExtensionApi } from '../../apiserver/aggregation/extension-api.ts';
import { badRequest, methodNotAllowed, notFound } from '../../apiserver/errors.ts';
import { negotiate, type Negotiated } from '../../apiserver/negotiation.ts';
import type { Query, ResourceTarget } from '../../apiserver/request-info.ts';
import { respond, respondError } from '../../apiserver/responses.ts';
import { ApiError, type Client } from '../../client.ts';
import { goDuration } from '../../kubelet/backoff.ts';
import type { Kubelet } from '../../kubelet/kubelet.ts';
import { refs, type KubeObject } from '../../types.ts';
import { measureContainer, measureNode, runningContainers, window, type Measured } from './measure.ts';

/** metrics.k8s.io/v1beta1 as metrics-server serves it: usage of nodes and Pods, worked out when somebody asks. */

interface Usage {
  cpu: string;
  memory: string;
}

type NodeMetrics = KubeObject & { timestamp: string; window: string; usage: Usage };
type PodMetrics = KubeObject & { timestamp: string; window: string; containers: { name: string; usage: Usage }[] };

const group = 'metrics.k8s.io';
const verbs = ['get', 'list'];

export class MetricsApi implements ExtensionApi {
  readonly group = group;
  readonly version = 'v1beta1';
  readonly resources = [
    { name: 'nodes', singularName: '', namespaced: false, kind: 'NodeMetrics', verbs },
    { name: 'pods', singularName: '', namespaced: true, kind: 'PodMetrics', verbs },
  ];
  readonly #world: World;
  readonly #client: Client;
  readonly #kubelets: ReadonlyMap<string, Kubelet>;
  /** Servers that scrape: by address, since when (virtual ms). */
  readonly #servers = new Map<string, number>();

  constructor(world: World, client: Client, kubelets: ReadonlyMap<string, Kubelet>) {
    this.#world = world;
    this.#client = client;
    this.#kubelets = kubelets;
  }

  /** A server at this address scrapes from now on. Returns an undo. */
  serving(address: string): () => void {
    this.#servers.set(address, this.#world.queue.now);
    return () => void this.#servers.delete(address);
  }

  servedBy(address: string): boolean {
    return this.#servers.has(address);
  }

  #window(): { from: number; to: number } | undefined {
    const since = Math.min(...this.#servers.values());
    return this.#servers.size === 0 ? undefined : window(since, this.#world.queue.now);
  }

  list(resource: string, namespace: string | undefined): readonly KubeObject[] {
    const scrapes = this.#window();
    if (!scrapes) return [];
    if (resource === 'nodes')
      return this.#client
        .resource(refs.nodes)
        .list()
        .flatMap((node) => this.#node(node, scrapes) ?? []);
    return this.#client
      .resource(refs.pods)
      .list(namespace === undefined ? {} : { namespace })
      .flatMap((pod) => this.#pod(pod, scrapes) ?? []);
  }

  get(resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    const scrapes = this.#window();
    if (resource === 'nodes') {
      const node = this.#client.resource(refs.nodes).get(undefined, name);
      if (!node) throw notFound({ group: '', resource }, name);
      return scrapes && this.#node(node, scrapes);
    }
    const pod = this.#client.resource(refs.pods).get(namespace, name);
    if (!pod) throw notFound({ group: '', resource }, name);
    return scrapes && this.#pod(pod, scrapes);
  }

  #metadata({ metadata }: KubeObject): KubeObject['metadata'] {
    const { name, namespace, labels } = metadata;
    return {
      name,
      ...(namespace === undefined ? undefined : { namespace }),
      creationTimestamp: this.#world.clock.timestamp(),
      ...(labels ? { labels } : undefined),
    } as KubeObject['metadata'];
  }

  #node(node: KubeObject, scrapes: { from: number; to: number }): NodeMetrics | undefined {
    const kubelet = this.#kubelets.get(node.metadata.name);
    const measured = kubelet && measureNode(kubelet, scrapes);
    if (!measured) return undefined;
    return {
      apiVersion: `${group}/v1beta1`,
      kind: 'NodeMetrics',
      metadata: this.#metadata(node),
      ...this.#when(measured),
      usage: usage(measured),
    };
  }

  #pod(
    pod: KubeObject & { spec: { nodeName?: string }; status: { phase?: string } },
    scrapes: { from: number; to: number },
  ): PodMetrics | undefined {
    if (pod.status.phase !== 'Running') return undefined;
    const kubelet = this.#kubelets.get(pod.spec.nodeName ?? '');
    const worker = kubelet?.running ? kubelet.workers.get(pod.metadata.uid) : undefined;
    if (!worker) return undefined;
    const containers: PodMetrics['containers'] = [];
    let oldest: Measured | undefined;
    for (const { record, container, startedAt } of runningContainers(worker, this.#world.clock.epoch)) {
      const measured = measureContainer(container, startedAt, scrapes);
      // A Pod is shown when all of it has been measured.
      if (!measured) return undefined;
      containers.push({ name: record.name, usage: usage(measured) });
      if (!oldest || measured.windowMs < oldest.windowMs) oldest = measured;
    }
    if (!oldest) return undefined;
    return {
      apiVersion: `${group}/v1beta1`,
      kind: 'PodMetrics',
      metadata: this.#metadata(pod),
      ...this.#when(oldest),
      containers,
    };
  }

  #when({ time, windowMs }: Measured): { timestamp: string; window: string } {
    return { timestamp: rfc3339(this.#world.clock.epoch + time), window: goDuration(windowMs) };
  }

  handle(request: HttpRequest, { resource, namespace, name }: ResourceTarget, query: Query): HttpResponse {
    let negotiated: Negotiated | undefined;
    try {
      negotiated = negotiate(request.headers['accept'], query.bool('pretty'));
      if (request.method !== 'GET' || query.bool('watch')) throw methodNotAllowed();
      if (name !== undefined) {
        const found = this.get(resource, namespace, name);
        if (!found) {
          const full = resource === 'nodes' ? name : `${namespace}/${name}`;
          throw notFound({ group, resource: resource === 'nodes' ? 'nodemetrics' : 'podmetrics' }, full);
        }
        return this.#respond([found], negotiated, found);
      }
      return this.#respond(select(this.list(resource, namespace), query), negotiated);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return respondError(error, negotiated && { ...negotiated, as: 'object' });
    }
  }

  #respond(objects: readonly KubeObject[], negotiated: Negotiated, single?: KubeObject): HttpResponse {
    if (negotiated.as === 'Table') return respond(200, table(objects, negotiated.version), negotiated);
    if (single) return respond(200, single, negotiated);
    const kind = `${objects[0]?.kind ?? 'PodMetrics'}List`;
    // Items of a list don't repeat what they are.
    const items = objects.map(({ apiVersion: _version, kind: _kind, ...rest }) => rest);
    return respond(200, { kind, apiVersion: `${group}/v1beta1`, metadata: {}, items }, negotiated);
  }
}

/** @throws ApiError BadRequest */
function select(objects: readonly KubeObject[], query: Query): readonly KubeObject[] {
  const labels = query.get('labelSelector');
  const fields = query.get('fieldSelector');
  try {
    const requirements = labels ? parseSelector(labels) : undefined;
    const terms = fields ? parseFieldSelector(fields) : undefined;
    return objects.filter(
      ({ metadata }) =>
        (!requirements || matchesSelector(requirements, metadata.labels ?? {})) &&
        (!terms || matchesFields(terms, (field) => fieldValue(metadata, field))),
    );
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw badRequest((error as Error).message);
  }
}

function fieldValue({ name, namespace = '' }: KubeObject['metadata'], field: string): string {
  if (field === 'metadata.name') return name;
  if (field === 'metadata.namespace') return namespace;
  throw badRequest(`field label not supported: ${field}`);
}

function usage({ cpus, memoryBytes }: Measured): Usage {
  const nanos = Math.round(cpus * 1e9);
  return { cpu: nanos === 0 ? '0' : `${nanos}n`, memory: `${memoryBytes / 1024}Ki` };
}

function table(objects: readonly KubeObject[], version: string): unknown {
  const sum = (object: KubeObject, of: keyof Usage, unit: RegExp) => {
    const own = (object as NodeMetrics).usage;
    const all = own ? [own] : (object as PodMetrics).containers.map((c) => c.usage);
    return all.reduce((total, one) => total + Number(one[of].replace(unit, '')), 0);
  };
  const definition = (name: string, format = '') => ({
    name,
    type: 'string',
    format,
    description: name === 'Name' ? 'Name of the resource' : '',
    priority: 0,
  });
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: {},
    columnDefinitions: [
      definition('Name', 'name'),
      definition('cpu', 'quantity'),
      definition('memory', 'quantity'),
      definition('Window', 'duration'),
    ],
    rows: objects.map((object) => ({
      cells: [
        object.metadata.name,
        `${sum(object, 'cpu', /n$/)}n`,
        `${sum(object, 'memory', /Ki$/)}Ki`,
        (object as NodeMetrics).window,
      ],
      object: { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata },
    })),
  };
}
