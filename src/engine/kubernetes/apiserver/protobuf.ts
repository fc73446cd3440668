import { rfc3339, rfc3339Micro, setOwn } from '../../world/index.ts';
import type { FieldType, StructType } from '../schema/index.ts';
import { isRecord } from './objects.ts';

/**
 * Reads the protobuf form of API objects, which Go clients send for built-in kinds (responses are always JSON, which
 * they accept as well). The result is what the same object would be in JSON.
 */

export const protobufType = 'application/vnd.kubernetes.protobuf';

/** Field numbers of each message; the fields of an embedded struct are a table of their own. */
export type ProtobufFields = Readonly<Record<string, NumberTable>>;
export interface NumberTable {
  readonly [number: string]: string | NumberTable;
}

/** Bytes that are no such message. */
export class ProtobufError extends Error {
  override name = 'ProtobufError';
}

export interface TypeMeta {
  apiVersion: string;
  kind: string;
}

const magic = [0x6b, 0x38, 0x73, 0];

/** The envelope (runtime.Unknown): what kind it holds, and its bytes. @throws ProtobufError */
export function openEnvelope(bytes: Uint8Array): TypeMeta & { raw: Uint8Array } {
  if (magic.some((byte, i) => bytes[i] !== byte))
    throw new ProtobufError('provided data does not appear to be a protobuf message');
  const envelope = new Map<number, Uint8Array>();
  for (const { number, value } of fieldsOf(bytes.subarray(4)))
    if (value instanceof Uint8Array) envelope.set(number, value);
  const meta = new Map<number, string>();
  for (const { number, value } of fieldsOf(envelope.get(1) ?? new Uint8Array(0))) {
    if (value instanceof Uint8Array) meta.set(number, text(value));
  }
  return { apiVersion: meta.get(1) ?? '', kind: meta.get(2) ?? '', raw: envelope.get(2) ?? new Uint8Array(0) };
}

/** @throws ProtobufError */
export function decodeMessage(bytes: Uint8Array, type: StructType, numbers: ProtobufFields): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  readStruct(bytes, type, numbers[type.name] ?? {}, numbers, result);
  return result;
}

/**
 * Fields that are pointers in Go: there a zero was written on purpose. Everything else is always sent, and a zero then
 * means that the field is absent.
 */
export const pointerFields: ReadonlySet<string> = new Set(
  (
    'replicas minReplicas parallelism completions backoffLimit activeDeadlineSeconds ttlSecondsAfterFinished ' +
    'terminationGracePeriodSeconds revisionHistoryLimit progressDeadlineSeconds automountServiceAccountToken suspend ' +
    'successfulJobsHistoryLimit failedJobsHistoryLimit startingDeadlineSeconds immutable allowPrivilegeEscalation ' +
    'privileged readOnlyRootFilesystem runAsNonRoot runAsUser runAsGroup fsGroup enableServiceLinks hostUsers optional ' +
    'storageClassName gracePeriodSeconds orphanDependents partition expirationSeconds tolerationSeconds defaultMode mode ' +
    'controller blockOwnerDeletion shareProcessNamespace setHostnameAsFQDN priority allocateLoadBalancerNodePorts ' +
    'manualSelector backoffLimitPerIndex maxFailedIndexes minDomains ready serving terminating maxUnavailable minAvailable ' +
    'loadBalancerClass sinceSeconds tailLines limitBytes attachRequired podInfoOnMount allowVolumeExpansion'
  ).split(' '),
);

function readStruct(
  bytes: Uint8Array,
  type: StructType,
  table: NumberTable,
  numbers: ProtobufFields,
  result: Record<string, unknown>,
): void {
  for (const { number, value } of fieldsOf(bytes)) {
    const name = table[number];
    if (name === undefined) continue;
    if (typeof name !== 'string') {
      if (value instanceof Uint8Array) readStruct(value, type, name, numbers, result);
      continue;
    }
    const field = type.fields.get(name)!;
    switch (field.type.kind) {
      case 'list': {
        const list = (result[name] ??= []) as unknown[];
        list.push(...readItems(value, field.type.items, numbers));
        break;
      }
      case 'map': {
        if (!(value instanceof Uint8Array)) throw new ProtobufError(`proto: wrong wireType for field ${name}`);
        const map = (result[name] ??= {}) as Record<string, unknown>;
        const [key, item] = readMapEntry(value, field.type.items, numbers);
        setOwn(map, key, item);
        break;
      }
      default: {
        const read = readValue(value, field.type, numbers);
        if (read === undefined) break;
        const zero = read === '' || read === 0 || read === false;
        if (!zero || pointerFields.has(name)) result[name] = read;
      }
    }
  }
}

type Wire = number | bigint | Uint8Array;

