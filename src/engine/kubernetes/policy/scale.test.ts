import { expect, it } from 'vitest';
import { RandomStream } from '../../world/index.ts';
import type { Endpoint, NetworkPolicy } from './types.ts';
import { PolicySet } from './verdict.ts';

it('a hundred policies over a thousand Pods: a first verdict costs little, later ones almost nothing', () => {
  const random = new RandomStream(3);
  const pods: Endpoint[] = Array.from({ length: 1000 }, (_, i) => ({
    ip: `10.244.${i >> 8}.${i & 255}`,
    pod: {
      namespace: `n${i % 10}`,
      name: `p${i}`,
      labels: { app: `a${i % 50}`, tier: i % 2 ? 'front' : 'back' },
      namespaceLabels: { team: `n${i % 10}` },
      ports: [{ name: 'http', containerPort: 80 }],
    },
  }));
  const policies: NetworkPolicy[] = Array.from({ length: 100 }, (_, i) => ({
    metadata: { name: `policy-${i}`, namespace: `n${i % 10}` },
    spec: {
      podSelector: { matchLabels: { app: `a${i % 50}` } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: [{ podSelector: { matchLabels: { tier: 'front' } } }], ports: [{ port: 'http' }] }],
      egress: [{ to: [{ namespaceSelector: { matchLabels: { team: `n${i % 7}` } } }] }],
    },
  }));
  const set = new PolicySet(policies);
  const began = performance.now();
  const attempts = 20_000;
  let allowed = 0;
  for (let i = 0; i < attempts; i++) {
    const [from, to] = [pods[random.int(1000)]!, pods[random.int(1000)]!];
    if (set.judge({ from, to, protocol: 'TCP', port: 80 }).allowed) allowed++;
  }
  const microseconds = ((performance.now() - began) * 1000) / attempts;
  expect(allowed).toBeGreaterThan(0);
  // About 5 µs where it was written, with seven other jobs on two cores.
  expect(microseconds).toBeLessThan(50);
  if (process.env['BENCH']) console.log(`${microseconds.toFixed(2)} µs a verdict`);
});
