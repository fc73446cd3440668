import { compareQuantities, parseQuantity } from '../apimachinery/quantity.ts';
import { refs, type PersistentVolumeClaim } from '../types.ts';
import { requestOf } from './persistent-volume/match.ts';
import { keyOf, splitKey } from './owners.ts';
import type { Controller } from './runtime.ts';

/**
 * Looks for someone to expand a volume whose claim asks for more than it has (pkg/controller/volume/expand). No kind of
 * volume that is simulated can grow: the claim waits for an external resizer, as with kind's own provisioner.
 */
export const volumeExpandController: Controller = {
  name: 'persistentvolume-expander-controller',
  component: 'volume_expand',
  serviceAccount: 'expand-controller',

  start(context) {
    const claims = context.client.resource(refs.persistentVolumeClaims);
    const queue = context.queue({
      workers: 1,
      reconcile: (key) => {
        const claim = claims.get(...splitKey(key));
        if (!claim || claim.status.phase !== 'Bound' || !wantsMore(claim)) return;
        const message =
          "Ignoring the PVC: didn't find a plugin capable of expanding the volume; waiting for an external controller to process this PVC.";
        context.events.record(claim, 'Normal', 'ExternalExpanding', message);
      },
    });
    context.watch(refs.persistentVolumeClaims, {
      update: (claim, previous) => {
        if (compareQuantities(requestOf(claim), requestOf(previous)) > 0) queue.add(keyOf(claim));
      },
    });
  },
};

function wantsMore(claim: PersistentVolumeClaim): boolean {
  const has = parseQuantity((claim.status.capacity?.['storage'] as string | undefined) ?? '0');
  return compareQuantities(requestOf(claim), has) > 0;
}
