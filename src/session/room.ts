import type { EngineAnswers } from '../engine/docker/index.ts';
import type { SchedulingAttempt } from '../engine/kubernetes/scheduler/index.ts';
import type { RealClientData } from '../engine/kubernetes/apiserver/server.ts';
import { isReader, Network, type HttpHandler, type HttpResponse } from '../engine/network/index.ts';
import type { ChildProcess, Machine, SpawnOptions, Tty, User } from '../engine/process/index.ts';
import type { KubeObject, ResourceRef } from '../engine/kubernetes/types.ts';
import { FsError, World, type Timer } from '../engine/world/index.ts';
import type { WorkstationHost } from './host.ts';
import { lateCode } from './late.ts';
import { programs } from './programs.ts';
import type { FileEntry, HostInfo, Input, SessionSpec } from './protocol.ts';
import { createWorkstation } from './workstation.ts';

export interface RoomOptions extends SessionSpec {
  /** Honour `oracle.fail/*` annotations of Pods (headless runner only). */
  testHooks?: boolean;
  /** API versions that are off by default and shall be served, as kube-apiserver's `--runtime-config` names them. */
  runtimeConfig?: Readonly<Record<string, boolean>>;
}

/** A computer one can log in to, switch off and on. */
export interface Host {
  readonly name: string;
  readonly role: HostInfo['role'];
  readonly machine: Machine;
  readonly user: User;
  /** Where terminals start: the home directory, or `work` in it. */
  readonly home: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly on: boolean;
  power(on: boolean): void;
  /** Starts an interactive login shell on a terminal. */
  login(tty: Tty): ChildProcess;
  start(argv: readonly string[], options: SpawnOptions & { env: ReadonlyMap<string, string> }): ChildProcess;
}

/** A Kubernetes cluster as the session sees it: its API, and what changes in it. */
export interface RoomCluster {
  readonly contextName: string;
  /** The API server's door. */
  readonly handle: HttpHandler;
  /** Gives the API server what is too large to be there from the start (protobuf, documentation). */
  serveRealClients(data: RealClientData): void;
  /** Calls back synchronously with the newest state of every object, now and at each change. Returns an undo. */
  observe(listener: (resource: string, key: string, object: KubeObject | undefined) => void): () => void;
  resourceOf(object: KubeObject): ResourceRef | undefined;
  /** Filters and scores of the last attempt to schedule a Pod, by its UID: why this node. */
  schedulingAttempt?(uid: string): SchedulingAttempt | undefined;
}

/** The Docker Engine of a room. */
export interface RoomDocker {
  /** Its API. */
  readonly handle: HttpHandler;
  /** Puts an image there as if it had been pulled. @throws Error for one that no registry has */
  preload(name: string): void;
  /** What its API would answer now. */
  answers(): EngineAnswers;
  /** Calls back when something has happened in it. Returns an undo. */
  observe(listener: () => void): () => void;
}

/** Everything simulated in one session. */
export interface Room {
  readonly world: World;
  readonly network: Network;
  readonly hosts: ReadonlyMap<string, Host>;
  /** The host that the learner sits at. */
  readonly workstation: Host;
  readonly cluster: RoomCluster | undefined;
  readonly docker: RoomDocker | undefined;
}

/** Objects that a fresh cluster makes by itself are not the learner's. */
export const systemNamespaces = new Set(['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']);

/** When a session's room is furnished at the latest, virtual ms: the prompt is there by then. */
const furnishedAt = 100;

/**
 * A room with what pages and runners ask of it. It begins with a workstation alone, so that a prompt needs little code;
 * what its preset puts beside it comes before the first input that could notice (`furnish`), or at a fixed virtual time.
 */
export class SessionRoom implements Room {
  readonly world: World;
  readonly network: Network;
  readonly programs = programs;
  readonly workstation: WorkstationHost;
  readonly #hosts = new Map<string, Host>();
  readonly #options: RoomOptions;
  readonly #initialObjects = new Set<string>();
  readonly #objects = new Map<string, KubeObject>();
  #cluster: RoomCluster | undefined;
  #docker: RoomDocker | undefined;
  #furnishing: Timer | undefined;
  #onFurnished: (() => void)[] = [];
  #activity = 0;

  constructor(options: RoomOptions) {
    this.#options = options;
    this.world = new World({ seed: options.seed, epoch: options.epoch });
    this.network = new Network(this.world);
    this.workstation = createWorkstation(this.world, this.network, options);
    this.#addHost(this.workstation);
    this.#furnishing = this.world.queue.after(furnishedAt, () => this.furnish());
  }

