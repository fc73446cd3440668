import type { ApiObject, RestMapping } from '../client/types.ts';

/** One object that a command works on (resource.Info). */
export interface Info {
  readonly mapping: RestMapping;
  /** '' for cluster-scoped kinds. */
  namespace: string;
  name: string;
  /** File it came from, or '' (`STDIN` for `-f -`). */
  readonly source: string;
  object: ApiObject;
}
export type Builder = object;
