import type { FieldType, StructType } from '../schema/index.ts';
import { decodeBase64Bytes } from './base64url.ts';
import { isRecord } from './objects.ts';
import { embeddedStructs } from './field-ownership.ts';
import { pointerFields, type NumberTable, type ProtobufFields, type TypeMeta } from './protobuf.ts';

/**
 * Writes API objects as Go's generated code does: fields by number, and what is no pointer even where it is empty. It is
 * the form in which etcd holds built-in kinds.
 */

type Fields = Readonly<Record<string, unknown>>;

const magic = [0x6b, 0x38, 0x73, 0];
const utf8 = new TextEncoder();

/** An object in its envelope (runtime.Unknown). */
export function sealEnvelope({ apiVersion, kind }: TypeMeta, raw: Uint8Array): Uint8Array {
  const meta = new Writer().text(1, apiVersion).text(2, kind).bytes();
  const envelope = new Writer().message(1, meta).message(2, raw).text(3, '').text(4, '');
  return Uint8Array.from([...magic, ...envelope.bytes()]);
}

/** @returns undefined for a type whose field numbers are not known */
export function encodeMessage(object: Fields, type: StructType, numbers: ProtobufFields): Uint8Array | undefined {
  const table = numbers[type.name];
  return table && encodeStruct(object, type, table, numbers);
}

function encodeStruct(object: Fields, type: StructType, table: NumberTable, numbers: ProtobufFields): Uint8Array {
  const writer = new Writer();
  for (const number of Object.keys(table).map(Number)) {
    const name = table[number]!;
    if (typeof name === 'string') writeField(writer, number, object[name], name, type, numbers);
    else if (hasAny(object, name)) writer.message(number, encodeStruct(object, type, name, numbers));
  }
  return writer.bytes();
}

/** An embedded struct is there even if it is empty, but most are sources of which one is set. */
function hasAny(object: Fields, table: NumberTable): boolean {
  return Object.values(table).some((name) =>
    typeof name === 'string' ? object[name] !== undefined : hasAny(object, name),
  );
}

function writeField(
  writer: Writer,
  number: number,
  value: unknown,
  name: string,
  struct: StructType,
  numbers: ProtobufFields,
): void {
  const type = struct.fields.get(name)?.type;
  if (!type) return;
  if (value === undefined || value === null) {
    writeAbsent(writer, number, name, type);
  } else if (type.kind === 'list') {
    if (Array.isArray(value)) for (const item of value) writeValue(writer, number, item, type.items, numbers);
  } else if (type.kind === 'map') {
    if (!isRecord(value)) return;
    for (const key of Object.keys(value).sort()) {
      const entry = new Writer().text(1, key);
      if (type.items.kind === 'list') {
        const items = new Writer();
        for (const item of value[key] as unknown[]) writeValue(items, 1, item, type.items.items, numbers);
        entry.message(2, items.bytes());
      } else writeValue(entry, 2, value[key], type.items, numbers);
      writer.message(number, entry.bytes());
    }
  } else {
    writeValue(writer, number, value, type, numbers);
  }
}

/** Zero values: Go writes everything that is no pointer, list or map. */
function writeAbsent(writer: Writer, number: number, name: string, type: FieldType): void {
  if (pointerFields.has(name)) return;
  switch (type.kind) {
    case 'string':
      writer.text(number, '');
      break;
    case 'int32':
    case 'int64':
    case 'boolean':
      writer.varint(number, 0);
      break;
    case 'time':
      // Nearly all others are pointers.
      if (name === 'creationTimestamp') writer.message(number, new Uint8Array(0));
      break;
    case 'struct':
      if (embeddedStructs.has(name)) writer.message(number, new Uint8Array(0));
      break;
    default:
  }
}

function writeValue(writer: Writer, number: number, value: unknown, type: FieldType, numbers: ProtobufFields): void {
  switch (type.kind) {
    case 'string':
      writer.text(number, String(value));
      break;
    case 'int32':
    case 'int64':
      writer.varint(number, Number(value));
      break;
    case 'boolean':
      writer.varint(number, value ? 1 : 0);
      break;
    case 'double':
      writer.double(number, Number(value));
      break;
    case 'bytes':
      writer.message(number, decodeBase64Bytes(String(value)));
      break;
    case 'struct':
      writer.message(
        number,
        encodeStruct(isRecord(value) ? value : {}, type.struct, numbers[type.struct.name] ?? {}, numbers),
      );
      break;
    case 'quantity':
      writer.message(number, new Writer().text(1, String(value)).bytes());
      break;
    case 'intOrString': {
      const isText = typeof value === 'string';
      const parts = new Writer().varint(1, isText ? 1 : 0).varint(2, isText ? 0 : Number(value));
      writer.message(number, parts.text(3, isText ? value : '').bytes());
      break;
    }
    case 'time':
    case 'microTime':
      writer.message(number, timestamp(String(value)));
      break;
    case 'object':
    case 'any':
      writer.message(number, new Writer().text(1, JSON.stringify(value)).bytes());
      break;
    case 'list':
    case 'map':
      // The API has no lists of lists and no maps of maps.
      break;
  }
}

function timestamp(text: string): Uint8Array {
  const seconds = Math.floor(Date.parse(text) / 1000);
  const fraction = /\.(\d+)/.exec(text)?.[1] ?? '';
  return new Writer()
    .varint(1, seconds)
    .varint(2, Number(fraction.padEnd(9, '0').slice(0, 9)))
    .bytes();
}

class Writer {
  #parts: Uint8Array[] = [];
  #length = 0;

  text(number: number, value: string): this {
    return this.message(number, utf8.encode(value));
  }

  message(number: number, value: Uint8Array): this {
    this.#raw(number * 8 + 2);
    this.#raw(value.length);
    return this.#push(value);
  }

  varint(number: number, value: number): this {
    this.#raw(number * 8);
    return this.#raw(value);
  }

  double(number: number, value: number): this {
    this.#raw(number * 8 + 1);
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, value, true);
    return this.#push(new Uint8Array(view.buffer));
  }

  bytes(): Uint8Array {
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  /** Negative numbers are written as 64 bits. */
  #raw(value: number): this {
    const bytes: number[] = [];
    let rest = BigInt.asUintN(64, BigInt(Math.trunc(value)));
    while (rest > 127n) {
      bytes.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    bytes.push(Number(rest));
    return this.#push(Uint8Array.from(bytes));
  }

  #push(bytes: Uint8Array): this {
    this.#parts.push(bytes);
    this.#length += bytes.length;
    return this;
  }
}
