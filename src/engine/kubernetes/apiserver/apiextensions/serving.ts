import type { KubeObject } from '../../types.ts';
import { ApiError } from '../../client.ts';
import type { ApiServerCore } from '../core.ts';
import type { WriteOptions } from '../storage.ts';
import { systemUser } from '../user.ts';
import { ConversionWebhook } from './conversion-webhook.ts';
import { customKind, decodeCustom } from './custom-kind.ts';
import { acceptNames } from './names.ts';
import { storedReader } from './reading.ts';
import { structTypeOf, type JsonSchema } from './schema.ts';
import {
  cleanupFinalizer,
  isTrue,
  withCondition,
  type CrdStatus,
  type CustomResourceDefinition,
  type CustomVersion,
} from './types.ts';

const resource = 'customresourcedefinitions';
const group = 'apiextensions.k8s.io';
/** Virtual ms between a change of a definition and what the server makes of it. */
const reactionMs = 5;
/** While objects of a deleted definition are held by finalizers, they are looked at again so often. */
const pollMs = 5000;

/**
 * Serves what CustomResourceDefinitions describe: accepts their names, establishes them, and empties those that are
 * deleted (the naming, establishing and finalizing controllers of apiextensions-apiserver in one).
 */
export class CustomResources {
  readonly #core: ApiServerCore;
  readonly #pending = new Set<string>();
  /** By definition, what is served of it and after which state. */
  readonly #serving = new Map<
    string,
    { key: string; served: { group: string; version: string; resource: string }[] }
  >();

