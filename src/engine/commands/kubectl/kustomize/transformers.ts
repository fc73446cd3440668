import { NotSimulated } from '../framework/errors.ts';
import type { TransformerConfig } from './config.ts';
import { KustomizeError } from './error.ts';
import { mergeSpecs, visitField, type FieldSpec } from './field-spec.ts';
import { effectiveNamespace, gvkText, isClusterScoped, selectsKind } from './id.ts';
import { isMap, scalarText, type Json } from './json.ts';
import type { Image, Kustomization } from './kustomization.ts';
import type { Resource } from './resource.ts';
import { goRegExp, type ResourceSet } from './resource-set.ts';

/** Puts everything into a namespace. @throws KustomizeError if two resources become one */
export function setNamespace(set: ResourceSet, namespace: string, specs: readonly FieldSpec[]): void {
  for (const resource of set.all) {
    resource.storeId(effectiveNamespace(resource.id));
    if (!isClusterScoped(resource.gvk)) resource.namespace = namespace;
    if (resource.kind === 'RoleBinding' || resource.kind === 'ClusterRoleBinding') setSubjects(resource, namespace);
    for (const spec of specs)
      if (spec.path !== 'metadata/namespace' && spec.path !== 'subjects')
        visitField(resource, spec, 'scalar', () => namespace);
    const same = set.withId(resource.id);
    if (same.length !== 1)
      throw new KustomizeError(`namespace transformation produces ID conflict: [${same.join(' ')}]`);
  }
}

/** The account called default follows its binding. */
function setSubjects(resource: Resource, namespace: string): void {
  const { subjects } = resource.object;
  if (!Array.isArray(subjects)) return;
  for (const subject of subjects) if (isMap(subject) && subject['name'] === 'default') subject['namespace'] = namespace;
}

/** Kinds whose names are given by what they are. */
const keepsName = [
  { kind: 'CustomResourceDefinition' },
  { group: 'apiregistration.k8s.io', kind: 'APIService' },
  { kind: 'Namespace' },
];

export function addAffix(
  set: ResourceSet,
  which: 'prefix' | 'suffix',
  affix: string,
  specs: readonly FieldSpec[],
): void {
  for (const resource of set.all) {
    const original = resource.originalId;
    if (keepsName.some((gvk) => selectsKind(gvk, original))) continue;
    for (const spec of specs) {
      if (!selectsKind(spec, original)) continue;
      if (spec.path === 'metadata/name') {
        if (which === 'prefix') resource.addPrefix(affix);
        else resource.addSuffix(affix);
        if (affix !== '') resource.storeId(effectiveNamespace(resource.id));
      }
      visitField(resource, spec, undefined, (value) =>
        which === 'prefix' ? affix + scalarText(value) : scalarText(value) + affix,
      );
    }
  }
}

/** Sets entries of the maps that the specs lead to. */
export function addEntries(set: ResourceSet, entries: Record<string, string>, specs: readonly FieldSpec[]): void {
  const keys = Object.keys(entries).sort();
  if (keys.length === 0) return;
  for (const resource of set.all)
    for (const spec of specs)
      for (const key of keys)
        visitField(resource, spec, 'map', (value) => {
          if (!isMap(value ?? {}))
            throw new KustomizeError(
              `wrong node kind: expected MappingNode but got ScalarNode: node contents:\n${scalarText(value)}\n`,
            );
          return { ...(value as Json | null), [key]: entries[key] };
        });
}

export function addLabels(set: ResourceSet, kustomization: Kustomization, config: TransformerConfig): void {
  for (const { pairs = {}, includeSelectors, includeTemplates, fields = [] } of kustomization.labels ?? []) {
    let specs: readonly FieldSpec[] = fields;
    if (includeSelectors) specs = mergeSpecs(specs, config.commonLabels);
    else {
      if (includeTemplates) specs = mergeSpecs(specs, config.templateLabels);
      specs = mergeSpecs(specs, [{ path: 'metadata/labels', create: true }]);
    }
    addEntries(set, pairs, specs);
  }
  addEntries(set, kustomization.commonLabels ?? {}, config.commonLabels);
}

/** @throws KustomizeError if nothing has the name */
export function setReplicas(
  set: ResourceSet,
  { name = '', count = 0 }: { name?: string; count?: number },
  specs: readonly FieldSpec[],
): void {
  let found = false;
  for (const spec of specs)
    for (const resource of set.matching((id) => id.name === name && selectsKind(spec, id))) {
      found = true;
      visitField(resource, spec, 'scalar', () => count);
    }
  if (!found)
    throw new KustomizeError(
      `resource with name ${name} does not match a config with the following GVK [${specs.map(gvkText).join(' ')}]`,
    );
}

/** Changes images in all lists of containers, wherever they are, and in the fields of the configuration. */
export function setImages(set: ResourceSet, image: Image, specs: readonly FieldSpec[]): void {
  const change = imageChange(image);
  for (const resource of set.all) {
    if (resource.kind !== 'CustomResourceDefinition') inContainers(resource.object, change);
    for (const spec of specs)
      visitField(resource, spec, undefined, (value) => (typeof value === 'string' ? change(value) : value));
  }
}

function inContainers(value: unknown, change: (image: string) => string): void {
  if (Array.isArray(value)) {
    for (const item of value) inContainers(item, change);
    return;
  }
  if (!isMap(value)) return;
  for (const [key, item] of Object.entries(value)) {
    if ((key === 'containers' || key === 'initContainers') && Array.isArray(item)) {
      for (const container of item)
        if (isMap(container) && typeof container['image'] === 'string') container['image'] = change(container['image']);
    } else inContainers(item, change);
  }
}

function imageChange({ name = '', newName, newTag, tagSuffix, digest }: Image): (image: string) => string {
  // Go takes a star with nothing before it for "anything".
  const rest = `${name.replace(/^[*?+]+/, '')}(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$`;
  const pattern = goRegExp(`^${rest}`);
  const anything = name.startsWith('*') || name.startsWith('?');
  const loose = anything ? goRegExp(rest) : pattern;
  return (text) => {
    if (!loose.test(text)) return text;
    const parts = splitImage(text);
    const base = newName || parts.name;
    let [tag, hash] = [parts.tag, parts.digest];
    if (newTag && digest) [tag, hash] = [newTag, digest];
    else if (newTag) [tag, hash] = [newTag, ''];
    else if (digest) [tag, hash] = ['', digest];
    if (tagSuffix) [tag, hash] = [tag + tagSuffix, ''];
    return `${base}${tag ? `:${tag}` : ''}${hash ? `@${hash}` : ''}`;
  };
}

function splitImage(text: string): { name: string; tag: string; digest: string } {
  const at = text.indexOf('@');
  const [rest, digest] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  const colon = rest.lastIndexOf(':');
  const tagged = colon > 0 && colon > rest.indexOf('/') && !rest.slice(colon).includes('/');
  return { name: tagged ? rest.slice(0, colon) : rest, tag: tagged ? rest.slice(colon + 1) : '', digest };
}

/** What a kustomization asks for that this simulation leaves out. @throws NotSimulated */
export function refusePlugins(kustomization: Kustomization): void {
  const plugins = (['generators', 'transformers', 'validators'] as const).find((f) => kustomization[f]?.length);
  if (plugins) throw new NotSimulated(`${plugins} in a kustomization`);
  const origin = kustomization.buildMetadata?.find((m) => m === 'originAnnotations' || m === 'transformerAnnotations');
  if (origin) throw new NotSimulated(`buildMetadata ${origin}`);
}
