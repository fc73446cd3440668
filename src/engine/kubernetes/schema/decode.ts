import { setOwn } from '../../world/index.ts';
import { canonicalQuantity } from '../apimachinery/quantity.ts';
import { goStructName, goTypeOfField, goTypeOfItem } from './go-types.ts';
import type { Field, FieldType, StructType } from './structure.ts';

/**
 * Reads a JSON value as the Go type of its schema, as sigs.k8s.io/json does: unknown fields are dropped and reported,
 * nulls and empty optional values vanish, quantities and times become canonical, and a value of the wrong type is an
 * error in Go's words.
 */

/** A value that doesn't fit the type; the message is Go's. */
export class DecodeError extends Error {
  override name = 'DecodeError';
}

export interface Decoded {
  value: Record<string, unknown>;
  /** `unknown field "spec.replicaz"`, in document order. */
  strictErrors: string[];
}

/** Decodes an object of a known kind. Throws DecodeError. The input isn't changed. */
export function decode(input: unknown, type: StructType): Decoded {
  const decoder = new Decoder();
  const value = decoder.decode(input, type);
  return { value, strictErrors: decoder.strictErrors };
}

/** A field on the way down from the root; errors show the names, with the struct that holds the last one. */
interface Position {
  owner: StructType;
  field: Field;
  parent: Position | undefined;
}

function pathOf(position: Position): string {
  const { parent, field } = position;
  return parent ? `${pathOf(parent)}.${field.name}` : field.name;
}

class Decoder {
  readonly strictErrors: string[] = [];
  /** Go goes on after a type mismatch and reports the first; text that a type can't read ends it at once. */
  #firstMismatch: DecodeError | undefined;

  decode(input: unknown, type: StructType): Record<string, unknown> {
    if (!isObject(input)) {
      throw new DecodeError(
        `json: cannot unmarshal ${jsonKind(input)} into Go value of type ${type.name.split('/').slice(-2).join('.')}`,
      );
    }
    const value = this.#struct(input, type, '', undefined);
    if (this.#firstMismatch) throw this.#firstMismatch;
    return value;
  }

  #struct(
    input: Record<string, unknown>,
    type: StructType,
    where: string,
    parent: Position | undefined,
  ): Record<string, unknown> {
    const result: Record<string, unknown> = {};
    for (const [name, item] of Object.entries(input)) {
      const field = type.fields.get(name);
      const itemWhere = where === '' ? name : `${where}.${name}`;
      if (!field) {
        if (type.preserveUnknown) setOwn(result, name, item);
        else this.strictErrors.push(`unknown field ${JSON.stringify(itemWhere)}`);
        continue;
      }
      if (item === null || item === undefined) continue;
      const position = { owner: type, field, parent };
      const value = this.#value(item, field.type, itemWhere, position, goTypeOfField(type, field));
      if (value !== undefined && !isOmitted(value, type, field)) result[name] = value;
    }
    return result;
  }

  #value(input: unknown, type: FieldType, where: string, position: Position, goType: string): unknown {
    switch (type.kind) {
      case 'struct':
        if (!isObject(input)) return this.#mismatch(input, goType, position);
        return this.#struct(input, type.struct, where, position);
      case 'list':
        return this.#list(input, type.items, where, position, goType);
      case 'map':
        return this.#map(input, type.items, where, position, goType);
      case 'any':
        return input;
      case 'object':
        return input;
      default:
        return this.#scalar(input, type.kind, position, goType);
    }
  }

  #list(input: unknown, items: FieldType, where: string, position: Position, goType: string): unknown {
    if (!Array.isArray(input)) return this.#mismatch(input, goType, position);
    const itemGoType = goTypeOfItem(position.owner, position.field, items);
    return input.map((item: unknown, i) => {
      const value = item === null ? undefined : this.#value(item, items, `${where}[${i}]`, position, itemGoType);
      return value ?? zeroValue(items);
    });
  }

  #map(input: unknown, items: FieldType, where: string, position: Position, goType: string): unknown {
    if (!isObject(input)) return this.#mismatch(input, goType, position);
    const itemGoType = goTypeOfItem(position.owner, position.field, items);
    const result: Record<string, unknown> = {};
    for (const [key, item] of Object.entries(input)) {
      const value = item === null ? undefined : this.#value(item, items, `${where}.${key}`, position, itemGoType);
      setOwn(result, key, value ?? zeroValue(items));
    }
    return result;
  }

  #scalar(input: unknown, kind: string, position: Position, goType: string): unknown {
    switch (kind) {
      case 'string':
        return typeof input === 'string' ? input : this.#mismatch(input, goType, position);
      case 'boolean':
        return typeof input === 'boolean' ? input : this.#mismatch(input, goType, position);
      case 'int32':
      case 'int64':
        return this.#integer(input, kind, position, goType);
      case 'double':
        return typeof input === 'number' ? input : this.#mismatch(input, goType, position);
      case 'quantity':
        return readQuantity(input);
      case 'intOrString':
        if (typeof input === 'string') return input;
        if (typeof input !== 'number') throw this.#mismatchError(jsonKind(input), 'int32', position);
        if (!fits(input, 'int32')) throw this.#mismatchError(`number ${numberText(input)}`, 'int32', position);
        return input;
      case 'time':
      case 'microTime':
        return readTime(input, kind);
      case 'bytes':
        if (typeof input !== 'string') return this.#mismatch(input, '[]uint8', position);
        return readBase64(input);
      default:
        return input;
    }
  }

  #integer(input: unknown, kind: 'int32' | 'int64', position: Position, goType: string): unknown {
    if (typeof input !== 'number') return this.#mismatch(input, goType, position);
    if (fits(input, kind)) return input;
    this.#firstMismatch ??= this.#mismatchError(`number ${numberText(input)}`, goType, position);
    return undefined;
  }

  #mismatch(input: unknown, goType: string, position: Position): undefined {
    this.#firstMismatch ??= this.#mismatchError(jsonKind(input), goType, position);
    return undefined;
  }

  #mismatchError(found: string, goType: string, position: Position): DecodeError {
    const place = `${goStructName(position.owner)}.${pathOf(position)}`;
    return new DecodeError(`json: cannot unmarshal ${found} into Go struct field ${place} of type ${goType}`);
  }
}

