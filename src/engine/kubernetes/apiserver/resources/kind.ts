import type { FieldError } from '../../apimachinery/field-error.ts';
import type { KubeObject } from '../../types.ts';
import type { AuthorizationAttributes, Decision } from '../authorization.ts';

/**
 * What one kind adds to the generic server: one file per kind in this folder, one line in `registry.ts`. A kind of the
 * schema without a file gets the generic behaviour (schema validation, NAME and AGE columns).
 */
export interface KindDefinition<T extends KubeObject = KubeObject> {
  group: string;
  version: string;
  kind: string;
  /** Plural, lower case. */
  resource: string;
  /** Lower-case singular; by default the kind in lower case. */
  singular?: string;
  shortNames?: readonly string[];
  /** e.g. `all`. */
  categories?: readonly string[];
  namespaced: boolean;
  /** Verbs served; by default all of create delete deletecollection get list patch update watch. */
  verbs?: readonly string[];
  subresources?: Subresources<T>;
  /** Fills in defaults before validation. The draft is a private mutable copy. */
  defaults?(draft: Mutable<T>, context: KindContext): void;
  /** Before a create is validated: drops what clients may not set (status), assigns what the server assigns. */
  prepareForCreate?(draft: Mutable<T>, context: KindContext): void;
  /** Before an update (of the main resource) is validated: keeps status, bumps generation where spec changed (default). */
  prepareForUpdate?(draft: Mutable<T>, old: T, context: KindContext): void;
  /** Rules beyond the schema, in upstream's order; on create and on update. Metadata is validated generically. */
  validate?(object: T, context: KindContext, old?: T): FieldError[];
  /** Rules about what may change; on update, after `validate`. */
  validateUpdate?(object: T, old: T, context: KindContext): FieldError[];
  /** Rules for a status that is written; the object's defaults are applied before. */
  validateStatus?(object: T, old: T): FieldError[];
  /** `metadata.name` must be this; by default a DNS subdomain. */
  nameFormat?: 'subdomain' | 'label' | 'dns1035' | 'path-segment';
  /** Warnings sent along with a create or update. */
  warnings?(object: T, old: T | undefined, context: KindContext): string[];
  /** Columns of `kubectl get`; without them NAME and AGE (CREATED AT for unknown kinds). */
  columns?: readonly Column<T>[];
  /** Field selectors besides metadata.name and metadata.namespace. */
  selectableFields?: Readonly<Record<string, (object: T) => string>>;
  /**
   * Graceful deletion: seconds the object stays with a deletionTimestamp until its keeper (the kubelet) confirms with
   * grace period 0; undefined or 0: gone at once unless finalizers hold it.
   */
  gracePeriodSeconds?(object: T, requested: number | undefined): number | undefined;
  /** Finalizers the server itself handles, e.g. the Namespace's `spec.finalizers`. */
  holdsDeletion?(object: T): boolean;
  /** When finalizers begin to hold a deletion: marks the object, e.g. the Namespace's phase. */
  prepareForDelete?(draft: Mutable<T>, context: KindContext): void;
  /** `metadata.generation` counts changes of spec; false for kinds without it. Default true where the schema has spec. */
  generation?: boolean;
  /** Objects vanish this long after they were last written. */
  ttlSeconds?: number;
  /** Called after a write was stored (allocation releases and the like). */
  released?(object: T, context: KindContext): void;
}

export interface Subresources<T extends KubeObject = KubeObject> {
  status?: boolean;
  scale?: ScaleMapping<T>;
  /** Further ones (log, exec, binding, eviction, token, …) are files in `../subresources/`. */
  others?: readonly string[];
}

/** How autoscaling/v1 Scale shows in the kind. */
export interface ScaleMapping<T extends KubeObject = KubeObject> {
  replicas(object: T): number;
  statusReplicas(object: T): number;
  selector(object: T): string | undefined;
  withReplicas(object: T, replicas: number): T;
}

export interface KindContext {
  /** RFC 3339 now. */
  now: string;
  /** Unix ms now. */
  nowMs: number;
  /** Writes through a subresource name it. */
  subresource?: string;
  /** Who asks. */
  user?: { name: string; uid?: string; groups: readonly string[]; extra?: Readonly<Record<string, readonly string[]>> };
  /** Reads other objects of the same server (allocators, references). */
  get(group: string, resource: string, namespace: string | undefined, name: string): KubeObject | undefined;
  list(group: string, resource: string, namespace?: string): readonly KubeObject[];
  /** The served resource of a kind, e.g. of `apps/v1` and `Deployment`. */
  served(apiVersion: string, kind: string): { group: string; resource: string; namespaced: boolean } | undefined;
  /** May this user do that? */
  authorize(attributes: AuthorizationAttributes): Decision;
  /** Writes another object's status as the server itself. @throws ApiError */
  writeStatus(group: string, resource: string, object: KubeObject): void;
  /** Fills in the defaults of an object's kind, as after a change by admission. */
  applyDefaults?(draft: Mutable<KubeObject>): void;
  /** Characters as in generated names, from the server's random stream. */
  randomSuffix(length: number): string;
  uuid(): string;
  /** A random integer in [0, bound). */
  randomInt(bound: number): number;
}

export interface Column<T extends KubeObject = KubeObject> {
  name: string;
  type: 'string' | 'integer' | 'date' | 'boolean' | 'number';
  format?: 'name' | '';
  description: string;
  /** 0: always shown; 1: only with `-o wide`. */
  priority: 0 | 1;
  /** The cell's value as the server sends it in a Table. */
  value(object: T, now: number): string | number | boolean;
}

/** The same type without readonly, all the way down. */
export type Mutable<T> = { -readonly [K in keyof T]: T[K] extends object | undefined ? Mutable<T[K]> : T[K] };
