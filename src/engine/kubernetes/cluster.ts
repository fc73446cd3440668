import type { HttpHandler, Network } from '../network/index.ts';
import type { BridgeNetwork } from '../network/links.ts';
import type { Machine, MachineProcesses, Program } from '../process/index.ts';
import { withFootprint } from '../programs/servers/footprint.ts';
import { Registries } from '../runtime/index.ts';
import { versions, type FileSystem, type World } from '../world/index.ts';
import { bootstrap } from './apiserver/bootstrap.ts';
import { bootstrapKubeadmRbac } from './apiserver/rbac/index.ts';
import { createApiServer, type ApiServer } from './apiserver/server.ts';
import { MetricsApi, metricsServer } from './addons/metrics-server/index.ts';
import type { User } from './apiserver/user.ts';
import type { Client } from './client.ts';
import { serviceLoadBalancers, type Cloud } from './addons/cloud-provider/load-balancers.ts';
import { addonPrograms } from './addons/programs.ts';
import { corednsProgram } from './addons/coredns/coredns.ts';
import { abilitiesOf, type CniName } from './cni/abilities.ts';
import { createCni, type PeeredCni } from './cni/cni.ts';
import { PolicyEnforcer } from './cni/policy-enforcer.ts';
import { kubeProxyProgram } from './proxy/kube-proxy.ts';
import { ServiceModel } from './proxy/model.ts';
import { runController } from './controllers/runtime.ts';
import { startControllers, type ControllersHandle } from './controllers/index.ts';
import { Bootstrapper } from './cluster/bootstrap.ts';
import { ControlPlane, controlPlaneComponents } from './cluster/control-plane.ts';
import { fakeCertificate } from './cluster/certificates.ts';
import { startDaemons } from './cluster/node-daemons.ts';
import { createNodeHost } from './cluster/node-host.ts';
import { createSystemPods, systemImages } from './cluster/system-pods.ts';

import type { EvictionConfiguration } from './kubelet/eviction/thresholds.ts';
import { Kubelet } from './kubelet/kubelet.ts';
import { podLogs } from './kubelet/logs.ts';
import { podStreams } from './kubelet/streaming/pod-streams.ts';
import { PodSource } from './kubelet/pod-source.ts';
import { kubeletServer } from './kubelet/server.ts';
import { startScheduler, type Scheduler } from './scheduler/index.ts';

export interface ClusterNodeSpec {
  name: string;
  ip: string;
  role: 'control-plane' | 'worker';
  /** By default 8 CPU, 16000Mi, 110 Pods and a realistic disk. */
  capacity?: Readonly<Record<string, string>>;
  labels?: Readonly<Record<string, string>>;
  /** false: a control plane that takes ordinary Pods too, as minikube's. */
  taint?: false;
}

export interface ClusterOptions {
  world: World;
  network: Network;
  /** kubeconfig name of the cluster, e.g. `kind-kind`; also keeps several clusters of a world apart. */
  name: string;
  /** The control plane first. */
  nodes: readonly ClusterNodeSpec[];
  /** What images' executables run. */
  programs: ReadonlyMap<string, Program>;
  registries?: Registries;
  /** `oracle.fail/…` annotations of Pods fail their probes. */
  testHooks?: boolean;
  /** Where kubelets differ from upstream's defaults. */
  eviction?: Partial<EvictionConfiguration>;
  podCIDR?: string;
  /** Decides whether NetworkPolicies have an effect. By default kindnet, as in kind. */
  cni?: CniName;
  /** What the nodes are plugged into; by default the room's LAN. */
  link?: BridgeNetwork;
  /** Gives Services of type LoadBalancer addresses; without it they stay pending. */
  cloud?: Cloud;
  serviceCIDR?: string;
  clusterDNS?: string;
  /** `kind://docker/kind`: the front part of nodes' provider ids. */
  provider?: string;
  tokens?: ReadonlyMap<string, User>;
  /** Default RBAC. */
  authorization?: 'AlwaysAllow' | 'RBAC';
  /** API versions that are off by default and shall be served, as kube-apiserver's `--runtime-config` names them. */
  runtimeConfig?: Readonly<Record<string, boolean>>;
  /** PEM of the CA that clients see; made up by default. */
  ca?: string;
  /** PEM of the CA's private key, so that what it signs can be verified. */
  caKey?: string;
}

