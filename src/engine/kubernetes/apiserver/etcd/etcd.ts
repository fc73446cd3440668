import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js';
import type { KubeObject, ManagedFieldsEntry } from '../../types.ts';
import type { ApiServerCore, ServedResource } from '../core.ts';
import { fixedManagers } from '../managed-fields.ts';
import { deepCopy, deepEqual } from '../objects.ts';
import type { Mutable } from '../resources/kind.ts';
import type { ProtobufFields } from '../protobuf.ts';
import type { Entry, ResourceStore } from '../store.ts';
import { EncryptionAtRest } from './encryption.ts';
import { inRange, prefixOf } from './keys.ts';
import type { EtcdMember } from './members.ts';
import { seal } from './transformers.ts';
import { encodeValue, servedOf } from './values.ts';

/** A request that etcd refuses, in its words. */
export class EtcdError extends Error {
  override name = 'EtcdError';
}

export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}

export interface RangeOptions {
  limit?: number;
  keysOnly?: boolean;
  /** The state at an earlier revision. */
  revision?: number;
  /** Answered by one member alone, without asking the others. */
  serializable?: boolean;
}

export interface RangeResult {
  readonly revision: number;
  readonly kvs: readonly KeyValue[];
  /** How many there are without the limit. */
  readonly count: number;
  readonly more: boolean;
}

export interface MemberStatus extends EtcdMember {
  readonly running: boolean;
  readonly leader: boolean;
  readonly revision: number;
  /** Bytes of the database, about. */
  readonly dbSize: number;
  readonly raftTerm: number;
}

interface Located {
  readonly key: string;
  readonly served: ServedResource | undefined;
  readonly id: string;
  readonly entry: Entry;
}

const magic = new TextEncoder().encode('slipway etcd snapshot 1\n');

/**
 * What is below the API server, seen from its own side: keys, values and revisions as etcdctl shows them. It is a view
 * of the server's store; values are encoded, and encrypted, when they are looked at.
 */
export class Etcd {
  readonly #core: ApiServerCore;
  readonly #numbers: ProtobufFields | undefined;
  readonly #own = new Map<string, KeyValue>();
  readonly encryption: EncryptionAtRest;

  /** @param numbers `schema/generated/protobuf-fields.json`; without it built-in kinds look like JSON */
  constructor(core: ApiServerCore, numbers?: ProtobufFields) {
    this.#core = core;
    this.#numbers = numbers;
    this.encryption = new EncryptionAtRest(core);
  }

