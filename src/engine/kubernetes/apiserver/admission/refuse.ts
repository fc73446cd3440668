import type { ApiError } from '../../client.ts';
import { forbidden } from '../errors.ts';
import type { AdmissionAttributes } from './plugin.ts';

/**
 * `pods "a" is forbidden: why`, as admission.NewForbidden. While objects are still being changed, one with a generated
 * name goes by the name's prefix: upstream makes the name up only afterwards.
 */
export function refuse(
  attributes: AdmissionAttributes,
  why: string,
  phase: 'admit' | 'validate' = 'validate',
): ApiError {
  const { group, resource, name, object } = attributes;
  const { metadata } = object ?? {};
  const known = name || (phase === 'admit' && metadata?.generateName) || metadata?.name || 'Unknown';
  return forbidden({ group, resource }, known, why);
}

/** Several complaints as one text: `[a, b]`, each only once (utilerrors.Aggregate). */
export function aggregate(complaints: readonly string[]): string {
  const texts = [...new Set(complaints)];
  return texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]`;
}
