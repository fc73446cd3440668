import { toYaml } from '../../../yaml/index.ts';
import { goQuote, KustomizeError, withPrefix } from './error.ts';
import { effectiveNamespace, idText } from './id.ts';
import { applyJsonPatch, parseJsonPatch } from './json-patch.ts';
import type { Patch } from './kustomization.ts';
import type { Loader } from './loader.ts';
import { readResources } from './read.ts';
import { notes, type Resource } from './resource.ts';
import type { ResourceSet } from './resource-set.ts';

/** A patch that is ready: all are read before any is applied. */
export type Transform = (set: ResourceSet) => void;

/** An entry of `patches`. @throws KustomizeError */
export function preparePatch(entry: Patch, loader: Loader): Transform {
  return configured('PatchTransformer', entry, () => {
    const inline = (entry.patch ?? '').trim();
    const config = toYaml(shown({ ...entry, patch: inline }));
    if (inline === '' && !entry.path) throw new KustomizeError(`must specify one of patch and path in\n${config}`);
    if (inline !== '' && entry.path)
      throw new KustomizeError(`patch and path can't be set at the same time\n${config}`);
    const text = entry.path
      ? withPrefix(`failed to get the patch file from path(${entry.path})`, () => loader.loadText(entry.path!))
      : inline;
    const source = entry.path ? `[path: ${goQuote(entry.path)}]` : `[patch: ${goQuote(inline)}]`;
    const resources = attempt(() => readResources(text));
    const operations = parseJsonPatch(text);
    if (resources && resources.length > 0 && operations)
      throw new KustomizeError(`illegally qualifies as both an SM and JSON patch: ${source}`);
    if (operations) return (set) => applyOperations(set, entry, operations, source);
    if (!resources) throw new KustomizeError(`unable to parse SM or JSON patch from ${source}`);
    for (const patch of resources) {
      if (entry.options?.['allowNameChange']) patch.enable(notes.allowNameChange);
      if (entry.options?.['allowKindChange']) patch.enable(notes.allowKindChange);
    }
    return (set) => applyMerges(set, entry, resources, source);
  });
}

function applyMerges(set: ResourceSet, { target }: Patch, patches: readonly Resource[], source: string): void {
  if (!target) {
    for (const patch of patches)
      set.patch(
        withPrefix(`no resource matches strategic merge patch ${goQuote(idText(patch.originalId))}`, () =>
          set.single(patch.originalId),
        ),
        patch,
      );
    return;
  }
  if (patches.length > 1)
    throw new KustomizeError(
      `Multiple Strategic-Merge Patches in one \`patches\` entry is not allowed to set \`patches.target\` field: ${source}`,
    );
  for (const patch of patches)
    for (const resource of set.select(target)) {
      const copy = patch.copy();
      copy.object['apiVersion'] = resource.object['apiVersion'];
      set.patch(resource, copy);
    }
}

function applyOperations(
  set: ResourceSet,
  { target }: Patch,
  operations: NonNullable<ReturnType<typeof parseJsonPatch>>,
  source: string,
): void {
  if (!target) throw new KustomizeError(`must specify a target for JSON patch ${source}`);
  for (const resource of set.select(target)) {
    resource.storeId(effectiveNamespace(resource.id));
    const { buildNotes } = resource;
    applyJsonPatch(resource.object, operations);
    resource.annotations = { ...resource.annotations, ...buildNotes };
  }
}

/** The older `patchesStrategicMerge`: each a path or the patch itself. @throws KustomizeError */
export function prepareStrategicMerges(paths: readonly string[], loader: Loader): Transform {
  return configured('PatchStrategicMergeTransformer', { paths }, () => {
    const patches = paths.flatMap((path) => attempt(() => readResources(path)) ?? readResources(loader.loadText(path)));
    if (patches.length === 0) throw new KustomizeError(`patch appears to be empty; files=[${paths.join(' ')}], Patch=`);
    return (set) => {
      for (const patch of patches) set.patch(set.single(patch.originalId), patch);
    };
  });
}

/** The older `patchesJson6902`. @throws KustomizeError */
export function prepareJson6902({ target, path, patch }: Patch, loader: Loader): Transform {
  return configured('PatchJson6902Transformer', { target, path, jsonOp: patch }, () => {
    if (!target?.name) throw new KustomizeError('must specify the target name');
    if (!path && !patch) throw new KustomizeError('empty file path and empty jsonOp');
    if (path && patch) throw new KustomizeError('must specify a file path or jsonOp, not both');
    const text = path ? loader.loadText(path) : patch!;
    if (text === '') throw new KustomizeError(`patch file '${path}' empty seems to be empty`);
    const operations = parseJsonPatch(text);
    if (!operations)
      throw new KustomizeError(`decoding ${text}: json: cannot unmarshal object into Go value of type jsonpatch.Patch`);
    if (operations.length === 0)
      throw new KustomizeError(`patch appears to be empty; file=${path ?? ''}, JsonOp=${text}`);
    return (set) => {
      for (const resource of set.select(target)) {
        const { buildNotes } = resource;
        applyJsonPatch(resource.object, operations);
        resource.annotations = { ...resource.annotations, ...buildNotes };
      }
    };
  });
}

function configured<T>(plugin: string, config: object, step: () => T): T {
  return withPrefix(`trouble configuring builtin ${plugin} with config: \`\n${toYaml(shown(config))}\``, step);
}

/** A configuration as Go writes it: what is empty is left out. */
function shown(config: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([, value]) => value !== undefined && value !== '' && value !== false)
      .map(([key, value]) => [
        key,
        value !== null && typeof value === 'object' && !Array.isArray(value)
          ? shown(value as object)
          : (value as unknown),
      ]),
  );
}

function attempt<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (error instanceof KustomizeError) return undefined;
    throw error;
  }
}
