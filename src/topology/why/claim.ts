import type { TopologyObject } from '../objects.ts';
import { messageOf, namespaceFlag, newestEvent, type Cause, type ObjectSource } from './cause.ts';

/** Why a claim has a volume, or has none. */
export function whyClaim(claim: TopologyObject, objects: ObjectSource): Cause[] {
  const { name } = claim.metadata;
  const command = `kubectl describe pvc ${name}${namespaceFlag(claim)}`;
  const spec = (claim.spec ?? {}) as { storageClassName?: string; volumeName?: string };
  if (claim.status?.phase === 'Bound')
    return [
      {
        code: 'claim_bound',
        params: { name, volume: spec.volumeName ?? '' },
        command,
        next: { resource: '/persistentvolumes', key: spec.volumeName ?? '' },
      },
    ];
  const evidence = messageOf(
    newestEvent(objects, 'PersistentVolumeClaim', claim, [
      'ProvisioningFailed',
      'FailedBinding',
      'WaitForFirstConsumer',
    ]),
  );
  const { storageClassName } = spec;
  if (!storageClassName) return [{ code: 'claim_no_class', params: { name }, evidence, command }];
  const found = objects('storage.k8s.io/storageclasses').find(({ metadata }) => metadata.name === storageClassName) as
    (TopologyObject & { volumeBindingMode?: string }) | undefined;
  if (!found)
    return [
      {
        code: 'claim_class_missing',
        params: { name, class: storageClassName },
        evidence,
        command: 'kubectl get storageclass',
      },
    ];
  if (found.volumeBindingMode === 'WaitForFirstConsumer' && !isUsed(claim, objects))
    return [{ code: 'claim_waits_for_pod', params: { name, class: storageClassName }, evidence, command }];
  return [{ code: 'claim_no_volume', params: { name, class: storageClassName }, evidence, command }];
}

function isUsed({ metadata }: TopologyObject, objects: ObjectSource): boolean {
  return objects('/pods').some((pod) => {
    const volumes = (pod.spec?.volumes ?? []) as { persistentVolumeClaim?: { claimName: string } }[];
    return (
      pod.metadata.namespace === metadata.namespace &&
      volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === metadata.name)
    );
  });
}

export function whyVolume(volume: TopologyObject): Cause[] {
  const { name } = volume.metadata;
  const command = `kubectl describe pv ${name}`;
  const claim = volume.spec?.claimRef as { namespace: string; name: string } | undefined;
  if (volume.status?.phase === 'Released')
    return [{ code: 'volume_released', params: { name, claim: claim?.name ?? '' }, command }];
  if (!claim) return [{ code: 'nothing_to_tell', params: {} }];
  const next = { resource: '/persistentvolumeclaims', key: `${claim.namespace}/${claim.name}` };
  return [{ code: 'claim_bound', params: { name: claim.name, volume: name }, command, next }];
}
