import { toYaml } from '../../../yaml/index.ts';
import { KustomizeError } from './error.ts';
import type { Resource } from './resource.ts';

/** @throws KustomizeError for what was wrong with its text */
export function renderResource(resource: Resource): string {
  if (resource.fault !== undefined) throw new KustomizeError(`map[string]interface {}(nil): ${resource.fault}`);
  return toYaml(resource.object);
}

export function renderAll(resources: readonly Resource[]): string {
  return resources.map(renderResource).join('---\n');
}
