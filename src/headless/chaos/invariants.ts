import { labelMatcher } from '../../engine/kubernetes/apimachinery/label-matcher.ts';
import { quantityMilliValue, quantityValue } from '../../engine/kubernetes/apimachinery/quantity.ts';
import { refs, type KubeObject, type Pod } from '../../engine/kubernetes/types.ts';
import { pods as ownPods } from './actions.ts';
import { controlPlane, type ChaosRoom } from './machine-room.ts';

/** Says what is wrong, if anything is. */
export type Invariant = (room: ChaosRoom, complain: (text: string) => void) => void;

const ready = ({ status, metadata }: Pod) =>
  metadata.deletionTimestamp === undefined &&
  (status.conditions ?? []).some(({ type, status: value }) => type === 'Ready' && value === 'True');
const finished = ({ status }: Pod) => status.phase === 'Succeeded' || status.phase === 'Failed';
const title = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
const controlledBy = (owner: KubeObject, { metadata }: KubeObject) =>
  metadata.ownerReferences?.some(({ uid, controller }) => uid === owner.metadata.uid && controller) ?? false;

function all(room: ChaosRoom): KubeObject[] {
  const objects: KubeObject[] = [];
  for (const { definition } of room.cluster.server.core.served()) {
    if (definition.resource === 'events' || !(definition.verbs ?? ['list']).includes('list')) continue;
    objects.push(...room.client.resource<KubeObject>({ ...definition, namespaced: definition.namespaced }).list());
  }
  return objects;
}

/** Whoever owns something exists; nothing is left half deleted. */
const noOrphans: Invariant = (room, complain) => {
  const objects = all(room);
  const uids = new Set(objects.map(({ metadata }) => metadata.uid));
  // A claim waits for the Pods that use it.
  const isUsedClaim = ({ kind, metadata: { namespace, name } }: KubeObject) =>
    kind === 'PersistentVolumeClaim' &&
    room.list(refs.pods, namespace).some(({ spec }) => {
      return spec.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === name);
    });
  const namespaces = new Set(room.list(refs.namespaces).map(({ metadata }) => metadata.name));
  for (const object of objects) {
    const { metadata } = object;
    if (metadata.deletionTimestamp !== undefined && !isUsedClaim(object)) {
      complain(`${title(object)} is still being deleted, finalizers: ${metadata.finalizers?.join(' ')}`);
    }
    if (metadata.namespace !== undefined && !namespaces.has(metadata.namespace)) {
      complain(`${title(object)} is in a namespace that doesn't exist`);
    }
    const owners = metadata.ownerReferences ?? [];
    if (owners.length > 0 && !owners.some(({ uid }) => uids.has(uid))) {
      complain(`${title(object)} is an orphan of ${owners.map(({ kind, name }) => `${kind}/${name}`).join(', ')}`);
    }
  }
};

