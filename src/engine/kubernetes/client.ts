import type { Draft, KubeObject, ResourceRef } from './types.ts';

/**
 * The in-process client of the API server that controllers, scheduler and kubelet use. Same admission, validation and
 * storage as over HTTP, but synchronous and without copying: what comes back is the frozen stored object. Callers charge
 * their own time for writes (`latency.apiWrite`; the controller runtime does it for its workers).
 */
export interface Client {
  /** A client that writes as this field manager and user. */
  as(identity: { manager: string; user?: string }): Client;
  resource<T extends KubeObject>(ref: ResourceRef<T>): ResourceClient<T>;
}

/** All methods throw `ApiError` with the Status an HTTP client would get. */
export interface ResourceClient<T extends KubeObject> {
  /** The stored object, or undefined. Reads cost nothing: they are an informer's cache. */
  get(namespace: string | undefined, name: string): T | undefined;
  /** In key order (namespace/name). */
  list(options?: { namespace?: string; labels?: (labels: Readonly<Record<string, string>>) => boolean }): readonly T[];
  create(object: Draft<T>, subresource?: string): T;
  /** Replaces the object, or only its `status` etc. Conflict (409) if `metadata.resourceVersion` is not the stored one. */
  update(object: T, subresource?: string): T;
  patch(
    namespace: string | undefined,
    name: string,
    patch: { type: 'json' | 'merge' | 'strategic'; body: unknown },
    subresource?: string,
  ): T;
  delete(namespace: string | undefined, name: string, options?: DeleteOptions): void;
  readonly informer: Informer<T>;
}

export interface DeleteOptions {
  gracePeriodSeconds?: number;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  preconditions?: { uid?: string; resourceVersion?: string };
}

/** Change notifications for one resource, delivered through the run queue in resourceVersion order. */
export interface Informer<T extends KubeObject> {
  /** `add` is called for objects that exist already, too. Returns an undo. */
  on(handlers: {
    add?: (object: T) => void;
    update?: (object: T, previous: T) => void;
    delete?: (object: T) => void;
  }): () => void;
  /** Objects under an index value; `keys` must be pure. The same name must come with the same function. */
  addIndex(name: string, keys: (object: T) => readonly string[]): void;
  byIndex(name: string, value: string): readonly T[];
}

/**
 * A write that admission webhooks are still being asked about. Nothing has been written; the same write finds their
 * answers later. Only writes of controllers end so: their runtime tries again.
 */
export abstract class AnswerPending extends Error {
  override name = 'AnswerPending';

  /** Calls once, when the answers are there. */
  abstract onAnswered(listener: () => void): void;
}

/** metav1.Status of kind Failure. */
export interface Status {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, unknown>;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: {
    name?: string;
    group?: string;
    kind?: string;
    uid?: string;
    causes?: { reason?: string; message?: string; field?: string }[];
    retryAfterSeconds?: number;
  };
  code: number;
}

/** An API call that failed; `status` goes over the wire as it is. */
export class ApiError extends Error {
  override name = 'ApiError';
  readonly status: Status;
  constructor(status: Status) {
    super(status.message ?? status.reason ?? `status ${status.code}`);
    this.status = status;
  }
  get reason(): string | undefined {
    return this.status.reason;
  }
  get code(): number {
    return this.status.code;
  }
}