  get hosts(): ReadonlyMap<string, Host> {
    return this.#hosts;
  }

  get cluster(): RoomCluster | undefined {
    return this.#cluster;
  }

  get docker(): RoomDocker | undefined {
    return this.#docker;
  }

  /** The virtual time, ms, that must not be reached before the late code is there; undefined once it doesn't matter. */
  get needsLateCodeAt(): number | undefined {
    return this.#furnishing && furnishedAt;
  }

  /**
   * Puts there what the preset has, if that hasn't happened yet. Needs the late code.
   * @throws Error for an unknown preset.
   */
  furnish(): void {
    if (!this.#furnishing) return;
    this.#furnishing.cancel();
    this.#furnishing = undefined;
    const { presets, descriptions, createInternet } = lateCode();
    const preset = presets.get(this.#options.preset);
    if (!preset) throw new Error(`unknown preset ${this.#options.preset}; there are ${[...presets.keys()].join(', ')}`);
    createInternet(this.network);
    const { hosts = [], cluster, docker } = preset.furnish(this, this.#options);
    this.#docker = docker;
    for (const host of hosts) this.#addHost(host);
    this.#cluster = cluster;
    cluster?.serveRealClients({ descriptions });
    cluster?.observe((resource, key, object) => {
      const id = `${resource} ${key}`;
      if (object) this.#objects.set(id, object);
      else this.#objects.delete(id);
      if (resource !== 'coordination.k8s.io/leases' && resource !== '/nodes') this.#activity++;
    });
    for (const id of this.#objects.keys()) this.#initialObjects.add(id);
    for (const listener of this.#onFurnished.splice(0)) listener();
  }

  /** Calls back when the room is furnished: now, if it is. Returns an undo. */
  whenFurnished(listener: () => void): () => void {
    if (!this.#furnishing) {
      listener();
      return () => {};
    }
    this.#onFurnished.push(listener);
    return () => void (this.#onFurnished = this.#onFurnished.filter((other) => other !== listener));
  }

  #addHost(host: Host): void {
    this.#hosts.set(host.name, host);
    host.machine.fs.watch((path) => this.world.bus.emit('file', { host: host.name, path }));
  }

  /** Objects of a resource (`apps/deployments`, `/pods`) in one namespace, or all. */
  objects(resource: string, namespace?: string): Record<string, unknown>[] {
    const prefix = `${resource} ${namespace === undefined ? '' : `${namespace}/`}`;
    const found: Record<string, unknown>[] = [];
    for (const [id, object] of this.#objects)
      if (id.startsWith(prefix)) found.push(object as unknown as Record<string, unknown>);
    return found;
  }

  /** Grows when something happens that a person may want to see. */
  activity(): number {
    return this.#activity;
  }

  hostInfos(): HostInfo[] {
    return [...this.hosts.values()].map(({ name, role, on, home }) => ({ name, role, on, home }));
  }

  /** A question to the API that changes nothing: a GET that is no watch, or anything with `dryRun=All`. */
  async queryApi(query: {
    method: string;
    path: string;
    body?: string;
    contentType?: string;
  }): Promise<{ status: number; body: string }> {
    if (!this.cluster) return { status: 503, body: '{"message":"there is no cluster here"}' };
    const parameters = query.path.split('?')[1] ?? '';
    const reads = query.method === 'GET' && !/(^|&)(watch|follow)=(true|1)/.test(parameters);
    if (!reads && !/(^|&)dryRun=All(&|$)/.test(parameters))
      return { status: 405, body: '{"message":"a query must not change anything"}' };
    // The server answers such requests without letting the world run, so nobody else draws in between.
    const undoDraws = this.world.random.remember();
    try {
      return await readResponse(await this.#call(query));
    } finally {
      undoDraws();
    }
  }

  /** A write made by a click. */
  callApi(call: Extract<Input, { kind: 'api' }>): void {
    void this.#call(call);
  }

  #call(call: {
    method: string;
    path: string;
    body?: string;
    contentType?: string;
  }): HttpResponse | Promise<HttpResponse> {
    return this.cluster!.handle({
      method: call.method,
      path: call.path,
      headers: {
        accept: 'application/json',
        'user-agent': 'slipway-page',
        ...(call.body === undefined ? {} : { 'content-type': call.contentType ?? 'application/json' }),
      },
      body: call.body === undefined ? undefined : new TextEncoder().encode(call.body),
      peer: { certificate: { commonName: 'kubernetes-admin', organizations: ['kubeadm:cluster-admins'] } },
    });
  }

  #host(name: string): Host {
    const host = this.hosts.get(name);
    if (!host) throw new Error(`there is no host ${name}`);
    return host;
  }

  listFiles(hostName: string, directory: string): FileEntry[] {
    const { fs } = this.#host(hostName).machine;
    return fs.readdir(directory).map((name) => {
      const path = `${directory === '/' ? '' : directory}/${name}`;
      const node = fs.lookup(path);
      return { path, directory: node?.type === 'directory', size: node?.type === 'file' ? node.data.length : 0 };
    });
  }

  readFile(hostName: string, path: string): { text: string } | { error: string } {
    try {
      const data = this.#host(hostName).machine.fs.readFile(path);
      return { text: new TextDecoder('utf-8', { fatal: true }).decode(data) };
    } catch (error) {
      return { error: error instanceof FsError ? error.message : 'not a text file' };
    }
  }

  /** Text files below the workstation's home. */
  learnerFiles(): { host: string; path: string; text: string }[] {
    const { name, machine, home } = this.workstation;
    const files: { host: string; path: string; text: string }[] = [];
    const walk = (directory: string) => {
      for (const entry of this.listFiles(name, directory)) {
        if (/\/\.(kube|bash_history|cache)(\/|$)/.test(entry.path)) continue;
        if (entry.directory) walk(entry.path);
        else {
          const content = this.readFile(name, entry.path);
          if ('text' in content) files.push({ host: name, path: entry.path, text: content.text });
        }
      }
    };
    if (machine.fs.exists(home)) walk(home);
    return files;
  }

  /** What the learner created: no system objects, nothing that a controller or kubelet made. */
  learnerObjects(): KubeObject[] {
    return [...this.#objects]
      .filter(([id, { metadata, kind }]) => {
        if (this.#initialObjects.has(id) || kind === 'Event') return false;
        if (metadata.ownerReferences?.some((owner) => owner.controller)) return false;
        if (['EndpointSlice', 'Endpoints', 'Lease', 'Node'].includes(kind)) return false;
        if (metadata.name === 'kube-root-ca.crt' || (kind === 'ServiceAccount' && metadata.name === 'default'))
          return false;
        return !systemNamespaces.has(metadata.namespace ?? (kind === 'Namespace' ? metadata.name : ''));
      })
      .map(([, object]) => object)
      .sort((a, b) => creationOrder(a) - creationOrder(b));
  }

  /** The request that creates an object anew: without what the server sets. */
  creation(value: unknown): { name: string; path: string; body: string } {
    const object = value as KubeObject & Record<string, unknown>;
    const ref = this.cluster?.resourceOf(object);
    const name = `${object.kind} ${object.metadata.name}`;
    if (!ref) throw new Error(`${name}: no such kind here`);
    const { name: n, namespace, labels, annotations, finalizers } = object.metadata;
    const body = { ...object, status: undefined, metadata: { name: n, namespace, labels, annotations, finalizers } };
    const prefix = ref.group === '' ? `/api/${ref.version}` : `/apis/${ref.group}/${ref.version}`;
    const path = `${prefix}${ref.namespaced ? `/namespaces/${namespace ?? 'default'}` : ''}/${ref.resource}`;
    return { name, path, body: JSON.stringify(body) };
  }
}

function creationOrder(object: KubeObject): number {
  const order = ['Namespace', 'ConfigMap', 'Secret', 'ServiceAccount', 'PersistentVolumeClaim'];
  const at = order.indexOf(object.kind);
  return at < 0 ? order.length : at;
}

async function readResponse(response: HttpResponse): Promise<{ status: number; body: string }> {
  if (!isReader(response.body)) return { status: response.status, body: new TextDecoder().decode(response.body) };
  const decoder = new TextDecoder();
  let body = '';
  for (;;) {
    const chunk = await response.body.read();
    if (!chunk) return { status: response.status, body: body + decoder.decode() };
    body += decoder.decode(chunk, { stream: true });
  }
}

/** A furnished room. */
export function createRoom(options: RoomOptions): SessionRoom {
  const room = new SessionRoom(options);
  room.furnish();
  return room;
}
