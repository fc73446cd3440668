import { ApiError, type ResourceClient } from '../client.ts';
import type { KubeObject, ObjectMeta, OwnerReference, ResourceRef } from '../types.ts';
import type { Controller, ControllerContext } from './runtime.ts';
import type { WorkQueue } from './workqueue.ts';

const orphanFinalizer = 'orphan';
const foregroundFinalizer = 'foregroundDeletion';

/** An object in the graph of owners. A virtual one is only known from its dependents' references. */
interface Vertex {
  uid: string;
  ref: ResourceRef | undefined;
  namespace: string | undefined;
  name: string;
  owners: readonly OwnerReference[];
  dependents: Set<Vertex>;
  virtual: boolean;
  deleting: boolean;
  /** Being deleted in the foreground: its dependents go first. */
  deletingDependents: boolean;
}

/** Deletes what has lost its owners (pkg/controller/garbagecollector). */
export const garbageCollector: Controller = {
  name: 'garbage-collector-controller',
  component: 'garbage-collector-controller',
  serviceAccount: 'generic-garbage-collector',
  start: (context) => new GarbageCollector(context).start(),
};

class GarbageCollector {
  readonly #context: ControllerContext;
  readonly #graph = new Map<string, Vertex>();
  readonly #watched = new Map<string, () => void>();
  readonly #byKind = new Map<string, ResourceRef>();
  readonly #deletions: WorkQueue;
  readonly #orphans: WorkQueue;

  constructor(context: ControllerContext) {
    this.#context = context;
    this.#deletions = context.queue({ workers: 20, reconcile: (uid) => this.#attemptToDelete(uid) });
    this.#orphans = context.queue({ workers: 20, reconcile: (uid) => this.#attemptToOrphan(uid) });
  }

  start(): void {
    this.#watchResources();
    const undo = this.#context.onResourcesChange?.(() => this.#watchResources());
    if (undo) this.#context.onStop(undo);
  }

