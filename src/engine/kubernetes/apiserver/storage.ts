import type { DeleteOptions } from '../client.ts';
import type { Draft, KubeObject, ManagedFieldsEntry, ObjectMeta } from '../types.ts';
import { resourceNamed, type StructType } from '../schema/index.ts';
import type { Conversation } from './admission/webhooks/conversation.ts';
import type { AdmissionAttributes, AdmissionChain, Operation } from './admission/plugin.ts';
import { objectKey, RequestContext, type Surroundings } from './context.ts';
import { deleteObject, shouldDeleteDuringUpdate, type Deletion } from './delete.ts';
import {
  alreadyExists,
  conflict,
  generateNameConflict,
  invalid,
  notFound,
  optimisticLockMessage,
  resourceVersionOnCreate,
} from './errors.ts';
import { ObjectLeases } from './etcd/leases.ts';
import { fixedManagers, managedFields, noteWrite, type ManagedNode, type Writer } from './managed-fields.ts';
import { validateObjectMeta, validateObjectMetaUpdate } from './metadata.ts';
import { compactFrozen, deepCopy, deepEqual, deepFreeze } from './objects.ts';
import type { KindDefinition, Mutable } from './resources/kind.ts';
import type { Entry, ResourceStore } from './store.ts';
import type { User } from './user.ts';
import { carriedMetadata, reuse, systemMetadata } from './written-metadata.ts';

/** Who writes and how. */
export interface WriteOptions {
  user: User;
  manager: string;
  /** Version of the API that the request used; by default the storage version. */
  apiVersion?: string;
  operation?: 'Apply' | 'Update';
  subresource?: string;
  dryRun?: boolean;
  warn?: (text: string) => void;
  /** Managers that a server-side apply worked out. */
  managers?: readonly ManagedFieldsEntry[];
  /** How webhooks are asked about it; without it they are not. */
  conversation?: Conversation | undefined;
}

/** Subresources whose bodies need defaults. */
const defaulted = new Set(['ephemeralcontainers', 'resize']);
/** A new name is tried this often when a generated one is taken. */
const maxNameAttempts = 8;
/** Generated names keep this many characters of their prefix. */
const maxGeneratedPrefix = 253 - 5;

/**
 * One resource behind the REST layer: defaults, admission, validation and the store (what upstream calls the generic
 * registry store). Everything is synchronous, so there are no lost updates within one call.
 */
export class ResourceStorage {
  readonly definition: KindDefinition;
  readonly type: StructType | undefined;
  readonly store: ResourceStore;
  readonly around: Surroundings;
  readonly admission: AdmissionChain;
  readonly #kind: { group: string; kind: string };
  /** The object created last: the next one may be much like it. */
  #latest: KubeObject | undefined;
  readonly apiVersion: string;
  /** Of a kind whose objects live for a limited time. */
  readonly leases: ObjectLeases | undefined;

  constructor(
    definition: KindDefinition,
    type: StructType | undefined,
    store: ResourceStore,
    around: Surroundings,
    admission: AdmissionChain,
  ) {
    this.definition = definition;
    this.type = type;
    this.store = store;
    this.around = around;
    this.admission = admission;
    this.#kind = { group: definition.group, kind: definition.kind };
    if (definition.ttlSeconds) this.leases = new ObjectLeases(around, store, definition.ttlSeconds);
    this.apiVersion = definition.group ? `${definition.group}/${definition.version}` : definition.version;
  }

  get(namespace: string | undefined, name: string): Entry | undefined {
    return this.store.get(objectKey(this.definition.namespaced ? namespace : undefined, name));
  }

  /** @throws ApiError NotFound */
  mustGet(namespace: string | undefined, name: string): Entry {
    const entry = this.get(namespace, name);
    if (!entry) throw notFound(this.#nameInErrors, name);
    return entry;
  }

  /** Component statuses call themselves by their singular. */
  get #nameInErrors(): { group: string; resource: string } {
    const { group, resource } = this.definition;
    return resource === 'componentstatuses' ? { group, resource: 'componentstatus' } : { group, resource };
  }

  managedFields(entry: Entry): readonly ManagedFieldsEntry[] {
    return managedFields(entry.managed, this.type);
  }

