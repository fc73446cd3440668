import type { ApiServerCore } from './core.ts';
import type { Change } from './store.ts';

/** What the server makes again when somebody deletes it, within this many milliseconds (kubernetesservice.Controller). */
const intervalMs = 10_000;

const kept: Readonly<Record<string, (name: string, namespace: string | undefined) => boolean>> = {
  '/services': (name, namespace) => namespace === 'default' && name === 'kubernetes',
  '/endpoints': (name, namespace) => namespace === 'default' && name === 'kubernetes',
  'discovery.k8s.io/endpointslices': (name, namespace) => namespace === 'default' && name === 'kubernetes',
  'networking.k8s.io/servicecidrs': (name) => name === 'kubernetes',
  'networking.k8s.io/ipaddresses': () => true,
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': () => true,
  'flowcontrol.apiserver.k8s.io/flowschemas': () => true,
};

/**
 * Watches for the deletion of the server's own objects. A timer runs only while something is missing, so that a world
 * at rest stays at rest.
 * @param restore creates what is missing, and leaves what is there
 */
export function keepOwnObjects(core: ApiServerCore, restore: () => void): void {
  let due = false;
  for (const [id, isOwn] of Object.entries(kept)) {
    const [group, resource] = id.split('/') as [string, string];
    core.find(group, 'v1', resource)?.storage.store.listen(({ type, entry }: Change) => {
      const { name, namespace } = entry.object.metadata;
      if (type !== 'DELETED' || due || !isOwn(name, namespace)) return;
      due = true;
      core.world.queue.after(intervalMs, () => {
        due = false;
        if (core.available && core.etcd.hasQuorum) restore();
      });
    });
  }
}
