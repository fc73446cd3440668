import { keyOf } from './objects.ts';
import type { ListObjects, TopologyObject } from './objects.ts';
import { PodIndex } from './services.ts';

/** The picture as a tree for keyboard and screen reader: kinds, their objects, and what stands in or behind each. */
export interface TreeItem {
  /** The same object may stand in several places: the way to it. */
  id: string;
  level: number;
  resource: string;
  /** Undefined: the heading of a resource. */
  key?: string;
  object?: TopologyObject;
  /** There is something below it. */
  branch: boolean;
  expanded: boolean;
  /** Place among its siblings from 1, and how many they are. */
  position: number;
  siblings: number;
}

export interface TreeOptions {
  resources: readonly string[];
  shows: (object: TopologyObject) => boolean;
  expanded: (id: string, level: number) => boolean;
}

interface Child {
  resource: string;
  object: TopologyObject;
}

/** Rows of the tree that are visible, from the top. */
export function treeOf(list: ListObjects, { resources, shows, expanded }: TreeOptions): TreeItem[] {
  const related = new Relations(list, shows);
  const rows: TreeItem[] = [];
  const add = (children: readonly Child[], level: number, path: string) =>
    children.forEach(({ resource, object }, i) => {
      const key = keyOf(object);
      const id = `${path}>${resource} ${key}`;
      // Three levels are enough: a Pod below its ReplicaSet below its Deployment.
      const branch = level < 5 && related.has(resource, object);
      const open = branch && expanded(id, level);
      rows.push({
        id,
        level,
        resource,
        key,
        object,
        branch,
        expanded: open,
        position: i + 1,
        siblings: children.length,
      });
      if (open) add(related.below(resource, object), level + 1, id);
    });
  const shown = resources
    .map((resource) => ({ resource, objects: list(resource).filter(shows) }))
    .filter(({ objects }) => objects.length > 0);
  shown.forEach(({ resource, objects }, i) => {
    const open = expanded(resource, 1);
    rows.push({
      id: resource,
      level: 1,
      resource,
      branch: true,
      expanded: open,
      position: i + 1,
      siblings: shown.length,
    });
    const sorted = objects.map((object) => ({ object, key: keyOf(object) })).sort((a, b) => (a.key < b.key ? -1 : 1));
    if (open)
      add(
        sorted.map(({ object }) => ({ resource, object })),
        2,
        resource,
      );
  });
  return rows;
}

/** What stands in or behind an object. */
class Relations {
  readonly #list: ListObjects;
  readonly #shows: (object: TopologyObject) => boolean;
  #byOwner: Map<string, Child[]> | undefined;
  #byNode: Map<string, Child[]> | undefined;
  #index: PodIndex | undefined;

  constructor(list: ListObjects, shows: (object: TopologyObject) => boolean) {
    this.#list = list;
    this.#shows = shows;
  }

  has(resource: string, object: TopologyObject): boolean {
    return this.below(resource, object).length > 0;
  }

  below(resource: string, object: TopologyObject): readonly Child[] {
    if (resource === '/nodes') return this.#podsByNode().get(object.metadata.name) ?? [];
    if (resource === '/services') return this.#selected(object);
    if (resource === '/pods') return this.#claims(object);
    return this.#owned().get(object.metadata.uid) ?? [];
  }

  #pods(): readonly TopologyObject[] {
    return this.#list('/pods').filter(this.#shows);
  }

  #podsByNode(): Map<string, Child[]> {
    return (this.#byNode ??= groups(
      this.#pods().map((object) => ({ resource: '/pods', object })),
      ({ object }) => object.spec?.nodeName as string | undefined,
    ));
  }

  #owned(): Map<string, Child[]> {
    const owned = ['apps/replicasets', 'batch/jobs', '/pods'].flatMap((resource) =>
      this.#list(resource).map((object) => ({ resource, object })),
    );
    return (this.#byOwner ??= groups(
      owned,
      ({ object }) => object.metadata.ownerReferences?.find(({ controller }) => controller)?.uid,
    ));
  }

  #selected({ metadata, spec }: TopologyObject): Child[] {
    this.#index ??= new PodIndex(this.#pods());
    const selector = (spec?.selector ?? {}) as Record<string, string>;
    return this.#index
      .select(metadata.namespace ?? 'default', selector)
      .map((object) => ({ resource: '/pods', object }));
  }

  #claims({ metadata, spec }: TopologyObject): Child[] {
    const volumes = (spec?.volumes ?? []) as { persistentVolumeClaim?: { claimName: string } }[];
    const names = new Set(volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []));
    if (names.size === 0) return [];
    return this.#list('/persistentvolumeclaims')
      .filter((claim) => claim.metadata.namespace === metadata.namespace && names.has(claim.metadata.name))
      .map((object) => ({ resource: '/persistentvolumeclaims', object }));
  }
}

function groups(children: readonly Child[], by: (child: Child) => string | undefined): Map<string, Child[]> {
  const found = new Map<string, Child[]>();
  for (const child of children) {
    const name = by(child);
    if (name === undefined) continue;
    const others = found.get(name);
    if (others) others.push(child);
    else found.set(name, [child]);
  }
  return found;
}
