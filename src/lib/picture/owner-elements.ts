import type { Topology } from '../../topology/model.ts';
import { claimSize, workloadSize } from '../../topology/sizes.ts';
import { shorten, type Elements } from './elements.ts';

/** More lines than this tell nothing any more. */
const mostLines = 600;

/** Owners of Pods where there is a place for them, and lines to what they own if `lines`. */
export function addOwners(elements: Elements, { workloads }: Topology, lines: boolean): void {
  for (const { id: uid, kind, ready, desired, note, name, namespace, resource } of workloads) {
    const id = `workload ${uid}`;
    const label = `${shorten(`${kind} ${note ?? `${ready}/${desired}`}`, 20)}\n${shorten(name, 20)}`;
    const ref = { resource, key: `${namespace}/${name}` };
    elements.node(id, elements.layout.places.get(id), workloadSize, 'workload', label, ref);
  }
  if (!lines || workloads.reduce((sum, { pods }) => sum + pods.length, 0) > mostLines) return;
  for (const { id, owner, pods } of workloads) {
    if (owner !== undefined) elements.edge('owns', `workload ${owner}`, `workload ${id}`);
    for (const pod of pods) elements.edge('owns', `workload ${id}`, elements.pods.get(pod));
  }
}

/** Claims with the volume they are bound to, and the Pods that mount them. */
export function addClaims(elements: Elements, { claims }: Topology): void {
  for (const { id: uid, key, name, phase, capacity, volume, pods } of claims) {
    const id = `claim ${uid}`;
    const bound = phase === 'Bound';
    const text = `${bound ? '✓' : '…'} ${phase} ${capacity}${volume === undefined ? '' : ` ${volume}`}`;
    const label = `${shorten(name, 18)}\n${shorten(text, 17)}`;
    const ref = { resource: '/persistentvolumeclaims', key };
    elements.node(id, elements.layout.places.get(id), claimSize, bound ? 'claim' : 'claim pending', label, ref);
    for (const pod of pods) {
      const mounting = elements.pods.get(pod);
      if (mounting !== undefined) elements.edge('mounts', mounting, id);
    }
  }
}
