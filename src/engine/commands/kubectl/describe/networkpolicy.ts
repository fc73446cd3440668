import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { INetworkPolicyPeer } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicyPeer';
import type { INetworkPolicyPort } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicyPort';
import { formatLabelSelector, type LabelSelector } from '../../../kubernetes/apimachinery/label-selector.ts';
import { describer } from './describer.ts';
import { writeMetadata } from './format.ts';
import type { DescriptionWriter } from './writer.ts';

interface Rule {
  ports: readonly INetworkPolicyPort[];
  peers: readonly INetworkPolicyPeer[];
}

export const networkPolicy = describer<INetworkPolicy>({
  group: 'networking.k8s.io',
  kind: 'NetworkPolicy',
  describe(w, { metadata, spec }) {
    w.field(0, 'Name', metadata.name);
    w.field(0, 'Namespace', metadata.namespace);
    // Go's default form of a time.
    w.field(0, 'Created on', `${(metadata.creationTimestamp ?? '').replace('T', ' ').replace('Z', '')} +0000 UTC`);
    writeMetadata(w, metadata);
    w.line(0, 'Spec:');
    const pods = formatLabelSelector(spec.podSelector);
    const none = '<none> (Allowing the specific traffic to all pods in this namespace)';
    w.line(1, `PodSelector:     ${pods === '<none>' ? none : pods}`);
    const types = spec.policyTypes ?? [];
    writeDirection(
      w,
      'ingress',
      types.includes('Ingress'),
      (spec.ingress ?? []).map((rule) => ({ ports: rule.ports ?? [], peers: rule.from ?? [] })),
    );
    writeDirection(
      w,
      'egress',
      types.includes('Egress'),
      (spec.egress ?? []).map((rule) => ({ ports: rule.ports ?? [], peers: rule.to ?? [] })),
    );
    w.line(1, `Policy Types: ${types.join(', ') || '<none>'}`);
  },
});

function writeDirection(
  w: DescriptionWriter,
  direction: 'ingress' | 'egress',
  isOn: boolean,
  rules: readonly Rule[],
): void {
  if (!isOn) return w.line(1, `Not affecting ${direction} traffic`);
  w.line(1, `Allowing ${direction} traffic:`);
  if (rules.length === 0) w.line(2, `<none> (Selected pods are isolated for ${direction} connectivity)`);
  const word = direction === 'ingress' ? 'From' : 'To';
  const any = direction === 'ingress' ? 'source' : 'destination';
  rules.forEach(({ ports, peers }, i) => {
    if (ports.length === 0) w.line(2, 'To Port: <any> (traffic allowed to all ports)');
    for (const { port, endPort, protocol = 'TCP' } of ports) {
      const shown = port ?? '<nil>';
      w.line(
        2,
        endPort === undefined ? `To Port: ${shown}/${protocol}` : `To Port Range: ${shown}-${endPort}/${protocol}`,
      );
    }
    if (peers.length === 0) w.line(2, `${word}: <any> (traffic not restricted by ${any})`);
    for (const peer of peers) {
      w.line(2, `${word}:`);
      writePeer(w, peer);
    }
    if (i < rules.length - 1) w.line(2, '----------');
  });
}

function writePeer(w: DescriptionWriter, { namespaceSelector, podSelector, ipBlock }: INetworkPolicyPeer): void {
  const selector = (name: string, value: LabelSelector) => w.line(3, `${name}: ${formatLabelSelector(value)}`);
  if (namespaceSelector) selector('NamespaceSelector', namespaceSelector);
  if (podSelector) selector('PodSelector', podSelector);
  if (namespaceSelector || podSelector || !ipBlock) return;
  w.line(3, 'IPBlock:');
  w.line(4, `CIDR: ${ipBlock.cidr}`);
  w.line(4, `Except: ${(ipBlock.except ?? []).join(', ')}`);
}