/** One machine of a cluster. */
export interface ClusterNode {
  readonly name: string;
  readonly ip: string;
  readonly machine: Machine;
  readonly kubelet: Kubelet;
  readonly on: boolean;
  /** The power switch. Off: processes vanish, nothing answers, heartbeats end. On: the kubelet starts its Pods again. */
  power(on: boolean): void;
}

/** A whole simulated cluster, running. */
export interface Cluster {
  readonly name: string;
  readonly server: ApiServer;
  /** The API server's door. */
  readonly handle: HttpHandler;
  /** Calls back when the API server ceases to answer, and when it does so again. */
  onApiServer(listener: (up: boolean) => void): void;
  readonly nodes: ReadonlyMap<string, ClusterNode>;
  readonly controllers: ControllersHandle;
  readonly scheduler: Scheduler;
  readonly ca: string;
  client(identity: { manager: string; user?: string }): Client;
}

const defaultCapacity = { cpu: '8', 'ephemeral-storage': '61202244Ki', memory: '16000Mi', pods: '110' };

/**
 * A cluster as `kind create cluster` leaves it: everything is running at time zero, nothing of the start is simulated.
 */
export function createCluster(options: ClusterOptions): Cluster {
  const { world, network, name, podCIDR = '10.244.0.0/16', serviceCIDR = '10.96.0.0/16' } = options;
  const { clusterDNS = '10.96.0.10', provider = 'kind://docker/kind', testHooks = false } = options;
  const registries = options.registries ?? new Registries();
  const controlPlane = options.nodes[0];
  if (!controlPlane) throw new RangeError('a cluster needs a node');
  const ca = options.ca ?? fakeCertificate(world.random.stream(`ca/${name}`));
  const server = createApiServer({
    world,
    name: `kubernetes/${name}`,
    bootstrap: false,
    ...(options.tokens ? { tokens: options.tokens } : undefined),
    ...(options.runtimeConfig ? { runtimeConfig: options.runtimeConfig } : undefined),
    authorization: options.authorization ?? 'RBAC',
  });
  bootstrap(server.core, controlPlane.ip);
  const kubelets = new Map<string, Kubelet>();
  const metrics = new MetricsApi(world, server.client({ manager: 'metrics-server' }), kubelets);
  server.core.extensions.provide(metrics);
  // Programs of the cluster's own Pods speak with its API server.
  const programs = new Map<string, Program>([
    ...options.programs,
    [
      'metrics-server',
      metricsServer({
        api: metrics,
        nodes: () => options.nodes,
        changed: () => server.core.extensions.look(),
      }),
    ],
  ]);
  const client = server.client({ manager: 'kubeadm', user: 'kubernetes-admin' });
  bootstrapKubeadmRbac(client);
  programs.set('coredns', withFootprint('coredns', corednsProgram(client)));
  for (const [addon, program] of addonPrograms(client)) programs.set(addon, program);
  programs.set('kube-proxy', withFootprint('kube-proxy', kubeProxyProgram(client, new ServiceModel(client))));
  const plane = new ControlPlane(name, {
    world,
    server,
    startControllers: () =>
      startControllers({
        world,
        client,
        cluster: name,
        resources: () => server.core.resources(),
        onResourcesChange: (listener) => server.core.onResourcesChange(listener),
        rootCA: ca,
        ...(options.caKey === undefined ? {} : { rootKey: options.caKey }),
        clusterCIDR: podCIDR,
      }),
    startScheduler: () => startScheduler({ world, client, cluster: name, host: controlPlane.name }),
  });
  if (options.cloud)
    runController(serviceLoadBalancers(options.cloud), {
      world,
      client,
      cluster: name,
      resources: () => server.core.resources(),
    });
  for (const component of controlPlaneComponents) {
    const program = programs.get(component);
    if (program) programs.set(component, plane.program(component, program));
  }
  const objects = new Bootstrapper(client);
  objects.common({
    ca,
    server: `${controlPlane.name}:6443`,
    podCIDR,
    serviceCIDR,
    clusterDNS,
    version: versions.kubernetes,
  });

  const pods = new PodSource(client);
  const persistent = new Map<string, FileSystem>();
  const nodes = new Map<string, ClusterNode>();
  let controlPlaneUid = '';
  const random = world.random.stream(`nodes/${name}`);
  const policies = abilitiesOf(options.cni ?? 'kindnet').enforcesPolicies
    ? new PolicyEnforcer(client, network)
    : undefined;
  const peers: { cni: PeeredCni; cidr: string; ip: string }[] = [];
  options.nodes.forEach((spec, i) => {
    const cidr = podCIDR.replace(/\.0\.0\/16$/, `.${i}.0/24`);
    const object = objects.node(spec, cidr, provider)!;
    if (i === 0) controlPlaneUid = object.metadata.uid;
    const host = createNodeHost({ world, network, name: spec.name, ip: spec.ip, programs, link: options.link });
    const cni = createCni(options.cni ?? 'kindnet', network, host.net, cidr, podCIDR);
    policies?.attach(host.net);
    for (const peer of peers) {
      peer.cni.addPeer(cidr, spec.ip);
      cni.addPeer(peer.cidr, peer.ip);
    }
    peers.push({ cni, cidr, ip: spec.ip });
    const kubelet = new Kubelet({
      world,
      network,
      client,
      pods,
      programs,
      registries,
      node: {
        name: spec.name,
        ip: spec.ip,
        capacity: { ...defaultCapacity, ...spec.capacity },
        machineID: random.hex(32),
        systemUUID: random.uuid(),
      },
      net: host.net,
      hostFs: host.fs,
      hostPids: (host.machine.processes as MachineProcesses).pids,
      podCIDR: cidr,
      cni: policies?.noting(cni) ?? cni,
      persistent,
      clusterDNS,
      testHooks,
      ...(options.eviction ? { eviction: options.eviction } : undefined),
      apiServerUp: () => server.core.available,
      register: () => void objects.registeredNode(spec, cidr, provider),
    });
    for (const image of systemImages(versions.kubernetes)) kubelet.images.preload(image);
    kubelets.set(spec.name, kubelet);
    nodes.set(spec.name, new PoweredNode(spec, host.machine, kubelet, world, i === 0 ? plane : undefined));
  });
  const { net } = nodes.get(controlPlane.name)!.machine;
  const listen = () => net.listen(6443, { protocol: 'https', http: plane.handle });
  let listener = listen();
  plane.onChange((up) => {
    if (up) listener = listen();
    else listener.close();
    if (up) for (const kubelet of kubelets.values()) kubelet.reconnect();
  });

  createSystemPods({
    world,
    client,
    version: versions.kubernetes,
    controlPlane: { name: controlPlane.name, ip: controlPlane.ip, uid: controlPlaneUid },
    nodes: options.nodes,
    podCIDR,
    serviceCIDR,
    run: (pod) => kubelets.get(pod.spec.nodeName!)!.restore(pod),
  });
  for (const kubelet of kubelets.values()) {
    kubelet.status.report();
    kubelet.status.renewLease();
  }
  server.registerLogs(podLogs(world, kubelets));
  const { machine: front } = nodes.get(controlPlane.name)!;
  server.registerStreams({
    ...podStreams(world, network, kubelets),
    fetch: (url, request) => front.fetch(url, request),
  });
  for (const { machine, kubelet } of nodes.values())
    machine.net.listen(10250, { protocol: 'https', http: kubeletServer(kubelet) });

  plane.start();
  for (const kubelet of kubelets.values()) kubelet.start();
  return {
    name,
    server,
    handle: plane.handle,
    onApiServer: (listener) => plane.onChange(listener),
    nodes,
    controllers: plane.controllers,
    get scheduler() {
      return plane.scheduler;
    },
    ca,
    client: (identity) => server.client(identity),
  };
}

class PoweredNode implements ClusterNode {
  readonly name: string;
  readonly ip: string;
  readonly machine: Machine;
  readonly kubelet: Kubelet;
  readonly #world: World;
  readonly #plane: ControlPlane | undefined;

  /** @param plane runs on this machine */
  constructor(
    spec: ClusterNodeSpec,
    machine: Machine,
    kubelet: Kubelet,
    world: World,
    plane: ControlPlane | undefined,
  ) {
    this.#plane = plane;
    this.name = spec.name;
    this.ip = spec.ip;
    this.machine = machine;
    this.kubelet = kubelet;
    this.#world = world;
    startDaemons(machine);
  }

  get on(): boolean {
    return this.kubelet.running;
  }

  power(on: boolean): void {
    if (on === this.on) return;
    if (on) {
      startDaemons(this.machine);
      this.kubelet.start();
    } else {
      this.kubelet.stop();
      this.#plane?.powerOff();
      for (const { pid } of this.machine.processes.list()) this.machine.processes.signal(pid, 'SIGKILL');
    }
    this.#world.bus.emit('power', { host: this.name, on });
  }
}
