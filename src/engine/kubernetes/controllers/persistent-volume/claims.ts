import { refs, type PersistentVolume, type PersistentVolumeClaim, type StorageClass } from '../../types.ts';
import { claimsOf } from '../pod-claims.ts';
import { isPodTerminal } from '../pods.ts';
import type { ControllerContext } from '../runtime.ts';
import { annotations } from './annotations.ts';
import { bind, setClaimPhase, withAnnotations } from './binding.ts';
import { classOfClaim, findVolume, isBoundTo, mismatch } from './match.ts';

/** What the binder does about one claim (`syncClaim`). @throws ApiError */
export function syncClaim(context: ControllerContext, claim: PersistentVolumeClaim): void {
  if (claim.metadata.annotations?.[annotations.bindCompleted] !== undefined) syncBound(context, claim);
  else if (claim.spec.volumeName) syncNamed(context, claim, claim.spec.volumeName);
  else syncUnbound(context, claim);
}

function syncUnbound(context: ControllerContext, claim: PersistentVolumeClaim): void {
  const { client, events } = context;
  const className = classOfClaim(claim);
  const storageClass = className ? client.resource(refs.storageClasses).get(undefined, className) : undefined;
  const delayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
  const volumes = client.resource(refs.persistentVolumes).list();
  context.examined(volumes.length);
  const volume = findVolume(volumes, claim, { delayed });
  if (volume) return bind(client, context.world.clock.timestamp(), volume, claim);
  if (delayed && claim.metadata.annotations?.[annotations.selectedNode] === undefined) {
    tellWhatItWaitsFor(context, claim);
  } else if (className) {
    provision(context, claim, className, storageClass);
  } else {
    const message = 'no persistent volumes available for this claim and no storage class is set';
    events.record(claim, 'Normal', 'FailedBinding', message);
  }
  const current = client.resource(refs.persistentVolumeClaims).get(claim.metadata.namespace, claim.metadata.name);
  if (current) setClaimPhase(client, current, 'Pending');
}

function tellWhatItWaitsFor({ client, events }: ControllerContext, claim: PersistentVolumeClaim): void {
  const { namespace, name } = claim.metadata;
  const waiting = client
    .resource(refs.pods)
    .list({ namespace })
    .filter((pod) => !pod.spec.nodeName && !isPodTerminal(pod) && claimsOf(pod).some((use) => use.claim === name))
    .map((pod) => pod.metadata.name);
  if (waiting.length === 0) {
    const message = 'waiting for first consumer to be created before binding';
    events.record(claim, 'Normal', 'WaitForFirstConsumer', message);
    return;
  }
  const pods = `${waiting.length > 1 ? 'pods' : 'pod'} ${waiting.join(',')}`;
  events.record(claim, 'Normal', 'WaitForPodScheduled', `waiting for ${pods} to be scheduled`);
}

/** Volumes are made by provisioners outside: the binder only calls for one. */
function provision(
  { client, events }: ControllerContext,
  claim: PersistentVolumeClaim,
  className: string,
  storageClass: StorageClass | undefined,
): void {
  if (!storageClass) {
    const message = `storageclass.storage.k8s.io "${className}" not found`;
    events.record(claim, 'Warning', 'ProvisioningFailed', message);
    return;
  }
  const { provisioner } = storageClass;
  if (provisioner.startsWith('kubernetes.io/')) {
    events.record(claim, 'Warning', 'ProvisioningFailed', `no volume plugin matched name: ${provisioner}`);
    return;
  }
  const called = claim.metadata.annotations?.[annotations.provisioner] === provisioner;
  const current = called
    ? claim
    : client.resource(refs.persistentVolumeClaims).update(
        withAnnotations(claim, {
          [annotations.betaProvisioner]: provisioner,
          [annotations.provisioner]: provisioner,
        }),
      );
  const message = `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`;
  events.record(current, 'Normal', 'ExternalProvisioning', message);
}

/** The user wants one certain volume. */
function syncNamed(context: ControllerContext, claim: PersistentVolumeClaim, name: string): void {
  const { client, events } = context;
  const volume = client.resource(refs.persistentVolumes).get(undefined, name);
  if (!volume) return void setClaimPhase(client, claim, 'Pending');
  if (volume.spec.claimRef && !isBoundTo(volume, claim)) {
    events.record(claim, 'Warning', 'FailedBinding', `volume "${name}" already bound to a different claim.`);
    return void setClaimPhase(client, claim, 'Pending');
  }
  const reason = volume.spec.claimRef ? undefined : mismatch(volume, claim);
  if (reason !== undefined) {
    events.record(claim, 'Warning', 'VolumeMismatch', `Cannot bind to requested volume "${name}": ${reason}`);
    return void setClaimPhase(client, claim, 'Pending');
  }
  bind(client, context.world.clock.timestamp(), volume, claim);
}

function syncBound(context: ControllerContext, claim: PersistentVolumeClaim): void {
  const { client } = context;
  const { volumeName } = claim.spec;
  if (!volumeName) {
    const message = 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!';
    return lose(context, claim, 'ClaimLost', message);
  }
  const volume: PersistentVolume | undefined = client.resource(refs.persistentVolumes).get(undefined, volumeName);
  if (!volume) {
    const message = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!';
    return lose(context, claim, 'ClaimLost', message);
  }
  if (volume.spec.claimRef && !isBoundTo(volume, claim)) {
    const message = 'Two claims are bound to the same volume, this one is bound incorrectly';
    return lose(context, claim, 'ClaimMisbound', message);
  }
  bind(client, context.world.clock.timestamp(), volume, claim);
}

function lose({ client, events }: ControllerContext, claim: PersistentVolumeClaim, reason: string, message: string) {
  if (claim.status.phase === 'Lost') return;
  events.record(setClaimPhase(client, claim, 'Lost'), 'Warning', reason, message);
}
