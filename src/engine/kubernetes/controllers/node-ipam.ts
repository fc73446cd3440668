import { refs, type Node } from '../types.ts';
import type { Controller } from './runtime.ts';

/** Prefix length of each node's share of the Pod network. */
const nodeMaskSize = 24;

/** Gives each node a range of the Pod network (pkg/controller/nodeipam, RangeAllocator). IPv4 only. */
export const nodeIpamController: Controller = {
  name: 'node-ipam-controller',
  component: 'cidrAllocator',
  serviceAccount: 'node-controller',

  start(context) {
    const { clusterCIDR } = context;
    if (clusterCIDR === undefined) return;
    const nodes = context.client.resource(refs.nodes);
    const queue = context.queue({
      workers: 1,
      reconcile: (name) => {
        const node = nodes.get(undefined, name);
        if (!node || node.spec.podCIDR) return;
        const used = new Set(nodes.list().map(({ spec }) => spec.podCIDR));
        const podCIDR = ranges(clusterCIDR).find((range) => !used.has(range));
        if (podCIDR === undefined) {
          const message = `Node ${name} status is now: CIDRNotAvailable`;
          context.events.record(node, 'Normal', 'CIDRNotAvailable', message);
          return;
        }
        nodes.update({ ...node, spec: { ...node.spec, podCIDR, podCIDRs: [podCIDR] } });
      },
    });
    const enqueue = (node: Node) => {
      if (!node.spec.podCIDR) queue.add(node.metadata.name);
    };
    context.watch(refs.nodes, { add: enqueue, update: enqueue });
  },
};

const rangesByCIDR = new Map<string, readonly string[]>();

/** The node ranges of a network, in order. */
function ranges(cidr: string): readonly string[] {
  let list = rangesByCIDR.get(cidr);
  if (!list) {
    const [address = '', prefix = '16'] = cidr.split('/');
    const base = address.split('.').reduce((value, octet) => value * 256 + Number(octet), 0);
    const count = 2 ** Math.max(0, nodeMaskSize - Number(prefix));
    list = Array.from({ length: count }, (_, i) => {
      const start = base + i * 2 ** (32 - nodeMaskSize);
      const octets = [24, 16, 8, 0].map((shift) => Math.floor(start / 2 ** shift) % 256);
      return `${octets.join('.')}/${nodeMaskSize}`;
    });
    rangesByCIDR.set(cidr, list);
  }
  return list;
}
