import { claimsOf } from '../../controllers/pod-claims.ts';
import { refs, type KubeObject, type Pod, type ResourceRef } from '../../types.ts';
import type { Client } from '../../client.ts';
import type { Plugin, Rejection } from '../framework.ts';
import type { NodeInfo } from '../node-info.ts';

const name = 'NodeVolumeLimits';
const full: Rejection = { plugin: name, reasons: ['node(s) exceed max volume count'], resolvable: true };

interface CsiNode extends KubeObject {
  spec: { drivers?: { name: string; allocatable?: { count?: number } }[] | null };
}

const csiNodes: ResourceRef<CsiNode> = {
  group: 'storage.k8s.io',
  version: 'v1',
  resource: 'csinodes',
  kind: 'CSINode',
  namespaced: false,
};

/** The CSI volumes of a Pod, `driver/handle`; a claim that has no volume yet counts for its class's driver. */
function volumesOf(client: Client, pod: Pod): Map<string, string> {
  const drivers = new Map<string, string>();
  for (const { name: volume, csi } of pod.spec.volumes ?? [])
    if (csi) drivers.set(`${csi.driver}/${pod.metadata.uid}/${volume}`, csi.driver);
  for (const { claim: claimName } of claimsOf(pod)) {
    const claim = client.resource(refs.persistentVolumeClaims).get(pod.metadata.namespace, claimName);
    if (!claim) continue;
    const { volumeName, storageClassName } = claim.spec;
    if (volumeName) {
      const { csi } = client.resource(refs.persistentVolumes).get(undefined, volumeName)?.spec ?? {};
      if (csi) drivers.set(`${csi.driver}/${csi.volumeHandle}`, csi.driver);
    } else if (storageClassName) {
      const provisioner = client.resource(refs.storageClasses).get(undefined, storageClassName)?.provisioner;
      if (provisioner) drivers.set(`${provisioner}/${pod.metadata.namespace}/${claimName}`, provisioner);
    }
  }
  return drivers;
}

/** Whether the volumes that come with the Pod are more than the node's drivers can attach. */
function exceeds(client: Client, wanted: ReadonlyMap<string, string>, { name: node, pods }: NodeInfo): boolean {
  const limits = new Map<string, number>();
  for (const driver of client.resource(csiNodes).get(undefined, node)?.spec.drivers ?? [])
    if (driver.allocatable?.count !== undefined) limits.set(driver.name, driver.allocatable.count);
  if (![...wanted.values()].some((driver) => limits.has(driver))) return false;
  const present = new Map<string, string>();
  for (const { pod } of pods.values())
    if (pod.spec.volumes) for (const [volume, driver] of volumesOf(client, pod)) present.set(volume, driver);
  const count = (volumes: ReadonlyMap<string, string>, of: string) =>
    [...volumes.values()].filter((driver) => driver === of).length;
  const added = new Map([...wanted].filter(([volume]) => !present.has(volume)));
  return [...limits].some(([driver, limit]) => {
    const more = count(added, driver);
    return more > 0 && more + count(present, driver) > limit;
  });
}

/** A CSI driver attaches only so many volumes to a node, as its CSINode says. */
export const nodeVolumeLimits: Plugin = {
  name,
  preFilter({ pod, client }) {
    if (!pod.spec.volumes) return undefined;
    const wanted = volumesOf(client, pod);
    if (wanted.size === 0) return undefined;
    return { filter: (node) => (exceeds(client, wanted, node) ? full : undefined) };
  },
  requeue: (event, pod) =>
    event.type === 'NodeAdd' ||
    event.type === 'VolumeChange' ||
    (event.type === 'AssignedPodDelete' && claimsOf(event.pod).length > 0 && claimsOf(pod).length > 0),
};