/** Workloads are what their specs say, and their statuses tell so. */
const workloadsComplete: Invariant = (room, complain) => {
  const pods = ownPods(room);
  const check = (object: KubeObject, what: string, is: unknown, should: unknown) => {
    if ((is ?? 0) !== (should ?? 0)) complain(`${title(object)}: ${what} ${String(is)} instead of ${String(should)}`);
  };
  const observed = (object: KubeObject & { status: { observedGeneration?: number } }) =>
    check(object, 'observedGeneration', object.status.observedGeneration, object.metadata.generation);
  for (const object of room.list(refs.deployments)) {
    const { spec, status, metadata } = object;
    observed(object);
    for (const field of ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas'] as const)
      check(object, field, status[field], spec.replicas);
    const sets = room.list(refs.replicaSets, metadata.namespace).filter((set) => controlledBy(object, set));
    const scaledUp = sets.filter((set) => (set.spec.replicas ?? 1) > 0);
    check(object, 'ReplicaSets in use', scaledUp.length, (spec.replicas ?? 1) > 0 ? 1 : 0);
    const old = sets.length - 1;
    if (old > (spec.revisionHistoryLimit ?? 10)) complain(`${title(object)} keeps ${old} old ReplicaSets`);
  }
  for (const ref of [refs.replicaSets, refs.replicationControllers] as const)
    for (const object of room.list(ref as typeof refs.replicaSets)) {
      observed(object);
      if (object.metadata.namespace === 'kube-system') continue;
      const mine = pods.filter((pod) => controlledBy(object, pod) && !finished(pod));
      check(object, 'Pods', mine.length, object.spec.replicas);
      for (const field of ['replicas', 'readyReplicas', 'availableReplicas'] as const)
        check(object, field, object.status[field], object.spec.replicas);
    }
  for (const object of room.list(refs.statefulSets)) {
    const { spec, status, metadata } = object;
    observed(object);
    for (const field of ['replicas', 'readyReplicas', 'availableReplicas'] as const)
      check(object, field, status[field], spec.replicas);
    const mine = pods.filter((pod) => controlledBy(object, pod)).map((pod) => pod.metadata.name);
    const start = spec.ordinals?.start ?? 0;
    const wanted = Array.from({ length: spec.replicas ?? 1 }, (_, i) => `${metadata.name}-${start + i}`);
    check(object, 'Pods', mine.sort().join(' '), wanted.sort().join(' '));
  }
  const nodes = room.list(refs.nodes);
  for (const object of room.list(refs.daemonSets)) {
    const { status, metadata } = object;
    observed(object);
    if (metadata.namespace === 'kube-system') continue;
    // The control plane's taint isn't tolerated.
    check(object, 'desired', status.desiredNumberScheduled, nodes.length - 1);
    for (const field of ['currentNumberScheduled', 'numberReady', 'numberAvailable'] as const)
      check(object, field, status[field], status.desiredNumberScheduled);
    check(object, 'misscheduled', status.numberMisscheduled, 0);
    const on = pods.filter((pod) => controlledBy(object, pod)).map((pod) => pod.spec.nodeName);
    check(object, 'nodes', new Set(on).size, on.length);
  }
};

const jobsEnd: Invariant = (room, complain) => {
  const pods = ownPods(room);
  for (const job of room.list(refs.jobs)) {
    const { status, spec } = job;
    const types = (status.conditions ?? []).filter((c) => c.status === 'True').map(({ type }) => type);
    const mine = pods.filter((pod) => controlledBy(job, pod));
    const active = mine.filter((pod) => !finished(pod));
    if (types.includes('Complete') || types.includes('Failed')) {
      if (active.length > 0) complain(`${title(job)} is finished and has ${active.length} active Pods`);
      if (types.includes('Complete') && (status.succeeded ?? 0) < (spec.completions ?? 1) && !spec.successPolicy)
        complain(`${title(job)} is complete with ${status.succeeded} of ${spec.completions}`);
      if ((status.active ?? 0) > 0) complain(`${title(job)} is finished with status.active ${status.active}`);
    } else if (spec.suspend) {
      if (active.length > 0) complain(`${title(job)} is suspended and has ${active.length} active Pods`);
      if (!types.includes('Suspended')) complain(`${title(job)} is suspended and does not say so`);
    } else complain(`${title(job)} never ends: ${JSON.stringify(status)}`);
    const uncounted = (status as { uncountedTerminatedPods?: object }).uncountedTerminatedPods ?? {};
    if (Object.values(uncounted).flat().length > 0) complain(`${title(job)} has uncounted Pods`);
  }
  for (const pod of pods)
    if (pod.metadata.finalizers?.includes('batch.kubernetes.io/job-tracking') && finished(pod))
      complain(`${title(pod)} keeps its tracking finalizer`);
  for (const cron of room.list(refs.cronJobs)) {
    const jobs = room.list(refs.jobs, cron.metadata.namespace).filter((job) => controlledBy(cron, job));
    const ended = (type: string) =>
      jobs.filter(({ status }) => status.conditions?.some((c) => c.type === type && c.status === 'True')).length;
    if (ended('Complete') > (cron.spec.successfulJobsHistoryLimit ?? 3)) complain(`${title(cron)} keeps too many Jobs`);
    if (ended('Failed') > (cron.spec.failedJobsHistoryLimit ?? 1))
      complain(`${title(cron)} keeps too many failed Jobs`);
    for (const { name } of cron.status.active ?? []) {
      const job = jobs.find(({ metadata }) => metadata.name === name);
      const over = job?.status.conditions?.some((c) => ['Complete', 'Failed'].includes(c.type) && c.status === 'True');
      if (!job || over) complain(`${title(cron)} says that ${name} is active`);
    }
  }
};

/** Every Pod is where it is said to be, and nothing else runs there. */
const podsRun: Invariant = (room, complain) => {
  const stored = new Map(room.list(refs.pods).map((pod) => [pod.metadata.uid, pod]));
  const addresses = new Map<string, string>();
  for (const pod of stored.values()) {
    if (finished(pod)) continue;
    const own = pod.metadata.namespace !== 'kube-system';
    if (own && !ready(pod)) {
      const waiting = pod.status.containerStatuses?.map(({ state }) => state?.waiting?.reason ?? '').join(' ');
      const scheduled = pod.status.conditions?.find(({ type }) => type === 'PodScheduled')?.message ?? '';
      complain(`${title(pod)} on ${pod.spec.nodeName} is ${pod.status.phase} ${waiting} ${scheduled}`);
    }
    const node = room.cluster.nodes.get(pod.spec.nodeName ?? '');
    if (node && !node.kubelet.workers.has(pod.metadata.uid)) complain(`${title(pod)} has no worker on ${node.name}`);
    const ip = pod.status.podIP;
    if (ip === undefined || pod.spec.hostNetwork) continue;
    if (addresses.has(ip)) complain(`${title(pod)} has the address of ${addresses.get(ip)}`);
    addresses.set(ip, title(pod));
  }
  for (const node of room.cluster.nodes.values())
    for (const [uid, worker] of node.kubelet.workers)
      if (!stored.has(uid)) complain(`${node.name} still works on ${worker.pod.metadata.name}, which is gone`);
};

const endpointsAreReadyPods: Invariant = (room, complain) => {
  const pods = ownPods(room);
  for (const service of room.list(refs.services)) {
    const { namespace, name } = service.metadata;
    const { selector } = service.spec;
    if (!selector || namespace === 'kube-system') continue;
    const matches = labelMatcher({ matchLabels: selector });
    const wanted = pods
      .filter((pod) => pod.metadata.namespace === namespace && matches(pod.metadata.labels) && ready(pod))
      .map((pod) => pod.status.podIP);
    const slices = room
      .list(refs.endpointSlices, namespace)
      .filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === name);
    const found = slices.flatMap((slice) =>
      (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready).flatMap((endpoint) => endpoint.addresses),
    );
    const endpoints = room.client.resource(refs.endpoints).get(namespace, name);
    const classic = (endpoints?.subsets ?? []).flatMap((subset) => (subset.addresses ?? []).map(({ ip }) => ip));
    const text = (addresses: readonly unknown[]) => [...addresses].sort().join(' ');
    if (text(found) !== text(wanted)) complain(`${title(service)}: slices ${text(found)}; ready Pods ${text(wanted)}`);
    if (text(classic) !== text(wanted)) complain(`${title(service)}: Endpoints ${text(classic)}; Pods ${text(wanted)}`);
  }
};

