import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import {
  createCluster,
  type Cluster,
  type ClusterNode,
  type ClusterNodeSpec,
} from '../../engine/kubernetes/cluster.ts';
import { coreEvents } from '../../engine/kubernetes/apiserver/conversion/events.ts';
import type { CniName } from '../../engine/kubernetes/cni/abilities.ts';
import type { ApiServer } from '../../engine/kubernetes/apiserver/server.ts';
import type { KubeObject, ResourceRef } from '../../engine/kubernetes/types.ts';
import type { Network, NetworkNamespace } from '../../engine/network/index.ts';
import { createBridge } from '../../engine/network/links.ts';
import { dnsServer, publicDns } from '../../engine/network/dns.ts';
import {
  createMachine,
  root,
  type ChildProcess,
  type Machine,
  type Program,
  type SpawnOptions,
  type Tty,
} from '../../engine/process/index.ts';
import { caCertificate, caKey } from '../certificates.ts';
import { logIn } from '../host.ts';
import { adminToken, kubeconfigText } from '../kubeconfig.ts';
import type { Host, RoomCluster, RoomOptions } from '../room.ts';
import type { EmptyRoom, Furniture } from './index.ts';

/** The administrator that the development token stands for. */
export const adminTokens = new Map([
  [
    adminToken,
    { name: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:masters', 'system:authenticated'] },
  ],
]);

export interface ClusterFurniture {
  /** Name of context, cluster and user in the kubeconfig. */
  contextName: string;
  nodes: readonly ClusterNodeSpec[];
  /** Programs of the workstation that need the cluster's nodes. */
  own?: (nodes: ReadonlyMap<string, Host>) => ReadonlyMap<string, Program>;
  /** Address of the API server as the kubeconfig has it. */
  server?: string;
  provider?: string;
  cni?: CniName;
  /** The cluster is at a provider that makes load balancers: the address of its router, and addresses to give out. */
  cloud?: { address: string; pool: string };
}

/** Puts kubectl on the workstation and a cluster beside it. */
export function furnishCluster(
  { world, network, programs, workstation }: EmptyRoom,
  options: RoomOptions,
  { contextName, nodes, own, server = 'https://127.0.0.1:6443', provider, cni, cloud }: ClusterFurniture,
): Furniture {
  const edge = cloud ? cloudRouter(network, workstation.machine.net, cloud) : workstation.machine.net;
  const device = cloud ? 'vpc' : bridgeName(contextName);
  const link = createBridge(edge, device, nodes[0]!.ip.replace(/\d+$/, '1/16'));
  edge.listen(53, dnsServer(publicDns(network)), link.gateway);
  const cluster = createCluster({
    world,
    network,
    name: contextName,
    nodes,
    link,
    programs,
    testHooks: options.testHooks,
    ...(options.runtimeConfig && { runtimeConfig: options.runtimeConfig }),
    tokens: adminTokens,
    ca: caCertificate,
    caKey,
    ...(provider === undefined ? {} : { provider }),
    ...(cni === undefined ? {} : { cni }),
    ...(cloud ? { cloud: { network, edge, device, pool: cloud.pool } } : {}),
  });
  const hosts = new Map([...cluster.nodes].map(([name, node]): [string, Host] => [name, new NodeHost(node)]));
  workstation.install(['kubectl'], own?.(hosts));
  workstation.writeKubeconfig(kubeconfigText(server, contextName));
  // The control plane's port is published on the workstation, as kind and minikube do, or by the provider.
  const publish = () => edge.listen(6443, { protocol: 'https', http: cluster.handle });
  let published = publish();
  cluster.onApiServer((up) => {
    if (up) published = publish();
    else published.close();
  });
  return {
    hosts: [...hosts.values()],
    cluster: {
      ...roomCluster(cluster.server, contextName),
      handle: cluster.handle,
      schedulingAttempt: (uid) => cluster.scheduler.attempt(uid),
    },
  };
}

/** The router between a provider's network and the rest of the world. */
function cloudRouter(
  network: Network,
  workstation: NetworkNamespace,
  { address, pool }: { address: string; pool: string },
): NetworkNamespace {
  const router = network.addNamespace('cloud-router', [`${address}/32`]);
  workstation.addRoute(pool, { via: address, device: 'eth0' });
  return router;
}

/** What Docker calls the bridge of a network: `br-` and the front of its id. */
function bridgeName(network: string): string {
  return `br-${bytesToHex(sha256(utf8ToBytes(network))).slice(0, 12)}`;
}

/** Events are stored once; people know them by their core/v1 form. */
const storedEvents = `${coreEvents.stored.group}/${coreEvents.stored.resource}`;

export function roomCluster(server: ApiServer, contextName: string): RoomCluster {
  return {
    contextName,
    handle: server.handle,
    serveRealClients: (data) => server.serveRealClients(data),
    observe: (listener) =>
      server.core.store.observe((resource, key, object) => {
        if (resource !== storedEvents) listener(resource, key, object);
        else listener('/events', key, object && coreEvents.fromStored(object));
      }),
    resourceOf: (object) => resourceOf(server, object),
  };
}

function resourceOf(server: ApiServer, { apiVersion, kind }: KubeObject): ResourceRef | undefined {
  for (const { definition, apiVersion: served } of server.core.served())
    if (served === apiVersion && definition.kind === kind) {
      const { group, version, resource, namespaced } = definition;
      return { group, version, resource, kind, namespaced };
    }
  return undefined;
}

/** A cluster's node as a host: one logs in as root. */
class NodeHost implements Host {
  readonly name: string;
  readonly role = 'node';
  readonly machine: Machine;
  readonly user = root;
  readonly home = '/root';
  readonly environment: ReadonlyMap<string, string>;
  readonly #node: ClusterNode;

  constructor(node: ClusterNode) {
    this.#node = node;
    this.name = node.name;
    this.machine = node.machine;
    this.environment = new Map([
      ['HOME', '/root'],
      ['USER', 'root'],
      ['SHELL', '/bin/bash'],
      ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      ['LANG', 'C.UTF-8'],
      ['TERM', 'xterm-256color'],
    ]);
  }

  get on(): boolean {
    return this.#node.on;
  }

  power(on: boolean): void {
    this.#node.power(on);
  }

  login(tty: Tty): ChildProcess {
    return logIn(this, tty, this.environment, this.home);
  }

  start(argv: readonly string[], options: SpawnOptions & { env: ReadonlyMap<string, string> }): ChildProcess {
    return (this.machine as ReturnType<typeof createMachine>).processes.start(argv, { user: root, ...options });
  }
}

export type { Cluster };
