import type { CelError } from './environment.ts';

/** Names of declared object types begin so. */
export const objectType = 'object';

/**
 * Is an error found with declared types one that cel-go finds, too? The library compares neither objects with each other nor
 * anything with null, cel-go does.
 */
export function isSureTypeError({ found }: CelError): boolean {
  if (found?.code === 'no_such_key' || found?.code === 'cannot_index_type') return true;
  const isOverload = found?.code === 'no_such_overload' || found?.code === 'no_matching_overload';
  return isOverload && !/\b(null|object)\b/.test(found?.summary ?? '');
}
