import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../world/index.ts';
import type { LabelSelector, Labels } from '../apimachinery/label-selector.ts';
import type { Attempt, Endpoint, NetworkPolicy, PolicyPeer, PolicyPort } from './types.ts';
import { PolicySet } from './verdict.ts';

const pod = (name: string, namespace = 'default', labels: Labels = { app: name }): Endpoint => ({
  ip: `10.244.${namespace.length}.${name.charCodeAt(0)}`,
  pod: {
    namespace,
    name,
    labels,
    namespaceLabels: { 'kubernetes.io/metadata.name': namespace, team: namespace },
    ports: [{ name: 'web', containerPort: 80 }],
  },
});
const tcp = (from: Endpoint, to: Endpoint, port = 80): Attempt => ({ from, to, protocol: 'TCP', port });
const policy = (name: string, spec: NetworkPolicy['spec'], namespace = 'default'): NetworkPolicy => ({
  metadata: { name, namespace },
  spec,
});

describe('policies', () => {
  it('that do not select a Pod leave it open', () => {
    const set = new PolicySet([policy('deny', { podSelector: { matchLabels: { app: 'db' } } })]);
    expect(set.judge(tcp(pod('a'), pod('b')))).toEqual({ allowed: true, by: [] });
    expect(set.judge(tcp(pod('a'), pod('db')))).toEqual({
      allowed: false,
      direction: 'ingress',
      isolatedBy: [{ namespace: 'default', policy: 'deny' }],
    });
  });

  it('add up, and the rule that allowed is named', () => {
    const set = new PolicySet([
      policy('deny', { podSelector: {}, policyTypes: ['Ingress', 'Egress'] }),
      policy('out', { podSelector: {}, policyTypes: ['Egress'], egress: [{}] }),
      policy('in', {
        podSelector: { matchLabels: { app: 'b' } },
        ingress: [
          { from: [{ podSelector: { matchLabels: { app: 'x' } } }] },
          { from: [{ podSelector: { matchLabels: { app: 'a' } } }], ports: [{ port: 'web' }] },
        ],
      }),
    ]);
    expect(set.judge(tcp(pod('a'), pod('b')))).toEqual({
      allowed: true,
      by: [
        { namespace: 'default', policy: 'out', direction: 'egress', rule: 0 },
        { namespace: 'default', policy: 'in', direction: 'ingress', rule: 1 },
      ],
    });
    expect(set.judge(tcp(pod('a'), pod('b'), 81))).toMatchObject({ allowed: false, direction: 'ingress' });
  });

  it('take both selectors of one peer together, those of two apart', () => {
    const both = { podSelector: { matchLabels: { app: 'a' } }, namespaceSelector: { matchLabels: { team: 'shop' } } };
    const one = new PolicySet([policy('p', { podSelector: {}, ingress: [{ from: [both] }] })]);
    const two = new PolicySet([
      policy('p', {
        podSelector: {},
        ingress: [{ from: [{ podSelector: both.podSelector }, { namespaceSelector: both.namespaceSelector }] }],
      }),
    ]);
    const reach = (set: PolicySet, from: Endpoint) => set.judge(tcp(from, pod('b'))).allowed;
    expect([reach(one, pod('a', 'shop')), reach(one, pod('a')), reach(one, pod('z', 'shop'))]).toEqual([
      true,
      false,
      false,
    ]);
    expect([reach(two, pod('a', 'shop')), reach(two, pod('a')), reach(two, pod('z', 'shop'))]).toEqual([
      true,
      true,
      true,
    ]);
  });

  it('say what they mean by an empty list and by none', () => {
    const spec = (ingress: NonNullable<NetworkPolicy['spec']>['ingress']) =>
      new PolicySet([policy('p', { podSelector: {}, ...(ingress ? { ingress } : {}) })]).judge(tcp(pod('a'), pod('b')))
        .allowed;
    expect([spec(undefined), spec([]), spec([{}]), spec([{ from: [] }])]).toEqual([false, false, true, true]);
  });
});

