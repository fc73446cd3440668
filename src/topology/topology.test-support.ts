import type { TopologyObject } from './objects.ts';

/** Objects for tests of the picture. */
export type Objects = Record<string, TopologyObject[]>;

export const listOf =
  (objects: Objects) =>
  (resource: string): readonly TopologyObject[] =>
    objects[resource] ?? [];

export const node = (name: string): TopologyObject => ({
  metadata: { name, uid: name },
  spec: {},
  status: { conditions: [{ type: 'Ready', status: 'True' }] },
});

export const pod = (
  name: string,
  nodeName: string | undefined,
  labels: Record<string, string> = {},
  more: { owner?: string; namespace?: string; spec?: object } = {},
): TopologyObject => ({
  kind: 'Pod',
  metadata: {
    name,
    namespace: more.namespace ?? 'default',
    uid: name,
    labels,
    ...(more.owner
      ? { ownerReferences: [{ kind: 'ReplicaSet', name: more.owner, uid: more.owner, controller: true }] }
      : {}),
  },
  spec: { nodeName, containers: [{ name: 'c', ports: [{ containerPort: 80 }] }], ...more.spec },
  status: { phase: 'Running', podIP: '10.244.0.9', conditions: [{ type: 'Ready', status: 'True' }] },
});

export const service = (name: string, selector: Record<string, string>, spec: object = {}): TopologyObject => ({
  metadata: { name, namespace: 'default', uid: `svc-${name}` },
  spec: { selector, ports: [{ port: 80 }], ...spec },
});

export const object = (
  name: string,
  spec: Record<string, unknown>,
  more: Partial<TopologyObject> = {},
): TopologyObject => ({
  metadata: { name, namespace: 'default', uid: `uid-${name}` },
  spec,
  ...more,
});
