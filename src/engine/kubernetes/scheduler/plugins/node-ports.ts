import type { Plugin } from '../framework.ts';
import { podInfo, type HostPort, type NodeInfo } from '../node-info.ts';

const name = 'NodePorts';
const rejection = {
  plugin: name,
  reasons: ["node(s) didn't have free ports for the requested pod ports"],
  resolvable: true,
};

function collide(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.protocol !== b.protocol) return false;
  return a.ip === b.ip || a.ip === '0.0.0.0' || b.ip === '0.0.0.0';
}

function taken(ports: readonly HostPort[], node: NodeInfo): boolean {
  for (const other of node.pods.values()) {
    if (other.ports.length > 0 && ports.some((port) => other.ports.some((used) => collide(port, used)))) return true;
  }
  return false;
}

/** Host ports are taken once per node, address and protocol. */
export const nodePorts: Plugin = {
  name,
  preFilter: ({ info }) =>
    info.ports.length > 0 ? { filter: (node) => (taken(info.ports, node) ? rejection : undefined) } : undefined,
  requeue: (event, pod) => {
    if (event.type === 'NodeAdd') return true;
    if (event.type !== 'AssignedPodDelete') return false;
    const freed = podInfo(event.pod).ports;
    return podInfo(pod).ports.some((port) => freed.some((used) => collide(port, used)));
  },
};