const quotasAddUp: Invariant = (room, complain) => {
  for (const quota of room.list(refs.resourceQuotas)) {
    const { namespace } = quota.metadata;
    const used = {
      pods: ownPods(room).filter((pod) => pod.metadata.namespace === namespace && !finished(pod)).length,
      persistentvolumeclaims: room.list(refs.persistentVolumeClaims, namespace).length,
      services: room.list(refs.services, namespace).length,
    };
    for (const [name, count] of Object.entries(used)) {
      const told = quantityValue(quota.status.used?.[name] ?? 0);
      if (told !== count) complain(`${title(quota)}: ${told} ${name} used instead of ${count}`);
    }
  }
};

const volumesBelongToOneClaim: Invariant = (room, complain) => {
  const claims = room.list(refs.persistentVolumeClaims);
  const volumes = room.list(refs.persistentVolumes);
  for (const claim of claims) {
    const volume = volumes.find(({ metadata }) => metadata.name === claim.spec.volumeName);
    if (claim.status.phase === 'Bound') {
      if (!volume) complain(`${title(claim)} is bound to ${claim.spec.volumeName}, which doesn't exist`);
      else if (volume.spec.claimRef?.uid !== claim.metadata.uid)
        complain(`${title(claim)} is bound to ${volume.metadata.name}, which belongs to ${volume.spec.claimRef?.name}`);
    } else if (claim.status.phase === 'Lost') complain(`${title(claim)} is lost`);
  }
  for (const volume of volumes) {
    const { uid, name } = volume.spec.claimRef ?? {};
    const claim = claims.find(({ metadata }) => metadata.uid === uid);
    if (volume.spec.persistentVolumeReclaimPolicy === 'Delete' && !claim)
      complain(`${title(volume)} is ${volume.status.phase}, but its claim ${name} is gone`);
  }
};

