import { hostPorts } from '../cni/portmap.ts';
import type { Pod } from '../types.ts';
import type { Sandbox } from './containers.ts';
import type { NodeContext } from './node-context.ts';
import { endPause, startPause } from './pause.ts';

/** A Pod's hold on the network: made before its containers are, and again when it was lost. */
export class PodSandbox {
  readonly #node: NodeContext;
  #current: Sandbox | undefined;
  #lastIP: string | undefined;
  #made = 0;
  /** There was one before, perhaps under another kubelet. */
  hadOne = false;

  /** @param lastIP the Pod's address so far */
  constructor(node: NodeContext, lastIP: string | undefined) {
    this.#node = node;
    this.#lastIP = lastIP;
  }

  get current(): Sandbox | undefined {
    return this.#current;
  }

  /** The address that the Pod has, or had when it still had one. */
  get lastIP(): string | undefined {
    return this.#lastIP;
  }

  open(pod: Pod): void {
    const node = this.#node;
    const { namespace, name, uid } = pod.metadata;
    this.#made = this.hadOne ? Math.max(1, this.#made) + 1 : 1;
    this.hadOne = true;
    let sandbox: Sandbox;
    if (pod.spec.hostNetwork) sandbox = { net: node.net, ip: node.node.ip, hostNetwork: true };
    else {
      const ip = node.allocateIP();
      const net = node.network.addNamespace(`pod/${namespace}/${name}/${uid}/${this.#made}`);
      node.cni.add(net, ip, hostPorts(pod));
      // The recordings' containers run nothing, so that two web servers in one Pod never collide there.
      net.sharesPorts = node.testHooks;
      sandbox = { net, ip, hostNetwork: false };
    }
    const { hostPID, shareProcessNamespace } = pod.spec;
    if (hostPID) sandbox.pids = node.hostPids;
    else if (shareProcessNamespace) sandbox.pids = startPause(node, sandbox.net, name);
    this.#current = sandbox;
    this.#lastIP = sandbox.ip;
  }

  drop(): void {
    const sandbox = this.#current;
    this.#current = undefined;
    if (sandbox?.pids && sandbox.pids !== this.#node.hostPids) endPause(sandbox.pids);
    if (!sandbox || sandbox.hostNetwork) return;
    this.#node.cni.remove(sandbox.net, sandbox.ip);
    this.#node.network.removeNamespace(sandbox.net);
    this.#node.releaseIP(sandbox.ip);
  }
}
