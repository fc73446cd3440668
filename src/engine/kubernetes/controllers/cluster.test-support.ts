import { World } from '../../world/index.ts';
import { createApiServer, type ApiServer } from '../apiserver/server.ts';
import type { Client } from '../client.ts';
import { startScheduler, type Scheduler } from '../scheduler/index.ts';
import { refs, type Deployment, type Draft, type KubeObject, type Node, type Pod, type ResourceRef } from '../types.ts';
import { startControllers, type ControllersHandle } from './index.ts';

export interface TestClusterOptions {
  nodes?: number;
  /** Runs every Pod but those whose image is tagged `bad`. */
  kubelet?: boolean;
  scheduler?: boolean;
  seed?: number;
}

/** API server, controllers, scheduler and a kubelet reduced to Pod states. */
export class TestCluster {
  readonly world: World;
  readonly server: ApiServer;
  readonly client: Client;
  readonly controllers: ControllersHandle;
  readonly scheduler: Scheduler | undefined;
  readonly #silent = new Set<string>();
  #addresses = 1;

  constructor({ nodes = 3, kubelet = true, scheduler = true, seed = 1 }: TestClusterOptions = {}) {
    this.world = new World({ seed, epoch: Date.UTC(2026, 0, 1) });
    this.server = createApiServer({ world: this.world });
    this.client = this.server.client({ manager: 'test', user: 'kubernetes-admin' });
    const { core } = this.server;
    this.controllers = startControllers({
      world: this.world,
      client: this.server.client({ manager: 'kube-controller-manager' }),
      resources: () =>
        [...core.served()]
          .filter(({ definition }) => (definition.verbs ?? ['list']).includes('list'))
          .map(({ definition }) => ({ ...definition, namespaced: definition.namespaced })),
      rootCA: 'test CA',
      clusterCIDR: '10.244.0.0/16',
    });
    if (scheduler) {
      this.scheduler = startScheduler({
        world: this.world,
        client: this.server.client({ manager: 'kube-scheduler' }),
        host: 'kind-control-plane',
      });
    }
    this.addNode('kind-control-plane', [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]);
    for (let i = 1; i <= nodes; i++) this.addNode(i === 1 ? 'kind-worker' : `kind-worker${i}`);
    if (kubelet) this.#startKubelets();
    // Pods are refused until the namespace has its ServiceAccount.
    this.run(100);
  }

  addNode(name: string, taints?: Node['spec']['taints'], status: Partial<Node['status']> = {}): void {
    const nodes = this.client.resource(refs.nodes);
    const resources = { cpu: '8', memory: '16000Mi', pods: '110', 'ephemeral-storage': '100Gi' };
    const node = nodes.create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, labels: { 'kubernetes.io/hostname': name } },
      spec: taints ? { taints } : {},
      status: {},
    });
    const now = this.world.clock.timestamp();
    const ready = {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    };
    nodes.update(
      { ...node, status: { capacity: resources, allocatable: resources, conditions: [ready], ...status } } as Node,
      'status',
    );
    this.client.resource(refs.leases).create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { name, namespace: 'kube-node-lease' },
      spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: this.world.clock.microTimestamp() },
    });
    const renew = () => {
      if (this.#silent.has(name)) return;
      const leases = this.client.resource(refs.leases);
      const lease = leases.get('kube-node-lease', name);
      if (lease) leases.update({ ...lease, spec: { ...lease.spec, renewTime: this.world.clock.microTimestamp() } });
      this.world.queue.after(10_000, renew);
    };
    this.world.queue.after(10_000, renew);
  }

  /** The node's kubelet says no more. */
  silence(node: string): void {
    this.#silent.add(node);
  }

  /** Runs the world for so many virtual ms. */
  run(ms: number): void {
    const until = this.world.queue.now + ms;
    this.world.queue.run({ until });
    this.world.queue.advanceTo(until);
  }

  create<T extends KubeObject>(ref: ResourceRef<T>, object: object): T {
    return this.client.resource(ref).create(object as Draft<T>);
  }

  deployment(name: string, spec: object = {}, image = 'nginx:1.26'): Deployment {
    return this.create(refs.deployments, {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: 'default', labels: { app: name } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image }] } },
        ...spec,
      },
    });
  }

  pod(name: string, spec: object = {}): Pod {
    return this.create(refs.pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default', labels: { app: name } },
      spec: { containers: [{ name: 'c', image: 'nginx:1.26' }], ...spec },
    });
  }

  patch<T extends KubeObject>(ref: ResourceRef<T>, name: string, body: unknown): T {
    return this.client.resource(ref).patch('default', name, { type: 'strategic', body });
  }

  get<T extends KubeObject>(ref: ResourceRef<T>, name: string): T {
    const object = this.client.resource(ref).get(ref.namespaced ? 'default' : undefined, name);
    if (!object) throw new Error(`${ref.resource} ${name} not found`);
    return object;
  }

  list<T extends KubeObject>(ref: ResourceRef<T>): readonly T[] {
    return this.client.resource(ref).list(ref.namespaced ? { namespace: 'default' } : {});
  }

  /** `reason: message` of all Events about objects of that name, or of that name and a suffix. */
  events(name: string): string[] {
    return this.list(refs.coreEvents)
      .filter(({ involvedObject }) => involvedObject.name === name || involvedObject.name?.startsWith(`${name}-`))
      .map(({ reason, message }) => `${reason}: ${message}`);
  }

  #startKubelets(): void {
    const pods = this.client.resource(refs.pods);
    const started = new Set<string>();
    const stopping = new Set<string>();
    const look = (pod: Pod) => {
      const { namespace, name, uid } = pod.metadata;
      if (!pod.spec.nodeName || this.#silent.has(pod.spec.nodeName)) return;
      const current = () => {
        const stored = pods.get(namespace, name);
        return stored?.metadata.uid === uid ? stored : undefined;
      };
      if (pod.metadata.deletionTimestamp !== undefined && !stopping.has(uid)) {
        stopping.add(uid);
        this.world.queue.after(100, () => {
          if (current()) pods.delete(namespace, name, { gracePeriodSeconds: 0 });
        });
      } else if (!started.has(uid)) {
        started.add(uid);
        if (pod.spec.containers[0]?.image?.endsWith(':bad')) return;
        this.world.queue.after(500, () => {
          const stored = current();
          if (stored && stored.metadata.deletionTimestamp === undefined) pods.update(this.#running(stored), 'status');
        });
      }
    };
    pods.informer.on({ add: look, update: look });
  }

  #running(pod: Pod): Pod {
    const now = this.world.clock.timestamp();
    const n = this.#addresses++;
    const podIP = `10.244.${n >> 8}.${n & 255}`;
    const condition = (type: string) => ({ type, status: 'True', lastProbeTime: null, lastTransitionTime: now });
    const others = (pod.status.conditions ?? []).filter(({ type }) => type === 'PodScheduled');
    return {
      ...pod,
      status: {
        ...pod.status,
        phase: 'Running',
        startTime: now,
        podIP,
        podIPs: [{ ip: podIP }],
        conditions: [...others, condition('Ready'), condition('ContainersReady')],
      },
    } as Pod;
  }
}
