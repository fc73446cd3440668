import {
  contains,
  formatIp,
  isReader,
  parseCidr,
  parseIp,
  type Network,
  type NetworkNamespace,
} from '../../../network/index.ts';
import type { Controller, ControllerContext } from '../../controllers/runtime.ts';
import { refs, type Node, type Service } from '../../types.ts';

/** The cloud around a cluster, as far as load balancers go. */
export interface Cloud {
  /** The router of the cloud's network: it sends what is for a load balancer to one of the healthy nodes. */
  edge: NetworkNamespace;
  network: Network;
  /** Its device towards the nodes. */
  device: string;
  /** Addresses for load balancers, e.g. `203.0.113.0/24`. */
  pool: string;
}

const finalizer = 'service.kubernetes.io/load-balancer-cleanup';
/** A node is asked this often, virtual ms, and left out after so many failures. */
const checks = { period: 5_000, failures: 2 };

/** What the provider has for one Service. */
interface LoadBalancer {
  readonly ip: number;
  /** Failed checks in a row, by node. */
  readonly failed: Map<string, number>;
  nodes: readonly number[];
}

/**
 * The service controller of a cloud-controller-manager with a provider behind it: gives Services of type LoadBalancer an address,
 * checks the nodes and sends connections to healthy ones, with the client's address left as it is.
 */
export function serviceLoadBalancers(cloud: Cloud): Controller {
  return {
    name: 'service-lb-controller',
    component: 'service-controller',
    serviceAccount: 'service-controller',
    start(context) {
      new LoadBalancers(context, cloud).start();
    },
  };
}

class LoadBalancers {
  readonly #context: ControllerContext;
  readonly #cloud: Cloud;
  readonly #balancers = new Map<string, LoadBalancer>();

  constructor(context: ControllerContext, cloud: Cloud) {
    this.#context = context;
    this.#cloud = cloud;
  }

