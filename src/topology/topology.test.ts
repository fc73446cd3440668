import { describe, expect, it } from 'vitest';
import { boxesOf } from './boxes.ts';
import { talksOf } from './components.ts';
import { topologyOf } from './model.ts';
import { listOf, node, object, pod, service, type Objects } from './topology.test-support.ts';

const world = (objects: Objects) => topologyOf(listOf(objects));

describe('topology', () => {
  it('puts Pods on their nodes and keeps those without one apart', () => {
    const t = world({ '/nodes': [node('b'), node('a')], '/pods': [pod('p', 'a'), pod('q', undefined)] });
    const boxes = boxesOf(t, { view: 'nodes' });
    expect(boxes.map(({ id, items }) => [id, items.map((item) => item.id)])).toEqual([
      ['a', ['p']],
      ['b', []],
      ['', ['q']],
    ]);
  });

  it('shows which Pods a Service selects', () => {
    const pods = [pod('p', 'a', { app: 'web', tier: 'x' }), pod('q', 'a', { app: 'wbe', tier: 'x' })];
    const t = world({ '/pods': pods, '/services': [service('web', { tier: 'x', app: 'web' })] });
    expect(t.services[0]).toMatchObject({ selects: ['p'], ready: 1, ports: '80/TCP', form: 'cluster-ip' });
  });

  it('tells Services apart by how they are reached', () => {
    const t = world({
      '/services': [
        service('a', {}, { clusterIP: 'None' }),
        service('b', {}, { type: 'NodePort', ports: [{ port: 80, nodePort: 30080 }] }),
        service('c', {}, { type: 'LoadBalancer' }),
        { ...service('d', {}, { type: 'LoadBalancer' }), status: { loadBalancer: { ingress: [{ ip: '1.2.3.4' }] } } },
        service('e', {}, { type: 'ExternalName', externalName: 'example.org' }),
      ],
    });
    expect(t.services.map(({ form, nodePorts, addresses, pending }) => [form, nodePorts, addresses, pending])).toEqual([
      ['headless', [], [], false],
      ['node-port', [30080], [], false],
      ['load-balancer', [], [], true],
      ['load-balancer', [], ['1.2.3.4'], false],
      ['external-name', [], [], false],
    ]);
  });

  it('leads from Ingresses and Gateways to Services', () => {
    const path = (path: string, name: string) => ({ path, backend: { service: { name } } });
    const t = world({
      'networking.k8s.io/ingresses': [
        object('shop', {
          rules: [
            { host: 'shop.test', http: { paths: [path('/', 'web'), path('/cart', 'cart'), path('/basket', 'cart')] } },
          ],
          defaultBackend: { service: { name: 'web' } },
        }),
      ],
      'gateway.networking.k8s.io/gateways': [object('gw', { listeners: [{ protocol: 'HTTP', port: 80 }] })],
      'gateway.networking.k8s.io/httproutes': [
        object('route', {
          parentRefs: [{ name: 'gw' }],
          hostnames: ['a.test'],
          rules: [
            {
              matches: [{ path: { value: '/v2' } }],
              backendRefs: [
                { name: 'web', weight: 9 },
                { name: 'new', weight: 1 },
              ],
            },
          ],
        }),
      ],
    });
    expect(t.routes.map(({ from, to, label }) => [from, to, label])).toEqual([
      ['uid-shop', 'default/web', 'shop.test/\n*'],
      ['uid-shop', 'default/cart', 'shop.test/cart\nshop.test/basket'],
      ['uid-gw', 'uid-route', ''],
      ['uid-route', 'default/web', '/v2 ×9'],
      ['uid-route', 'default/new', '/v2 ×1'],
    ]);
  });

  it('shows the claims that Pods use, and with what they are bound', () => {
    const spec = { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };
    const claim = object('data', { volumeName: 'pv-1' }, { status: { phase: 'Bound', capacity: { storage: '1Gi' } } });
    const t = world({
      '/pods': [pod('p', 'a', {}, { spec })],
      '/persistentvolumeclaims': [claim, object('unused', {})],
    });
    expect(t.claims).toEqual([
      {
        id: 'uid-data',
        key: 'default/data',
        name: 'data',
        phase: 'Bound',
        capacity: '1Gi',
        volume: 'pv-1',
        pods: ['p'],
      },
    ]);
  });
});

describe('view by application', () => {
  it('has a box for each application, in frames by namespace, with its owners', () => {
    const replicaSet = object(
      'rs',
      { replicas: 2 },
      {
        metadata: {
          name: 'rs',
          namespace: 'default',
          uid: 'rs',
          ownerReferences: [{ kind: 'Deployment', name: 'web', uid: 'uid-web', controller: true }],
        },
      },
    );
    const t = world({
      '/pods': [
        pod('p', 'a', {}, { owner: 'rs' }),
        pod('q', undefined, {}, { owner: 'rs' }),
        pod('x', 'a', {}, { namespace: 'shop' }),
      ],
      'apps/deployments': [object('web', { replicas: 2 })],
      'apps/replicasets': [replicaSet],
    });
    const boxes = boxesOf(t, { view: 'applications' });
    expect(boxes.map(({ id, frame, items }) => [id, frame, items.length])).toEqual([
      ['default/web', 'default', 2],
      ['shop/x', 'shop', 1],
    ]);
    expect(boxes[0]!.workloads.map(({ kind }) => kind)).toEqual(['Deployment', 'ReplicaSet']);
  });
});

describe('groups', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, i) =>
      pod(`p${i}`, i % 2 ? 'a' : 'b', {}, { owner: i % 20 ? 'web' : `own-${i}` }),
    );

  it('take the place of many Pods, and open', () => {
    const t = world({ '/nodes': [node('a'), node('b')], '/pods': many(240) });
    const [a] = boxesOf(t, { view: 'nodes' });
    expect(a!.items.map(({ kind }) => kind)).toEqual(['group']);
    const group = a!.items[0]!;
    expect(group).toMatchObject({ group: { name: 'web', ready: 120, failing: 0 } });
    expect(boxesOf(t, { view: 'nodes', open: new Set([group.id]) })[0]!.items).toHaveLength(120);
  });

  it('are not needed for few', () => {
    const t = world({ '/nodes': [node('a'), node('b')], '/pods': many(200) });
    expect(boxesOf(t, { view: 'nodes' }).flatMap(({ items }) => items)).toHaveLength(200);
  });
});

describe('control plane', () => {
  it('has its programs on their nodes, and who talks to whom', () => {
    const part = (component: string) =>
      pod(component, 'cp', { tier: 'control-plane', component }, { namespace: 'kube-system' });
    const t = world({
      '/nodes': [node('cp'), node('w')],
      '/pods': [part('etcd'), part('kube-apiserver'), part('kube-scheduler')],
    });
    const boxes = boxesOf(t, { view: 'control-plane' });
    const names = boxes.map(({ items }) => items.map((item) => (item.kind === 'component' ? item.component.name : '')));
    expect(names).toEqual([['etcd', 'kube-apiserver', 'kube-scheduler', 'kubelet'], ['kubelet']]);
    expect(talksOf(t.components)).toEqual([
      { from: 'kube-apiserver', to: 'etcd' },
      { from: 'kube-scheduler', to: 'kube-apiserver' },
      { from: 'kubelet-cp', to: 'kube-apiserver' },
      { from: 'kubelet-w', to: 'kube-apiserver' },
    ]);
  });
});
