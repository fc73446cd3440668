import { expect, it } from 'vitest';
import { Network } from '../../network/index.ts';
import { World } from '../../world/index.ts';
import type { CniName } from './abilities.ts';
import { createCni } from './cni.ts';

/** Two nodes, two Pods on the first and one on the second. */
function cluster(name: CniName) {
  const network = new Network(new World({ seed: 1, epoch: 0 }));
  const nodes = ['a', 'b'].map((node, i) => network.addNamespace(node, [`172.18.0.${2 + i}/16`]));
  const cnis = nodes.map((node, i) => createCni(name, network, node, `10.244.${i}.0/24`, '10.244.0.0/16'));
  cnis[0]!.addPeer('10.244.1.0/24', '172.18.0.3');
  cnis[1]!.addPeer('10.244.0.0/24', '172.18.0.2');
  const pod = (at: number, ip: string) => {
    const namespace = network.addNamespace(`pod-${ip}`);
    cnis[at]!.add(namespace, ip, ip === '10.244.1.5' ? [{ hostPort: 8080, containerPort: 80, protocol: 'tcp' }] : []);
    namespace.listen(80, { protocol: 'http' });
    return namespace;
  };
  const pods = [pod(0, '10.244.0.5'), pod(0, '10.244.0.6'), pod(1, '10.244.1.5')] as const;
  const outside = network.addNamespace('outside', ['172.18.0.100/16']);
  outside.listen(80, { protocol: 'http' });
  return { network, nodes, cnis, pods, outside };
}

it.each(['kindnet', 'flannel', 'bridge'] as const)('%s connects Pods with each other, nodes and the world', (name) => {
  const { network, nodes, cnis, pods, outside } = cluster(name);
  const [a, b, far] = pods;
  for (const [from, to] of [[a, '10.244.0.6'], [a, '10.244.1.5'], [far, '10.244.0.5'], [b, '10.244.1.5']] as const) {
    const { outcome, flow } = network.connect(from, to, 80);
    expect([outcome, flow.seenSource], `${from.name} → ${to}`).toEqual(['connected', flow.source]);
  } // prettier-ignore
  for (const node of nodes) expect(network.connect(node, '10.244.1.5', 80).outcome).toBe('connected');
  // Outside, a Pod is its node.
  const { outcome, flow } = network.connect(a, '172.18.0.100', 80);
  expect([outcome, flow.seenSource]).toEqual(['connected', '172.18.0.2']);
  // A host port leads to the Pod, from everywhere, as long as that is there.
  for (const from of [outside, nodes[0]!, nodes[1]!, a]) {
    const port = network.connect(from, '172.18.0.3', 8080);
    expect([port.outcome, port.flow.destination], from.name).toEqual(['connected', '10.244.1.5']);
  }
  expect(network.connect(nodes[1]!, '127.0.0.1', 8080).outcome).toBe('connected');
  cnis[1]!.remove(far, '10.244.1.5');
  network.removeNamespace(far);
  expect(network.connect(outside, '172.18.0.3', 8080).outcome).toBe('refused');
});

it('flannel carries what is for other nodes inside VXLAN', () => {
  const { network, pods } = cluster('flannel');
  const { flow } = network.connect(pods[0], '10.244.1.5', 80);
  expect(flow.hops.map(({ action, device }) => `${action} ${device ?? ''}`)).toContain('encapsulate flannel.1');
});
