import { type Client, type DeleteOptions, type Informer, type ResourceClient } from '../client.ts';
import type { Draft, KubeObject, ResourceRef } from '../types.ts';
import { extensionClient } from './aggregation/client.ts';
import type { ApiServerCore, ServedResource } from './core.ts';
import { pathNotFound, serviceUnavailable } from './errors.ts';
import { deepCopy, deepFreeze } from './objects.ts';
import { applyPatch, type PatchType } from './patch/index.ts';
import type { Mutable } from './resources/kind.ts';
import { updateSubresource, createSubresource } from './subresources/registry.ts';
import type { WriteOptions } from './storage.ts';
import { systemUser, type User } from './user.ts';

/** The client that components inside the cluster use; see `../client.ts`. */
export class InProcessClient implements Client {
  readonly #core: ApiServerCore;
  readonly #options: WriteOptions;
  readonly #clients = new Map<string, ResourceClient<KubeObject>>();

  constructor(core: ApiServerCore, identity: { manager: string; user?: string | User }) {
    this.#core = core;
    const { manager, user = `system:${manager}` } = identity;
    this.#options = { manager, user: typeof user === 'string' ? systemUser(user) : user };
  }

  as(identity: { manager: string; user?: string }): Client {
    return new InProcessClient(this.#core, identity);
  }

  resource<T extends KubeObject>(ref: ResourceRef<T>): ResourceClient<T> {
    const id = `${ref.group}/${ref.version}/${ref.resource}`;
    let client = this.#clients.get(id);
    if (!client) {
      if (!this.#core.find(ref.group, ref.version, ref.resource)) {
        if (!this.#core.extensions.has(ref.group, ref.version)) throw pathNotFound();
        return extensionClient(this.#core, ref) as unknown as ResourceClient<T>;
      }
      client = new InProcessResource(this.#core, ref, this.#options);
      this.#clients.set(id, client);
    }
    return client as unknown as ResourceClient<T>;
  }
}

class InProcessResource implements ResourceClient<KubeObject> {
  readonly #core: ApiServerCore;
  readonly #ref: ResourceRef;
  readonly #options: WriteOptions;
  readonly #bySubresource = new Map<string, WriteOptions>();
  #found: ServedResource | undefined;
  #generation = -1;

  constructor(core: ApiServerCore, ref: ResourceRef, options: WriteOptions) {
    this.#core = core;
    this.#ref = ref;
    this.#options = { ...options, apiVersion: ref.group ? `${ref.group}/${ref.version}` : ref.version };
  }

  /** What is served changes where it is a custom resource. @throws ApiError NotFound */
  get #served(): ServedResource {
    if (this.#generation !== this.#core.generation) {
      this.#generation = this.#core.generation;
      const { group, version, resource } = this.#ref;
      this.#found = this.#core.find(group, version, resource);
    }
    if (!this.#found) throw pathNotFound();
    return this.#found;
  }

  get #conversion() {
    return this.#served.local ?? this.#served.conversion;
  }

  get(namespace: string | undefined, name: string): KubeObject | undefined {
    const object = this.#served.storage.get(namespace, name)?.object;
    return object && this.#out(object);
  }

  list(
    options: { namespace?: string; labels?: (labels: Readonly<Record<string, string>>) => boolean } = {},
  ): readonly KubeObject[] {
    let objects = this.#served.storage.store.objects(options.namespace);
    const { labels } = options;
    if (labels) objects = objects.filter((object) => labels(object.metadata.labels ?? {}));
    return this.#conversion ? objects.map((object) => this.#out(object)) : objects;
  }

  create(object: Draft, subresource?: string): KubeObject {
    return this.#write(['create', object], subresource, (options) => this.#create(object, subresource, options));
  }

  #create(object: Draft, subresource: string | undefined, options: WriteOptions): KubeObject {
    if (subresource !== undefined) {
      const { namespace, name } = object.metadata;
      return createSubresource(
        this.#core,
        this.#served,
        namespace,
        name ?? '',
        object as unknown as Record<string, unknown>,
        options,
      );
    }
    const { storage } = this.#served;
    const conversion = this.#conversion;
    const stored = conversion ? conversion.toStored(object as KubeObject) : object;
    return this.#out(storage.create(deepCopy(stored) as Mutable<Draft>, options).object);
  }

  update(object: KubeObject, subresource?: string): KubeObject {
    return this.#write(['update', object], subresource, (options) => this.#update(object, subresource, options));
  }

  #update(object: KubeObject, subresource: string | undefined, options: WriteOptions): KubeObject {
    const { namespace, name } = object.metadata;
    const { storage } = this.#served;
    const conversion = this.#conversion;
    if (subresource !== undefined && subresource !== 'status') {
      return updateSubresource(this.#core, this.#served, namespace, name, object, options);
    }
    const stored = conversion ? conversion.toStored(object) : object;
    return this.#out(storage.update(namespace, name, () => stored, options).object);
  }

  patch(
    namespace: string | undefined,
    name: string,
    patch: { type: PatchType; body: unknown },
    subresource?: string,
  ): KubeObject {
    const { storage, type } = this.#served;
    const conversion = this.#conversion;
    const change = (existing: KubeObject) => {
      const patched = applyPatch(patch.type, this.#out(existing), patch.body, type) as KubeObject;
      return conversion ? conversion.toStored(patched) : patched;
    };
    return this.#write([namespace, name, patch], subresource, (options) =>
      this.#out(storage.update(namespace, name, change, options).object),
    );
  }

  delete(namespace: string | undefined, name: string, options: DeleteOptions = {}): void {
    this.#write([namespace, name, options], undefined, (own) =>
      this.#served.storage.delete(namespace, name, options, own),
    );
  }

  /** @throws AnswerPending where a controller's write has to wait for webhooks */
  #write<T>(what: readonly unknown[], subresource: string | undefined, write: (options: WriteOptions) => T): T {
    this.#connect();
    const options = this.#for(subresource);
    const { webhooks, random } = this.#core.around;
    if (!webhooks.inUse || subresource !== undefined || !waits(options.user, this.#ref)) return write(options);
    const { group, resource } = this.#ref;
    const key = JSON.stringify([options.user.name, group, resource, ...what]);
    const seed = () => random.uint32();
    return webhooks.background.attempt(key, seed, (conversation) => write({ ...options, conversation }));
  }

  /** Reads are a cache's and go on; writes need the server. @throws ApiError ServiceUnavailable */
  #connect(): void {
    if (!this.#core.available) throw serviceUnavailable('the server is currently unable to handle the request');
  }

  get informer(): Informer<KubeObject> {
    const shared = this.#core.informer(this.#served.storage);
    return this.#conversion ? converted(shared, (object) => this.#out(object)) : shared;
  }

  #for(subresource: string | undefined): WriteOptions {
    if (subresource === undefined) return this.#options;
    let options = this.#bySubresource.get(subresource);
    if (!options) this.#bySubresource.set(subresource, (options = { ...this.#options, subresource }));
    return options;
  }

  #out(object: KubeObject): KubeObject {
    const conversion = this.#conversion;
    return conversion ? deepFreeze(conversion.fromStored(object)) : object;
  }
}

/** Records of what happens and of who is there, which nobody would wait for. */
const unattended = new Set(['events', 'leases']);

/** Controllers' writes are asked about; what kubelets, the scheduler and the server itself write is not. */
function waits({ name }: User, { resource }: ResourceRef): boolean {
  return name.startsWith('system:serviceaccount:kube-system:') && !unattended.has(resource);
}

function converted(informer: Informer<KubeObject>, out: (object: KubeObject) => KubeObject): Informer<KubeObject> {
  return {
    on: ({ add, update, delete: remove }) =>
      informer.on({
        ...(add && { add: (object) => add(out(object)) }),
        ...(update && { update: (object, previous) => update(out(object), out(previous)) }),
        ...(remove && { delete: (object) => remove(out(object)) }),
      }),
    addIndex: (name, keys) => informer.addIndex(name, (object) => keys(out(object))),
    byIndex: (name, value) => informer.byIndex(name, value).map(out),
  };
}
