import type { LabelMatcher } from '../apimachinery/label-matcher.ts';
import { ApiError, type Informer, type ResourceClient } from '../client.ts';
import type { KubeObject, OwnerReference, Pod, ResourceRef } from '../types.ts';

/** The reference of the one owner that manages the object. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  const { ownerReferences } = object.metadata;
  if (!ownerReferences) return undefined;
  for (const reference of ownerReferences) if (reference.controller) return reference;
  return undefined;
}

/** Name and UID decide: a new object of an old name is another owner. */
export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

export function newControllerReference(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Key of an object in a work queue. */
export function keyOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function splitKey(key: string): [namespace: string | undefined, name: string] {
  const slash = key.indexOf('/');
  return slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)];
}

/** Index of objects by the UID of their controller; those without one are under their namespace. */
const controllerIndex = 'controller';

function controllerKeys(object: KubeObject): readonly string[] {
  return [controllerOf(object)?.uid ?? `orphan/${object.metadata.namespace ?? ''}`];
}

export function indexByController<T extends KubeObject>(informer: Informer<T>): void {
  informer.addIndex(controllerIndex, controllerKeys);
}

/** Objects that `owner` controls. */
export function controlledBy<T extends KubeObject>(informer: Informer<T>, owner: KubeObject): readonly T[] {
  return informer.byIndex(controllerIndex, owner.metadata.uid);
}

/** Objects of a namespace that nobody controls. */
export function orphansIn<T extends KubeObject>(informer: Informer<T>, namespace: string): readonly T[] {
  return informer.byIndex(controllerIndex, `orphan/${namespace}`);
}

const nodeIndex = 'nodeName';

function nodeKeys(pod: Pod): readonly string[] {
  return pod.spec.nodeName ? [pod.spec.nodeName] : [];
}

export function indexByNode(informer: Informer<Pod>): void {
  informer.addIndex(nodeIndex, nodeKeys);
}

export function podsOnNode(informer: Informer<Pod>, node: string): readonly Pod[] {
  return informer.byIndex(nodeIndex, node);
}

/**
 * Objects that `owner` manages: adopts orphans that its selector matches, and releases those it no longer matches
 * (package k8s.io/kubernetes/pkg/controller, ControllerRefManager).
 * @throws ApiError when a write is refused for another reason than the object being gone.
 */
export function claim<T extends KubeObject>(
  owner: KubeObject,
  matches: LabelMatcher,
  resource: ResourceClient<T>,
  mayAdopt: (object: T) => boolean = () => true,
): T[] {
  const claimed: T[] = [];
  const deleting = owner.metadata.deletionTimestamp !== undefined;
  for (const object of controlledBy(resource.informer, owner)) {
    if (matches(object.metadata.labels)) claimed.push(object);
    else if (!deleting) tolerateGone(() => release(resource, object, owner));
  }
  if (deleting) return claimed;
  for (const object of orphansIn(resource.informer, owner.metadata.namespace ?? '')) {
    if (object.metadata.deletionTimestamp !== undefined || !matches(object.metadata.labels) || !mayAdopt(object))
      continue;
    tolerateGone(() => claimed.push(adopt(resource, object, owner)));
  }
  return claimed;
}

function adopt<T extends KubeObject>(resource: ResourceClient<T>, object: T, owner: KubeObject): T {
  const ownerReferences = [...(object.metadata.ownerReferences ?? []), newControllerReference(owner)];
  return resource.update({ ...object, metadata: { ...object.metadata, ownerReferences } });
}

function release<T extends KubeObject>(resource: ResourceClient<T>, object: T, owner: KubeObject): void {
  const { ownerReferences = [], ...metadata } = object.metadata;
  const others = ownerReferences.filter((reference) => reference.uid !== owner.metadata.uid);
  resource.update({
    ...object,
    metadata: others.length > 0 ? { ...metadata, ownerReferences: others } : metadata,
  });
}

/** Runs a write on an object that may have gone meanwhile. */
export function tolerateGone(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 404)) throw error;
  }
}

/** Resolves an owner reference to the stored owner, if it is that very object. */
export function resolveController<T extends KubeObject>(
  resource: ResourceClient<T>,
  ref: ResourceRef<T>,
  namespace: string | undefined,
  reference: OwnerReference | undefined,
): T | undefined {
  if (!reference || reference.kind !== ref.kind) return undefined;
  const owner = resource.get(namespace, reference.name);
  return owner?.metadata.uid === reference.uid ? owner : undefined;
}
