import { refs, type KubeObject, type Pod, type ResourceRef } from '../../engine/kubernetes/types.ts';
import { controlPlane, workers, type ChaosRoom } from './machine-room.ts';
import { brokenImage, creations, image, scalable, templated } from './workloads.ts';

type Action = (room: ChaosRoom) => void;
type Patchable = KubeObject & { spec: Record<string, unknown> };

const anything = [
  ...templated,
  refs.jobs,
  refs.cronJobs,
  refs.services,
  refs.podDisruptionBudgets,
  refs.resourceQuotas,
  refs.persistentVolumeClaims,
] as readonly ResourceRef<KubeObject>[];

/** Namespaces that the scenario may touch. */
export function playgrounds(room: ChaosRoom): string[] {
  const names = room.list(refs.namespaces).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return names.map(({ metadata }) => metadata.name).filter((name) => name === 'default' || name.startsWith('ns-'));
}

/** Pods of the scenario. */
export function pods(room: ChaosRoom): Pod[] {
  return room.list(refs.pods).filter(({ metadata: { namespace = '' } }) => {
    return namespace === 'default' || namespace.startsWith('ns-');
  });
}

function own(room: ChaosRoom, kinds: readonly ResourceRef<KubeObject>[]): [ResourceRef<Patchable>, Patchable][] {
  const found: [ResourceRef<Patchable>, Patchable][] = [];
  for (const ref of kinds)
    for (const object of room.list(ref)) {
      const { namespace = '', ownerReferences = [], name } = object.metadata;
      if (namespace !== 'default' && !namespace.startsWith('ns-')) continue;
      if (ownerReferences.length > 0 || name === 'kubernetes') continue;
      found.push([ref as ResourceRef<Patchable>, object as Patchable]);
    }
  return found;
}

function patch(room: ChaosRoom, ref: ResourceRef<KubeObject>, { metadata }: KubeObject, body: object): void {
  const what = `patch ${ref.resource}/${metadata.name} ${JSON.stringify(body)}`;
  room.try(what, () => room.client.resource(ref).patch(metadata.namespace, metadata.name, { type: 'strategic', body }));
}

function remove(room: ChaosRoom, ref: ResourceRef<KubeObject>, { metadata }: KubeObject, options: object = {}): void {
  const what = `delete ${ref.resource}/${metadata.name} ${JSON.stringify(options)}`;
  room.try(what, () => room.client.resource(ref).delete(metadata.namespace, metadata.name, options));
}

const create: Action = (room) => {
  const namespace = room.dice.pick(playgrounds(room));
  let roll = room.dice.int(creations.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, make] of creations) if ((roll -= weight) < 0) return make(room, namespace);
};

const scale: Action = (room) => {
  const [ref, object] = room.any(own(room, scalable)) ?? [];
  if (ref && object) patch(room, ref, object, { spec: { replicas: room.dice.int(10) } });
};

const changeTemplate: Action = (room) => {
  const [ref, object] = room.any(own(room, templated)) ?? [];
  if (!ref || !object) return;
  const containers = room.chance(0.7)
    ? [{ name: 'app', image: image(room) }]
    : [{ name: 'app', env: [{ name: 'CHANGE', value: String(room.dice.int(1000)) }] }];
  patch(room, ref, object, { spec: { template: { spec: { containers } } } });
};

const removeWorkload: Action = (room) => {
  const [ref, object] = room.any(own(room, anything)) ?? [];
  const propagationPolicy = room.dice.pick(['Background', 'Background', 'Foreground', 'Orphan']);
  if (ref && object) remove(room, ref, object, { propagationPolicy });
};

const removePod: Action = (room) => {
  for (let i = room.dice.int(3); i >= 0; i--) {
    const pod = room.any(pods(room));
    if (pod) remove(room, refs.pods, pod, room.chance(0.2) ? { gracePeriodSeconds: 0 } : {});
  }
};

const removeClaim: Action = (room) => {
  const claim = room.any(room.list(refs.persistentVolumeClaims));
  if (claim) remove(room, refs.persistentVolumeClaims, claim);
};

const removeReplicaSet: Action = (room) => {
  const owned = room.any(room.list(refs.replicaSets).filter(({ metadata }) => metadata.namespace !== 'kube-system'));
  if (owned) remove(room, refs.replicaSets, owned, { propagationPolicy: room.dice.pick(['Background', 'Orphan']) });
};

