import type { INetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { INetworkPolicyPeer } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicyPeer';
import type { INetworkPolicyPort } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicyPort';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/field-error.ts';
import { cidrContains, invalidCidrMessage, parseCidr } from '../../../apimachinery/ip.ts';
import { formatLabelSelector, type LabelSelector } from '../../../apimachinery/label-selector.ts';
import { isValidPortName, isValidPortNumber } from '../../../apimachinery/names.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkLabelSelector, checkName } from '../common/validate.ts';
import type { Column } from '../kind.ts';

type NetworkPolicy = Kind<INetworkPolicy>;

export const networkPolicy = defineKind<NetworkPolicy>('networking.k8s.io', 'v1', 'networkpolicies', {
  defaults({ spec }) {
    if (!spec) return;
    spec.podSelector ??= {};
    if (!spec.policyTypes?.length) spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
    for (const rule of [...(spec.ingress ?? []), ...(spec.egress ?? [])]) {
      for (const port of rule.ports ?? []) port.protocol ??= 'TCP';
    }
  },

  prepareForCreate(draft) {
    draft.metadata.generation = 1;
  },

  validate({ spec }): FieldError[] {
    if (!spec) return [];
    const errors = checkLabelSelector(spec.podSelector as LabelSelector | undefined, 'spec.podSelector');
    spec.ingress?.forEach((rule, i) => {
      const at = `spec.ingress[${i}]`;
      rule.ports?.forEach((port, j) => errors.push(...validatePort(port, `${at}.ports[${j}]`)));
      rule.from?.forEach((peer, j) => errors.push(...validatePeer(peer, `${at}.from[${j}]`)));
    });
    spec.egress?.forEach((rule, i) => {
      const at = `spec.egress[${i}]`;
      rule.ports?.forEach((port, j) => errors.push(...validatePort(port, `${at}.ports[${j}]`)));
      rule.to?.forEach((peer, j) => errors.push(...validatePeer(peer, `${at}.to[${j}]`)));
    });
    const types: readonly string[] = spec.policyTypes ?? [];
    if (types.length > 2)
      return [...errors, invalid('spec.policyTypes', types, 'may not specify more than two policyTypes')];
    types.forEach((type, i) => {
      if (type !== 'Ingress' && type !== 'Egress')
        errors.push(notSupported(`spec.policyTypes[${i}]`, type, ['Ingress', 'Egress']));
    });
    return errors;
  },

  columns: [
    nameColumn as Column<NetworkPolicy>,
    column('Pod-Selector', 'Which Pods it protects.', ({ spec }) =>
      formatLabelSelector(spec?.podSelector as LabelSelector | undefined),
    ),
    ageColumn as Column<NetworkPolicy>,
  ],
});

function validatePort({ protocol, port, endPort }: INetworkPolicyPort, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (protocol && !['SCTP', 'TCP', 'UDP'].includes(protocol))
    errors.push(notSupported(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP']));
  if (typeof port === 'number') {
    errors.push(...isValidPortNumber(port).map((message) => invalid(`${at}.port`, port, message)));
    if (endPort !== undefined) {
      if (endPort < port) errors.push(invalid(`${at}.endPort`, port, 'must be greater than or equal to `port`'));
      errors.push(...isValidPortNumber(endPort).map((message) => invalid(`${at}.endPort`, endPort, message)));
    }
  } else {
    if (endPort !== undefined) {
      const message =
        port === undefined
          ? 'may not be specified when `port` is not specified'
          : 'may not be specified when `port` is non-numeric';
      errors.push(
        port === undefined ? invalid(`${at}.endPort`, endPort, message) : invalid(`${at}.endPort`, endPort, message),
      );
    }
    if (port !== undefined) errors.push(...checkName(port, `${at}.port`, isValidPortName));
  }
  return errors;
}

function validatePeer(peer: INetworkPolicyPeer, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const { podSelector, namespaceSelector, ipBlock } = peer;
  errors.push(...checkLabelSelector(podSelector as LabelSelector | undefined, `${at}.podSelector`));
  errors.push(...checkLabelSelector(namespaceSelector as LabelSelector | undefined, `${at}.namespaceSelector`));
  if (ipBlock) errors.push(...validateBlock(ipBlock, `${at}.ipBlock`));
  const count = [podSelector, namespaceSelector, ipBlock].filter(Boolean).length;
  if (count === 0) errors.push(required(at, 'must specify a peer'));
  else if (ipBlock && count > 1) errors.push(forbidden(at, 'may not specify both ipBlock and another peer'));
  return errors;
}

function validateBlock({ cidr, except }: { cidr: string; except?: readonly string[] }, at: string): FieldError[] {
  if (!cidr) return [required(`${at}.cidr`)];
  const block = parseCidr(cidr);
  if (!block) return [invalid(`${at}.cidr`, cidr, invalidCidrMessage)];
  return (except ?? []).flatMap((text, i) => {
    const path = `${at}.except[${i}]`;
    const inner = parseCidr(text);
    if (!inner) return [invalid(path, text, invalidCidrMessage)];
    const fits = cidrContains(block, inner) && inner.bits > block.bits;
    return fits ? [] : [invalid(path, text, `must be a strict subset of \`cidr\``)];
  });
}
