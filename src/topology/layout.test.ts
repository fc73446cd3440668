import { describe, expect, it } from 'vitest';
import { boxesOf, type PictureView } from './boxes.ts';
import { layoutOf, type Layout } from './layout.ts';
import { topologyOf } from './model.ts';
import { listOf, node, object, pod, service, type Objects } from './topology.test-support.ts';

function draw(objects: Objects, before?: Layout, view: PictureView = 'nodes', owners = false): Layout {
  const topology = topologyOf(listOf(objects));
  return layoutOf(topology, boxesOf(topology, { view }), before, { view, owners });
}

const nodes = [node('a'), node('b')];

describe('layout', () => {
  it('moves nothing else when a Pod comes or goes, and fills the gap first', () => {
    const first = draw({ '/nodes': nodes, '/pods': [pod('p', 'a'), pod('q', 'a'), pod('r', 'b')] });
    const second = draw({ '/nodes': nodes, '/pods': [pod('q', 'a'), pod('r', 'b')] }, first);
    expect(second.items.get('q')).toEqual(first.items.get('q'));
    expect(second.items.get('r')).toEqual(first.items.get('r'));
    const third = draw({ '/nodes': nodes, '/pods': [pod('a-new', 'a'), pod('q', 'a'), pod('r', 'b')] }, second);
    expect(third.items.get('q')).toEqual(first.items.get('q'));
    expect(third.items.get('a-new')).toEqual(first.items.get('p'));
  });

  it('what comes beside the boxes moves neither them nor each other', () => {
    const objects = { '/nodes': nodes, '/pods': [pod('p', 'a')], '/services': [service('m', {})] };
    const before = draw(objects);
    const spec = { rules: [{ http: { paths: [{ path: '/', backend: { service: { name: 'm' } } }] } }] };
    const after = draw(
      {
        ...objects,
        '/services': [service('a', {}), service('m', {})],
        'networking.k8s.io/ingresses': [object('i', spec)],
      },
      before,
    );
    expect(after.items).toEqual(before.items);
    expect(after.boxes).toEqual(before.boxes);
    expect(after.places.get('service svc-m')).toEqual(before.places.get('service svc-m'));
  });

  it('follows traffic from left to right', () => {
    const spec = { rules: [{ http: { paths: [{ path: '/', backend: { service: { name: 'm' } } }] } }] };
    const status = { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } };
    const layout = draw({
      '/nodes': nodes,
      '/pods': [pod('p', 'a', { app: 'm' })],
      '/services': [service('m', { app: 'm' })],
      'networking.k8s.io/ingresses': [object('i', spec, { status })],
    });
    const x = ['outside', 'address 1.2.3.4', 'entrance uid-i', 'service svc-m'].map((id) => layout.places.get(id)!.x);
    expect([...x, layout.items.get('p')!.x]).toEqual([...x, layout.items.get('p')!.x].toSorted((a, b) => a - b));
    expect(new Set(x).size).toBe(4);
  });

  it('keeps the applications of other namespaces where they are', () => {
    const first = draw(
      { '/pods': [pod('b', 'x'), pod('d', 'x', {}, { namespace: 'shop' })] },
      undefined,
      'applications',
    );
    const second = draw(
      { '/pods': [pod('b', 'x'), pod('d', 'x', {}, { namespace: 'shop' }), pod('a', 'x', {}, { namespace: 'app' })] },
      first,
      'applications',
    );
    expect(second.items.get('b')).toEqual(first.items.get('b'));
    expect(second.items.get('d')).toEqual(first.items.get('d'));
    expect([...second.frames.keys()]).toEqual(['default', 'shop', 'app']);
  });

  it('no two things lie on each other', () => {
    for (const view of ['nodes', 'applications'] as const) {
      const layout = draw(
        {
          '/nodes': nodes,
          '/pods': Array.from({ length: 30 }, (_, i) => pod(`p${i}`, i % 3 ? (i % 2 ? 'a' : 'b') : undefined)),
          '/services': [service('a', {}), service('b', {})],
          'apps/deployments': [object('web', { replicas: 1 }), object('db', { replicas: 1 })],
        },
        undefined,
        view,
        true,
      );
      const points = [...layout.items.values(), ...layout.places.values()].map(({ x, y }) => `${x} ${y}`);
      expect(new Set(points).size).toBe(points.length);
      expect(layout.places.size).toBe(5);
    }
  });
});