  /** One key, or those in [key, end). @throws EtcdError without a majority, or for a revision that is gone */
  get(key: string, end?: string, options: RangeOptions = {}): RangeResult {
    const { limit = 0, keysOnly = false, revision = this.#core.store.revision } = options;
    if (!options.serializable) this.#requireQuorum();
    if (revision > this.#core.store.revision)
      throw new EtcdError('etcdserver: mvcc: required revision is a future revision');
    if (revision < this.#core.store.compactedRevision) {
      throw new EtcdError('etcdserver: mvcc: required revision has been compacted');
    }
    const found: (Located | KeyValue)[] = [...this.#locate(key, end, revision)];
    for (const own of this.#own.values()) if (inRange(own.key, key, end)) found.push(own);
    found.sort((a, b) => (a.key < b.key ? -1 : 1));
    const shown = limit > 0 ? found.slice(0, limit) : found;
    const kvs = shown.map((item) => ('value' in item ? item : this.#keyValue(item, keysOnly)));
    return { revision: this.#core.store.revision, kvs, count: found.length, more: shown.length < found.length };
  }

  /**
   * Sets a key of one's own.
   * @throws EtcdError without a majority; Error for the server's own keys, whose values only the server writes here
   */
  put(key: string, value: Uint8Array): void {
    this.#requireQuorum();
    if (key.startsWith('/registry/'))
      throw new Error('slipway: writing to /registry past the API server is not simulated');
    const before = this.#own.get(key);
    const modRevision = this.#core.store.nextRevision();
    const createRevision = before?.createRevision ?? modRevision;
    this.#own.set(key, { key, value, createRevision, modRevision, version: (before?.version ?? 0) + 1 });
  }

  /** Deletes past the API server: no finalizers, no grace. @returns how many keys @throws EtcdError without a majority */
  del(key: string, end?: string): number {
    this.#requireQuorum();
    const gone = [...this.#locate(key, end, this.#core.store.revision)];
    const own = [...this.#own.keys()].filter((name) => inRange(name, key, end));
    if (gone.length + own.length === 0) return 0;
    const revision = this.#core.store.nextRevision();
    for (const { id, entry } of gone) this.#core.store.resource(id).remove(entry.key, revision);
    for (const name of own) this.#own.delete(name);
    return gone.length + own.length;
  }

  members(): readonly EtcdMember[] {
    return this.#core.etcd.list();
  }

  /** One line of `etcdctl endpoint status` for each member. */
  status(): MemberStatus[] {
    const { etcd, store } = this.#core;
    const leader = etcd.hasQuorum ? etcd.list().find(({ name }) => etcd.runs(name)) : undefined;
    let dbSize = 0;
    for (const resource of store.resources()) {
      for (const { object } of resource.list()) dbSize += JSON.stringify(object).length;
    }
    return etcd.list().map((member) => ({
      ...member,
      running: etcd.runs(member.name),
      leader: member === leader,
      revision: store.revision,
      dbSize,
      raftTerm: 2,
    }));
  }

  /** @throws EtcdError */
  compact(revision: number): void {
    const { store } = this.#core;
    if (revision > store.revision) throw new EtcdError('etcdserver: mvcc: required revision is a future revision');
    if (revision <= store.compactedRevision) {
      throw new EtcdError('etcdserver: mvcc: required revision has been compacted');
    }
    store.compact(revision);
  }

  /** Everything there is, with its hash at the end. */
  snapshotSave(): Uint8Array {
    const resources: Record<
      string,
      readonly [key: string, object: KubeObject, managers: readonly ManagedFieldsEntry[]][]
    > = {};
    for (const store of this.#core.store.resources()) {
      const served = servedOf(this.#core, store);
      resources[store.id] = store
        .list()
        .map((entry) => [entry.key, entry.object, served?.storage.managedFields(entry) ?? []] as const);
    }
    const own = [...this.#own.values()].map((kv) => ({ ...kv, value: [...kv.value] }));
    const text = JSON.stringify({ revision: this.#core.store.revision, resources, own });
    const body = concatBytes(magic, new TextEncoder().encode(text));
    return concatBytes(body, sha256(body));
  }

  /** What `etcdutl snapshot status` says. @throws EtcdError for bytes that are no snapshot */
  static snapshotStatus(snapshot: Uint8Array): {
    hash: string;
    revision: number;
    totalKeys: number;
    totalSize: number;
  } {
    const { revision, resources, own, hash } = readSnapshot(snapshot);
    const totalKeys = Object.values(resources).reduce((sum, entries) => sum + entries.length, own.length);
    return { hash: bytesToHex(hash.subarray(0, 4)), revision, totalKeys, totalSize: snapshot.length };
  }

  /**
   * Makes the cluster what it was. Revisions go on from the present one, as after a restore that bumps them, so that
   * whoever watches sees the way back as changes.
   * @throws EtcdError for bytes that are no snapshot
   */
  snapshotRestore(snapshot: Uint8Array): void {
    const { resources, own } = readSnapshot(snapshot);
    const { store } = this.#core;
    for (const resource of [...store.resources()]) {
      const wanted = new Set((resources[resource.id] ?? []).map(([key]) => key));
      for (const { key } of resource.list()) if (!wanted.has(key)) resource.remove(key, store.nextRevision());
    }
    for (const [id, entries] of Object.entries(resources)) {
      for (const [key, object, managers] of entries) this.#restore(store.resource(id), key, object, managers);
    }
    this.#own.clear();
    for (const kv of own) this.#own.set(kv.key, { ...kv, value: Uint8Array.from(kv.value) });
  }

  #restore(resource: ResourceStore, key: string, object: KubeObject, managers: readonly ManagedFieldsEntry[]): void {
    const now = resource.get(key)?.object;
    if (now && deepEqual(now, object)) return;
    const revision = this.#core.store.nextRevision();
    const draft = deepCopy(object) as Mutable<KubeObject>;
    draft.metadata.resourceVersion = String(revision);
    const writer = { manager: '', operation: 'Update', apiVersion: object.apiVersion } as const;
    resource.put(key, draft, revision, fixedManagers(draft, managers, writer));
  }

  #requireQuorum(): void {
    if (!this.#core.etcd.hasQuorum) throw new EtcdError('etcdserver: request timed out');
  }

  *#locate(from: string, end: string | undefined, revision: number): Generator<Located> {
    for (const store of this.#core.store.resources()) {
      const served = servedOf(this.#core, store);
      const prefix = prefixOf(store.id, served?.custom ?? false);
      const entries = revision === this.#core.store.revision ? store.list() : (store.listAt(revision) ?? []);
      for (const entry of entries) {
        const key = prefix + entry.key;
        if (inRange(key, from, end)) yield { key, served, id: store.id, entry };
      }
    }
  }

  #keyValue({ key, served, id, entry }: Located, keysOnly: boolean): KeyValue {
    const { created: createRevision, revision: modRevision, version } = entry;
    const value = keysOnly || !served ? new Uint8Array(0) : encodeValue(served, entry, this.#numbers);
    const sealed = keysOnly ? value : seal(this.encryption.keyOf(id, modRevision), key, value, String(modRevision));
    return { key, value: sealed, createRevision, modRevision, version };
  }
}

interface Snapshot {
  revision: number;
  resources: Record<string, [string, KubeObject, ManagedFieldsEntry[]][]>;
  own: (Omit<KeyValue, 'value'> & { value: number[] })[];
  hash: Uint8Array;
}

function readSnapshot(bytes: Uint8Array): Snapshot {
  const body = bytes.subarray(0, Math.max(0, bytes.length - 32));
  const hash = bytes.subarray(body.length);
  const expected = sha256(body);
  if (body.length < magic.length || !expected.every((byte, i) => hash[i] === byte)) {
    throw new EtcdError(`expected sha256 [${[...hash].join(' ')}], got [${[...expected].join(' ')}]`);
  }
  const parsed = JSON.parse(new TextDecoder().decode(body.subarray(magic.length))) as Omit<Snapshot, 'hash'>;
  return { ...parsed, hash };
}