/** Numbers and booleans that aren't pointers in Go, so that zero and false are not kept. */
const omittedWhenZero: ReadonlySet<string> = new Set(
  (
    'hostNetwork hostPID hostIPC stdin stdinOnce tty paused readOnly publishNotReadyAddresses unschedulable globalDefault ' +
    'minReadySeconds initialDelaySeconds timeoutSeconds periodSeconds successThreshold failureThreshold hostPort nodePort ' +
    'observedGeneration readyReplicas updatedReplicas availableReplicas unavailableReplicas fullyLabeledReplicas ' +
    'currentReplicas generation count active succeeded failed signal updatedNumberScheduled numberAvailable ' +
    'numberUnavailable'
  ).split(' '),
);

/** Strings that are pointers in Go, so that an empty one is kept. */
const keptWhenEmpty: ReadonlySet<string> = new Set(
  (
    'storageClassName ipFamilyPolicy runtimeClassName ingressClassName appProtocol volumeMode loadBalancerClass ' +
    'preemptionPolicy volumeAttributesClassName holderIdentity hostnameOverride apiGroup nodeName endPort'
  ).split(' '),
);

/** Would Go's encoder leave the field out (`omitempty`)? */
function isOmitted(value: unknown, owner: StructType, field: Field): boolean {
  if (field.required) return false;
  switch (field.type.kind) {
    case 'list':
      return (value as unknown[]).length === 0;
    case 'map':
      return Object.keys(value as object).length === 0;
    case 'string':
    case 'bytes':
      return value === '' && (!keptWhenEmpty.has(field.name) || owner.name === 'core/v1/PodSpec');
    case 'int32':
    case 'int64':
    case 'boolean':
      if (field.name === 'replicas') return value === 0 && owner.name.endsWith('Status');
      return (value === 0 || value === false) && omittedWhenZero.has(field.name);
    default:
      return false;
  }
}

function fits(value: number, kind: 'int32' | 'int64'): boolean {
  if (!Number.isInteger(value)) return false;
  return kind === 'int64' ? Math.abs(value) < 2 ** 63 : value >= -(2 ** 31) && value < 2 ** 31;
}

function numberText(value: number): string {
  return String(value).replace(/e\+?/, 'e+').replace('e+-', 'e-');
}

function readQuantity(input: unknown): string {
  if (typeof input !== 'string' && typeof input !== 'number') return canonical(JSON.stringify(input));
  return canonical(typeof input === 'string' ? input.trim() : input);
}

function canonical(text: string | number): string {
  try {
    return canonicalQuantity(text);
  } catch (error) {
    throw new DecodeError((error as Error).message);
  }
}

const timeFormat = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[-+]\d\d:\d\d)$/;

function readTime(input: unknown, kind: 'time' | 'microTime'): string {
  if (typeof input !== 'string') {
    throw new DecodeError(`json: cannot unmarshal ${jsonKind(input)} into Go value of type string`);
  }
  const ms = Date.parse(input);
  if (!timeFormat.test(input) || Number.isNaN(ms)) {
    const layout = kind === 'time' ? '2006-01-02T15:04:05Z07:00' : '2006-01-02T15:04:05.000000Z07:00';
    throw new DecodeError(
      `parsing time ${JSON.stringify(input)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(input)} as "2006"`,
    );
  }
  const text = new Date(ms).toISOString();
  if (kind === 'time') return `${text.slice(0, 19)}Z`;
  const micros = (/\.(\d+)/.exec(input)?.[1] ?? '').padEnd(6, '0').slice(0, 6);
  return `${text.slice(0, 19)}.${micros}Z`;
}

const base64Character = /[A-Za-z0-9+/]/;

/** Checks as Go's base64.StdEncoding does, which skips line ends; returns the canonical text. */
function readBase64(input: string): string {
  const text = input.replace(/[\r\n]/g, '');
  const bad = (at: number) => new DecodeError(`illegal base64 data at input byte ${at}`);
  for (let i = 0; i < text.length; i++) {
    if (base64Character.test(text[i]!)) continue;
    const padding = text.slice(i);
    const fine = (padding === '=' && i % 4 === 3) || (padding === '==' && i % 4 === 2);
    if (!fine) throw bad(padding[0] === '=' && i % 4 >= 2 && padding.length <= 2 ? text.length : i);
    return text;
  }
  if (text.length % 4 !== 0) throw bad(text.length - (text.length % 4));
  return text;
}

function zeroValue(type: FieldType): unknown {
  switch (type.kind) {
    case 'string':
    case 'bytes':
      return '';
    case 'int32':
    case 'int64':
    case 'double':
    case 'intOrString':
      return 0;
    case 'boolean':
      return false;
    case 'quantity':
      return '0';
    case 'struct':
    case 'map':
      return {};
    case 'list':
      return [];
    default:
      return null;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Go's word for what it found. */
function jsonKind(value: unknown): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : 'object';
}
