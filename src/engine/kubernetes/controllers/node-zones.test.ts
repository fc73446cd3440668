import { describe, expect, it } from 'vitest';
import { refs } from '../types.ts';
import { TestCluster } from './cluster.test-support.ts';

const zoneLabel = 'topology.kubernetes.io/zone';

function cluster(zones: Readonly<Record<string, string>>): TestCluster {
  const made = new TestCluster({ nodes: 6 });
  const nodes = made.client.resource(refs.nodes);
  for (const [node, zone] of Object.entries(zones))
    nodes.patch(undefined, node, { type: 'merge', body: { metadata: { labels: { [zoneLabel]: zone } } } });
  made.run(1000);
  return made;
}

/** Nodes from which Pods are evicted. */
function evicting(of: TestCluster): string[] {
  const tainted = of.list(refs.nodes).filter(({ spec }) => spec.taints?.some((t) => t.effect === 'NoExecute'));
  return tainted.map(({ metadata }) => metadata.name);
}

describe('failure of many nodes', () => {
  it('evicts from a zone that is silent as a whole, one node in ten seconds', () => {
    const lost = ['kind-worker', 'kind-worker2', 'kind-worker3'];
    const made = cluster(Object.fromEntries(lost.map((node) => [node, 'a'])));
    for (const node of lost) made.silence(node);
    made.run(62_000);
    expect(evicting(made).length).toBeLessThan(3);
    made.run(40_000);
    expect(evicting(made)).toEqual(lost);
  });

  it('evicts nothing where most of a small zone is silent', () => {
    const made = cluster({});
    const lost = ['kind-worker', 'kind-worker2', 'kind-worker3', 'kind-worker4'];
    for (const node of lost) made.silence(node);
    made.run(400_000);
    expect(evicting(made)).toEqual([]);
  });

  it('evicts nothing when nobody is heard any more', () => {
    const made = cluster({ 'kind-worker': 'a', 'kind-worker2': 'a' });
    for (const { metadata } of made.list(refs.nodes)) made.silence(metadata.name);
    made.run(400_000);
    expect(evicting(made)).toEqual([]);
  });
});
