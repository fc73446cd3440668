import { LinearRegex } from '../../../regex/linear.ts';
import { matchesSelector, parseSelector } from '../../../kubernetes/apimachinery/label-selector.ts';
import { KustomizeError } from './error.ts';
import { effectiveNamespace, idText, isClusterScoped, noNamespace, sameId, type Id } from './id.ts';
import { isMap, scalarText, stringMap } from './json.ts';
import type { Selector } from './kustomization.ts';
import { strategicMerge } from './merge.ts';
import { notes, type Resource } from './resource.ts';

/** The resources of a build, in the order in which they came (kustomize's ResMap). */
export class ResourceSet {
  #list: Resource[] = [];

  get all(): readonly Resource[] {
    return this.#list;
  }

  /** @throws KustomizeError if there is one of that name already */
  add(resource: Resource): void {
    if (this.#list.some((r) => sameId(r.id, resource.id)))
      throw new KustomizeError(`may not add resource with an already registered id: ${idText(resource.id)}`);
    this.#list.push(resource);
  }

  addAll(resources: Iterable<Resource>): void {
    for (const resource of resources) this.add(resource);
  }

  keep(wanted: (resource: Resource) => boolean): void {
    this.#list = this.#list.filter(wanted);
  }

  sort(compare: (a: Resource, b: Resource) => number): void {
    this.#list = [...this.#list].sort(compare);
  }

  withId(id: Id): Resource[] {
    return this.#list.filter((r) => sameId(r.id, id));
  }

  /** Resources that are or were called so. */
  matching(matches: (id: Id) => boolean): Resource[] {
    return this.#list.filter((r) => [...r.previousIds, r.id].some(matches));
  }

  /** The one resource that is or was called so. @throws KustomizeError */
  single(id: Id): Resource {
    const found = this.matching((other) => sameId(id, other));
    const [only] = found;
    if (only && found.length === 1) return only;
    throw new KustomizeError(
      `${found.length > 1 ? 'multiple' : 'no'} matches for Id ${idText(id)}; failed to find unique target for patch ${idText(id)}`,
    );
  }

  /** Resources that a selector's patterns match, by their first or present name. @throws KustomizeError */
  select(selector: Selector): Resource[] {
    const pattern = (text: string | undefined) => {
      if (!text) return () => true;
      const regexp = goRegExp(`^(?:${text})$`);
      return (value: string) => regexp.test(value);
    };
    const [group, version, kind] = [selector.group, selector.version, selector.kind].map(pattern);
    const [name, namespace] = [selector.name, selector.namespace].map(pattern);
    const labels = textSelector(selector.labelSelector);
    const annotations = textSelector(selector.annotationSelector);
    return this.#list.filter((r) => {
      const ids = [r.originalId, r.id];
      const { gvk } = r;
      return (
        ids.some((id) => namespace!(effectiveNamespace(id))) &&
        ids.some((id) => name!(id.name)) &&
        group!(gvk.group) &&
        version!(gvk.version) &&
        kind!(gvk.kind) &&
        labels(r.labels) &&
        annotations(r.annotations)
      );
    });
  }

  /** Applies a strategic merge patch to a resource of the set. */
  patch(resource: Resource, patch: Resource): void {
    const { name, namespace, kind } = resource;
    if (patch.nameChangeAllowed || patch.kindChangeAllowed) resource.storeId(effectiveNamespace(resource.id));
    const merged = strategicMerge(resource.object, patch.object);
    if (merged === undefined || Object.keys(merged).length === 0) {
      this.#list = this.#list.filter((r) => r !== resource);
      return;
    }
    resource.object = merged;
    if (!patch.kindChangeAllowed) resource.kind = kind;
    if (!patch.nameChangeAllowed) resource.name = name;
    resource.namespace = namespace;
  }

  /** Adds what a generator made, or merges it into what is there. @throws KustomizeError */
  absorb(resource: Resource): void {
    const { id } = resource;
    const [old, ...more] = this.matching((other) => sameId(id, other));
    if (more.length > 0)
      throw new KustomizeError(
        `found multiple objects ${[old, ...more].join(' ')} that could accept merge of ${idText(id)}`,
      );
    const { behavior } = resource;
    const merges = behavior === 'merge' || behavior === 'replace';
    if (!old) {
      if (merges) throw new KustomizeError(`id ${goId(id)} does not exist; cannot merge or replace`);
      this.add(resource);
      return;
    }
    if (!merges) throw new KustomizeError(`id ${goId(id)} exists; behavior must be merge or replace`);
    takeMetadata(resource, old);
    if (behavior === 'merge')
      for (const field of ['data', 'binaryData']) {
        const data = { ...stringMap(old.object[field]), ...stringMap(resource.object[field]) };
        if (Object.keys(data).length > 0) resource.object[field] = data;
      }
    this.#list[this.#list.indexOf(old)] = resource;
  }

  /** Resources that one may refer to: those of its namespace and of none, and what RoleBindings name elsewhere. */
  referable(referrer: Resource): Resource[] {
    const { id } = referrer;
    if (isClusterScoped(id)) return [...this.#list];
    const others = bindingNamespaces(referrer);
    return this.#list.filter(
      (r) => isClusterScoped(r.id) || effectiveNamespace(r.id) === effectiveNamespace(id) || others.has(r.namespace),
    );
  }
}

export function inNamespace(
  resources: readonly Resource[],
  namespace: string,
  which: 'original' | 'current',
): Resource[] {
  if (namespace === noNamespace) return [];
  return resources.filter((r) => effectiveNamespace(which === 'original' ? r.originalId : r.id) === namespace);
}

function bindingNamespaces(resource: Resource): Set<string> {
  const { subjects } = resource.object;
  if (resource.kind !== 'RoleBinding' || !Array.isArray(subjects)) return new Set();
  return new Set(
    subjects
      .filter((s) => isMap(s) && s['kind'] === 'ServiceAccount' && s['namespace'] !== undefined)
      .map((s) => scalarText((s as Record<string, unknown>)['namespace'])),
  );
}

/** A generated resource that takes another's place keeps its labels, annotations, name and history. */
function takeMetadata(resource: Resource, old: Resource): void {
  resource.labels = { ...old.labels, ...resource.labels };
  const own = resource.annotations;
  const kept = Object.values(notes).map((n): string => n);
  const plain = Object.entries(own).filter(([key]) => !kept.includes(key));
  const annotations = { ...old.annotations, ...Object.fromEntries(plain) };
  if (own[notes.needsHash] === undefined) delete annotations[notes.needsHash];
  resource.annotations = annotations;
  resource.name = old.name;
  resource.namespace = old.namespace;
}

function textSelector(text: string | undefined): (values: Record<string, string>) => boolean {
  if (!text) return () => true;
  try {
    const selector = parseSelector(text);
    return (values) => matchesSelector(selector, values);
  } catch (error) {
    throw new KustomizeError((error as Error).message);
  }
}

/** @throws KustomizeError in the words of Go's regexp, which is RE2 */
export function goRegExp(pattern: string): LinearRegex {
  try {
    return new LinearRegex(pattern);
  } catch (error) {
    throw new KustomizeError((error as Error).message);
  }
}

/** An id as Go prints the struct. */
function goId(id: Id): string {
  const { group, version, kind, name, namespace } = id;
  const quoted = (text: string) => JSON.stringify(text);
  return `resid.ResId{Gvk:resid.Gvk{Group:${quoted(group)}, Version:${quoted(version)}, Kind:${quoted(kind)}, isClusterScoped:${isClusterScoped(id)}}, Name:${quoted(name)}, Namespace:${quoted(namespace)}}`;
}
