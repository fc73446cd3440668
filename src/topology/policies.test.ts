import { describe, expect, it } from 'vitest';
import { topologyOf } from './model.ts';
import { possiblePaths } from './paths.ts';
import { policyViews } from './policies.ts';
import { listOf, node, object, pod, service } from './topology.test-support.ts';

const policies = 'networking.k8s.io/networkpolicies';
const pods = [pod('web', 'a', { app: 'web' }), pod('db', 'a', { app: 'db' }), pod('job', 'a', { app: 'job' })];
const allowWeb = object('db', {
  podSelector: { matchLabels: { app: 'db' } },
  policyTypes: ['Ingress'],
  ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 80 }] }],
});
const objects = { '/nodes': [node('a')], '/pods': pods, '/services': [service('db', { app: 'db' })] };

describe('policies as fences', () => {
  it('say whom they isolate and whom they let in', () => {
    const [view] = policyViews(listOf({ ...objects, [policies]: [allowWeb] }), () => true);
    expect(view).toMatchObject({
      name: 'db',
      directions: ['ingress'],
      isolates: ['db'],
      open: [{ direction: 'ingress', pod: 'web', ports: '80' }],
    });
  });

  it('open to all lets outside in, blocks of addresses too', () => {
    const all = object('all', { podSelector: {}, ingress: [{}] });
    const block = object('block', { podSelector: {}, egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }] });
    const views = policyViews(listOf({ ...objects, [policies]: [all, block] }), () => true);
    expect(views.map(({ directions, open }) => [directions, open])).toEqual([
      [['ingress'], [{ direction: 'ingress', ports: '' }]],
      [['ingress', 'egress'], [{ direction: 'egress', ports: '' }]],
    ]);
  });
});

describe('possible paths', () => {
  const pathsOf = (resource: string, key: string, list = listOf({ ...objects, [policies]: [allowWeb] })) =>
    possiblePaths(list, topologyOf(list), { resource, key });

  it('of a Pod behind a fence', () => {
    const { denied, ways } = pathsOf('/pods', 'default/db');
    expect(ways).toEqual([{ from: 'pod web', to: 'pod db' }]);
    // It may ask everybody: nothing keeps it from that.
    expect([...denied]).toEqual([]);
  });

  it('of a Pod outside the fence: what it cannot reach, with its Service', () => {
    const both = object('all', { podSelector: {}, policyTypes: ['Ingress'] });
    const list = listOf({ ...objects, [policies]: [both, allowWeb] });
    expect([...pathsOf('/pods', 'default/job', list).denied].sort()).toEqual(
      ['outside', 'pod db', 'pod web', 'service svc-db'].filter((id) => id !== 'outside'),
    );
    expect([...pathsOf('/services', 'default/db', list).denied].sort()).toEqual(['outside', 'pod job']);
  });

  it('are all open without policies, or where the network plug-in does not care', () => {
    const flannel = { 'apps/daemonsets': [object('kube-flannel-ds', {})] };
    const list = listOf({ ...objects, ...flannel, [policies]: [allowWeb] });
    expect(pathsOf('/services', 'default/db', list).denied.size).toBe(0);
    expect(pathsOf('/services', 'default/db', listOf(objects)).denied.size).toBe(0);
  });
});
