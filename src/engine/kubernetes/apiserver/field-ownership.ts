import type { StructType } from '../schema/index.ts';
import type { KubeObject, ManagedFieldsEntry } from '../types.ts';
import type { Writer } from './managed-fields.ts';

export type Schema = StructType | undefined;

/** The managers after one more write. */
export function fieldsOf(
  before: readonly ManagedFieldsEntry[],
  _old: KubeObject | undefined,
  _object: KubeObject,
  _writer: Writer,
  _time: string,
  _schema: Schema,
): readonly ManagedFieldsEntry[] {
  return before;
}