const removeSlices: Action = (room) => {
  const slice = room.any(room.list(refs.endpointSlices));
  if (slice && slice.metadata.name !== 'kubernetes') remove(room, refs.endpointSlices, slice);
};

const relabelPod: Action = (room) => {
  const pod = room.any(pods(room).filter(({ metadata }) => metadata.labels?.['app']));
  if (pod) patch(room, refs.pods, pod, { metadata: { labels: { app: room.chance(0.5) ? 'lost' : null } } });
};

function evict(room: ChaosRoom, { metadata: { namespace, name } }: Pod): void {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name } };
  room.try(`evict ${name}`, () => room.client.resource(refs.pods).create(body as never, 'eviction'));
}

const evictPod: Action = (room) => {
  const pod = room.any(pods(room));
  if (pod) evict(room, pod);
};

const cordon: Action = (room) => {
  const node = room.any(room.list(refs.nodes).filter(({ metadata }) => metadata.name !== controlPlane));
  if (node) patch(room, refs.nodes, node, { spec: { unschedulable: node.spec.unschedulable ? null : true } });
};

const drain: Action = (room) => {
  const node = room.any(room.list(refs.nodes).filter(({ metadata }) => metadata.name !== controlPlane));
  if (!node) return;
  patch(room, refs.nodes, node, { spec: { unschedulable: true } });
  for (const pod of pods(room)) {
    const daemon = pod.metadata.ownerReferences?.some(({ kind }) => kind === 'DaemonSet');
    if (pod.spec.nodeName === node.metadata.name && !daemon) evict(room, pod);
  }
};

const power: Action = (room) => {
  const node = room.cluster.nodes.get(room.dice.pick(workers))!;
  node.power(!node.on);
  room.log.push(`power ${node.on ? 'on' : 'off'} ${node.name}`);
};

const powerControlPlane: Action = (room) => {
  const node = room.cluster.nodes.get(controlPlane)!;
  node.power(!node.on);
  room.log.push(`power ${node.on ? 'on' : 'off'} ${node.name}`);
};

const taint: Action = (room) => {
  const node = room.any(room.list(refs.nodes).filter(({ metadata }) => metadata.name !== controlPlane));
  if (!node) return;
  const kept = (node.spec.taints ?? []).filter(({ key }) => key !== 'chaos');
  const effect = room.dice.pick(['NoSchedule', 'NoExecute']);
  const taints = kept.length < (node.spec.taints ?? []).length ? kept : [...kept, { key: 'chaos', effect }];
  room.try(`taint ${node.metadata.name} ${JSON.stringify(taints)}`, () =>
    room.client.resource(refs.nodes).update({ ...node, spec: { ...node.spec, taints } } as typeof node),
  );
};

const outOfService: Action = (room) => {
  const off = room.list(refs.nodes).find(({ metadata }) => !room.cluster.nodes.get(metadata.name)?.on);
  if (!off || off.metadata.name === controlPlane) return;
  const key = 'node.kubernetes.io/out-of-service';
  const taints = [...(off.spec.taints ?? []).filter((t) => t.key !== key), { key, value: 'x', effect: 'NoExecute' }];
  room.try(`out of service ${off.metadata.name}`, () =>
    room.client.resource(refs.nodes).update({ ...off, spec: { ...off.spec, taints } } as typeof off),
  );
};

const removeNode: Action = (room) => {
  const node = room.any(room.list(refs.nodes).filter(({ metadata }) => metadata.name !== controlPlane));
  if (node) remove(room, refs.nodes, node);
};

const toggle =
  (ref: ResourceRef<KubeObject>, field: string): Action =>
  (room) => {
    const [, object] = room.any(own(room, [ref])) ?? [];
    if (object) patch(room, ref, object, { spec: { [field]: !object.spec[field] } });
  };

