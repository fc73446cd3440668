import { hashSuffix } from './generators.ts';
import { effectiveNamespace } from './id.ts';
import { Loader, type Place } from './loader.ts';
import { fixNameReferences } from './references.ts';
import { renderAll } from './render.ts';
import type { Resource } from './resource.ts';
import { sortResources } from './sort.ts';
import { Target } from './target.ts';
import { versions } from '../../../world/index.ts';

export interface Built {
  readonly resources: readonly Resource[];
  /** All of them as one YAML text. */
  readonly text: string;
}

/**
 * Builds the kustomization of a directory, as kustomize v5.7.1 within kubectl does.
 * @param warn gets the lines for stderr
 * @throws KustomizeError
 */
export function buildKustomization(place: Place, directory: string, warn: (line: string) => void): Built {
  const target = new Target(Loader.at(place, directory), warn);
  const { set, config, vars } = target.accumulate();
  for (const resource of set.all.filter((r) => r.needsHash)) {
    resource.storeId(effectiveNamespace(resource.id));
    resource.name = `${resource.name}-${hashSuffix(resource)}`;
  }
  fixNameReferences(set, config.nameReference);
  vars.resolve(set, config.varReference);
  set.keep((r) => (r.annotations['config.kubernetes.io/local-config'] ?? 'false') === 'false');
  sortResources(set, target.kustomization.sortOptions);
  if (target.kustomization.buildMetadata?.includes('managedByLabel'))
    for (const resource of set.all)
      resource.labels = { ...resource.labels, 'app.kubernetes.io/managed-by': `kustomize-${versions.kustomize}` };
  for (const resource of set.all) resource.removeNotes();
  return { resources: set.all, text: renderAll(set.all) };
}
