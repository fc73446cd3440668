import { goJson } from '../printers/json.ts';
import { gvkOf, type Id } from './id.ts';
import { deepCopy, isMap, scalarText, stringMap, type Json } from './json.ts';

const domain = 'internal.config.kubernetes.io';

/** Notes about a resource that live in its annotations during a build, where patches and messages see them. */
export const notes = {
  previousKinds: `${domain}/previousKinds`,
  previousNames: `${domain}/previousNames`,
  previousNamespaces: `${domain}/previousNamespaces`,
  prefixes: `${domain}/prefixes`,
  suffixes: `${domain}/suffixes`,
  allowNameChange: `${domain}/allowNameChange`,
  allowKindChange: `${domain}/allowKindChange`,
  refBy: `${domain}/refBy`,
  behavior: `${domain}/generatorBehavior`,
  needsHash: `${domain}/needsHashSuffix`,
} as const;

const enabled = 'enabled';

export type Behavior = 'create' | 'merge' | 'replace' | 'unspecified';

/** One manifest on its way through a build. */
export class Resource {
  object: Json;
  /** A fault of its text that shows only when it is written: a key that a mapping has twice. */
  fault: string | undefined;
  /** Names of the vars whose values come from here. */
  readonly varNames: string[] = [];

  constructor(object: Json, fault?: string) {
    this.object = object;
    this.fault = fault;
  }

  get kind(): string {
    return scalarText(this.object['kind']);
  }

  set kind(kind: string) {
    this.object['kind'] = kind;
  }

  get gvk() {
    return gvkOf(scalarText(this.object['apiVersion']), this.kind);
  }

  get name(): string {
    return scalarText(this.#metadata()['name']);
  }

  set name(name: string) {
    this.#change((metadata) => (metadata['name'] = name));
  }

  get namespace(): string {
    return scalarText(this.#metadata()['namespace']);
  }

  set namespace(namespace: string) {
    this.#change((metadata) => {
      if (namespace === '') delete metadata['namespace'];
      else metadata['namespace'] = namespace;
    });
  }

  get labels(): Record<string, string> {
    return stringMap(this.#metadata()['labels']);
  }

  set labels(labels: Record<string, string>) {
    this.#setMap('labels', labels);
  }

  get annotations(): Record<string, string> {
    return stringMap(this.#metadata()['annotations']);
  }

  set annotations(annotations: Record<string, string>) {
    this.#setMap('annotations', annotations);
  }

  /** Where it is now. */
  get id(): Id {
    return { ...this.gvk, name: this.name, namespace: this.namespace };
  }

  /** What it was called before each change of its name, namespace or kind, oldest first. */
  get previousIds(): Id[] {
    const { group, version } = this.gvk;
    const names = this.#list(notes.previousNames);
    const namespaces = this.#list(notes.previousNamespaces);
    const kinds = this.#list(notes.previousKinds);
    return names.map((name, i) => ({
      group,
      version,
      kind: kinds[i] ?? '',
      name,
      namespace: namespaces[i] ?? '',
    }));
  }

  get originalId(): Id {
    return this.previousIds[0] ?? this.id;
  }

  /** Remembers the present name before it changes. */
  storeId(effectiveNamespace: string): void {
    this.#append(notes.previousNames, this.name);
    this.#append(notes.previousNamespaces, effectiveNamespace);
    this.#append(notes.previousKinds, this.kind);
  }

  addPrefix(prefix: string): void {
    this.#append(notes.prefixes, prefix);
  }

  addSuffix(suffix: string): void {
    this.#append(notes.suffixes, suffix);
  }

  get prefixes(): readonly string[] {
    return this.#list(notes.prefixes);
  }

  get suffixes(): readonly string[] {
    return this.#list(notes.suffixes);
  }

  addReferrer(id: string): void {
    this.#append(notes.refBy, id);
  }

  get needsHash(): boolean {
    return this.annotations[notes.needsHash] === enabled;
  }

  get nameChangeAllowed(): boolean {
    return this.annotations[notes.allowNameChange] === enabled;
  }

  get kindChangeAllowed(): boolean {
    return this.annotations[notes.allowKindChange] === enabled;
  }

  enable(note: (typeof notes)['needsHash' | 'allowNameChange' | 'allowKindChange']): void {
    this.annotations = { ...this.annotations, [note]: enabled };
  }

  get behavior(): Behavior {
    return (this.annotations[notes.behavior] as Behavior | undefined) ?? 'unspecified';
  }

  set behavior(behavior: Behavior) {
    this.annotations = { ...this.annotations, [notes.behavior]: behavior };
  }

  /** The notes alone. */
  get buildNotes(): Record<string, string> {
    return Object.fromEntries(Object.entries(this.annotations).filter(([key]) => key.startsWith(`${domain}/`)));
  }

  /** The notes have done their work. */
  removeNotes(): void {
    const { annotations } = this;
    if (Object.keys(annotations).length === 0) return;
    this.annotations = Object.fromEntries(Object.entries(annotations).filter(([key]) => !key.startsWith(`${domain}/`)));
  }

  copy(): Resource {
    return new Resource(deepCopy(this.object), this.fault);
  }

  /** JSON in one line, as messages show resources. */
  toString(): string {
    return goJson(this.object);
  }

  #metadata(): Json {
    const { metadata } = this.object;
    return isMap(metadata) ? metadata : {};
  }

  #change(change: (metadata: Json) => void): void {
    if (!isMap(this.object['metadata'])) this.object['metadata'] = {};
    change(this.object['metadata'] as Json);
  }

  #setMap(field: 'labels' | 'annotations', map: Record<string, string>): void {
    this.#change((metadata) => {
      if (Object.keys(map).length === 0) delete metadata[field];
      else metadata[field] = map;
    });
  }

  #list(note: string): string[] {
    const text = this.annotations[note];
    return text === undefined ? [] : text.split(',');
  }

  #append(note: string, value: string): void {
    if (value === '') return;
    this.annotations = { ...this.annotations, [note]: [...this.#list(note), value].join(',') };
  }
}