const newNamespace: Action = (room) => {
  const name = room.name('ns');
  room.create(refs.namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
};

const removeNamespace: Action = (room) => {
  const name = room.any(playgrounds(room).filter((namespace) => namespace !== 'default'));
  const namespace = name && room.client.resource(refs.namespaces).get(undefined, name);
  if (namespace) remove(room, refs.namespaces, namespace);
};

const restartController: Action = (room) => {
  const name = room.any(room.cluster.controllers.running);
  if (name === undefined) return;
  room.log.push(`restart ${name}`);
  room.cluster.controllers.stop(name);
  room.cluster.controllers.start(name);
};

const flapImage: Action = (room) => {
  const [ref, object] = room.any(own(room, templated)) ?? [];
  const containers = [{ name: 'app', image: brokenImage }];
  if (ref && object) patch(room, ref, object, { spec: { template: { spec: { containers } } } });
};

/** What may happen, with how often it does. */
export const actions: readonly (readonly [number, Action])[] = [
  [14, create],
  [6, scale],
  [6, changeTemplate],
  [2, flapImage],
  [3, removeWorkload],
  [4, removePod],
  [1, removeClaim],
  [1, removeReplicaSet],
  [1, removeSlices],
  [2, relabelPod],
  [2, evictPod],
  [2, cordon],
  [1, drain],
  [3, power],
  [1, powerControlPlane],
  [1, taint],
  [1, outOfService],
  [0.5, removeNode],
  [1, toggle(refs.deployments, 'paused')],
  [1, toggle(refs.jobs, 'suspend')],
  [0.5, toggle(refs.cronJobs, 'suspend')],
  [1, newNamespace],
  [0.7, removeNamespace],
  [1, restartController],
];

const total = actions.reduce((sum, [weight]) => sum + weight, 0);

/** Lets one thing happen. */
export function act(room: ChaosRoom): void {
  let roll = room.dice.float() * total;
  for (const [weight, action] of actions) if ((roll -= weight) < 0) return action(room);
}

/** Repairs what chaos broke, so that everything that is wished for can be. */
export async function heal(room: ChaosRoom): Promise<void> {
  for (const node of room.cluster.nodes.values()) node.power(true);
  // The API server may just be starting.
  await room.run(30_000);
  const nodes = room.client.resource(refs.nodes);
  for (const name of workers)
    if (!nodes.get(undefined, name)) {
      // A kubelet registers its node when it starts.
      room.cluster.nodes.get(name)!.power(false);
      await room.run(1_000);
      room.cluster.nodes.get(name)!.power(true);
    }
  await room.run(30_000);
  for (const node of room.list(refs.nodes)) {
    if (node.metadata.name === controlPlane) continue;
    const keys = ['chaos', 'node.kubernetes.io/out-of-service'];
    const taints = (node.spec.taints ?? []).filter(({ key }) => !keys.includes(key));
    const { unschedulable: _, ...spec } = node.spec;
    room.try(`heal ${node.metadata.name}`, () => nodes.update({ ...node, spec: { ...spec, taints } } as typeof node));
  }
  for (const deployment of room.list(refs.deployments))
    if (deployment.spec.paused) patch(room, refs.deployments, deployment, { spec: { paused: false } });
  for (const set of room.list(refs.statefulSets))
    if (set.spec.updateStrategy?.rollingUpdate?.partition)
      patch(room, refs.statefulSets, set, { spec: { updateStrategy: { rollingUpdate: { partition: 0 } } } });
  for (const [ref, object] of own(room, templated)) {
    if (!JSON.stringify(object.spec).includes(brokenImage)) continue;
    patch(room, ref, object, { spec: { template: { spec: { containers: [{ name: 'app', image: 'nginx:1.27' }] } } } });
  }
  for (const quota of room.list(refs.resourceQuotas)) {
    patch(room, refs.resourceQuotas, quota, {
      spec: { hard: { pods: '500', persistentvolumeclaims: '100', services: '100' } },
    });
  }
  for (const cron of room.list(refs.cronJobs)) patch(room, refs.cronJobs, cron, { spec: { suspend: true } });
  for (const pod of pods(room)) {
    // Nobody else replaces Pods whose owner only acts on new templates, or that have none.
    const broken = pod.spec.containers.some((container) => container.image === brokenImage);
    if (broken && pod.metadata.deletionTimestamp === undefined) remove(room, refs.pods, pod);
  }
  // Pods that were relabelled keep names that others need.
  for (const pod of pods(room))
    if (!pod.metadata.ownerReferences && !pod.metadata.name.startsWith('pod-')) remove(room, refs.pods, pod);
  // Claims that are on their way out wait for Pods that nobody else deletes.
  for (const pod of pods(room)) if (pod.metadata.name.startsWith('user-')) remove(room, refs.pods, pod);
}
