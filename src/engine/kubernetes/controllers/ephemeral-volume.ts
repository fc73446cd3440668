import { ApiError } from '../client.ts';
import { refs, type Draft, type PersistentVolumeClaim, type Pod } from '../types.ts';
import { isControlledBy, keyOf, newControllerReference, splitKey } from './owners.ts';
import { claimIndex, claimKeys } from './pod-claims.ts';
import { isPodActive } from './pods.ts';
import type { Controller } from './runtime.ts';

/** Makes the claims that Pods have templates for in their volumes (pkg/controller/volume/ephemeral). */
export const ephemeralVolumeController: Controller = {
  name: 'ephemeral-volume-controller',
  component: 'ephemeral_volume',
  serviceAccount: 'ephemeral-volume-controller',

  start(context) {
    const pods = context.client.resource(refs.pods);
    const claims = context.client.resource(refs.persistentVolumeClaims);
    pods.informer.addIndex(claimIndex, claimKeys);
    const queue = context.queue({
      workers: 5,
      reconcile: (key) => {
        const pod = pods.get(...splitKey(key));
        if (!pod || !isPodActive(pod)) return;
        for (const volume of pod.spec.volumes ?? []) {
          if (!volume.ephemeral) continue;
          const name = `${pod.metadata.name}-${volume.name}`;
          const existing = claims.get(pod.metadata.namespace, name);
          if (existing && isControlledBy(existing, pod)) continue;
          try {
            if (existing) {
              const message = `PVC ${pod.metadata.namespace}/${name} was not created for pod ${key} (pod is not owner)`;
              context.events.record(pod, 'Warning', 'EphemeralVolumeConflict', message);
              continue;
            }
            claims.create(claimFor(pod, name, volume.ephemeral.volumeClaimTemplate));
          } catch (error) {
            if (!(error instanceof ApiError)) throw error;
            const message = `ephemeral volume ${volume.name}: create PVC ${name}: ${error.message}`;
            context.events.record(pod, 'Warning', 'EphemeralVolumeCreationFailed', message);
            throw error;
          }
        }
      },
    });
    const enqueue = (pod: Pod) => {
      if (pod.spec.volumes?.some(({ ephemeral }) => ephemeral)) queue.add(keyOf(pod));
    };
    context.watch(refs.pods, { add: enqueue });
    context.watch(refs.persistentVolumeClaims, {
      delete: (claim) => pods.informer.byIndex(claimIndex, keyOf(claim)).forEach(enqueue),
    });
  },
};

type Template = NonNullable<
  NonNullable<NonNullable<Pod['spec']['volumes']>[number]['ephemeral']>['volumeClaimTemplate']
>;

function claimFor(pod: Pod, name: string, template: Template | undefined): Draft<PersistentVolumeClaim> {
  const { labels, annotations } = template?.metadata ?? {};
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      name,
      namespace: pod.metadata.namespace,
      ...(labels ? { labels } : undefined),
      ...(annotations ? { annotations } : undefined),
      ownerReferences: [newControllerReference(pod)],
    },
    spec: template?.spec ?? {},
  } as unknown as Draft<PersistentVolumeClaim>;
}
