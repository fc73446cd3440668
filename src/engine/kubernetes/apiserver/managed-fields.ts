import type { KubeObject, ManagedFieldsEntry } from '../types.ts';
import { fieldsOf, type Schema } from './field-ownership.ts';

/** Who wrote: one entry of managedFields is kept for each combination. */
export interface Writer {
  manager: string;
  operation: 'Apply' | 'Update';
  /** Version of the API the request used. */
  apiVersion: string;
  subresource?: string;
}

/**
 * The writes behind one version of an object. `metadata.managedFields` is computed from them when somebody looks, so
 * that writes cost nothing for it.
 */
export interface ManagedNode {
  /** Entries at this version, once computed; writes before it are then forgotten. */
  entries: readonly ManagedFieldsEntry[] | undefined;
  before: ManagedNode | undefined;
  readonly old: KubeObject | undefined;
  readonly object: KubeObject;
  readonly writer: Writer;
  readonly time: string;
  readonly depth: number;
}

/** Longer chains of writes are computed at once, so that they don't keep old versions alive. */
const maxDepth = 16;

/** Notes a write. Consecutive writes of one writer through a subresource count as one, as their fields are the same. */
export function noteWrite(
  before: ManagedNode | undefined,
  old: KubeObject | undefined,
  object: KubeObject,
  writer: Writer,
  time: string,
  schema: Schema,
): ManagedNode {
  if (before && !before.entries && before.old && writer.subresource && sameWriter(before.writer, writer)) {
    return { ...before, object, time };
  }
  if (before && before.depth >= maxDepth) managedFields(before, schema);
  const depth = before && !before.entries ? before.depth + 1 : 1;
  return { entries: undefined, before, old, object, writer, time, depth };
}

/** Says that an object has these managers from now on (a server-side apply, or a client that sets managedFields). */
export function fixedManagers(object: KubeObject, entries: readonly ManagedFieldsEntry[], writer: Writer): ManagedNode {
  return { entries, before: undefined, old: undefined, object, writer, time: '', depth: 0 };
}

/** `metadata.managedFields` at this version. */
export function managedFields(node: ManagedNode | undefined, schema: Schema): readonly ManagedFieldsEntry[] {
  if (!node) return [];
  if (node.entries) return node.entries;
  const before = managedFields(node.before, schema);
  node.entries = fieldsOf(before, node.old, node.object, node.writer, node.time, schema);
  node.before = undefined;
  (node as { old: undefined }).old = undefined;
  return node.entries;
}

function sameWriter(a: Writer, b: Writer): boolean {
  return (
    a.manager === b.manager &&
    a.operation === b.operation &&
    a.apiVersion === b.apiVersion &&
    a.subresource === b.subresource
  );
}
