import { objectReference } from '../events.ts';
import { refs, type Draft, type PersistentVolume, type PersistentVolumeClaim } from '../types.ts';
import { keyOf, splitKey, tolerateGone } from './owners.ts';
import { annotations } from './persistent-volume/annotations.ts';
import { classOfClaim } from './persistent-volume/match.ts';
import type { Controller, ControllerContext } from './runtime.ts';

const provisionerName = 'rancher.io/local-path';
const selectedNodeAnnotation = 'local.path.provisioner/selected-node';
const directory = '/var/local-path-provisioner';
/** Its helper Pod takes about this long (ms) to make or remove a directory. */
const helperTime = 2000;
/** It retries this long (ms) after a failure. */
const retryPeriod = 15_000;

/**
 * The provisioner that kind comes with: a directory on the node that the scheduler chose. It is no part of
 * kube-controller-manager, and its helper Pods are not shown.
 */
export const localPathProvisioner: Controller = {
  name: 'local-path-provisioner',
  component: `${provisionerName}_local-path-provisioner`,
  serviceAccount: 'local-path-provisioner-service-account',

  start(context) {
    const claims = context.client.resource(refs.persistentVolumeClaims);
    const volumes = context.client.resource(refs.persistentVolumes);
    /** Claims and volumes that a helper Pod works for, with the time when it is done. */
    const working = new Map<string, number>();
    context.state(() => [...working]);
    /** Whether the helper is done; the first call starts it. */
    const helped = (key: string, again: (delay: number) => void): boolean => {
      const now = context.world.queue.now;
      const due = working.get(key) ?? now + helperTime;
      working.set(key, due);
      if (due > now) again(due - now);
      else working.delete(key);
      return due <= now;
    };

    const claimQueue = context.queue({
      workers: 4,
      reconcile: (key) => {
        const claim = claims.get(...splitKey(key));
        if (!claim || !isWaiting(claim)) return void working.delete(key);
        const again = (delay: number) => claimQueue.addAfter(key, delay);
        if (!working.has(key)) {
          const message = `External provisioner is provisioning volume for claim "${key}"`;
          context.events.record(claim, 'Normal', 'Provisioning', message);
          const problem = unsupported(claim);
          if (problem !== undefined) {
            const text = `failed to provision volume with StorageClass "${classOfClaim(claim)}": ${problem}`;
            context.events.record(claim, 'Warning', 'ProvisioningFailed', text);
            return again(retryPeriod);
          }
        }
        if (helped(key, again)) provision(context, claim);
      },
    });
    const volumeQueue = context.queue({
      workers: 4,
      reconcile: (name) => {
        const volume = volumes.get(undefined, name);
        if (!volume || !isReleased(volume)) return void working.delete(name);
        if (!helped(name, (delay) => volumeQueue.addAfter(name, delay))) return;
        tolerateGone(() => volumes.delete(undefined, name));
      },
    });
    const claimChanged = (claim: PersistentVolumeClaim) => {
      if (isWaiting(claim)) claimQueue.add(keyOf(claim));
    };
    const volumeChanged = (volume: PersistentVolume) => {
      if (isReleased(volume)) volumeQueue.add(volume.metadata.name);
    };
    context.watch(refs.persistentVolumeClaims, {
      add: claimChanged,
      update: (claim, previous) => {
        if (!isWaiting(previous)) claimChanged(claim);
      },
    });
    context.watch(refs.persistentVolumes, { add: volumeChanged, update: volumeChanged });
  },
};

function isWaiting({ metadata, spec }: PersistentVolumeClaim): boolean {
  return (
    !spec.volumeName &&
    metadata.deletionTimestamp === undefined &&
    metadata.annotations?.[annotations.provisioner] === provisionerName
  );
}

function isReleased({ metadata, spec, status }: PersistentVolume): boolean {
  return (
    metadata.annotations?.[annotations.provisionedBy] === provisionerName &&
    metadata.deletionTimestamp === undefined &&
    status.phase === 'Released' &&
    spec.persistentVolumeReclaimPolicy === 'Delete'
  );
}

/** Why it can make no volume for the claim. */
function unsupported({ spec, metadata }: PersistentVolumeClaim): string | undefined {
  if (spec.selector) return 'claim.Spec.Selector is not supported';
  const modes: readonly string[] = spec.accessModes ?? [];
  if (modes.some((mode) => mode !== 'ReadWriteOnce' && mode !== 'ReadWriteOncePod')) {
    return 'NodePath only supports ReadWriteOnce and ReadWriteOncePod (1.22+) access modes';
  }
  return metadata.annotations?.[annotations.selectedNode] === undefined
    ? 'configuration error, no node was specified'
    : undefined;
}

function provision({ client, events }: ControllerContext, claim: PersistentVolumeClaim): void {
  const { namespace, name, uid } = claim.metadata;
  const volume = `pvc-${uid}`;
  const storageClass = client.resource(refs.storageClasses).get(undefined, classOfClaim(claim));
  if (!storageClass || client.resource(refs.persistentVolumes).get(undefined, volume)) return;
  const node = claim.metadata.annotations![annotations.selectedNode]!;
  const hostname =
    client.resource(refs.nodes).get(undefined, node)?.metadata.labels?.['kubernetes.io/hostname'] ?? node;
  const { apiVersion, kind, resourceVersion } = objectReference(claim);
  client.resource(refs.persistentVolumes).create({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: volume,
      annotations: { [selectedNodeAnnotation]: node, [annotations.provisionedBy]: provisionerName },
    },
    spec: {
      accessModes: claim.spec.accessModes,
      capacity: { storage: claim.spec.resources?.requests?.['storage'] },
      claimRef: { apiVersion, kind, name, namespace, resourceVersion, uid },
      hostPath: { path: `${directory}/${volume}_${namespace}_${name}`, type: 'DirectoryOrCreate' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [hostname] }] },
          ],
        },
      },
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? 'Delete',
      storageClassName: storageClass.metadata.name,
      volumeMode: claim.spec.volumeMode ?? 'Filesystem',
    },
  } as unknown as Draft<PersistentVolume>);
  events.record(claim, 'Normal', 'ProvisioningSucceeded', `Successfully provisioned volume ${volume}`);
}
