import { RandomStream, type World } from '../../world/index.ts';
import type { KubeObject } from '../types.ts';
import type { AuthorizationAttributes, Decision } from './authorization.ts';
import { Webhooks } from './admission/webhooks/webhooks.ts';
import type { EtcdMembers } from './etcd/members.ts';
import type { KindContext, KindDefinition, Mutable } from './resources/kind.ts';
import type { Store } from './store.ts';
import type { User } from './user.ts';

const nameCharacters = 'bcdfghjklmnpqrstvwxz2456789';

/** Time, chance and other objects, for kinds and admission. */
export class Surroundings {
  readonly world: World;
  readonly store: Store;
  readonly etcd: EtcdMembers;
  /** Set where an encryption configuration is in force: was this version written under another one? */
  isStale: ((resource: string, revision: number) => boolean) | undefined;
  /** Set likewise: can this version be read with the keys of today? @throws ApiError InternalError if not */
  checkReadable: ((resource: string, key: string, revision: number) => void) | undefined;
  readonly webhooks: Webhooks;
  readonly random: RandomStream;
  /** Finds a resource by API version and kind; set like `writeStatus`. */
  servedKind: KindContext['served'] = () => undefined;
  /** Asks the server's authorizer; set by the server. */
  authorize: KindContext['authorize'] = () => ({ allowed: true });
  /** Writes the status of an object of the resource `group/resource`; set by the server that has the storages. */
  writeStatus: (id: string, object: KubeObject) => void = () => {};
  #second = -1;
  #timestamp = '';

  constructor(world: World, store: Store, etcd: EtcdMembers) {
    this.world = world;
    this.store = store;
    this.etcd = etcd;
    this.webhooks = new Webhooks(world);
    this.random = world.random.stream('kube-apiserver');
  }

  /** RFC 3339 now, worked out once a second. */
  get timestamp(): string {
    const second = Math.floor(this.world.clock.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#timestamp = this.world.clock.timestamp();
    }
    return this.#timestamp;
  }
}

export class RequestContext implements KindContext {
  readonly #around: Surroundings;
  readonly subresource?: string;
  readonly user?: User;

  readonly #definition: KindDefinition | undefined;
  readonly #random: RandomStream;

  /**
   * @param definition of the kind whose defaults admission may ask for
   * @param seed of draws that are the same each time a request is tried
   */
  constructor(around: Surroundings, subresource?: string, user?: User, definition?: KindDefinition, seed?: number) {
    this.#around = around;
    this.#definition = definition;
    this.#random = seed === undefined ? around.random : new RandomStream(seed);
    if (user !== undefined) this.user = user;
    if (subresource !== undefined) this.subresource = subresource;
  }

  get now(): string {
    return this.#around.timestamp;
  }

  get nowMs(): number {
    return this.#around.world.clock.now();
  }

  get(group: string, resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.#around.store.resource(`${group}/${resource}`).get(objectKey(namespace, name))?.object;
  }

  list(group: string, resource: string, namespace?: string): readonly KubeObject[] {
    return this.#around.store.resource(`${group}/${resource}`).objects(namespace);
  }

  served(apiVersion: string, kind: string): ReturnType<KindContext['served']> {
    return this.#around.servedKind(apiVersion, kind);
  }

  authorize(attributes: AuthorizationAttributes): Decision {
    return this.#around.authorize(attributes);
  }

  writeStatus(group: string, resource: string, object: KubeObject): void {
    this.#around.writeStatus(`${group}/${resource}`, object);
  }

  applyDefaults(draft: Mutable<KubeObject>): void {
    this.#definition?.defaults?.(draft, this);
  }

  randomSuffix(length: number): string {
    let text = '';
    for (let i = 0; i < length; i++) text += nameCharacters[this.#random.int(nameCharacters.length)]!;
    return text;
  }

  uuid(): string {
    return this.#random.uuid();
  }

  randomInt(bound: number): number {
    return this.#random.int(bound);
  }
}

/** Key of an object in its resource's store. */
export function objectKey(namespace: string | undefined, name: string): string {
  return namespace ? `${namespace}/${name}` : name;
}
