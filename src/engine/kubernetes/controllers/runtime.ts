import { latency, type Timer, type World } from '../../world/index.ts';
import type { Client, Informer, ResourceClient } from '../client.ts';
import { CoreEventRecorder, type EventRecorder } from '../events.ts';
import type { KubeObject, ResourceRef } from '../types.ts';
import { WorkQueue, type WorkQueueOptions } from './workqueue.ts';

/** Virtual ms that a controller needs to look at one object of its cache. */
const timePerObject = 0.05;

/** A controller: one file each, registered in `index.ts`. */
export interface Controller {
  /** As in kube-controller-manager's `--controllers`. */
  name: string;
  /** The component that its events name as their source. */
  component: string;
  /** The ServiceAccount in kube-system that it writes as. */
  serviceAccount: string;
  /** Watches and queues; everything it sets up through the context ends with it. */
  start(context: ControllerContext): void;
}

/** What all controllers of one control plane share. */
export interface ControllerOptions {
  world: World;
  client: Client;
  /** Keeps the states of several clusters in one world apart. */
  cluster?: string;
  /** Every resource that is stored, custom ones included. */
  resources(): readonly ResourceRef[];
  /** Called when `resources` changed; returns an undo. */
  onResourcesChange?(listener: () => void): () => void;
  /** PEM of the cluster's CA, published as ConfigMap kube-root-ca.crt. */
  rootCA?: string;
  /** PEM of that CA's private key, which signs approved certificate requests. */
  rootKey?: string;
  /** Pod network from which nodes get a /24 each; without it nodes get none. */
  clusterCIDR?: string;
}

export interface ControllerContext extends ControllerOptions {
  /** Writes as this controller; writes are charged to the worker that makes them. */
  client: Client;
  events: EventRecorder;
  /** Charges the worker for looking through so many objects, so that big collections are looked at less often. */
  examined(objects: number): void;
  /** Creates a work queue with its workers. */
  queue(options: WorkQueueOptions): WorkQueue;
  /** Handlers that are taken back when the controller stops. Returns an undo. */
  watch<T extends KubeObject>(
    ref: ResourceRef<T>,
    handlers: { add?: (object: T) => void; update?: (object: T, previous: T) => void; delete?: (object: T) => void },
  ): () => void;
  /** Calls `run` every `period` ms, first after `period`. */
  every(period: number, run: () => void): void;
  /** Calls `run` once after `delay` ms. */
  after(delay: number, run: () => void): Timer;
  /** Something to undo when the controller stops. */
  onStop(undo: () => void): void;
  /** Makes what the controller keeps in memory part of the state hash. */
  state(snapshot: () => unknown): void;
}

/** Starts one controller. @returns a function that stops it. */
export function runController(controller: Controller, options: ControllerOptions): () => void {
  const { world } = options;
  const undos: (() => void)[] = [];
  const queues: WorkQueue[] = [];
  const states: (() => unknown)[] = [];
  const timers = new Set<Timer>();
  const meter = { spent: 0 };
  let stopped = false;

  const identity = {
    manager: 'kube-controller-manager',
    user: `system:serviceaccount:kube-system:${controller.serviceAccount}`,
  };
  const client = new MeteredClient(options.client.as(identity), meter);
  const events = new CoreEventRecorder(world, options.client.as(identity), { component: controller.component });
  const after = (delay: number, run: () => void): Timer => {
    const timer = world.queue.after(delay, () => {
      timers.delete(timer);
      run();
    });
    timers.add(timer);
    return timer;
  };

  const context: ControllerContext = {
    ...options,
    client,
    events,
    examined: (objects) => void (meter.spent += objects * timePerObject),
    queue(queueOptions) {
      const queue = new WorkQueue(world, () => meter.spent, queueOptions);
      queues.push(queue);
      return queue;
    },
    watch(ref, handlers) {
      const undo = client.resource(ref).informer.on(handlers);
      undos.push(undo);
      return undo;
    },
    every(period, run) {
      const tick = () => {
        if (stopped) return;
        after(period, tick);
        run();
      };
      after(period, tick);
    },
    after,
    onStop: (undo) => void undos.push(undo),
    state: (snapshot) => void states.push(snapshot),
  };

  const stateName = `controllers/${options.cluster ?? ''}/${controller.name}`;
  world.registerState(stateName, () => ({
    queues: queues.map((queue) => queue.snapshot()),
    events: events.snapshot(),
    own: states.map((snapshot) => snapshot()),
  }));
  controller.start(context);

  return () => {
    if (stopped) return;
    stopped = true;
    for (const undo of undos) undo();
    for (const queue of queues) queue.stop();
    for (const timer of timers) timer.cancel();
    world.unregisterState(stateName);
  };
}

/** Sums up the time of the writes that go through a client. */
class MeteredClient implements Client {
  readonly #client: Client;
  readonly #meter: { spent: number };
  readonly #resources = new Map<string, ResourceClient<KubeObject>>();

  constructor(client: Client, meter: { spent: number }) {
    this.#client = client;
    this.#meter = meter;
  }

  as(identity: { manager: string; user?: string }): Client {
    return new MeteredClient(this.#client.as(identity), this.#meter);
  }

  resource<T extends KubeObject>(ref: ResourceRef<T>): ResourceClient<T> {
    const key = `${ref.group}/${ref.version}/${ref.resource}`;
    let resource = this.#resources.get(key) as ResourceClient<T> | undefined;
    if (!resource) {
      resource = new MeteredResource(this.#client.resource(ref), this.#meter);
      this.#resources.set(key, resource as unknown as ResourceClient<KubeObject>);
    }
    return resource;
  }
}

class MeteredResource<T extends KubeObject> implements ResourceClient<T> {
  readonly #resource: ResourceClient<T>;
  readonly #meter: { spent: number };
  readonly informer: Informer<T>;

  constructor(resource: ResourceClient<T>, meter: { spent: number }) {
    this.#resource = resource;
    this.#meter = meter;
    this.informer = resource.informer;
  }

  get: ResourceClient<T>['get'] = (namespace, name) => this.#resource.get(namespace, name);
  list: ResourceClient<T>['list'] = (options) => this.#resource.list(options);
  create: ResourceClient<T>['create'] = (object, subresource) => {
    this.#meter.spent += latency.apiWrite;
    return this.#resource.create(object, subresource);
  };
  update: ResourceClient<T>['update'] = (object, subresource) => {
    this.#meter.spent += latency.apiWrite;
    return this.#resource.update(object, subresource);
  };
  patch: ResourceClient<T>['patch'] = (namespace, name, patch, subresource) => {
    this.#meter.spent += latency.apiWrite;
    return this.#resource.patch(namespace, name, patch, subresource);
  };
  delete: ResourceClient<T>['delete'] = (namespace, name, options) => {
    this.#meter.spent += latency.apiWrite;
    return this.#resource.delete(namespace, name, options);
  };
}