  #watchResources(): void {
    this.#byKind.clear();
    const gone = new Set(this.#watched.keys());
    for (const ref of this.#context.resources()) {
      gone.delete(`${ref.group}/${ref.resource}`);
      this.#byKind.set(`${ref.group}/${ref.kind}`, ref);
      const id = `${ref.group}/${ref.resource}`;
      // Nobody owns Events, and they own nothing.
      if (this.#watched.has(id) || ref.resource === 'events') continue;
      const undo = this.#context.watch(ref, {
        add: (object) => this.#changed(ref, object, undefined),
        update: (object, previous) => {
          const { ownerReferences, deletionTimestamp, finalizers } = previous.metadata;
          const { metadata } = object;
          const same =
            metadata.ownerReferences === ownerReferences &&
            metadata.deletionTimestamp === deletionTimestamp &&
            metadata.finalizers === finalizers;
          if (!same) this.#changed(ref, object, previous.metadata);
        },
        delete: (object) => this.#gone(object.metadata.uid),
      });
      this.#watched.set(id, undo);
    }
    for (const id of gone) this.#forget(id);
  }

  /** A resource that is served no more: its objects are as unknown as their kind. */
  #forget(id: string): void {
    this.#watched.get(id)!();
    this.#watched.delete(id);
    for (const vertex of [...this.#graph.values()]) {
      if (vertex.ref && `${vertex.ref.group}/${vertex.ref.resource}` === id) {
        this.#setOwners(vertex, []);
        this.#graph.delete(vertex.uid);
      }
    }
  }

  #changed(ref: ResourceRef, { metadata }: KubeObject, previous: ObjectMeta | undefined): void {
    const vertex = this.#vertex(metadata.uid, ref, metadata.namespace, metadata.name);
    vertex.virtual = false;
    vertex.ref = ref;
    this.#setOwners(vertex, metadata.ownerReferences ?? []);
    vertex.deleting = metadata.deletionTimestamp !== undefined;
    if (!vertex.deleting) return;
    const began = previous?.deletionTimestamp === undefined;
    const has = (finalizer: string) => metadata.finalizers?.includes(finalizer) ?? false;
    const had = (finalizer: string) => !began && (previous?.finalizers?.includes(finalizer) ?? false);
    if (has(orphanFinalizer) && !had(orphanFinalizer)) this.#orphans.add(vertex.uid);
    if (has(foregroundFinalizer) && !had(foregroundFinalizer)) {
      vertex.deletingDependents = true;
      for (const dependent of vertex.dependents) this.#deletions.add(dependent.uid);
      this.#deletions.add(vertex.uid);
    }
  }

  #gone(uid: string): void {
    const vertex = this.#graph.get(uid);
    if (!vertex) return;
    this.#setOwners(vertex, []);
    this.#graph.delete(uid);
    for (const dependent of vertex.dependents) this.#deletions.add(dependent.uid);
  }

  #vertex(uid: string, ref: ResourceRef | undefined, namespace: string | undefined, name: string): Vertex {
    let vertex = this.#graph.get(uid);
    if (!vertex) {
      vertex = {
        uid,
        ref,
        namespace,
        name,
        owners: [],
        dependents: new Set(),
        virtual: true,
        deleting: false,
        deletingDependents: false,
      };
      this.#graph.set(uid, vertex);
    }
    return vertex;
  }

  #setOwners(vertex: Vertex, owners: readonly OwnerReference[]): void {
    const before = vertex.owners;
    vertex.owners = owners;
    for (const { uid } of before) {
      if (owners.some((owner) => owner.uid === uid)) continue;
      const owner = this.#graph.get(uid);
      owner?.dependents.delete(vertex);
      // The last dependent in the way of a foreground deletion may just have gone.
      if (owner?.deletingDependents) this.#deletions.add(uid);
      this.#deletions.add(vertex.uid);
    }
    for (const reference of owners) {
      const known = this.#graph.get(reference.uid);
      const owner = known ?? this.#vertex(reference.uid, this.#refOf(reference), vertex.namespace, reference.name);
      owner.dependents.add(vertex);
      if (!known) this.#deletions.add(reference.uid);
      const unblocked = before.some((old) => old.uid === reference.uid && old.blockOwnerDeletion);
      if (owner.deletingDependents && unblocked && !reference.blockOwnerDeletion) this.#deletions.add(reference.uid);
    }
  }

  #refOf({ apiVersion, kind }: OwnerReference): ResourceRef | undefined {
    const slash = apiVersion.lastIndexOf('/');
    return this.#byKind.get(`${slash < 0 ? '' : apiVersion.slice(0, slash)}/${kind}`);
  }

  #client(ref: ResourceRef): ResourceClient<KubeObject> {
    return this.#context.client.resource(ref);
  }

  /** The stored object, if it is still the one meant. */
  #live({ ref, namespace, name, uid }: Vertex): KubeObject | undefined {
    const object =
      ref &&
      this.#byKind.has(`${ref.group}/${ref.kind}`) &&
      this.#client(ref).get(ref.namespaced ? namespace : undefined, name);
    return object && object.metadata.uid === uid ? object : undefined;
  }

  #attemptToDelete(uid: string): void {
    const vertex = this.#graph.get(uid);
    if (!vertex || (vertex.deleting && !vertex.deletingDependents)) return;
    const live = this.#live(vertex);
    if (!live) {
      this.#gone(uid);
      return;
    }
    if (vertex.virtual) {
      this.#changed(vertex.ref!, live, undefined);
      return;
    }
    if (vertex.deletingDependents) this.#deleteDependents(vertex, live);
    else if (vertex.owners.length > 0) this.#deleteUnowned(vertex, live);
  }

  /** A foreground deletion ends when no dependent that blocks it is left. */
  #deleteDependents(vertex: Vertex, live: KubeObject): void {
    const blocking = [...vertex.dependents].filter(({ owners }) =>
      owners.some((owner) => owner.uid === vertex.uid && owner.blockOwnerDeletion),
    );
    if (blocking.length === 0) this.#removeFinalizer(vertex, live, foregroundFinalizer);
    for (const dependent of blocking) if (!dependent.deletingDependents) this.#deletions.add(dependent.uid);
  }

  #deleteUnowned(vertex: Vertex, live: KubeObject): void {
    const references = live.metadata.ownerReferences ?? [];
    const owners = references.map((reference) => ({ reference, state: this.#ownerState(vertex, live, reference) }));
    const solid = owners.filter(({ state }) => state === 'solid').map(({ reference }) => reference);
    const waiting = owners.some(({ state }) => state === 'waiting');
    const client = this.#client(vertex.ref!);
    if (solid.length > 0) {
      if (solid.length < references.length) client.update(withOwners(live, solid));
      return;
    }
    if (references.length === 0) return;
    let propagationPolicy: 'Orphan' | 'Foreground' | 'Background' = 'Background';
    if (waiting && vertex.dependents.size > 0) {
      propagationPolicy = 'Foreground';
      if ([...vertex.dependents].some((dependent) => dependent.deletingDependents)) {
        // Two that wait for each other would wait for ever.
        const unblocked = references.map((reference) => ({ ...reference, blockOwnerDeletion: false }));
        client.update(withOwners(live, unblocked));
      }
    } else if (live.metadata.finalizers?.includes(orphanFinalizer)) propagationPolicy = 'Orphan';
    else if (live.metadata.finalizers?.includes(foregroundFinalizer)) propagationPolicy = 'Foreground';
    const { namespace, name, uid } = live.metadata;
    try {
      client.delete(namespace, name, { propagationPolicy, preconditions: { uid } });
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 404)) throw error;
    }
  }

  #ownerState(vertex: Vertex, live: KubeObject, reference: OwnerReference): 'solid' | 'waiting' | 'dangling' {
    const ref = this.#refOf(reference);
    // A kind that isn't served (any more) may come back: its dependents are left alone.
    if (!ref) return 'solid';
    if (ref.namespaced && vertex.namespace === undefined) {
      this.#tellWrongNamespace(live, reference);
      return 'solid';
    }
    const owner = this.#client(ref).get(ref.namespaced ? vertex.namespace : undefined, reference.name);
    if (owner?.metadata.uid !== reference.uid) {
      const known = this.#graph.get(reference.uid);
      if (known && !known.virtual && known.namespace !== vertex.namespace) this.#tellWrongNamespace(live, reference);
      return 'dangling';
    }
    const { deletionTimestamp, finalizers } = owner.metadata;
    return deletionTimestamp !== undefined && finalizers?.includes(foregroundFinalizer) ? 'waiting' : 'solid';
  }

  #tellWrongNamespace(live: KubeObject, { apiVersion, kind, name, uid }: OwnerReference): void {
    const owner = `[${apiVersion}/${kind}, namespace: ${live.metadata.namespace ?? ''}, name: ${name}, uid: ${uid}]`;
    const message = `ownerRef ${owner} does not exist in namespace "${live.metadata.namespace ?? ''}"`;
    this.#context.events.record(live, 'Warning', 'OwnerRefInvalidNamespace', message);
  }

  #attemptToOrphan(uid: string): void {
    const vertex = this.#graph.get(uid);
    if (!vertex) return;
    for (const dependent of [...vertex.dependents]) {
      const live = this.#live(dependent);
      if (!live) continue;
      const others = (live.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid);
      this.#client(dependent.ref!).update(withOwners(live, others));
    }
    const live = this.#live(vertex);
    if (live) this.#removeFinalizer(vertex, live, orphanFinalizer);
  }

  #removeFinalizer(vertex: Vertex, live: KubeObject, finalizer: string): void {
    const { finalizers = [], ...metadata } = live.metadata;
    if (!finalizers.includes(finalizer)) return;
    const others = finalizers.filter((entry) => entry !== finalizer);
    this.#client(vertex.ref!).update({ ...live, metadata: { ...metadata, finalizers: others } });
  }
}

function withOwners(object: KubeObject, ownerReferences: readonly OwnerReference[]): KubeObject {
  const { ownerReferences: _, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: ownerReferences.length > 0 ? { ...metadata, ownerReferences } : metadata,
  };
}
