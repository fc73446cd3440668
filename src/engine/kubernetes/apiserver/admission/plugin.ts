import type { Draft, KubeObject } from '../../types.ts';
import type { KindContext, Mutable } from '../resources/kind.ts';
import type { User } from '../user.ts';
import type { Conversation } from './webhooks/conversation.ts';
import type { Webhooks } from './webhooks/webhooks.ts';

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
  /** How webhooks are asked; without it, nobody asks them: the kubelet, the scheduler and the server itself don't wait. */
  readonly conversation?: Conversation | undefined;
  readonly webhooks?: Webhooks | undefined;
  /** Set while mutating plug-ins run. */
  reinvocation?: Reinvocation;
}

/** Plug-ins that change objects run once more when a later one has changed what they saw (admission/reinvocation.go). */
export class Reinvocation {
  round = 0;
  needed = false;
  readonly #called = new Set<string>();
  readonly #due = new Set<string>();

  called(id: string): void {
    this.#called.add(id);
  }

  /** The object is another now: all that were called before shall see it. */
  changed(id?: string): void {
    if (this.round > 0) return;
    this.needed = true;
    for (const other of this.#called) if (other !== id) this.#due.add(other);
  }

  isDue(id: string): boolean {
    return this.#due.has(id);
  }
}

/** One admission plug-in; `registry.ts` lists them in the order they run. */
export interface AdmissionPlugin {
  readonly name: string;
  readonly operations: readonly Operation[];
  /** `group/resource`, e.g. `/pods`, `apps/deployments`; undefined for all. */
  readonly resources?: readonly string[];
  /** Subresources it looks at, too. */
  readonly subresources?: readonly string[] | 'all';
  /** Sleeps until `AdmissionChain.wake`: most clusters have no use for it, and it would look at every write. */
  readonly dormant?: boolean;
  /** Changes the object. @throws ApiError to refuse it. */
  admit?(attributes: AdmissionAttributes): void;
  /** Looks at the final object. @throws ApiError to refuse it. */
  validate?(attributes: AdmissionAttributes): void;
}

/** The plug-ins that apply to one resource, sorted out once. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #cache = new Map<string, readonly AdmissionPlugin[]>();

  #awake = false;

  /** Calls dormant plug-ins from now on, or no longer. */
  wake(awake: boolean): void {
    if (awake === this.#awake) return;
    this.#awake = awake;
    this.#cache.clear();
  }

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  admit(attributes: AdmissionAttributes): void {
    const plugins = this.#of(attributes);
    if (!this.#awake) {
      for (const plugin of plugins) plugin.admit?.(attributes);
      return;
    }
    const reinvocation = (attributes.reinvocation = new Reinvocation());
    for (const plugin of plugins) plugin.admit?.(attributes);
    if (!reinvocation.needed) return;
    reinvocation.round = 1;
    for (const plugin of plugins) plugin.admit?.(attributes);
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
          (this.#awake || !plugin.dormant) &&
          (subresource === undefined ||
            plugin.subresources === 'all' ||
            (plugin.subresources?.includes(subresource) ?? false)),
      );
      this.#cache.set(key, plugins);
    }
    return plugins;
  }
}
