import { decode, DecodeError, isObject, type Decoded } from './decode.ts';
import type { FieldType, StructType } from './structure.ts';

/**
 * Reads a patched object as its Go type, as runtime.DefaultUnstructuredConverter does for strategic merge patches: the
 * same result as `decode`, other words for a value of the wrong type. Throws DecodeError.
 */
export function convert(input: unknown, type: StructType): Decoded {
  if (isObject(input)) checkStruct(input, type);
  return decode(input, type);
}

function checkStruct(input: Record<string, unknown>, type: StructType): void {
  for (const [name, field] of type.fields) {
    if (Object.hasOwn(input, name)) check(input[name], field.type);
  }
}

const goKinds: Readonly<Record<string, string>> = { boolean: 'bool', double: 'float64' };

function check(input: unknown, type: FieldType): void {
  if (input === null || input === undefined) return;
  switch (type.kind) {
    case 'struct':
      if (!isObject(input)) throw new DecodeError(`cannot restore struct from: ${reflectKind(input)}`);
      return checkStruct(input, type.struct);
    case 'list':
      if (!Array.isArray(input)) throw new DecodeError(`cannot restore slice from ${reflectKind(input)}`);
      return input.forEach((item) => check(item, type.items));
    case 'map':
      if (!isObject(input)) throw new DecodeError(`cannot restore map from ${reflectKind(input)}`);
      return Object.values(input).forEach((item) => check(item, type.items));
    case 'string':
      if (typeof input === 'string') return;
      if (typeof input === 'number') throw new DecodeError(`cannot convert ${reflectKind(input)} to string`);
      throw new DecodeError('unrecognized type: string');
    case 'int32':
    case 'int64':
    case 'double':
    case 'boolean':
      if (typeof input === (type.kind === 'boolean' ? 'boolean' : 'number')) return;
      throw new DecodeError(`unrecognized type: ${goKinds[type.kind] ?? type.kind}`);
  }
}

/** The kind of an unstructured value. */
function reflectKind(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (Array.isArray(value)) return 'slice';
  return { string: 'string', boolean: 'bool' }[typeof value as string] ?? 'map';
}