function readItems(value: Wire, items: FieldType, numbers: ProtobufFields): unknown[] {
  const packed =
    value instanceof Uint8Array && (items.kind === 'int32' || items.kind === 'int64' || items.kind === 'boolean');
  if (!packed) return [readValue(value, items, numbers)];
  const reader = new Reader(value);
  const list: unknown[] = [];
  while (!reader.done) list.push(readValue(reader.varint(), items, numbers));
  return list;
}

function readMapEntry(bytes: Uint8Array, items: FieldType, numbers: ProtobufFields): [string, unknown] {
  let key = '';
  let item: unknown = items.kind === 'string' || items.kind === 'bytes' ? '' : undefined;
  for (const { number, value } of fieldsOf(bytes)) {
    if (number === 1 && value instanceof Uint8Array) key = text(value);
    else if (number === 2)
      item = items.kind === 'list' ? readWrappedList(value, items.items, numbers) : readValue(value, items, numbers);
  }
  return [key, item];
}

/** Maps of lists hold messages whose first field repeats. */
function readWrappedList(value: Wire, items: FieldType, numbers: ProtobufFields): unknown[] {
  if (!(value instanceof Uint8Array)) throw new ProtobufError('proto: wrong wireType for field items');
  return [...fieldsOf(value)].map((field) => readValue(field.value, items, numbers));
}

function readValue(value: Wire, type: FieldType, numbers: ProtobufFields): unknown {
  switch (type.kind) {
    case 'int32':
    case 'int64':
      return integer(value);
    case 'boolean':
      return integer(value) !== 0;
    case 'double':
      return typeof value === 'bigint' ? double(value) : integer(value);
    case 'list':
    case 'map':
      throw new ProtobufError('proto: nested list');
  }
  if (!(value instanceof Uint8Array))
    throw new ProtobufError(`proto: wrong wireType = 0 for field of type ${type.kind}`);
  switch (type.kind) {
    case 'string':
      return text(value);
    case 'bytes':
      return base64(value);
    case 'struct': {
      const result: Record<string, unknown> = {};
      readStruct(value, type.struct, numbers[type.struct.name] ?? {}, numbers, result);
      return result;
    }
    case 'quantity': {
      const [first] = fieldsOf(value);
      return first?.value instanceof Uint8Array ? text(first.value) : '0';
    }
    case 'intOrString': {
      const parts = new Map([...fieldsOf(value)].map((field) => [field.number, field.value]));
      const string = parts.get(3);
      return parts.get(1) === 1 ? (string instanceof Uint8Array ? text(string) : '') : integer(parts.get(2) ?? 0);
    }
    case 'time':
    case 'microTime': {
      const parts = new Map([...fieldsOf(value)].map((field) => [field.number, integer(field.value)]));
      if (!parts.get(1)) return undefined;
      const ms = parts.get(1)! * 1000 + (parts.get(2) ?? 0) / 1e6;
      return type.kind === 'time' ? rfc3339(ms) : rfc3339Micro(ms);
    }
    case 'object':
    case 'any': {
      const [first] = fieldsOf(value);
      if (!(first?.value instanceof Uint8Array)) return undefined;
      try {
        const parsed = JSON.parse(text(first.value)) as unknown;
        return type.kind === 'any' || isRecord(parsed) ? parsed : undefined;
      } catch {
        throw new ProtobufError('raw extension is not JSON');
      }
    }
  }
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Exact to 2⁵³; negative numbers come as 64-bit two's complement. */
  varint(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new ProtobufError('unexpected EOF');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return Number(BigInt.asIntN(64, value));
    }
    throw new ProtobufError('proto: integer overflow');
  }

  take(length: number): Uint8Array {
    if (length < 0 || this.#at + length > this.#bytes.length) throw new ProtobufError('unexpected EOF');
    const part = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return part;
  }
}

function* fieldsOf(bytes: Uint8Array): Generator<{ number: number; value: Wire }> {
  const reader = new Reader(bytes);
  while (!reader.done) {
    const key = reader.varint();
    const number = Math.floor(key / 8);
    switch (key & 7) {
      case 0:
        yield { number, value: reader.varint() };
        break;
      case 1:
        yield { number, value: new DataView(reader.take(8).slice().buffer).getBigUint64(0, true) };
        break;
      case 2:
        yield { number, value: reader.take(reader.varint()) };
        break;
      case 5:
        yield { number, value: new DataView(reader.take(4).slice().buffer).getUint32(0, true) };
        break;
      default:
        throw new ProtobufError(`proto: illegal wireType ${key & 7}`);
    }
  }
}

function integer(value: Wire): number {
  if (value instanceof Uint8Array) throw new ProtobufError('proto: wrong wireType = 2 for an integer');
  return Number(value);
}

function double(bits: bigint): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(bytes: Uint8Array): string {
  let result = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const n = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    result += alphabet[n >> 18]! + alphabet[(n >> 12) & 63]!;
    result += i + 1 < bytes.length ? alphabet[(n >> 6) & 63]! : '=';
    result += i + 2 < bytes.length ? alphabet[n & 63]! : '=';
  }
  return result;
}