  start(): void {
    const context = this.#context;
    const queue = context.queue({ workers: 1, reconcile: (key) => this.#reconcile(key) });
    const add = ({ metadata }: Service) => queue.add(`${metadata.namespace}/${metadata.name}`);
    context.watch(refs.services, {
      add,
      update: add,
      delete: ({ metadata }) => this.#release(`${metadata.namespace}/${metadata.name}`),
    });
    context.every(checks.period, () => this.#check());
    context.state(() => [...this.#balancers].map(([key, b]) => [key, b.ip, b.nodes, b.failed]));
    context.onStop(() => {
      for (const key of [...this.#balancers.keys()]) this.#release(key);
    });
  }

  #wanted({ spec, metadata }: Service): boolean {
    return (
      spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined && metadata.deletionTimestamp === undefined
    );
  }

  #reconcile(key: string): void {
    const [namespace = '', name = ''] = key.split('/');
    const services = this.#context.client.resource(refs.services);
    const service = services.get(namespace, name);
    if (!service) return this.#release(key);
    const { metadata, spec, status } = service;
    const tell = (reason: string, message: string) => this.#context.events.record(service, 'Normal', reason, message);
    const finalizers = metadata.finalizers ?? [];
    if (!this.#wanted(service)) {
      if (!this.#balancers.has(key) && !finalizers.includes(finalizer)) return;
      tell('DeletingLoadBalancer', 'Deleting load balancer');
      this.#release(key);
      const without = { ...service, metadata: { ...metadata, finalizers: finalizers.filter((f) => f !== finalizer) } };
      const stored = services.update(without);
      if (metadata.deletionTimestamp === undefined)
        services.update({ ...stored, status: { ...stored.status, loadBalancer: {} } }, 'status');
      tell('DeletedLoadBalancer', 'Deleted load balancer');
      return;
    }
    let current = service;
    if (!finalizers.includes(finalizer))
      current = services.update({ ...service, metadata: { ...metadata, finalizers: [...finalizers, finalizer] } });
    if (this.#balancers.has(key)) return;
    tell('EnsuringLoadBalancer', 'Ensuring load balancer');
    const wish = spec.loadBalancerIP ?? status.loadBalancer?.ingress?.[0]?.ip;
    const ip = this.#allocate(wish);
    if (ip === undefined) return;
    this.#balancers.set(key, { ip, failed: new Map(), nodes: [] });
    this.#route(key);
    const loadBalancer = { ingress: [{ ip: formatIp(ip), ipMode: 'VIP' }] };
    services.update({ ...current, status: { ...current.status, loadBalancer } } as Service, 'status');
    tell('EnsuredLoadBalancer', 'Ensured load balancer');
  }

  #allocate(wish: string | undefined): number | undefined {
    const pool = parseCidr(this.#cloud.pool);
    const used = new Set([...this.#balancers.values()].map((b) => b.ip));
    const wanted = wish === undefined ? NaN : parseIp(wish);
    if (contains(pool, wanted) && !used.has(wanted)) return wanted;
    for (let i = 1; i < 2 ** (32 - pool.bits) - 1; i++) if (!used.has(pool.network + i)) return pool.network + i;
    return undefined;
  }

  #release(key: string): void {
    const balancer = this.#balancers.get(key);
    if (!balancer) return;
    this.#balancers.delete(key);
    this.#cloud.edge.routes.removeNetwork(balancer.ip, 32);
  }

  #nodes(): Node[] {
    const excluded = 'node.kubernetes.io/exclude-from-external-load-balancers';
    return this.#context.client
      .resource(refs.nodes)
      .list()
      .filter(
        (n) => n.metadata.labels?.[excluded] === undefined && n.metadata.deletionTimestamp === undefined,
      ) as Node[];
  }

  /** Sends the address to the nodes that pass their checks. */
  #route(key: string): void {
    const balancer = this.#balancers.get(key)!;
    const nodes = this.#nodes()
      .filter((n) => (balancer.failed.get(n.metadata.name) ?? 0) < checks.failures)
      .map((n) => parseIp(n.status.addresses?.find((a) => a.type === 'InternalIP')?.address ?? ''))
      .filter((ip) => !Number.isNaN(ip));
    if (nodes.join() === balancer.nodes.join()) return;
    balancer.nodes = nodes;
    const { edge, device } = this.#cloud;
    if (nodes.length === 0) edge.routes.removeNetwork(balancer.ip, 32);
    else edge.routes.add({ network: balancer.ip, bits: 32, device, nextHops: nodes, protocol: 'static' });
  }

  #check(): void {
    if (this.#balancers.size === 0) return;
    const services = this.#context.client.resource(refs.services);
    for (const [key, balancer] of this.#balancers) {
      const [namespace = '', name = ''] = key.split('/');
      const port = services.get(namespace, name)?.spec.healthCheckNodePort ?? 0;
      for (const node of this.#nodes()) {
        const address = node.status.addresses?.find((a) => a.type === 'InternalIP')?.address ?? '';
        const healthy = this.#healthy(address, port);
        balancer.failed.set(node.metadata.name, healthy ? 0 : (balancer.failed.get(node.metadata.name) ?? 0) + 1);
      }
      this.#route(key);
    }
  }

  /** Policy Local has a port of its own to ask; otherwise kube-proxy's health decides. */
  #healthy(address: string, port: number): boolean {
    const { network, edge } = this.#cloud;
    const result = network.connect(edge, address, port || 10_256, { probe: true });
    if (result.outcome !== 'connected' || !result.listener.server.http) return false;
    result.flow.close();
    const path = '/healthz';
    const response = result.listener.server.http({
      method: 'GET',
      path,
      headers: { host: address },
      peer: result.flow.peer,
    });
    if (response instanceof Promise) return true;
    if (isReader(response.body)) response.body.close();
    return response.status === 200;
  }
}
