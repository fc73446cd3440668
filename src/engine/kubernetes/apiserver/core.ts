import type { World } from '../../world/index.ts';
import { structType, resourceNamed, type Decoded, type StructType } from '../schema/index.ts';
import { Aggregator } from './aggregation/aggregator.ts';
import { mutatingPolicyBindings } from './admission/mutating-policy/plugin.ts';
import { configurations } from './admission/webhooks/webhooks.ts';
import type { ConversionWebhook } from './apiextensions/conversion-webhook.ts';
import { AdmissionChain, type AdmissionPlugin } from './admission/plugin.ts';
import { RequestContext, Surroundings } from './context.ts';
import { conversionFor, type Conversion } from './conversion/registry.ts';
import { EtcdMembers } from './etcd/members.ts';
import { ChangeFeed, SharedInformer } from './informer.ts';
import type { ProtobufFields } from './protobuf.ts';
import type { KindDefinition } from './resources/kind.ts';
import { ResourceStorage } from './storage.ts';
import { Store } from './store.ts';
import type { KubeObject, ResourceRef } from '../types.ts';
import { systemUser } from './user.ts';

/** A resource as one API version serves it. */
export interface ServedResource {
  readonly definition: KindDefinition;
  /** `apps/v1`, `v1`. */
  readonly apiVersion: string;
  readonly type: StructType | undefined;
  readonly storage: ResourceStorage;
  /** Set where this version is not the stored one. */
  readonly conversion: Conversion | undefined;
  readonly verbs: readonly string[];
  /** A custom resource: no strategic merge patch, updates need a resourceVersion. */
  readonly custom: boolean;
  /** Reads a body where the type's decoder is not the one. @throws DecodeError */
  readonly decode?: (input: unknown) => Decoded;
  /** What the OpenAPI documents show instead of the type. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** Set where a webhook converts: to be awaited before stored objects are shown. @throws ApiError */
  readonly ready?: (objects: readonly KubeObject[]) => Promise<void>;
  /** Then, how components inside the process see objects, which look at metadata only. */
  readonly local?: Conversion;
  /** What the server says to every use of a version that is going away. */
  readonly deprecation?: string;
}

export const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;

/** How the server writes the status of what its own admission keeps count of. */
const ownStatusWrites = { user: systemUser('system:apiserver'), manager: 'kube-apiserver', subresource: 'status' };

/** Stores, kinds and admission of one server: what the in-process client and the HTTP side have in common. */
export class ApiServerCore {
  readonly world: World;
  readonly store: Store;
  /** Who keeps what is stored; `etcd/` shows it as etcd does. */
  readonly etcd: EtcdMembers;
  readonly around: Surroundings;
  readonly admission: AdmissionChain;
  readonly feed: ChangeFeed;
  /** Groups that other servers answer for. */
  readonly extensions: Aggregator;
  /** By `group/version/resource`, in discovery order. */
  readonly #kinds: readonly KindDefinition[];
  readonly #served = new Map<string, ServedResource>();
  readonly #storages = new Map<string, ResourceStorage>();
  readonly #informers = new Map<string, SharedInformer>();
  readonly #resourceListeners = new Set<() => void>();
  readonly #typeOf: ((definition: KindDefinition) => StructType | undefined) | undefined;
  /** Field numbers for protobuf bodies; without them such bodies are refused. */
  protobuf: ProtobufFields | undefined;
  /** False while kube-apiserver doesn't run: then nobody can write. */
  available = true;
  /** Counts changes of what is served, for caches of discovery and OpenAPI. */
  generation = 0;

