/**
 * Writes src/engine/kubernetes/schema/generated/ from the kubernetes-models and @kubernetes/client-node packages:
 *
 *   structure.json      every type, its fields and their types, in the short notation that schema/structure.ts reads
 *   descriptions.json   what `explain` and hover texts say about them (loaded lazily)
 *   resources.json      the served resources in discovery order, with verbs and subresources
 *
 * The output depends on nothing but the two packages and the tables in ./schema/; a test compares it with what is
 * checked in. Run with `npm run generate`.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { atomicTypes, byField, byTypeAndField } from './schema/merge-keys.mjs';
import { addedIn136, removedIn136 } from './schema/removed-in-1.35.mjs';
import { categories, groups, notServed, shortNames, subresourceKinds } from './schema/resource-facts.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const models = path.join(root, 'node_modules/kubernetes-models');
const metaModels = path.join(root, 'node_modules/@kubernetes-models/apimachinery');
const client = path.join(root, 'node_modules/@kubernetes/client-node/dist/gen');

/** `io.k8s.api.apps.v1.Deployment` in the packages' spelling to our `apps/v1/Deployment`. */
function typeName(modelName) {
  const rules = [
    [
      /^IoK8sApiextensionsApiserverPkgApisApiextensions(V\w+?)([A-Z].*)$/,
      (m) => `apiextensions/${m[1].toLowerCase()}/${m[2]}`,
    ],
    [
      /^IoK8sKubeAggregatorPkgApisApiregistration(V\w+?)([A-Z].*)$/,
      (m) => `apiregistration/${m[1].toLowerCase()}/${m[2]}`,
    ],
    [/^IoK8sApimachineryPkgApisMeta(V1)([A-Z].*)$/, (m) => `meta/v1/${m[2]}`],
    [/^IoK8sApimachineryPkgRuntime(.*)$/, (m) => `runtime/${m[1]}`],
    [/^IoK8sApimachineryPkgUtilIntstr(.*)$/, (m) => `intstr/${m[1]}`],
    [/^IoK8sApimachineryPkgApiResource(.*)$/, (m) => `resource/${m[1]}`],
    [/^IoK8sApimachineryPkgVersion(.*)$/, (m) => `version/${m[1]}`],
    [
      /^IoK8sApi([A-Z][a-z]+)(V\d+(?:(?:alpha|beta)\d+)?)([A-Z].*)$/,
      (m) => `${m[1].toLowerCase()}/${m[2].toLowerCase()}/${m[3]}`,
    ],
  ];
  for (const [pattern, name] of rules) {
    const match = pattern.exec(modelName);
    if (match) return name(match);
  }
  throw new Error(`no rule for the type name ${modelName}`);
}

const scalarTypes = {
  'intstr/IntOrString': 'x',
  'resource/Quantity': 'q',
  'meta/v1/Time': 't',
  'meta/v1/MicroTime': 'T',
  'meta/v1/FieldsV1': 'f',
  'meta/v1/Patch': 'j',
  'runtime/RawExtension': 'o',
  'apiextensions/v1/JSON': 'j',
  'apiextensions/v1/JSONSchemaPropsOrArray': 'j',
  'apiextensions/v1/JSONSchemaPropsOrBool': 'j',
  'apiextensions/v1/JSONSchemaPropsOrStringArray': 'j',
};

function* declarationFiles(directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === '_schemas' || entry.name === 'node_modules') continue;
    const file = path.join(directory, entry.name);
    if (entry.isDirectory()) yield* declarationFiles(file);
    else if (entry.name.endsWith('.d.ts') && entry.name !== 'index.d.ts') yield file;
  }
}

function docText(comment) {
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, '').trimEnd())
    .join('\n')
    .trim()
    .replaceAll('*\\/', '*/');
}

