import type { Draft, KubeObject } from '../../types.ts';
import type { KindContext, Mutable } from '../resources/kind.ts';
import type { User } from '../user.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';

/** What a plug-in sees of a request. */
export interface AdmissionAttributes {
  readonly operation: Operation;
  readonly group: string;
  readonly resource: string;
  readonly kind: string;
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string;
  /** The object to be stored: a private mutable copy for mutating plug-ins. Undefined on DELETE. */
  readonly object: Mutable<Draft> | undefined;
  readonly old: KubeObject | undefined;
  readonly user: User;
  readonly dryRun: boolean;
  readonly context: KindContext;
  warn(text: string): void;
}

/** One admission plug-in; `registry.ts` lists them in the order they run. */
export interface AdmissionPlugin {
  readonly name: string;
  readonly operations: readonly Operation[];
  /** `group/resource`, e.g. `/pods`, `apps/deployments`; undefined for all. */
  readonly resources?: readonly string[];
  /** Subresources it looks at, too. */
  readonly subresources?: readonly string[];
  /** Changes the object. @throws ApiError to refuse it. */
  admit?(attributes: AdmissionAttributes): void;
  /** Looks at the final object. @throws ApiError to refuse it. */
  validate?(attributes: AdmissionAttributes): void;
}

/** The plug-ins that apply to one resource, sorted out once. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #cache = new Map<string, readonly AdmissionPlugin[]>();

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  admit(attributes: AdmissionAttributes): void {
    for (const plugin of this.#of(attributes)) plugin.admit?.(attributes);
  }

  validate(attributes: AdmissionAttributes): void {
    for (const plugin of this.#of(attributes)) plugin.validate?.(attributes);
  }

  /** No plug-in looks at such requests. */
  ignores(group: string, resource: string, operation: Operation, subresource: string | undefined): boolean {
    return this.#lookup(group, resource, operation, subresource).length === 0;
  }

  #of(a: AdmissionAttributes): readonly AdmissionPlugin[] {
    return this.#lookup(a.group, a.resource, a.operation, a.subresource);
  }

  #lookup(
    group: string,
    resource: string,
    operation: Operation,
    subresource: string | undefined,
  ): readonly AdmissionPlugin[] {
    const key = `${operation} ${group}/${resource}/${subresource ?? ''}`;
    let plugins = this.#cache.get(key);
    if (!plugins) {
      const id = `${group}/${resource}`;
      plugins = this.#plugins.filter(
        (plugin) =>
          plugin.operations.includes(operation) &&
          (!plugin.resources || plugin.resources.includes(id)) &&
          (subresource === undefined ? true : (plugin.subresources?.includes(subresource) ?? false)),
      );
      this.#cache.set(key, plugins);
    }
    return plugins;
  }
}