/**
 * The specification read once more, without any of the code above: lists every (policy, rule, peer, port) and asks of
 * each whether its words cover the attempt.
 */
function oracle(policies: readonly NetworkPolicy[], { from, to, protocol, port }: Attempt): boolean {
  if (from.pod && from.pod === to.pod) return true;
  const selected = (selector: LabelSelector | undefined, labels: Labels) => {
    for (const [key, value] of Object.entries(selector?.matchLabels ?? {})) if (labels[key] !== value) return false;
    for (const { key, operator, values = [] } of selector?.matchExpressions ?? []) {
      const has = Object.hasOwn(labels, key);
      if (operator === 'Exists' && !has) return false;
      if (operator === 'DoesNotExist' && has) return false;
      if (operator === 'In' && !(has && values.includes(labels[key]!))) return false;
      if (operator === 'NotIn' && has && values.includes(labels[key]!)) return false;
    }
    return true;
  };
  const inBlock = (cidr: string, ip: string) => {
    const [base = '', length] = cidr.split('/');
    const binary = (dotted: string) =>
      dotted
        .split('.')
        .map((octet) => Number(octet).toString(2).padStart(8, '0'))
        .join('');
    return binary(base).slice(0, Number(length)) === binary(ip).slice(0, Number(length));
  };
  const covers = (peer: PolicyPeer, end: Endpoint, home: string): boolean => {
    if (peer.ipBlock)
      return (
        inBlock(peer.ipBlock.cidr, end.ip) && !(peer.ipBlock.except ?? []).some((except) => inBlock(except, end.ip))
      );
    if (!end.pod) return false;
    const namespaceOk = peer.namespaceSelector
      ? selected(peer.namespaceSelector, end.pod.namespaceLabels)
      : end.pod.namespace === home;
    return namespaceOk && (peer.podSelector === undefined || selected(peer.podSelector, end.pod.labels));
  };
  const portOk = (wanted: PolicyPort) => {
    if ((wanted.protocol ?? 'TCP') !== protocol) return false;
    if (wanted.port === undefined) return true;
    if (typeof wanted.port === 'string')
      return (to.pod?.ports ?? []).some(
        (p) => p.name === wanted.port && p.containerPort === port && protocol === 'TCP',
      );
    return port >= wanted.port && port <= (wanted.endPort ?? wanted.port);
  };
  const direction = (own: Endpoint, other: Endpoint, type: 'Ingress' | 'Egress') => {
    if (!own.pod) return true;
    let isolated = false;
    for (const { metadata, spec } of policies) {
      if (metadata.namespace !== own.pod.namespace || !selected(spec?.podSelector, own.pod.labels)) continue;
      const types = spec?.policyTypes ?? ['Ingress', ...((spec?.egress?.length ?? 0) > 0 ? ['Egress'] : [])];
      if (!types.includes(type)) continue;
      isolated = true;
      const rules = (type === 'Ingress' ? spec?.ingress : spec?.egress) ?? [];
      for (const rule of rules) {
        const peers = ('from' in rule ? rule.from : 'to' in rule ? rule.to : undefined) ?? [];
        const peerOk = peers.length === 0 || peers.some((peer) => covers(peer, other, metadata.namespace!));
        const ports = rule.ports ?? [];
        if (peerOk && (ports.length === 0 || ports.some(portOk))) return true;
      }
    }
    return !isolated;
  };
  return direction(from, to, 'Egress') && direction(to, from, 'Ingress');
}