  constructor(
    world: World,
    kinds: readonly KindDefinition[],
    plugins: readonly AdmissionPlugin[],
    typeOf?: (definition: KindDefinition) => StructType | undefined,
  ) {
    this.world = world;
    this.store = new Store(1, () => world.queue.now);
    this.etcd = new EtcdMembers(world, [
      {
        id: '8e9e05c52164694d',
        name: 'etcd-0',
        peerURL: 'https://127.0.0.1:2380',
        clientURL: 'https://127.0.0.1:2379',
      },
    ]);
    this.around = new Surroundings(world, this.store, this.etcd);
    this.admission = new AdmissionChain(plugins);
    this.feed = new ChangeFeed(world.queue);
    this.#typeOf = typeOf;
    this.#kinds = kinds;
    for (const kind of kinds) this.serve(kind);
    this.#watchWebhooks();
    this.extensions = new Aggregator(this);
    this.around.servedKind = (apiVersion, kind) => {
      for (const { definition, apiVersion: version } of this.#served.values()) {
        if (version === apiVersion && definition.kind === kind) return definition;
      }
      return undefined;
    };
    this.around.writeStatus = (id, object) => {
      const { namespace, name } = object.metadata;
      this.#storages.get(id)?.update(namespace, name, () => object, ownStatusWrites);
    };
  }

