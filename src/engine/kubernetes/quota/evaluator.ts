import { quantityFromNumber, type Quantity } from '../apimachinery/quantity.ts';
import type { KubeObject } from '../types.ts';
import type { ResourceList } from './resource-list.ts';

/** One scope that a quota restricts itself to (core/v1 ScopedResourceSelectorRequirement). */
export interface ScopeRequirement {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** How objects of one resource count against quotas; `registry.ts` lists them. */
export interface Evaluator {
  readonly group: string;
  readonly resource: string;
  /** Which writes are charged. */
  handles(operation: string, subresource: string | undefined): boolean;
  /** Of a quota's resource names, those that such objects use up. */
  matching(names: readonly string[]): string[];
  /** What an object lacks so that it can be counted at all; undefined if nothing. */
  missing?(required: readonly string[], object: KubeObject): string | undefined;
  /** @param now Unix ms */
  usage(object: KubeObject, now: number): ResourceList;
  /** Is the object within the scope? Without it no scope matches. */
  inScope?(scope: ScopeRequirement, object: KubeObject): boolean;
  /** Does a change of a stored object free something? Deletions always do. */
  frees?(object: KubeObject, previous: KubeObject, now: number): boolean;
}

export const one: Quantity = quantityFromNumber(1);

/** Name of the quota of a resource's objects, e.g. `count/deployments.apps`. */
export function countName(group: string, resource: string): string {
  return group ? `count/${resource}.${group}` : `count/${resource}`;
}