  /**
   * Stores a new object.
   * @param draft a private copy, which becomes the stored object
   * @throws ApiError AlreadyExists, Invalid, Forbidden, …
   */
  create(draft: Mutable<Draft>, options: WriteOptions): Entry {
    const { definition } = this;
    this.around.etcd.requireQuorum();
    const context = this.#context(options);
    const meta = (draft.metadata ??= {});
    draft.apiVersion = this.apiVersion;
    draft.kind = definition.kind;
    if (meta.resourceVersion && meta.resourceVersion !== '0') {
      throw resourceVersionOnCreate();
    }
    const given = meta.managedFields;
    draft.metadata = systemMetadata(meta, context);
    definition.defaults?.(draft as Mutable<KubeObject>, context);
    const generated = !meta.name && !!meta.generateName;
    if (generated) draft.metadata.name = this.#generateName(meta.generateName!, meta.namespace, context);

    const attributes = this.#attributes(
      'CREATE',
      draft,
      undefined,
      options,
      context,
      generated ? '' : (meta.name ?? ''),
    );
    this.admission.admit(attributes);
    if (definition.prepareForCreate) definition.prepareForCreate(draft as Mutable<KubeObject>, context);
    else if (definition.subresources?.status) this.#dropStatus(draft as { status?: unknown });
    if (definition.generation !== false && 'spec' in draft) draft.metadata.generation = 1;

    const errors = validateObjectMeta(draft.metadata, definition.namespaced, definition.nameFormat);
    if (definition.validate) errors.push(...definition.validate(draft as KubeObject, context));
    if (errors.length > 0) throw invalid(this.#kind, draft.metadata.name ?? '', errors);
    this.#warn(draft as KubeObject, undefined, options, context);
    this.admission.validate(attributes);

    const { namespace, name } = draft.metadata as ObjectMeta;
    const key = objectKey(namespace, name);
    if (this.store.get(key)) throw (generated ? generateNameConflict : alreadyExists)(definition, name);
    return this.#put(key, draft as Mutable<KubeObject>, undefined, options, given);
  }

  /**
   * Replaces an object, or the part of it that a subresource writes.
   * @param change makes the new object from the stored one; what it returns is not modified
   * @throws ApiError NotFound, Conflict, Invalid, …
   */
  update(
    namespace: string | undefined,
    name: string,
    change: (existing: KubeObject) => KubeObject,
    options: WriteOptions,
  ): Entry {
    this.around.etcd.requireQuorum();
    const existing = this.mustGet(namespace, name);
    const old = existing.object;
    const wanted = change(old);
    if (wanted === old) return existing;
    this.#checkVersion(wanted.metadata, old.metadata);
    const context = this.#context(options);
    const { subresource } = options;
    const next =
      subresource === 'status'
        ? this.#statusUpdate(old, wanted, options, context)
        : subresource === undefined || subresource === 'scale'
          ? this.#mainUpdate(old, wanted, options, context)
          : this.#partUpdate(old, wanted, options, context);
    if (next) return this.#put(existing.key, next, existing, options, wanted.metadata.managedFields);
    const untouched = () => ({ ...old, metadata: { ...old.metadata } }) as Mutable<KubeObject>;
    if (this.#managersChange(existing, options, wanted.metadata.managedFields))
      return this.#put(existing.key, untouched(), existing, options, wanted.metadata.managedFields);
    // What is kept under an old encryption key is written again even if nothing changes.
    if (options.dryRun || !this.around.isStale?.(this.store.id, existing.revision)) return existing;
    return this.#put(existing.key, untouched(), existing, options);
  }

  /** Does a write that changes nothing else change who owns what? When somebody last wrote doesn't count. */
  #managersChange(
    existing: Entry,
    { managers }: WriteOptions,
    given: readonly ManagedFieldsEntry[] | undefined,
  ): boolean {
    const wanted = managers ?? given;
    if (!wanted) return false;
    const timeless = (entries: readonly ManagedFieldsEntry[]) =>
      entries.map((entry) => ({ ...entry, time: undefined }));
    return !deepEqual(timeless(wanted), timeless(managedFields(existing.managed, this.type) ?? []));
  }

  /** @throws ApiError NotFound, Conflict, Forbidden */
  delete(
    namespace: string | undefined,
    name: string,
    deleteOptions: DeleteOptions & { orphanDependents?: boolean },
    options: WriteOptions,
  ): Deletion {
    this.around.etcd.requireQuorum();
    const existing = this.mustGet(namespace, name);
    const context = this.#context(options);
    this.admission.validate(this.#attributes('DELETE', undefined, existing.object, options, context, name));
    const outcome = deleteObject(this.definition, existing.object, deleteOptions, context);
    if (outcome.action === 'remove') {
      // What the deletion changed on the way stays visible in the last version.
      const removed = options.dryRun ? existing : this.store.remove(existing.key, this.#nextRevision())!;
      if (!options.dryRun) this.definition.released?.(existing.object, context);
      return { entry: removed, gone: true };
    }
    if (outcome.action === 'none') return { entry: existing, gone: false };
    const entry = this.#put(existing.key, outcome.object as Mutable<KubeObject>, existing, options, undefined, true);
    return { entry, gone: false };
  }

  /** Built-in kinds always show a status, be it an empty one. */
  #dropStatus(draft: { status?: unknown }): void {
    const { group, version, resource } = this.definition;
    if (resourceNamed(group, version, resource)) draft.status = {};
    else delete draft.status;
  }

  #nextRevision(): number {
    return this.around.store.nextRevision();
  }