  /** Webhooks and mutating policies are looked at as soon as somebody configures one. */
  #watchWebhooks(): void {
    const stores = configurations.map((id) => this.store.resource(id));
    const policies = this.store.resource(mutatingPolicyBindings);
    const look = () => {
      const inUse = stores.some((store) => store.objects().length > 0);
      this.around.webhooks.inUse = inUse;
      this.admission.wake(inUse || policies.objects().length > 0);
    };
    for (const store of [...stores, policies]) store.listen(look);
  }

  /** Begins to serve a kind; one that has a conversion shares the storage of its stored version. */
  serve(definition: KindDefinition): ServedResource {
    const { group, version, resource } = definition;
    const conversion = conversionFor(group, version, resource);
    const type = this.#typeOf?.(definition) ?? typeOf(definition);
    const stored = conversion?.stored ?? { group, version, resource };
    const id = `${stored.group}/${stored.resource}`;
    let storage = this.#storages.get(id);
    const isStored = !conversion;
    if (!storage || (isStored && storage.definition !== definition)) {
      const storedType = isStored ? type : typeOf({ ...definition, ...stored });
      // The rules are those of the stored version: its fields are what they see.
      const own = isStored ? definition : (this.#storedKind(stored) ?? { ...definition, ...stored });
      storage ??= new ResourceStorage(own, storedType, this.store.resource(id), this.around, this.admission);
      this.#storages.set(id, storage);
    }
    const served: ServedResource = {
      definition,
      apiVersion: group ? `${group}/${version}` : version,
      type,
      storage,
      conversion,
      verbs: definition.verbs ?? allVerbs,
      custom: false,
    };
    this.#served.set(`${group}/${version}/${resource}`, served);
    this.generation++;
    return served;
  }

  #storedKind({ group, version, resource }: { group: string; version: string; resource: string }) {
    return this.#kinds.find((k) => k.group === group && k.version === version && k.resource === resource);
  }

  /**
   * Begins to serve a version of a custom resource, or serves it anew.
   * @param storedVersion in which its objects are stored; versions differ in nothing but their name
   * @param extras `onRead` shows a stored object as the schema of today has it
   */
  serveCustom(
    definition: KindDefinition,
    storedVersion: string,
    extras: Pick<ServedResource, 'type' | 'decode' | 'schema' | 'deprecation'> & {
      onRead: (object: KubeObject) => KubeObject;
      /** The kind in its stored version, where a webhook converts. */
      storedAs?: KindDefinition;
      webhook?: ConversionWebhook;
    },
  ): ServedResource {
    const { onRead, webhook, storedAs, ...rest } = extras;
    const { group, version, resource, kind } = definition;
    const apiVersion = `${group}/${version}`;
    const stored = { group, version: storedVersion, resource, kind };
    const id = `${group}/${resource}`;
    const own = { ...(storedAs ?? definition), version: storedVersion };
    const storage = new ResourceStorage(own, extras.type, this.store.resource(id), this.around, this.admission);
    if (version === storedVersion || !this.#storages.has(id)) this.#storages.set(id, storage);
    const inVersion = (object: KubeObject): KubeObject => {
      const read = onRead(object);
      return read.apiVersion === apiVersion ? read : { ...read, apiVersion };
    };
    const served: ServedResource = {
      ...rest,
      definition,
      apiVersion,
      storage,
      conversion: {
        served: { group, version, resource },
        stored,
        toStored: (object) => webhook?.write(object, `${group}/${storedVersion}`) ?? object,
        fromStored: (object) => inVersion(webhook ? webhook.read(object, apiVersion) : object),
      },
      ...(webhook && {
        ready: (objects: readonly KubeObject[]) => webhook.ready(objects, apiVersion),
        local: {
          served: { group, version, resource },
          stored,
          toStored: (object: KubeObject) => object,
          fromStored: (object: KubeObject) => object,
        },
      }),
      verbs: definition.verbs ?? allVerbs,
      custom: true,
    };
    this.#served.set(`${group}/${version}/${resource}`, served);
    this.#sortCustom();
    this.#changed();
    return served;
  }

  withdraw(group: string, version: string, resource: string): void {
    if (this.#served.delete(`${group}/${version}/${resource}`)) this.#changed();
  }

  /** Custom resources come last, by group, version and name. */
  #sortCustom(): void {
    const all = [...this.#served];
    const custom = all.filter(([, served]) => served.custom);
    custom.sort(([, { definition: a }], [, { definition: b }]) =>
      a.group !== b.group
        ? compareText(a.group, b.group)
        : compareVersions(a.version, b.version) || compareText(a.resource, b.resource),
    );
    this.#served.clear();
    for (const [id, served] of all) if (!served.custom) this.#served.set(id, served);
    for (const [id, served] of custom) this.#served.set(id, served);
  }

  #changed(): void {
    this.generation++;
    for (const listener of this.#resourceListeners) listener();
  }

  /** Calls `listener` whenever a custom resource comes, changes or goes. Returns an undo. */
  onResourcesChange(listener: () => void): () => void {
    this.#resourceListeners.add(listener);
    return () => void this.#resourceListeners.delete(listener);
  }

  /** Every resource that is stored, once, in a version that is served. */
  resources(): ResourceRef[] {
    const found = new Map<string, ResourceRef>();
    for (const { storage, custom, definition: own } of this.#served.values()) {
      if (found.has(storage.store.id)) continue;
      const { group, version, resource, kind, namespaced } = custom ? own : storage.definition;
      found.set(storage.store.id, { group, version, resource, kind, namespaced });
    }
    return [...found.values()];
  }

  /** All served resources in discovery order. */
  served(): Iterable<ServedResource> {
    return this.#served.values();
  }

  find(group: string, version: string, resource: string): ServedResource | undefined {
    return this.#served.get(`${group}/${version}/${resource}`);
  }

  servesGroupVersion(group: string, version: string): boolean {
    for (const { definition } of this.#served.values()) {
      if (definition.group === group && definition.version === version) return true;
    }
    return false;
  }

  informer(storage: ResourceStorage): SharedInformer {
    let informer = this.#informers.get(storage.store.id);
    if (!informer) this.#informers.set(storage.store.id, (informer = new SharedInformer(storage.store, this.feed)));
    return informer;
  }

  context(subresource?: string): RequestContext {
    return new RequestContext(this.around, subresource);
  }

  /** Reads an object of any kind from the store. */
  get(group: string, resource: string, namespace: string | undefined, name: string): KubeObject | undefined {
    return this.context().get(group, resource, namespace, name);
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** v2 before v1 before v1beta1 before v1alpha1 before anything else (k8s.io/apimachinery/pkg/version). */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(text));
  if (!left || !right) return left ? -1 : right ? 1 : compareText(a, b);
  const stability = (match: RegExpExecArray) => ['alpha', 'beta', undefined].indexOf(match[2]);
  return (
    stability(right) - stability(left) ||
    Number(right[1]) - Number(left[1]) ||
    Number(right[3] ?? 0) - Number(left[3] ?? 0)
  );
}

function typeOf({
  group,
  version,
  resource,
}: {
  group: string;
  version: string;
  resource: string;
}): StructType | undefined {
  const found = resourceNamed(group, version, resource);
  return found && structType(found.type);
}