  constructor(core: ApiServerCore) {
    this.#core = core;
    const store = core.store.resource(`${group}/${resource}`);
    store.listen(({ entry }) => this.#enqueue(entry.object.metadata.name, reactionMs));
    for (const { object } of store.list()) this.#enqueue(object.metadata.name, 0);
  }

  #enqueue(name: string, delay: number): void {
    if (this.#pending.has(name)) return;
    this.#pending.add(name);
    this.#core.world.queue.after(delay, () => {
      this.#pending.delete(name);
      this.#reconcile(name);
    });
  }

  #definitions(): readonly CustomResourceDefinition[] {
    return this.#core.context().list(group, resource) as readonly CustomResourceDefinition[];
  }

  #reconcile(name: string): void {
    const crd = this.#core.get(group, resource, undefined, name) as CustomResourceDefinition | undefined;
    if (!crd) {
      this.#withdraw(name);
      return;
    }
    const now = this.#core.around.timestamp;
    if (!crd.metadata.deletionTimestamp) {
      const status = acceptNames(crd, this.#definitions(), now);
      if (status !== crd.status) {
        this.#writeStatus(crd, status);
        return;
      }
      if (isTrue(crd, 'NamesAccepted') && !isTrue(crd, 'Established')) {
        const message = 'the initial names have been accepted';
        const condition = { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message } as const;
        const conditions = withCondition(crd.status?.conditions ?? [], condition, now);
        this.#writeStatus(crd, { ...crd.status, conditions });
        return;
      }
    }
    if (isTrue(crd, 'Established')) this.#serve(crd);
    if (crd.metadata.finalizers?.includes(cleanupFinalizer) && crd.metadata.deletionTimestamp) this.#finalize(crd);
  }

  get #writer(): WriteOptions {
    return { user: systemUser('system:apiserver'), manager: 'kube-apiserver', apiVersion: `${group}/v1` };
  }

  #writeStatus(crd: CustomResourceDefinition, status: CrdStatus | undefined): void {
    const { storage } = this.#core.find(group, 'v1', resource)!;
    const next = { ...crd, status } as KubeObject;
    storage.update(undefined, crd.metadata.name, () => next, { ...this.#writer, subresource: 'status' });
  }

  #serve(crd: CustomResourceDefinition): void {
    const { name } = crd.metadata;
    const terminating = isTrue(crd, 'Terminating');
    const key = JSON.stringify([crd.metadata.uid, crd.spec, crd.status?.acceptedNames, terminating]);
    const before = this.#serving.get(name);
    if (before?.key === key) return;
    const stored = crd.spec.versions.find((version) => version.storage)!.name;
    // Whatever is stored gets a storage, be it served or not.
    const versions = crd.spec.versions.filter((version) => version.served);
    const served = versions.map((version) => ({
      group: crd.spec.group,
      version: version.name,
      resource: crd.spec.names.plural,
    }));
    this.#serving.set(name, { key, served });
    for (const old of before?.served ?? []) {
      if (!served.some(({ version }) => version === old.version)) this.#withdrawVersion(old);
    }
    const { conversion } = crd.spec;
    const webhook =
      conversion?.strategy === 'Webhook'
        ? new ConversionWebhook(this.#core, conversion.webhook ?? {}, crd.spec.names.kind)
        : undefined;
    for (const version of versions) this.#serveVersion(crd, version, stored, webhook);
  }

  #serveVersion(
    crd: CustomResourceDefinition,
    version: CustomVersion,
    stored: string,
    webhook: ConversionWebhook | undefined,
  ): void {
    const { group: own, names } = crd.spec;
    const schema: JsonSchema = version.schema?.openAPIV3Schema ?? {};
    const reversed = own.split('.').reverse().join('.');
    const type = structTypeOf(`${reversed}.${version.name}.${names.kind}`, schema);
    const deprecation = version.deprecationWarning || `${own}/${version.name} ${names.kind} is deprecated`;
    const storedVersion = crd.spec.versions.find(({ name }) => name === stored)!;
    this.#core.serveCustom(customKind(crd, version), stored, {
      ...(webhook && { webhook, storedAs: customKind(crd, storedVersion) }),
      type,
      decode: (input) => decodeCustom(input, schema),
      schema: schema as Readonly<Record<string, unknown>>,
      onRead: storedReader(schema),
      ...(version.deprecated && { deprecation }),
    });
    this.#registerGroup(own, version.name);
  }

  /** The aggregator knows every group and version by an APIService. */
  #registerGroup(own: string, version: string): void {
    const services = this.#core.find('apiregistration.k8s.io', 'v1', 'apiservices');
    const name = `${version}.${own}`;
    if (!services || services.storage.get(undefined, name)) return;
    const labels = { 'kube-aggregator.kubernetes.io/automanaged': 'true' };
    const spec = { group: own, version, groupPriorityMinimum: 1000, versionPriority: 100 };
    const draft = { apiVersion: services.apiVersion, kind: 'APIService', metadata: { name, labels }, spec };
    const { object } = services.storage.create(draft as never, this.#writer);
    const available = {
      type: 'Available',
      status: 'True',
      lastTransitionTime: this.#core.around.timestamp,
      reason: 'Local',
      message: 'Local APIServices are always available',
    };
    const next = { ...object, status: { conditions: [available] } } as KubeObject;
    services.storage.update(undefined, name, () => next, { ...this.#writer, subresource: 'status' });
  }

  #withdraw(name: string): void {
    const before = this.#serving.get(name);
    this.#serving.delete(name);
    for (const old of before?.served ?? []) this.#withdrawVersion(old);
    // Names that it held may be free for others now.
    for (const other of this.#definitions()) {
      if (!isTrue(other, 'NamesAccepted')) this.#enqueue(other.metadata.name, reactionMs);
    }
  }

  #withdrawVersion({
    group: own,
    version,
    resource: plural,
  }: {
    group: string;
    version: string;
    resource: string;
  }): void {
    this.#core.withdraw(own, version, plural);
    if (this.#core.servesGroupVersion(own, version)) return;
    const services = this.#core.find('apiregistration.k8s.io', 'v1', 'apiservices');
    const name = `${version}.${own}`;
    if (services?.storage.get(undefined, name)) services.storage.delete(undefined, name, {}, this.#writer);
  }

  /** Deletes the objects, then lets the definition go. */
  #finalize(crd: CustomResourceDefinition): void {
    const { name } = crd.metadata;
    const now = this.#core.around.timestamp;
    const plural = crd.spec.names.plural;
    const store = this.#core.store.resource(`${crd.spec.group}/${plural}`);
    const version = crd.spec.versions.find((one) => one.served && this.#core.find(crd.spec.group, one.name, plural));
    const served = version && this.#core.find(crd.spec.group, version.name, plural);
    const conditions = crd.status?.conditions ?? [];
    const terminating = (status: 'True' | 'False', reason: string, message: string) =>
      withCondition(conditions, { type: 'Terminating', status, reason, message }, now);
    for (const { object } of served ? store.list() : []) {
      if (object.metadata.deletionTimestamp) continue;
      try {
        served!.storage.delete(object.metadata.namespace, object.metadata.name, {}, this.#writer);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
      }
    }
    if (served && store.size > 0) {
      const inProgress = terminating('True', 'InstanceDeletionInProgress', 'CustomResource deletion is in progress');
      this.#writeStatus(crd, { ...crd.status, conditions: inProgress });
      this.#core.world.queue.after(pollMs, () => this.#enqueue(name, 0));
      return;
    }
    const done = terminating('False', 'InstanceDeletionCompleted', 'removed all instances');
    this.#writeStatus(crd, { ...crd.status, conditions: done });
    const { storage } = this.#core.find(group, 'v1', resource)!;
    const latest = storage.get(undefined, name)!.object;
    const finalizers = (latest.metadata.finalizers ?? []).filter((finalizer) => finalizer !== cleanupFinalizer);
    storage.update(undefined, name, () => ({ ...latest, metadata: { ...latest.metadata, finalizers } }), this.#writer);
  }
}
