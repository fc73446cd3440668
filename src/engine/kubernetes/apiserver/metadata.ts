import { forbidden, invalid, required, tooLong, type FieldError } from '../apimachinery/field-error.ts';
import {
  isDns1035Label,
  isDns1123Label,
  isDns1123Subdomain,
  isPathSegmentName,
  isQualifiedName,
  isValidLabelValue,
} from '../apimachinery/names.ts';
import type { ObjectMeta } from '../types.ts';
import type { KindDefinition } from './resources/kind.ts';

/** Validation of ObjectMeta for all kinds (k8s.io/apimachinery/pkg/api/validation). */

const totalAnnotationSizeLimit = 256 * 1024;

export type NameFormat = NonNullable<KindDefinition['nameFormat']>;

/** What is wrong with a name, in upstream's words; a generated name's prefix may end in a dash. */
export function nameErrors(name: string, format: NameFormat = 'subdomain', isPrefix = false): string[] {
  const checked = isPrefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
  switch (format) {
    case 'label':
      return isDns1123Label(checked);
    case 'dns1035':
      return isDns1035Label(checked);
    case 'path-segment':
      return isPathSegmentName(name);
    case 'subdomain':
      return isDns1123Subdomain(checked);
  }
}

export function validateObjectMeta(meta: Partial<ObjectMeta>, namespaced: boolean, format?: NameFormat): FieldError[] {
  const errors: FieldError[] = [];
  if (meta.generateName) {
    for (const text of nameErrors(meta.generateName, format, true)) {
      errors.push(invalid('metadata.generateName', meta.generateName, text));
    }
  }
  if (!meta.name) errors.push(required('metadata.name', 'name or generateName is required'));
  else for (const text of nameErrors(meta.name, format)) errors.push(invalid('metadata.name', meta.name, text));
  if (namespaced) {
    if (!meta.namespace) errors.push(required('metadata.namespace'));
    else
      for (const text of isDns1123Label(meta.namespace))
        errors.push(invalid('metadata.namespace', meta.namespace, text));
  } else if (meta.namespace) {
    errors.push(forbidden('metadata.namespace', 'not allowed on this type'));
  }
  errors.push(...validateMutableMeta(meta));
  return errors;
}

/** The parts of metadata that updates may change. */
function validateMutableMeta(meta: Partial<ObjectMeta>): FieldError[] {
  const errors: FieldError[] = [];
  for (const key in meta.labels) {
    for (const text of isQualifiedName(key)) errors.push(invalid('metadata.labels', key, text));
    const value = meta.labels[key]!;
    for (const text of isValidLabelValue(value)) errors.push(invalid('metadata.labels', value, text));
  }
  let size = 0;
  for (const key in meta.annotations) {
    size += key.length + meta.annotations[key]!.length;
    for (const text of isQualifiedName(key.toLowerCase())) errors.push(invalid('metadata.annotations', key, text));
  }
  if (size > totalAnnotationSizeLimit) errors.push(tooLong('metadata.annotations', totalAnnotationSizeLimit));
  if (meta.ownerReferences) errors.push(...validateOwnerReferences(meta.ownerReferences));
  if (meta.finalizers) errors.push(...validateFinalizers(meta.finalizers));
  return errors;
}

function validateOwnerReferences(owners: NonNullable<ObjectMeta['ownerReferences']>): FieldError[] {
  const errors: FieldError[] = [];
  let controller: string | undefined;
  owners.forEach((owner, i) => {
    // One path for all of them, as upstream has it.
    const path = 'metadata.ownerReferences';
    if (!owner.apiVersion)
      errors.push(invalid(`${path}.apiVersion`, owner.apiVersion ?? '', 'version must not be empty'));
    if (!owner.kind) errors.push(invalid(`${path}.kind`, owner.kind ?? '', 'must not be empty'));
    if (!owner.name) errors.push(invalid(`${path}.name`, owner.name ?? '', 'must not be empty'));
    if (!owner.uid) errors.push(invalid(`${path}.uid`, owner.uid ?? '', 'must not be empty'));
    if (owner.apiVersion === 'v1' && owner.kind === 'Event') {
      errors.push(invalid(path, owner, `${owner.apiVersion}, Kind=${owner.kind} is disallowed from being an owner`));
    }
    if (!owner.controller) return;
    if (controller !== undefined) {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${owner.name}`;
      errors.push(invalid(path, owners[i], detail));
    }
    controller ??= owner.name;
  });
  return errors;
}

const standardFinalizers = ['kubernetes', 'orphan', 'foregroundDeletion'];

function validateFinalizers(finalizers: readonly string[]): FieldError[] {
  const errors: FieldError[] = [];
  for (const name of finalizers) {
    for (const text of isQualifiedName(name)) errors.push(invalid('metadata.finalizers', name, text));
    if (!name.includes('/') && !standardFinalizers.includes(name)) {
      errors.push(
        invalid('metadata.finalizers', name, 'name is neither a standard finalizer name nor is it fully qualified'),
      );
    }
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    const detail = 'finalizer orphan and foregroundDeletion cannot be both set';
    errors.push(invalid('metadata.finalizers', finalizers, detail));
  }
  return errors;
}

const immutableFields = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

/** Fields that a client may leave out of an update are taken from the stored object before this. */
export function validateObjectMetaUpdate(meta: ObjectMeta, old: ObjectMeta): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp && meta.finalizers !== old.finalizers) {
    const added = (meta.finalizers ?? []).filter((name) => !old.finalizers?.includes(name));
    if (added.length > 0) {
      const list = added.map((name) => JSON.stringify(name)).join(', ');
      const detail = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
      errors.push(forbidden('metadata.finalizers', detail));
    }
  }
  for (const field of immutableFields) {
    if (meta[field] !== old[field])
      errors.push(invalid(`metadata.${field}`, meta[field] ?? null, 'field is immutable'));
  }
  const touched =
    meta.labels !== old.labels ||
    meta.annotations !== old.annotations ||
    meta.ownerReferences !== old.ownerReferences ||
    meta.finalizers !== old.finalizers;
  if (touched) errors.push(...validateMutableMeta(meta));
  return errors;
}
