import type { ApiResource, GroupVersionKind, RestMapping } from './types.ts';

/** Resources and kinds that the server has (meta.RESTMapper with short names and categories). */
export interface RestMapper {
  /** Preferred group versions first within a group; groups in the server's order. */
  readonly resources: readonly ApiResource[];
  /** `groupVersion`s in the server's order. */
  readonly groupVersions: readonly string[];
  /**
   * What a word on the command line means: `po`, `pods`, `Pod`, `deploy.apps`, `deployments.v1.apps`.
   * @throws CommandError `the server doesn't have a resource type "x"`
   */
  mappingFor(resourceOrKind: string): RestMapping;
  /** @throws NoKindMatchError */
  mappingForKind(gvk: GroupVersionKind): RestMapping;
  /** Resource names of a category such as `all`; undefined if there is no such category. */
  expandCategory(word: string): readonly string[] | undefined;
}
