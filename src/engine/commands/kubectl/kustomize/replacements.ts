import { loadYaml, resolveCore } from '../../../yaml/index.ts';
import { matchesSelector, parseSelector } from '../../../kubernetes/apimachinery/label-selector.ts';
import { goQuote, KustomizeError } from './error.ts';
import { effectiveNamespace, idText, selectsKind, type Id } from './id.ts';
import { deepCopy, isMap, isScalar, scalarText, type Json } from './json.ts';
import type { FieldOptions, Kustomization, Replacement, Selector } from './kustomization.ts';
import type { Loader } from './loader.ts';
import type { Resource } from './resource.ts';
import { goRegExp, type ResourceSet } from './resource-set.ts';

/** The replacements of a kustomization, those in files too. @throws KustomizeError */
export function readReplacements(kustomization: Kustomization, loader: Loader): Replacement[] {
  return (kustomization.replacements ?? []).flatMap((entry) => {
    if (!entry.path) return [entry];
    if (entry.source || entry.targets) throw new KustomizeError('cannot specify both path and inline replacement');
    const data = loadYaml(loader.loadText(entry.path)) as Replacement | Replacement[] | null;
    return Array.isArray(data) ? data : data ? [data] : [];
  });
}

/** Copies a field of one resource to fields of others. @throws KustomizeError */
export function applyReplacement(set: ResourceSet, { source, sourceValue, targets }: Replacement): void {
  if ((!source && sourceValue === undefined) || !targets)
    throw new KustomizeError('replacements must specify a source and at least one target');
  if (source && sourceValue !== undefined)
    throw new KustomizeError('value and resource selectors are mutually exclusive');
  const value = source ? sourceField(set, source) : sourceValue;
  for (const target of targets) {
    if (!target.select) throw new KustomizeError('target must specify resources to select');
    const { select, reject = [], options } = target;
    const fieldPaths = target.fieldPaths?.length ? target.fieldPaths : ['metadata.name'];
    for (const resource of set.all) {
      const ids = [...resource.previousIds, resource.id];
      if (!matchesTexts(resource, select)) continue;
      if (reject.some((r) => (r.labelSelector || r.annotationSelector) && matchesTexts(resource, r))) continue;
      if (reject.some((r) => !isEmptyId(r) && ids.some((id) => matchesPatterns(id, r)))) continue;
      if (!ids.some((id) => matchesPatterns(id, select))) continue;
      for (const path of fieldPaths) copyTo(resource, path, value, options);
    }
  }
}

function isEmptyId({ group, version, kind, name, namespace }: Selector): boolean {
  return !group && !version && !kind && !name && !namespace;
}

function sourceField(set: ResourceSet, source: NonNullable<Replacement['source']>): unknown {
  const { fieldPath = 'metadata.name', options } = source;
  const id = sourceId(source);
  const matches = set.all.filter((r) =>
    [...r.previousIds, r.id].some(
      (own) =>
        (!id.name || id.name === own.name) &&
        (!id.namespace || effectiveNamespace(id) === effectiveNamespace(own)) &&
        selectsKind(id, own),
    ),
  );
  const path = source.fieldPath ? `:${source.fieldPath}` : '';
  if (matches.length > 1)
    throw new KustomizeError(`multiple matches for selector ${idText(id)}${path}${optionsText(options)}`);
  const [match] = matches;
  if (!match) throw new KustomizeError(`nothing selected by ${idText(id)}${path}${optionsText(options)}`);
  const [found] = findFields(match.object, splitFieldPath(fieldPath), undefined);
  const value = found?.get();
  const empty = value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);
  if (empty) throw new KustomizeError(`fieldPath \`${fieldPath}\` is missing for replacement source ${idText(id)}`);
  if (!options?.delimiter) return value;
  if (!isScalar(value)) throw new KustomizeError('delimiter option can only be used with scalar nodes');
  const { index = 0 } = options;
  const part = scalarText(value).split(options.delimiter)[index];
  if (index < 0 || part === undefined)
    throw new KustomizeError(`options.index ${index} is out of bounds for value ${scalarText(value)}`);
  return typeof value === 'string' ? part : resolveCore(part).value;
}

function sourceId({ group = '', version = '', kind = '', name = '', namespace = '' }: Selector): Id {
  return { group, version, kind, name, namespace };
}

function optionsText(options: FieldOptions | undefined): string {
  if (!options || (!options.delimiter && !options.create)) return '';
  return `:${options.delimiter ?? ''}(${options.index ?? 0}), create=${options.create ?? false}`;
}

function matchesTexts(resource: Resource, { labelSelector, annotationSelector }: Selector): boolean {
  const matches = (text: string | undefined, values: Record<string, string>) =>
    !text || matchesSelector(parseSelector(text), values);
  return matches(annotationSelector, resource.annotations) && matches(labelSelector, resource.labels);
}

function matchesPatterns(id: Id, selector: Selector): boolean {
  const matches = (pattern: string | undefined, value: string) => !pattern || goRegExp(`^(?:${pattern})$`).test(value);
  return (
    matches(selector.group, id.group) &&
    matches(selector.version, id.version) &&
    matches(selector.kind, id.kind) &&
    matches(selector.name, id.name) &&
    matches(selector.namespace, effectiveNamespace(id))
  );
}

