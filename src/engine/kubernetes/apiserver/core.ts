import type { World } from '../../world/index.ts';
import { structType, resourceNamed, type StructType } from '../schema/index.ts';
import { AdmissionChain, type AdmissionPlugin } from './admission/plugin.ts';
import { RequestContext, Surroundings } from './context.ts';
import { conversionFor, type Conversion } from './conversion/registry.ts';
import { ChangeFeed, SharedInformer } from './informer.ts';
import type { ProtobufFields } from './protobuf.ts';
import type { KindDefinition } from './resources/kind.ts';
import { ResourceStorage } from './storage.ts';
import { Store } from './store.ts';
import type { KubeObject } from '../types.ts';
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
}

export const allVerbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const;

/** How the server writes the status of what its own admission keeps count of. */
const ownStatusWrites = { user: systemUser('system:apiserver'), manager: 'kube-apiserver', subresource: 'status' };

/** Stores, kinds and admission of one server: what the in-process client and the HTTP side have in common. */
export class ApiServerCore {
  readonly world: World;
  readonly store: Store;
  readonly around: Surroundings;
  readonly admission: AdmissionChain;
  readonly feed: ChangeFeed;
  /** By `group/version/resource`, in discovery order. */
  readonly #kinds: readonly KindDefinition[];
  readonly #served = new Map<string, ServedResource>();
  readonly #storages = new Map<string, ResourceStorage>();
  readonly #informers = new Map<string, SharedInformer>();
  readonly #typeOf: ((definition: KindDefinition) => StructType | undefined) | undefined;
  /** Field numbers for protobuf bodies; without them such bodies are refused. */
  protobuf: ProtobufFields | undefined;
  /** Counts changes of what is served, for caches of discovery and OpenAPI. */
  generation = 0;

  constructor(
    world: World,
    kinds: readonly KindDefinition[],
    plugins: readonly AdmissionPlugin[],
    typeOf?: (definition: KindDefinition) => StructType | undefined,
  ) {
    this.world = world;
    this.store = new Store();
    this.around = new Surroundings(world, this.store);
    this.admission = new AdmissionChain(plugins);
    this.feed = new ChangeFeed(world.queue);
    this.#typeOf = typeOf;
    this.#kinds = kinds;
    for (const kind of kinds) this.serve(kind);
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

  /** Begins to serve a kind; one that has a conversion shares the storage of its stored version. */
  serve(definition: KindDefinition, custom = false): ServedResource {
    const { group, version, resource } = definition;
    const conversion = conversionFor(group, version, resource);
    const type = this.#typeOf?.(definition) ?? typeOf(definition);
    const stored = conversion?.stored ?? { group, version, resource };
    const id = `${stored.group}/${stored.resource}`;
    let storage = this.#storages.get(id);
    const isStored = !conversion;
    if (!storage || (isStored && storage.definition !== definition && !custom)) {
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
      custom,
    };
    this.#served.set(`${group}/${version}/${resource}`, served);
    this.generation++;
    return served;
  }

  #storedKind({ group, version, resource }: { group: string; version: string; resource: string }) {
    return this.#kinds.find((k) => k.group === group && k.version === version && k.resource === resource);
  }

  withdraw(group: string, version: string, resource: string): void {
    this.#served.delete(`${group}/${version}/${resource}`);
    this.generation++;
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
