import { expect, it } from 'vitest';
import { ApiError } from '../../client.ts';
import type { AdmissionAttributes } from './plugin.ts';
import { nodeRestriction } from './node-restriction.ts';

const user = { name: 'system:node:a', groups: ['system:nodes', 'system:authenticated'] };

function verdict(attributes: object): string {
  try {
    const base = { operation: 'UPDATE', group: '', resource: 'nodes', name: 'a', user };
    nodeRestriction.validate!({ ...base, ...attributes } as unknown as AdmissionAttributes);
    return '';
  } catch (error) {
    if (error instanceof ApiError) return error.message;
    throw error;
  }
}
const node = (labels: Record<string, string>, taints: object[] = []) => ({
  metadata: { name: 'a', labels },
  spec: { taints },
});

it('a kubelet keeps to its own Node', () => {
  expect(verdict({ name: 'b', object: node({}), old: node({}) })).toBe(
    'nodes "b" is forbidden: node "a" is not allowed to modify node "b"',
  );
  expect(verdict({ object: node({ 'kubernetes.io/os': 'linux', mine: '1' }), old: node({}) })).toBe('');
  const role = 'node-role.kubernetes.io/x';
  expect(verdict({ object: node({ [role]: '', 'node-restriction.kubernetes.io/y': '' }), old: node({}) })).toBe(
    `nodes "a" is forbidden: is not allowed to modify labels: node-restriction.kubernetes.io/y, ${role}`,
  );
  expect(verdict({ object: node({}, [{ key: 'k' }]), old: node({}) })).toContain('is not allowed to modify taints');
  expect(verdict({ user: { name: 'admin', groups: [] }, name: 'b', object: node({}), old: node({}) })).toBe('');
});

it('a kubelet creates mirror Pods only', () => {
  const pod = { metadata: { name: 'p' }, spec: { nodeName: 'a' } };
  expect(verdict({ operation: 'CREATE', resource: 'pods', name: 'p', object: pod })).toBe(
    'pods "p" is forbidden: pod does not have "kubernetes.io/config.mirror" annotation, node "a" can only create mirror pods',
  );
  expect(verdict({ operation: 'DELETE', resource: 'pods', name: 'p', old: { spec: { nodeName: 'b' } } })).toContain(
    'node "a" can only delete pods with spec.nodeName set to itself',
  );
});
