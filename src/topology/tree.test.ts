import { describe, expect, it } from 'vitest';
import { listOf, node, object, pod, service } from './topology.test-support.ts';
import { treeOf } from './tree.ts';

const objects = {
  '/nodes': [node('a')],
  '/pods': [pod('q', 'a', { app: 'w' }, { owner: 'uid-w' }), pod('p', 'a', { app: 'w' })],
  '/services': [service('w', { app: 'w' })],
  'apps/replicasets': [object('w', { replicas: 1 })],
};
const resources = ['/nodes', '/services', 'apps/replicasets', '/pods'];

describe('the tree', () => {
  it('has under each object what stands in or behind it', () => {
    const rows = treeOf(listOf(objects), { resources, shows: () => true, expanded: () => true });
    expect(rows.map(({ level, resource, key = '' }) => `${level} ${resource} ${key}`)).toEqual([
      '1 /nodes ',
      '2 /nodes a',
      '3 /pods default/q',
      '3 /pods default/p',
      '1 /services ',
      '2 /services default/w',
      '3 /pods default/q',
      '3 /pods default/p',
      '1 apps/replicasets ',
      '2 apps/replicasets default/w',
      '3 /pods default/q',
      '1 /pods ',
      '2 /pods default/p',
      '2 /pods default/q',
    ]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  });

  it('says what is closed and where each stands', () => {
    const rows = treeOf(listOf(objects), { resources, shows: () => true, expanded: (_, level) => level === 1 });
    expect(rows.find(({ key }) => key === 'a')).toMatchObject({
      branch: true,
      expanded: false,
      position: 1,
      siblings: 1,
    });
    expect(rows.filter(({ level }) => level > 2)).toEqual([]);
  });
});
