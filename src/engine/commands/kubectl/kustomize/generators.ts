import { encodeBase64 } from '../client/base64.ts';
import { contentHash } from '../verbs/create/hash.ts';
import { goQuote, KustomizeError, withPrefix } from './error.ts';
import { isMap, scalarText, type Json } from './json.ts';
import type { GeneratorArgs, GeneratorOptions } from './kustomization.ts';
import type { Loader } from './loader.ts';
import { Resource, type Behavior } from './resource.ts';

type Pair = [key: string, value: Uint8Array];

/** Makes a ConfigMap or Secret from literals and files. @throws KustomizeError */
export function generate(
  kind: 'ConfigMap' | 'Secret',
  args: GeneratorArgs,
  global: GeneratorOptions | undefined,
  loader: Loader,
): Resource {
  const { name = '', namespace } = args;
  if (name === '') throw new KustomizeError('a configmap must have a name');
  const object: Json = { apiVersion: 'v1', kind, metadata: { name, ...(namespace ? { namespace } : {}) } };
  if (kind === 'Secret') object['type'] = args.type || 'Opaque';
  const seen = new Set<string>();
  for (const [key, value] of loadPairs(args, loader)) {
    if (seen.has(key)) throw new KustomizeError(`configmap ${name} illegally repeats the key \`${key}\``);
    seen.add(key);
    const [field, text] = dataOf(kind, value);
    object[field] = { ...(object[field] as Json | undefined), [key]: text };
  }
  const options = mergeOptions(args.options, global);
  const resource = new Resource(object);
  if (options.labels) resource.labels = options.labels;
  if (options.annotations) resource.annotations = options.annotations;
  if (options.immutable) object['immutable'] = true;
  if (!options.disableNameSuffixHash) resource.enable(needsHash);
  resource.behavior = behaviorOf(args.behavior);
  return resource;
}

const needsHash = 'internal.config.kubernetes.io/needsHashSuffix';

function behaviorOf(text: string | undefined): Behavior {
  return text === 'create' || text === 'merge' || text === 'replace' ? text : 'unspecified';
}

/** What a generator says itself goes before the options for all; flags can only be switched on. */
function mergeOptions(local: GeneratorOptions | undefined, global: GeneratorOptions | undefined): GeneratorOptions {
  const labels = { ...global?.labels, ...local?.labels };
  const annotations = { ...global?.annotations, ...local?.annotations };
  return {
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
    disableNameSuffixHash: Boolean(local?.disableNameSuffixHash || global?.disableNameSuffixHash),
    immutable: Boolean(local?.immutable || global?.immutable),
  };
}

function dataOf(kind: 'ConfigMap' | 'Secret', value: Uint8Array): [field: string, text: string] {
  if (kind === 'Secret') return ['data', foldedBase64(value)];
  try {
    return ['data', new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value)];
  } catch {
    return ['binaryData', foldedBase64(value)];
  }
}

/** Base64 in lines of 70 if it is longer than that. */
function foldedBase64(value: Uint8Array): string {
  const text = encodeBase64(value);
  if (text.length < 70) return text;
  return `${text.match(/.{1,70}/g)!.join('\n')}\n`;
}

function loadPairs(args: GeneratorArgs, loader: Loader): Pair[] {
  const list = (items: readonly string[] = []) => `[${items.join(' ')}]`;
  const from = (what: string, items: readonly string[] | undefined, read: (item: string) => Pair[]) =>
    withPrefix(`${what} ${list(items)}`, () => (items ?? []).flatMap(read));
  return withPrefix('loading KV pairs', () => [
    ...from('env source files:', args.envs, (path) => envPairs(loader.loadText(path))),
    ...from('literal sources', args.literals, (literal) => [literalPair(literal)]),
    ...from('file sources:', args.files, (source) => {
      const { key, path } = fileSource(source);
      return [[key, loader.load(path)]];
    }),
  ]);
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function literalPair(source: string): Pair {
  const at = source.indexOf('=');
  if (at <= 0) throw new KustomizeError(`invalid literal source ${source}, expected key=value`);
  const value = source.slice(at + 1);
  const quote = value[0];
  const quoted = value.length > 1 && (quote === '"' || quote === "'") && value.endsWith(quote);
  return [source.slice(0, at), bytes(quoted ? value.slice(1, -1) : value)];
}

/** Lines `KEY=VALUE`; a key alone has an empty value here. */
function envPairs(text: string): Pair[] {
  return text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line) => line.replace(/\r$/, '').trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [line, bytes('')] : [line.slice(0, at), bytes(line.slice(at + 1))];
    });
}

function fileSource(source: string): { key: string; path: string } {
  const at = source.indexOf('=');
  if (at < 0) return { key: source.replace(/\/+$/, '').split('/').at(-1)!, path: source };
  const [key, path] = [source.slice(0, at), source.slice(at + 1)];
  if (key === '')
    throw new KustomizeError(`missing key name for file path ${goQuote(path)} in source ${goQuote(source)}`);
  if (path.includes('=')) throw new KustomizeError(`source ${goQuote(source)} key name or file path contains '='`);
  if (path === '')
    throw new KustomizeError(`missing file path for key name ${goQuote(key)} in source ${goQuote(source)}`);
  return { key, path };
}

/** The suffix that tells contents apart. Names have a place in what is hashed, but upstream looks for them in vain. */
export function hashSuffix(resource: Resource): string {
  const { object, kind } = resource;
  const name = '';
  const value = (field: string) => {
    const data = object[field];
    return isMap(data) ? data : scalarText(data);
  };
  if (kind === 'ConfigMap') {
    const binaryData = value('binaryData');
    return contentHash({ kind, name, data: value('data'), ...(isMap(binaryData) ? { binaryData } : {}) });
  }
  const stringData = value('stringData');
  return contentHash({
    kind,
    name,
    type: value('type'),
    data: value('data'),
    ...(isMap(stringData) ? { stringData } : {}),
  });
}
