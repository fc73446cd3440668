export { familiarReference } from '../../world/index.ts';

/** `repo` and `tag` of a query as one reference. */
export function tagOf(repo: string, tag: string): string {
  return tag === '' ? repo : `${repo}:${tag}`;
}