/** Reads `export interface IName { … }` of one declaration file. */
function readModel(file) {
  const text = readFileSync(file, 'utf8');
  const alias = /export type \{ I(\w+) as I(\w+),/.exec(text);
  if (!alias) return undefined;
  const [, local, full] = alias;
  const head = new RegExp(
    `(?:/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*)?export interface I${local}\\b[^{]*\\{\\n([^]*?)\\n\\}`,
  ).exec(text);
  if (!head) return { full, local, description: '', fields: [] };
  const fields = [];
  const field = /(?:\/\*\*((?:(?!\*\/)[^])*)\*\/\s*)?^ {4}"([^"]+)"(\??): ((?:[^;{]|\{[^}]*\})+);$/gm;
  for (const [, comment, name, optional, type] of head[2].matchAll(field)) {
    fields.push({
      name,
      description: comment ? docText(comment) : '',
      required: !optional,
      type: type.replace(/\s+/g, ' '),
    });
  }
  return { full, local, description: head[1] ? docText(head[1]) : '', fields };
}

/** Formats that only the client package knows: type name → field → format. */
function readFormats() {
  const formats = new Map();
  for (const file of readdirSync(path.join(client, 'models')).sort()) {
    if (!file.endsWith('.js')) continue;
    const text = readFileSync(path.join(client, 'models', file), 'utf8');
    const attribute = /"baseName": "([^"]+)",\s+"type": "([^"]+)",\s+"format": "([^"]*)"/g;
    formats.set(
      file.slice(0, -3),
      new Map([...text.matchAll(attribute)].map((m) => [m[1], { type: m[2], format: m[3] }])),
    );
  }
  return formats;
}

const formats = readFormats();

/** The client's class for one of our types: `apps/v1/DeploymentSpec` is V1DeploymentSpec, ambiguous names carry the group. */
function clientModel(name) {
  const [group, version, kind] = name.split('/');
  const v = version?.replace(/^v/, 'V');
  const capital = group[0].toUpperCase() + group.slice(1);
  return formats.get(`${capital}${v}${kind}`) ?? formats.get(`${v}${kind}`) ?? new Map();
}

const numberFormats = { int32: 'i', int64: 'l', double: 'n', float: 'n', '': 'i' };

/** Types that the package spells out in place, because they also are kinds. */
const inlined = { 'apps/v1/StatefulSetSpec.volumeClaimTemplates': '@core/v1/PersistentVolumeClaim' };

