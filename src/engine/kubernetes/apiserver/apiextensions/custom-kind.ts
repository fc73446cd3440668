import type { FieldError } from '../../apimachinery/field-error.ts';
import { DecodeError, decode, structType, type Decoded } from '../../schema/index.ts';
import type { KubeObject } from '../../types.ts';
import { deepCopy, deepEqual, isRecord } from '../objects.ts';
import type { KindDefinition, Mutable, ScaleMapping } from '../resources/kind.ts';
import { printerColumns } from './columns.ts';
import { applyDefaults, prune } from './pruning.ts';
import { ratcheted } from './ratcheting.ts';
import { hasRules, validateRules } from './rules.ts';
import type { JsonSchema } from './schema.ts';
import { isTrue, type CustomResourceDefinition, type CustomVersion } from './types.ts';
import { validateResource } from './validation.ts';

type Fields = Record<string, unknown>;

/** While the definition is being deleted nothing new comes. */
const terminatingVerbs = ['delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** The kind that one version of a CustomResourceDefinition describes. */
export function customKind(crd: CustomResourceDefinition, version: CustomVersion): KindDefinition {
  const { group, scope } = crd.spec;
  const names = crd.status?.acceptedNames ?? crd.spec.names;
  const schema: JsonSchema = version.schema?.openAPIV3Schema ?? {};
  const hasStatus = version.subresources?.status !== undefined;
  const scale = version.subresources?.scale;
  return {
    group,
    version: version.name,
    kind: names.kind,
    resource: names.plural,
    singular: names.singular ?? names.kind.toLowerCase(),
    shortNames: names.shortNames ?? [],
    categories: names.categories ?? [],
    namespaced: scope === 'Namespaced',
    ...(isTrue(crd, 'Terminating') && { verbs: terminatingVerbs }),
    subresources: { status: hasStatus, ...(scale && { scale: scaleMapping(scale) }) },
    generation: false,

    defaults: (draft) => applyDefaults(draft, schema),

    prepareForCreate(draft) {
      draft.metadata.generation = 1;
      if (hasStatus) delete (draft as { status?: unknown }).status;
    },

    prepareForUpdate(draft, old) {
      if (deepEqual(counted(draft, hasStatus), counted(old, hasStatus))) return;
      (draft as Mutable<KubeObject>).metadata.generation = (old.metadata.generation ?? 0) + 1;
    },

    validate: (object, _context, old) => validateCustom(object, old, schema),
    validateStatus: (object, old) => validateCustom(object, old, schema),
    columns: printerColumns(version.additionalPrinterColumns),
    selectableFields: Object.fromEntries(
      (version.selectableFields ?? []).map(({ jsonPath }) => [
        jsonPath.slice(1),
        (object: KubeObject) => String(at(object, jsonPath) ?? ''),
      ]),
    ),
  };
}

/** What `metadata.generation` counts the changes of. */
function counted(object: object, withoutStatus: boolean): Fields {
  const { metadata: _metadata, status, ...rest } = object as Fields;
  return withoutStatus ? rest : { ...rest, status };
}

/** Errors after which rules are not looked at. */
const blocking = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);

function validateCustom(object: KubeObject, old: KubeObject | undefined, schema: JsonSchema): FieldError[] {
  const fields = object as unknown as Fields;
  const before = old as unknown as Fields | undefined;
  const errors = validateResource(fields, schema);
  if (hasRules(schema)) {
    if (errors.some(({ type }) => blocking.has(type))) {
      const detail =
        'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
      errors.push({ type: 'FieldValueInvalid', field: '<nil>', badValue: 'null', detail });
    } else errors.push(...validateRules(fields, before, schema));
  }
  return before ? ratcheted(errors, fields, before) : errors;
}

/**
 * Reads a custom resource: its metadata as that of every kind, and the rest by the schema. The input isn't changed.
 * @throws DecodeError
 */
export function decodeCustom(input: unknown, schema: JsonSchema): Decoded {
  if (!isRecord(input)) throw new DecodeError('json: cannot unmarshal into Go value of type map[string]interface {}');
  const value = deepCopy(input);
  const strictErrors: string[] = [];
  if (isRecord(value['metadata'])) {
    const read = decode(value['metadata'], structType('meta/v1/ObjectMeta')!);
    value['metadata'] = read.value;
    strictErrors.push(...read.strictErrors.map((text) => text.replace('unknown field "', 'unknown field "metadata.')));
  }
  for (const path of prune(value, schema)) strictErrors.push(`unknown field ${JSON.stringify(path)}`);
  return { value, strictErrors };
}

function scaleMapping(scale: NonNullable<NonNullable<CustomVersion['subresources']>['scale']>): ScaleMapping {
  const count = (object: object, path: string): number => {
    const value = at(object, path);
    return typeof value === 'number' ? value : 0;
  };
  return {
    replicas: (object) => count(object, scale.specReplicasPath),
    statusReplicas: (object) => count(object, scale.statusReplicasPath),
    selector: (object) => {
      const value = scale.labelSelectorPath ? at(object, scale.labelSelectorPath) : undefined;
      return typeof value === 'string' ? value : undefined;
    },
    withReplicas: (object, replicas) =>
      set(object as unknown as Fields, scale.specReplicasPath.slice(1).split('.'), replicas) as unknown as KubeObject,
  };
}

/** @param path `.spec.replicas` */
function at(object: object, path: string): unknown {
  let value: unknown = object;
  for (const name of path.slice(1).split('.')) {
    value = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  }
  return value;
}

function set(object: Fields, [name = '', ...rest]: readonly string[], value: unknown): Fields {
  if (rest.length === 0) return { ...object, [name]: value };
  const below = object[name];
  return { ...object, [name]: set(isRecord(below) ? below : {}, rest, value) };
}