function copyTo(resource: Resource, path: string, value: unknown, options: FieldOptions | undefined): void {
  const create = options?.create === true;
  const failure = create
    ? `unable to find or create field ${goQuote(path)} in replacement target`
    : `unable to find field ${goQuote(path)} in replacement target`;
  const shape = Array.isArray(value) ? 'list' : isMap(value) ? 'map' : 'scalar';
  let fields: Field[];
  try {
    fields = findFields(resource.object, splitFieldPath(path), create ? shape : undefined);
  } catch (error) {
    if (error instanceof KustomizeError) throw new KustomizeError(`${failure}: ${error.message}`);
    throw error;
  }
  if (fields.length === 0) throw new KustomizeError(failure);
  for (const field of fields) setField(field, value, options);
}

function setField(field: Field, value: unknown, options: FieldOptions | undefined): void {
  const old = field.get();
  let text = scalarText(value);
  if (options?.delimiter) {
    if (!isScalar(old)) throw new KustomizeError('delimiter option can only be used with scalar nodes');
    const parts = scalarText(old).split(options.delimiter);
    const { index = 0 } = options;
    if (index < 0) parts.unshift(text);
    else if (index >= parts.length) parts.push(text);
    else parts[index] = text;
    text = parts.join(options.delimiter);
  }
  if (!isScalar(old)) field.set(deepCopy(value));
  else if (!isScalar(value)) field.set(field.made ? deepCopy(value) : '');
  // The field keeps its type; a new one takes what its text looks like.
  else field.set(typeof old === 'string' && !field.made ? text : resolveCore(text).value);
}

/** A place that a path leads to. */
interface Field {
  get(): unknown;
  set(value: unknown): void;
  /** It was not there before. */
  readonly made: boolean;
}

/** `spec.template.spec.containers.[name=web].image`; a dot in brackets is no separator. */
export function splitFieldPath(path: string): string[] {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  for (let i = 0; i < path.length; i++) {
    const c = path[i]!;
    if (c === '\\' && path[i + 1] === '.') {
      part += '.';
      i++;
      continue;
    }
    if (c === '[') depth++;
    if (c === ']') depth--;
    if (c === '.' && depth === 0) {
      parts.push(part);
      part = '';
    } else part += c;
  }
  parts.push(part);
  // Brackets around a plain name only protect it.
  return parts.filter((p) => p !== '').map((p) => (/^\[[^=]*\]$/.test(p) ? p.slice(1, -1) : p));
}

type Shape = 'scalar' | 'map' | 'list';

/** All places that a path leads to. With `create`, missing ones are made. @throws KustomizeError */
function findFields(root: Json, path: readonly string[], create: Shape | undefined): Field[] {
  let fields: Field[] = [{ get: () => root, set: () => undefined, made: false }];
  path.forEach((part, i) => {
    const next = path[i + 1];
    const shape: Shape | undefined = create && (next === undefined ? create : isListPart(next) ? 'list' : 'map');
    fields = fields.flatMap((field) => step(field, part, shape));
  });
  return fields;
}

function isListPart(part: string): boolean {
  return /^\[.*=.*\]$/.test(part) || part === '-' || part === '*' || /^\d+$/.test(part);
}

function empty(shape: Shape): unknown {
  return shape === 'list' ? [] : shape === 'map' ? {} : '';
}

function step(field: Field, part: string, create: Shape | undefined): Field[] {
  const value = field.get();
  if (Array.isArray(value)) return inList(value, part, create);
  if (!isMap(value)) return [];
  if (part === '*') return Object.keys(value).map((key) => place(value, key, false));
  if (!Object.hasOwn(value, part) || value[part] === null) {
    if (!create) return [];
    value[part] = empty(create);
    return [place(value, part, true)];
  }
  return [place(value, part, false)];
}

function inList(list: unknown[], part: string, create: Shape | undefined): Field[] {
  if (part === '*') return list.map((_, i) => place(list, i, false));
  if (part === '-') {
    if (create) list.push(empty(create));
    return list.length > 0 ? [place(list, list.length - 1, create !== undefined)] : [];
  }
  if (/^\d+$/.test(part)) {
    const i = Number(part);
    if (i < list.length) return [place(list, i, false)];
    if (!create) {
      throw new KustomizeError(`index ${i} specified but only ${list.length} elements found`);
    }
    if (i > list.length) throw new KustomizeError(`index ${i} specified but only ${list.length} elements found`);
    list.push(empty(create));
    return [place(list, i, true)];
  }
  const condition = /^\[([^=]*)=(.*)\]$/s.exec(part);
  if (!condition)
    throw new KustomizeError(
      `wrong node kind: expected MappingNode but got SequenceNode: node contents:\n${JSON.stringify(list)}\n`,
    );
  const [, key = '', wanted = ''] = condition;
  const pattern = goRegExp(wanted);
  const matches = (item: unknown) =>
    key === '' ? pattern.test(scalarText(item)) : isMap(item) && key in item && pattern.test(scalarText(item[key]));
  const found = list.flatMap((item, i) => (matches(item) ? [place(list, i, false)] : []));
  if (found.length > 0 || !create) return found;
  list.push(key === '' ? wanted : { [key]: wanted });
  return [place(list, list.length - 1, false)];
}

function place(container: Json | unknown[], key: string | number, made: boolean): Field {
  const holder = container as Record<string | number, unknown>;
  return { get: () => holder[key], set: (value) => (holder[key] = value), made };
}
