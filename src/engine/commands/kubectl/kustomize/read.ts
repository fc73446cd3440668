import { loadYamlCore, YamlError } from '../../../yaml/index.ts';
import { KustomizeError, MalformedYaml } from './error.ts';
import { isMap, scalarText, stringMap, type Json } from './json.ts';
import { Resource } from './resource.ts';

/** The resources of a text: documents, and the items of Lists. @throws KustomizeError, MalformedYaml */
export function readResources(text: string): Resource[] {
  const queue = splitDocuments(text.replaceAll('\r\n', '\n')).flatMap(readDocument);
  const resources: Resource[] = [];
  for (let next = queue.shift(); next; next = queue.shift()) {
    checkMetadata(next.object);
    if (!next.kind.endsWith('List')) {
      resources.push(next);
      continue;
    }
    const { items } = next.object;
    if (items === undefined || items === null) continue;
    if (!Array.isArray(items))
      throw new KustomizeError(`expected array in ${next.kind}/items, but found ${goType(items)}`);
    queue.push(
      ...items.filter((item) => isMap(item) && Object.keys(item).length > 0).map((item) => new Resource(item as Json)),
    );
  }
  return resources;
}

/** @throws KustomizeError for a separator with something behind it */
function splitDocuments(text: string): string[] {
  const documents: string[] = [];
  let rest = 0;
  for (const { 0: separator, index } of text.matchAll(/\n---.*\n/g)) {
    const behind = separator.slice(4).trim();
    if (behind !== '' && !behind.startsWith('#'))
      throw new KustomizeError(`invalid document separator: ${separator.trim()}`);
    documents.push(`${text.slice(rest, index)}\n`);
    rest = index + separator.length;
  }
  return [...documents, text.slice(rest)];
}

function readDocument(text: string): Resource[] {
  let fault: string | undefined;
  let value: unknown;
  try {
    value = loadYamlCore(text, (key, line, first) => {
      fault = `${fault ?? 'yaml: unmarshal errors:'}\n  line ${line}: mapping key ${JSON.stringify(key)} already defined at line ${first}`;
    });
  } catch (error) {
    if (error instanceof YamlError) throw new MalformedYaml(error.message);
    throw error;
  }
  if (value === null || value === undefined) return [];
  if (!isMap(value)) {
    if (Array.isArray(value) && value.length === 0) return [];
    throw new KustomizeError('missing Resource metadata');
  }
  return Object.keys(value).length === 0 ? [] : [new Resource(value, fault)];
}

/** What every resource must say. */
function checkMetadata(object: Json): void {
  const { apiVersion, kind, metadata } = object;
  if (apiVersion === undefined && kind === undefined && metadata === undefined)
    throw new KustomizeError('missing Resource metadata');
  if (!scalarText(kind)) throw new KustomizeError(`missing kind in object ${shownMeta(object)}`);
  // A list has no name of its own.
  if (scalarText(kind).endsWith('List')) return;
  if (!scalarText(isMap(metadata) ? metadata['name'] : undefined))
    throw new KustomizeError(`missing metadata.name in object ${shownMeta(object)}`);
}

/** The metadata as Go prints its struct. */
function shownMeta({ apiVersion, kind, metadata }: Json): string {
  const meta = isMap(metadata) ? metadata : {};
  const map = (value: unknown) =>
    `map[${Object.entries(stringMap(value))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => `${k}:${v}`)
      .join(' ')}]`;
  const names = `{${scalarText(meta['name'])} ${scalarText(meta['namespace'])}}`;
  return `{{${scalarText(apiVersion)} ${scalarText(kind)}} {${names} ${map(meta['labels'])} ${map(meta['annotations'])}}}`;
}

function goType(value: unknown): string {
  if (isMap(value)) return 'map[string]interface {}';
  return typeof value === 'number' ? 'int' : typeof value === 'boolean' ? 'bool' : typeof value;
}