function notation(type, context) {
  const { owner, field, local } = context;
  const map = /^\{ \[key: string\]: (.+); \}$/.exec(type);
  if (map) return `{}${notation(map[1], context)}`;
  const list = /^Array<(.+)>$/.exec(type);
  if (list) return `[]${notation(list[1], context)}`;
  if (type.startsWith('{') && inlined[`${owner}.${field}`]) return inlined[`${owner}.${field}`];
  const known = clientModel(owner).get(field);
  if (type === 'number') return numberFormats[known?.format ?? ''] ?? 'i';
  if (type === 'boolean') return 'b';
  if (type === 'string') return known?.format === 'byte' ? 'y' : 's';
  if (type === 'any' || type === 'unknown' || /^\{ \[key: string\]: (any|unknown)/.test(type)) return 'j';
  if (/^"/.test(type)) {
    const values = type.split(' | ').map((v) => JSON.parse(v));
    return field === 'kind' || field === 'apiVersion' ? 's' : `s(${values.join('|').replaceAll(' ', '+')})`;
  }
  if (type === `I${local}`) return `@${owner}`;
  const reference = /^I(\w+)$/.exec(type);
  if (reference) {
    const name = typeName(reference[1]);
    return scalarTypes[name] ?? `@${name}`;
  }
  throw new Error(`${owner}.${field}: type ${type} is not understood`);
}

function mergeNotes(owner, field, type) {
  const own = byTypeAndField[`${owner}.${field}`];
  if (own !== undefined) return own;
  return type.startsWith('[]') ? (byField[field] ?? '') : '';
}

const types = new Map();
for (const directory of [metaModels, models]) {
  for (const file of declarationFiles(directory)) {
    const model = readModel(file);
    if (!model) continue;
    const owner = typeName(model.full);
    if (scalarTypes[owner]) continue;
    const fields = {};
    const descriptions = model.description ? { '': model.description } : {};
    for (const { name, description, required, type } of model.fields) {
      if (addedIn136.includes(`${owner}.${name}`)) continue;
      const text = notation(type, { owner, field: name, local: model.local });
      const isTypeMeta = name === 'kind' || name === 'apiVersion';
      fields[name] =
        `${text}${required && !(isTypeMeta && /^"/.test(type)) ? '!' : ''}${mergeNotes(owner, name, text)}`;
      if (description) descriptions[name] = description;
    }
    types.set(owner, { fields, descriptions });
  }
}
for (const [owner, extra] of Object.entries(removedIn136)) {
  const type = types.get(owner) ?? { fields: {}, descriptions: {} };
  types.set(owner, {
    fields: { ...type.fields, ...extra.fields },
    descriptions: { ...type.descriptions, ...extra.descriptions },
  });
}
/** kubernetes-models leaves out what it says of every kind; the client has it. */
function readTypeMetaDescriptions() {
  const text = readFileSync(path.join(client, 'models/V1Pod.d.ts'), 'utf8');
  return Object.fromEntries(
    ['apiVersion', 'kind'].map((name) => {
      const comment = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*'${name}'`).exec(text);
      return [name, docText(comment[1])];
    }),
  );
}
const typeMetaDescriptions = readTypeMetaDescriptions();

/** Resources of one group version, from the methods of the client's API class. */
function readResources({ group, api }, version) {
  const file = path.join(client, 'apis', `${api}${version.replace(/^v/, 'V')}Api.js`);
  const text = readFileSync(file, 'utf8');
  const base = group === '' ? `/api/${version}/` : `/apis/${group}/${version}/`;
  const found = new Map();
  const method =
    /async (\w+)\([^)]*\) \{[^]*?localVarPath = '([^']+)'[^]*?HttpMethod\.([A-Z]+)\)([^]*?)(?=\n    async |\n\}\n)/g;
  for (const [, , url, verb, body] of text.matchAll(method)) {
    if (!url.startsWith(base) || url.includes('/watch/')) continue;
    const parts = url.slice(base.length).split('/');
    const namespaced = parts[0] === 'namespaces' && parts.length > 2 && parts[1] === '{namespace}';
    const rest = namespaced ? parts.slice(2) : parts;
    const [resource, name, ...sub] = rest;
    if (!resource || resource === '{path}') continue;
    const subresource = sub.filter((s) => s !== '{path}').join('/');
    const key = subresource ? `${resource}/${subresource}` : resource;
    const entry = found.get(key) ?? { resource, subresource, namespaced: false, verbs: new Set(), kind: undefined };
    found.set(key, entry);
    entry.namespaced ||= namespaced;
    if (subresource) {
      const verbs = { GET: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
      if (verbs[verb]) entry.verbs.add(verbs[verb]);
    } else if (name) {
      const verbs = { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
      entry.verbs.add(verbs[verb]);
    } else {
      if (verb === 'GET') entry.verbs.add('list').add('watch');
      if (verb === 'POST') entry.verbs.add('create');
      if (verb === 'DELETE') entry.verbs.add('deletecollection');
    }
    const model = /serialize\(body, "(\w+)"/.exec(body)?.[1];
    if (model && (verb === 'POST' || verb === 'PUT') && model !== 'any')
      entry.kind ??= model.replace(/^(?:[A-Z][a-z]+)?V\d+/, '');
  }
  return found;
}

const resources = [];
for (const facts of groups) {
  for (const version of facts.versions) {
    const found = readResources(facts, version);
    for (const key of [...found.keys()].sort()) {
      const { resource, subresource, namespaced, verbs, kind } = found.get(key);
      if (subresource) continue;
      const name = kind ?? (resource === 'componentstatuses' ? 'ComponentStatus' : undefined);
      if (!name) throw new Error(`${key}: no kind`);
      if (notServed.includes(name)) continue;
      const owner = `${facts.api.toLowerCase().replace('rbacauthorization', 'rbac').replace('flowcontrolapiserver', 'flowcontrol')}/${version}/${name}`;
      if (!types.has(owner)) throw new Error(`${key}: no type ${owner}`);
      if (key === 'componentstatuses') verbs.delete('watch');
      const subresources = [...found.values()]
        .filter((s) => s.resource === resource && s.subresource)
        .map((s) => {
          const [subGroup, subVersion, subKind] = subresourceKinds[`${resource}/${s.subresource}`] ?? ['', '', name];
          return {
            name: s.subresource,
            verbs: [...s.verbs].sort(),
            kind: subKind,
            ...(subVersion ? { group: subGroup, version: subVersion } : {}),
          };
        })
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      for (const s of subresources) {
        if (s.name === 'proxy') s.verbs = ['create', 'delete', 'get', 'patch', 'update'];
      }
      resources.push({
        group: facts.group,
        version,
        resource,
        singular: name.toLowerCase(),
        kind: name,
        type: owner,
        namespaced,
        verbs: [...verbs].sort(),
        ...(shortNames[resource] ? { shortNames: shortNames[resource] } : {}),
        ...(categories[resource] ? { categories: categories[resource] } : {}),
        ...(subresources.length ? { subresources } : {}),
      });
    }
  }
}

/** Types that are reachable from a served kind, plus those every server answers with. */
function reachable() {
  const wanted = new Set();
  const visit = (name) => {
    if (wanted.has(name)) return;
    const type = types.get(name);
    if (!type) throw new Error(`type ${name} is referenced but not defined`);
    wanted.add(name);
    for (const text of Object.values(type.fields)) {
      const reference = /@([^!~^[]+)/.exec(text)?.[1];
      if (reference) visit(reference.includes('/') ? reference : name.replace(/[^/]+$/, reference));
    }
  };
  for (const resource of resources) visit(resource.type);
  for (const name of [
    'meta/v1/Status',
    'meta/v1/ListMeta',
    'meta/v1/DeleteOptions',
    'autoscaling/v1/Scale',
    'policy/v1/Eviction',
    'authentication/v1/TokenRequest',
  ])
    visit(name);
  return [...wanted].sort();
}

const structure = {};
const descriptions = {};
for (const name of reachable()) {
  const { fields, descriptions: texts } = types.get(name);
  const folder = name.replace(/[^/]+$/, '');
  const notes = atomicTypes.includes(name) ? '^ ' : '';
  structure[name] =
    notes +
    Object.keys(fields)
      .sort()
      .map((field) => `${field}:${fields[field].replace(`@${folder}`, '@')}`)
      .join(' ');
  descriptions[name] = Object.fromEntries(
    Object.entries({ ...(fields.kind && fields.metadata ? typeMetaDescriptions : {}), ...texts }).sort(([a], [b]) =>
      a < b ? -1 : 1,
    ),
  );
}

/** @param {string} directory where the three files go */
export function writeSchema(directory) {
  mkdirSync(directory, { recursive: true });
  const lines = (object) =>
    `{\n${Object.entries(object)
      .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
      .join(',\n')}\n}\n`;
  writeFileSync(path.join(directory, 'structure.json'), lines(structure));
  writeFileSync(path.join(directory, 'descriptions.json'), lines(descriptions));
  writeFileSync(
    path.join(directory, 'resources.json'),
    `[\n${resources.map((r) => JSON.stringify(r)).join(',\n')}\n]\n`,
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeSchema(path.join(root, 'src/engine/kubernetes/schema/generated'));
}
