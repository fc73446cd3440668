import { concatBytes, toBytes } from '../../world/index.ts';
import type { Fields } from './openapi-schemas.ts';

/**
 * The OpenAPI v2 document in the protobuf form of github.com/google/gnostic, the only one that kubectl asks for. It reads
 * the definitions; paths are in the JSON form and in the v3 documents.
 */

export const openApiV2ProtobufTypes: readonly string[] = [
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
  'application/com.github.proto-openapi.spec.v2.v1.0+protobuf',
];

/** Field numbers of gnostic's OpenAPIv2.proto. */
const documentFields = { swagger: 1, info: 2, paths: 8, definitions: 9 };
const schemaFields = {
  $ref: 1,
  format: 2,
  description: 4,
  required: 19,
  enum: 20,
  additionalProperties: 21,
  type: 22,
  items: 23,
  properties: 25,
  vendorExtension: 31,
};

/** @param document as JSON */
export function encodeOpenApiV2(document: Fields): Uint8Array {
  const info = document['info'] as { title: string; version: string };
  return message(
    text(documentFields.swagger, document['swagger'] as string),
    bytes(documentFields.info, message(text(1, info.title), text(2, info.version))),
    bytes(documentFields.paths, new Uint8Array(0)),
    bytes(documentFields.definitions, namedSchemas(document['definitions'] as Record<string, Fields>)),
  );
}

function namedSchemas(schemas: Readonly<Record<string, Fields>>): Uint8Array {
  return message(
    ...Object.entries(schemas).map(([name, value]) => bytes(1, message(text(1, name), bytes(2, schema(value))))),
  );
}

function schema(value: Fields): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, member] of Object.entries(value)) {
    switch (name) {
      case '$ref':
      case 'format':
      case 'description':
        parts.push(text(schemaFields[name], member as string));
        break;
      case 'type':
        parts.push(bytes(schemaFields.type, text(1, member as string)));
        break;
      case 'required':
        for (const item of member as string[]) parts.push(text(schemaFields.required, item));
        break;
      case 'enum':
        for (const item of member as string[]) parts.push(bytes(schemaFields.enum, yaml(item)));
        break;
      case 'items':
      case 'additionalProperties':
        parts.push(bytes(schemaFields[name], bytes(1, schema(member as Fields))));
        break;
      case 'properties':
        parts.push(bytes(schemaFields.properties, namedSchemas(member as Record<string, Fields>)));
        break;
      default:
        if (name.startsWith('x-')) {
          parts.push(bytes(schemaFields.vendorExtension, message(text(1, name), bytes(2, yaml(member)))));
        }
    }
  }
  return message(...parts);
}

/** gnostic's Any: the value as YAML, of which JSON is a part. */
function yaml(value: unknown): Uint8Array {
  return text(2, `${JSON.stringify(value)}\n`);
}

function message(...parts: readonly Uint8Array[]): Uint8Array {
  return concatBytes(parts);
}

function text(field: number, value: string): Uint8Array {
  return bytes(field, toBytes(value));
}

function bytes(field: number, value: Uint8Array): Uint8Array {
  return concatBytes([varint(field * 8 + 2), varint(value.length), value]);
}

function varint(value: number): Uint8Array {
  const result: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) result.push((rest % 128) + 128);
  result.push(rest);
  return Uint8Array.from(result);
}