  #checkVersion(wanted: ObjectMeta, old: ObjectMeta): void {
    if (wanted.uid && wanted.uid !== old.uid) {
      const why = `Precondition failed: UID in precondition: ${wanted.uid}, UID in object meta: ${old.uid}`;
      throw conflict(this.definition, old.name, why);
    }
    if (wanted.resourceVersion && wanted.resourceVersion !== old.resourceVersion) {
      throw conflict(this.definition, old.name, optimisticLockMessage);
    }
  }

  /** The object with the new status; undefined if nothing changes. */
  #statusUpdate(
    old: KubeObject,
    wanted: KubeObject,
    options: WriteOptions,
    context: RequestContext,
  ): Mutable<KubeObject> | undefined {
    const status = (wanted as { status?: unknown }).status;
    const metadata = carriedMetadata(wanted.metadata, old.metadata);
    const sameMeta = metadata === old.metadata || deepEqual(metadata, old.metadata);
    if (sameMeta && deepEqual(status, (old as { status?: unknown }).status)) return undefined;
    let next = { ...old, metadata: sameMeta ? { ...old.metadata } : metadata, status } as Mutable<KubeObject>;
    const errors = sameMeta ? [] : validateObjectMetaUpdate(metadata, old.metadata);
    const { validateStatus, defaults } = this.definition;
    if (validateStatus) {
      next = deepCopy(next);
      defaults?.(next, context);
      errors.push(...validateStatus(next, old));
      reuse(next, old);
    }
    if (errors.length > 0) throw invalid(this.#kind, old.metadata.name, errors);
    this.#validatePart(next, old, options, context);
    return next;
  }

  /** What a subresource made of the object, which is its own guard. */
  #partUpdate(
    old: KubeObject,
    wanted: KubeObject,
    options: WriteOptions,
    context: RequestContext,
  ): Mutable<KubeObject> | undefined {
    const metadata = { ...carriedMetadata(wanted.metadata, old.metadata) };
    let next = { ...wanted, metadata } as Mutable<KubeObject>;
    if (defaulted.has(context.subresource!)) {
      next = deepCopy(next);
      const { definition } = this;
      definition.defaults?.(next, context);
      reuse(next, old);
      const errors = definition.validate?.(next, context, old) ?? [];
      errors.push(...(definition.validateUpdate?.(next, old, context) ?? []));
      if (errors.length > 0) throw invalid(this.#kind, old.metadata.name, errors);
    }
    this.#validatePart(next, old, options, context);
    return deepEqual(next, old) ? undefined : next;
  }

  #validatePart(next: Mutable<KubeObject>, old: KubeObject, options: WriteOptions, context: RequestContext): void {
    const { group, resource } = this.definition;
    if (this.admission.ignores(group, resource, 'UPDATE', context.subresource)) return;
    const { name } = old.metadata;
    this.admission.validate(this.#attributes('UPDATE', next as Mutable<Draft>, old, options, context, name));
  }

  #mainUpdate(
    old: KubeObject,
    wanted: KubeObject,
    options: WriteOptions,
    context: RequestContext,
  ): Mutable<KubeObject> | undefined {
    const { definition } = this;
    const draft = deepCopy(wanted) as Mutable<KubeObject>;
    draft.apiVersion = this.apiVersion;
    draft.kind = definition.kind;
    draft.metadata = carriedMetadata(draft.metadata, old.metadata) as Mutable<ObjectMeta>;
    definition.defaults?.(draft, context);
    const attributes = this.#attributes('UPDATE', draft as Mutable<Draft>, old, options, context, old.metadata.name);
    this.admission.admit(attributes);
    const own = draft as { status?: unknown; spec?: unknown };
    if (definition.subresources?.status) {
      if ('status' in old) own.status = old.status;
      else delete own.status;
    }
    definition.prepareForUpdate?.(draft, old, context);
    reuse(draft, old);
    if (definition.generation !== false && 'spec' in old && own.spec !== old.spec) {
      draft.metadata.generation = (old.metadata.generation ?? 0) + 1;
    }
    const errors = validateObjectMetaUpdate(draft.metadata, old.metadata);
    if (definition.validate) errors.push(...definition.validate(draft, context, old));
    if (definition.validateUpdate) errors.push(...definition.validateUpdate(draft, old, context));
    if (errors.length > 0) throw invalid(this.#kind, old.metadata.name, errors);
    this.#warn(draft, old, options, context);
    this.admission.validate(attributes);
    return deepEqual(draft, old) ? undefined : draft;
  }

  #put(
    key: string,
    object: Mutable<KubeObject>,
    existing: Entry | undefined,
    options: WriteOptions,
    given?: readonly ManagedFieldsEntry[],
    deleting = false,
  ): Entry {
    const { definition } = this;
    const writer: Writer = {
      manager: options.manager,
      operation: options.operation ?? 'Update',
      apiVersion: options.apiVersion ?? this.apiVersion,
      ...(options.subresource && { subresource: options.subresource }),
    };
    const old = existing?.object;
    const remove = !deleting && old !== undefined && shouldDeleteDuringUpdate(definition, object, old);
    delete object.metadata.managedFields;
    const revision = options.dryRun ? this.around.store.revision : this.#nextRevision();
    if (options.dryRun && !existing) delete (object.metadata as Partial<ObjectMeta>).resourceVersion;
    else object.metadata.resourceVersion = options.dryRun ? old!.metadata.resourceVersion : String(revision);
    const kept = compactFrozen(object, existing?.object ?? this.#latest);
    if (!existing) this.#latest = kept;
    const managed = this.#managers(kept, existing, options, writer, given, deleting);
    const { created, version } = existing ?? { created: revision, version: 0 };
    const outcome = (): Entry => ({
      key,
      object: kept,
      revision,
      managed,
      created,
      version: version + 1,
    });
    if (options.dryRun) return outcome();
    const context = this.#context(options);
    if (remove) {
      const entry = outcome();
      this.store.remove(key, revision);
      definition.released?.(kept, context);
      return entry;
    }
    const entry = this.store.put(key, kept, revision, managed);
    this.leases?.attach(key);
    return entry;
  }

  #managers(
    object: KubeObject,
    existing: Entry | undefined,
    options: WriteOptions,
    writer: Writer,
    given: readonly ManagedFieldsEntry[] | undefined,
    deleting: boolean,
  ): ManagedNode | undefined {
    if (options.managers) return fixedManagers(object, options.managers, writer);
    let before = existing?.managed;
    // Binding and deletion change objects behind the field managers' back, as upstream.
    if (deleting || writer.subresource === 'binding') return before;
    if (given && !deepEqual(given, managedFields(before, this.type))) {
      const reset = given.length === 0 || (given.length === 1 && !given[0]!.manager && !given[0]!.operation);
      if (reset && existing) return undefined;
      if (!reset)
        before = fixedManagers(
          existing?.object ?? object,
          given.map((entry) => deepFreeze({ ...entry })),
          writer,
        );
    }
    return noteWrite(before, existing?.object, object, writer, this.around.timestamp, this.type);
  }

  #generateName(prefix: string, namespace: string | undefined, context: RequestContext): string {
    const base = prefix.slice(0, maxGeneratedPrefix);
    let name = base + context.randomSuffix(5);
    for (let i = 1; i < maxNameAttempts && this.store.get(objectKey(namespace, name)); i++) {
      name = base + context.randomSuffix(5);
    }
    return name;
  }

  #warn(object: KubeObject, old: KubeObject | undefined, options: WriteOptions, context: RequestContext): void {
    if (!options.warn || !this.definition.warnings) return;
    for (const text of this.definition.warnings(object, old, context)) options.warn(text);
  }

  #context({ subresource, user, conversation }: WriteOptions): RequestContext {
    return new RequestContext(this.around, subresource, user, this.definition, conversation?.seed);
  }

  #attributes(
    operation: Operation,
    object: Mutable<Draft> | undefined,
    old: KubeObject | undefined,
    options: WriteOptions,
    context: RequestContext,
    name: string,
  ): AdmissionAttributes {
    const { group, resource, kind } = this.definition;
    return {
      operation,
      group,
      resource,
      kind,
      subresource: options.subresource,
      namespace: (object ?? old)?.metadata.namespace,
      name,
      object,
      old,
      user: options.user,
      dryRun: options.dryRun ?? false,
      context,
      warn: options.warn ?? (() => {}),
      ...(options.conversation && { conversation: options.conversation, webhooks: this.around.webhooks }),
    };
  }
}
