import { describe, expect, it } from 'vitest';
import { layoutOf } from './layout.ts';
import { topologyOf } from './model.ts';
import type { TopologyObject } from './objects.ts';

const node = (name: string): TopologyObject => ({
  metadata: { name, uid: name },
  spec: {},
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
});

const pod = (name: string, nodeName: string | undefined, labels: Record<string, string> = {}): TopologyObject => ({
  kind: 'Pod',
  metadata: { name, namespace: 'default', uid: name, labels },
  spec: { nodeName, containers: [{ name: 'c' }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
});

const service = (name: string, selector: Record<string, string>): TopologyObject => ({
  metadata: { name, namespace: 'default', uid: `svc-${name}` },
  spec: { selector, ports: [{ port: 80 }] },
});

const world = (objects: Record<string, TopologyObject[]>) => topologyOf((resource) => objects[resource] ?? []);

describe('topology', () => {
  it('puts Pods on their nodes and keeps those without one apart', () => {
    const t = world({ '/nodes': [node('b'), node('a')], '/pods': [pod('p', 'a'), pod('q', undefined)] });
    expect(t.nodes.map(({ name, pods }) => [name, pods.map((p) => p.name)])).toEqual([
      ['a', ['p']],
      ['b', []],
    ]);
    expect(t.unscheduled.map(({ name }) => name)).toEqual(['q']);
  });

  it('shows which Pods a Service selects', () => {
    const pods = [pod('p', 'a', { app: 'web' }), pod('q', 'a', { app: 'wbe' })];
    const t = world({ '/nodes': [node('a')], '/pods': pods, '/services': [service('web', { app: 'web' })] });
    expect(t.services[0]).toMatchObject({ selects: ['p'], ready: 1, ports: '80/TCP' });
  });
});

describe('layout', () => {
  it('moves nothing else when a Pod comes or goes, and fills the gap first', () => {
    const nodes = [node('a'), node('b')];
    const three = world({ '/nodes': nodes, '/pods': [pod('p', 'a'), pod('q', 'a'), pod('r', 'b')] });
    const first = layoutOf(three, undefined);
    const two = world({ '/nodes': nodes, '/pods': [pod('q', 'a'), pod('r', 'b')] });
    const second = layoutOf(two, first);
    expect(second.pods.get('q')).toEqual(first.pods.get('q'));
    expect(second.pods.get('r')).toEqual(first.pods.get('r'));
    const again = world({ '/nodes': nodes, '/pods': [pod('a-new', 'a'), pod('q', 'a'), pod('r', 'b')] });
    const third = layoutOf(again, second);
    expect(third.pods.get('q')).toEqual(first.pods.get('q'));
    expect(third.pods.get('a-new')).toEqual(first.pods.get('p'));
  });

  it('the first Service moves nothing', () => {
    const objects = { '/nodes': [node('a')], '/pods': [pod('p', 'a')] };
    const before = layoutOf(world(objects), undefined);
    const after = layoutOf(world({ ...objects, '/services': [service('web', {})] }), before);
    expect(after.pods).toEqual(before.pods);
    expect(after.nodes).toEqual(before.nodes);
  });
});
