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

export interface BuildOptions {
  /** Gets the lines about fields that are going away. */
  warn(this: void, line: string): void;
  /** Gets what the real program writes to its log. */
  log(this: void, message: string): void;
  /** The caller wants kubectl's own order, as `-k` does; a kustomization that has another is told so. */
  readonly sorted?: boolean;
}

/**
 * Builds the kustomization of a directory, as kustomize v5.7.1 within kubectl does.
 * @throws KustomizeError
 */
export function buildKustomization(place: Place, directory: string, options: BuildOptions): Built {
  const { warn, log, sorted } = options;
  const target = new Target(Loader.at(place, directory), warn);
  const { set, config, vars } = target.accumulate();
  for (const resource of set.all.filter((r) => r.needsHash)) {
    resource.storeId(effectiveNamespace(resource.id));
    resource.name = `${resource.name}-${hashSuffix(resource)}`;
  }
  fixNameReferences(set, config.nameReference);
  const unused = vars.resolve(set, config.varReference);
  if (unused.length > 0) log(`well-defined vars that were never replaced: ${unused.join(',')}`);
  set.keep((r) => (r.annotations['config.kubernetes.io/local-config'] ?? 'false') === 'false');
  if (sorted && target.kustomization.sortOptions)
    log(
      "Warning: Sorting order is set both in 'kustomization.yaml' ('sortOptions') and in a CLI flag ('--reorder'). Using the kustomization file over the CLI flag.",
    );
  sortResources(set, target.kustomization.sortOptions);
  if (target.kustomization.buildMetadata?.includes('managedByLabel'))
    for (const resource of set.all)
      resource.labels = { ...resource.labels, 'app.kubernetes.io/managed-by': `kustomize-${versions.kustomize}` };
  for (const resource of set.all) resource.removeNotes();
  return { resources: set.all, text: renderAll(set.all) };
}