const nodesAreWell: Invariant = (room, complain) => {
  for (const node of room.list(refs.nodes)) {
    const isReady = node.status.conditions?.find(({ type }) => type === 'Ready')?.status;
    if (isReady !== 'True') complain(`${title(node)} is not ready: ${isReady}`);
    const others = (node.spec.taints ?? []).filter(({ key }) => !key.startsWith('node-role.'));
    if (others.length > 0) complain(`${title(node)} keeps taints ${JSON.stringify(others)}`);
  }
};

/** Grace period of nodes (ms), with the monitor's period and its retries. */
const noticed = 90_000;

/** A machine that is off doesn't speak. */
export const silentNodesNoticed: Invariant = (room, complain) => {
  const { now } = room.world.queue;
  const longSince = (name: string) => now - (room.switched.get(name) ?? 0) > noticed;
  if (!room.cluster.nodes.get(controlPlane)!.on || !longSince(controlPlane)) return;
  for (const { name, on } of room.cluster.nodes.values()) {
    if (on || !longSince(name)) continue;
    const conditions = room.client.resource(refs.nodes).get(undefined, name)?.status.conditions;
    if (conditions?.find(({ type }) => type === 'Ready')?.status === 'True') complain(`${name} is off and ready`);
  }
};

/** Nobody is ever given what isn't there. */
export const nodesNotOverbooked: Invariant = (room, complain) => {
  const pods = room.list(refs.pods).filter((pod) => !finished(pod));
  for (const node of room.list(refs.nodes)) {
    const here = pods.filter((pod) => pod.spec.nodeName === node.metadata.name);
    const sum = (name: string, value: (quantity: string | number) => number) =>
      here
        .flatMap((pod) => pod.spec.containers)
        .reduce((total, { resources }) => total + value(resources?.requests?.[name] ?? 0), 0);
    const { cpu = 0, memory = 0, pods: room = 0 } = node.status.allocatable ?? {};
    if (sum('cpu', quantityMilliValue) > quantityMilliValue(cpu)) complain(`${title(node)}: too much CPU promised`);
    if (sum('memory', quantityValue) > quantityValue(memory)) complain(`${title(node)}: too much memory promised`);
    if (here.length > quantityValue(room)) complain(`${title(node)}: ${here.length} Pods`);
  }
};

/** Events tell what happened, not the same for ever. */
const eventsAreFew: Invariant = (room, complain) => {
  const events = room.list(refs.coreEvents);
  if (events.length > 4_000) complain(`there are ${events.length} Events`);
  for (const event of events)
    if ((event.count ?? 1) > 600)
      complain(`Event ${event.reason} of ${event.involvedObject.name}: ${event.count} times`);
};

/** What must hold when everything has been healed and has come to rest. */
export const invariants: Readonly<Record<string, Invariant>> = {
  noOrphans,
  workloadsComplete,
  jobsEnd,
  podsRun,
  endpointsAreReadyPods,
  quotasAddUp,
  volumesBelongToOneClaim,
  nodesAreWell,
  nodesNotOverbooked,
  eventsAreFew,
};
