import type { ObjectChange, TrafficEvent } from '../../../session/protocol.ts';

/** A cluster as large as wanted, of API objects that nobody runs. */

/** Pods that share an owner. */
const perOwner = 50;
let size = { pods: 0, nodes: 1, perNode: false };

const meta = (name: string, more: object = {}) => ({ name, namespace: 'default', uid: name, ...more });

function pod(i: number, ready: boolean): ObjectChange {
  const app = size.perNode ? `app-${i}` : `app-${Math.floor(i / perOwner)}`;
  const name = `${app}-6d4b75cb6d-${i.toString(36).padStart(5, 'x')}`;
  const owner = { kind: 'ReplicaSet', name: app, uid: `rs-${app}`, controller: true };
  return {
    resource: '/pods',
    key: `default/${name}`,
    object: {
      kind: 'Pod',
      metadata: meta(name, { labels: { app }, ownerReferences: [owner] }),
      spec: { nodeName: `node-${i % size.nodes}`, containers: [{ name: 'c', ports: [{ containerPort: 80 }] }] },
      status: {
        phase: 'Running',
        podIP: `10.244.${i % 250}.${Math.floor(i / 250) + 1}`,
        conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
        containerStatuses: [{ name: 'c', ready, restartCount: 0, state: { running: {} } }],
      },
    },
  };
}

/** @param perNode every Pod has an owner of its own, so that nothing can be grouped by owner */
export function changesOf(pods: number, nodes: number, perNode: boolean): ObjectChange[] {
  size = { pods, nodes, perNode };
  const apps = Math.ceil(pods / perOwner);
  return [
    ...Array.from({ length: nodes }, (_, i) => ({
      resource: '/nodes',
      key: `node-${i}`,
      object: {
        kind: 'Node',
        metadata: { name: `node-${i}`, uid: `node-${i}` },
        spec: {},
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      },
    })),
    ...Array.from({ length: apps }, (_, i) => ({
      resource: '/services',
      key: `default/svc-${i}`,
      object: {
        kind: 'Service',
        metadata: meta(`svc-${i}`),
        spec: { selector: { app: `app-${i}` }, ports: [{ port: 80 }] },
      },
    })),
    ...Array.from({ length: pods }, (_, i) => pod(i, true)),
  ];
}

let flips = 0;
export const changedPod = (i: number): ObjectChange => pod(i % size.pods, ++flips % 2 === 0);

/** From one Pod through a Service to another, as many at once. */
export function packets(count: number): TrafficEvent[] {
  const apps = Math.ceil(size.pods / perOwner);
  return Array.from({ length: count }, (_, i) => ({
    id: i,
    t: 0,
    protocol: 'tcp',
    from: { kind: 'pod', key: pod((i * 37) % size.pods, true).key },
    service: `default/svc-${i % apps}`,
    to: { kind: 'pod', key: pod((i * 61 + 7) % size.pods, true).key },
    address: '10.96.0.9',
    port: 80,
    destination: '10.244.0.1',
    destinationPort: 80,
    outcome: 'connected',
    hops: [],
    count: 1,
  }));
}