it('judges 20,000 random sets of policies as the specification does', () => {
  const random = new RandomStream(35);
  const maybe = (chance: number) => random.float() < chance;
  const some = <T>(most: number, make: () => T): T[] => Array.from({ length: random.int(most + 1) }, make);
  const namespaces = ['a', 'bb', 'ccc'];
  const labels = (): Labels => ({
    ...(maybe(0.7) ? { app: random.pick(['web', 'db']) } : {}),
    ...(maybe(0.5) ? { tier: random.pick(['1', '2']) } : {}),
  });
  const selector = (): LabelSelector => ({
    ...(maybe(0.5) ? { matchLabels: { app: random.pick(['web', 'db']) } } : {}),
    ...(maybe(0.3)
      ? {
          matchExpressions: [
            {
              key: random.pick(['app', 'tier', 'team']),
              operator: random.pick(['In', 'NotIn', 'Exists', 'DoesNotExist']),
              values: random.pick([['web'], ['1', '2'], ['db', 'bb']]),
            },
          ],
        }
      : {}),
  });
  const peer = (): PolicyPeer => {
    if (maybe(0.25))
      return {
        ipBlock: {
          cidr: random.pick(['0.0.0.0/0', '10.244.0.0/16', '192.0.2.0/24', '10.244.1.0/25']),
          ...(maybe(0.5) ? { except: [random.pick(['192.0.2.0/26', '10.244.2.0/24', '10.244.1.0/30'])] } : {}),
        },
      };
    const namespaceSelector = maybe(0.5)
      ? { matchLabels: { team: random.pick(namespaces) } }
      : maybe(0.3)
        ? {}
        : undefined;
    const podSelector = maybe(0.6) || !namespaceSelector ? selector() : undefined;
    return { ...(namespaceSelector ? { namespaceSelector } : {}), ...(podSelector ? { podSelector } : {}) };
  };
  const port = (): PolicyPort => {
    const number = random.pick([53, 80, 443, 8080]);
    const named = maybe(0.2);
    return {
      ...(maybe(0.5) ? { protocol: random.pick(['TCP', 'UDP']) } : {}),
      ...(named
        ? { port: 'web' }
        : maybe(0.8)
          ? { port: number, ...(maybe(0.3) ? { endPort: number + 400 } : {}) }
          : {}),
    };
  };
  let pods = 0;
  const end = (): Endpoint =>
    maybe(0.2)
      ? { ip: `192.0.2.${random.int(256)}` }
      : (() => {
          const namespace = random.pick(namespaces);
          return {
            ip: `10.244.${namespace.length}.${random.int(256)}`,
            pod: {
              namespace,
              name: `p${pods++}`,
              labels: labels(),
              namespaceLabels: { team: namespace },
              ports: maybe(0.5) ? [{ name: 'web', containerPort: random.pick([80, 8080]) }] : [],
            },
          };
        })();
  let denied = 0;
  for (let i = 0; i < 20_000; i++) {
    const policies = some(5, () =>
      policy(
        `p${random.int(100)}`,
        {
          podSelector: selector(),
          ...(maybe(0.5) ? { policyTypes: random.pick([['Ingress'], ['Egress'], ['Ingress', 'Egress']]) } : {}),
          ...(maybe(0.7)
            ? { ingress: some(2, () => ({ ...(maybe(0.8) ? { from: some(2, peer) } : {}), ports: some(2, port) })) }
            : {}),
          ...(maybe(0.5)
            ? { egress: some(2, () => ({ ...(maybe(0.8) ? { to: some(2, peer) } : {}), ports: some(2, port) })) }
            : {}),
        },
        random.pick(namespaces),
      ),
    );
    const set = new PolicySet(policies);
    for (let j = 0; j < 4; j++) {
      const attempt: Attempt = {
        from: end(),
        to: end(),
        protocol: random.pick(['TCP', 'UDP']),
        port: random.pick([53, 80, 443, 450, 8080]),
      };
      const verdict = set.judge(attempt);
      if (verdict.allowed !== oracle(policies, attempt)) expect({ policies, attempt, verdict }).toBeUndefined();
      if (!verdict.allowed) denied++;
    }
  }
  expect(denied).toBeGreaterThan(10_000);
});
