import { SvelteMap } from 'svelte/reactivity';
import type { FileEntry, Input } from '../../session/protocol.ts';
import type { EngineClient } from '../engine/client.ts';

type Queries = Pick<EngineClient, 'query'>;

/** A file that is open in the editor. */
export class OpenFile {
  readonly host: string;
  path = $state('');
  /** What the editor shows. */
  text = $state('');
  /** What the host's disk holds, as far as the page knows; undefined: not there yet. */
  saved = $state<string | undefined>();
  /** A program in a terminal waits until the file is saved or closed. */
  waiting = $state.raw<{ editing: number; program: string } | undefined>();
  /** The disk's text changed under unsaved changes. */
  changedOnDisk = $state(false);

  constructor(host: string, path: string, text: string, saved: string | undefined) {
    this.host = host;
    this.path = path;
    this.text = text;
    this.saved = saved;
  }

  get name(): string {
    return baseName(this.path);
  }

  get dirty(): boolean {
    return this.text !== this.saved;
  }
}

export const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
export const directoryOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

/** The files of the hosts as the editor sees them: listed directories, open files, and the one in front. */
export class FilesState {
  open = $state<OpenFile[]>([]);
  active = $state<OpenFile | undefined>();
  /** The last thing a host refused, for people to see. */
  error = $state<string | undefined>();
  readonly #listings = new SvelteMap<string, FileEntry[]>();
  readonly #send: (input: Input) => void;
  readonly #queries: () => Queries | undefined;

  constructor(send: (input: Input) => void, queries: () => Queries | undefined) {
    this.#send = send;
    this.#queries = queries;
  }

  /** What a directory holds, directories first; asks the host when it isn't known yet. */
  listing(host: string, directory: string): FileEntry[] | undefined {
    return this.#listings.get(`${host}:${directory}`);
  }

  async list(host: string, directory: string): Promise<void> {
    const entries = await this.#queries()
      ?.query<'files'>({ kind: 'files', host, directory })
      .catch(() => []);
    if (!entries) return;
    this.#listings.set(
      `${host}:${directory}`,
      entries.toSorted((a, b) => Number(b.directory) - Number(a.directory) || (a.path < b.path ? -1 : 1)),
    );
  }

  find(host: string, path: string): OpenFile | undefined {
    return this.open.find((file) => file.host === host && file.path === path);
  }

  /** Opens a file in front, reading it from the host if it isn't open. */
  async show(host: string, path: string): Promise<OpenFile> {
    const known = this.find(host, path);
    if (known) return (this.active = known);
    const saved = await this.#read(host, path);
    // A second click may have opened it meanwhile.
    const file = this.find(host, path) ?? new OpenFile(host, path, saved ?? '', saved);
    if (!this.open.includes(file)) this.open.push(file);
    return (this.active = file);
  }

  /** Shows this text as unsaved content of a file, e.g. a file block of a lesson. */
  async put(host: string, path: string, text: string): Promise<void> {
    const file = await this.show(host, path);
    file.text = text;
  }

  async waitFor(host: string, path: string, waiting: { editing: number; program: string }): Promise<void> {
    const file = await this.show(host, path);
    if (!file.dirty) await this.#refresh(file);
    file.waiting = waiting;
  }

  /** The program that waited for this file has gone. */
  release(editing: number): void {
    const file = this.open.find(({ waiting }) => waiting?.editing === editing);
    if (file) file.waiting = undefined;
  }

  save(file: OpenFile): void {
    const text = file.text;
    this.#send({ kind: 'save', host: file.host, path: file.path, text });
    file.saved = text;
    file.changedOnDisk = false;
    this.#finish(file);
  }

  close(file: OpenFile): void {
    this.#finish(file);
    const index = this.open.indexOf(file);
    if (index < 0) return;
    this.open.splice(index, 1);
    if (this.active === file) this.active = this.open[index] ?? this.open[index - 1];
  }

  /** Takes the disk's text instead of the unsaved changes. */
  async revert(file: OpenFile): Promise<void> {
    await this.#refresh(file);
    file.text = file.saved ?? '';
    file.changedOnDisk = false;
  }

  rename(host: string, from: string, to: string): void {
    this.#send({ kind: 'rename', host, from, to });
    const file = this.find(host, from);
    if (file) file.path = to;
  }

  remove(host: string, path: string): void {
    this.#send({ kind: 'remove', host, path });
    const file = this.find(host, path);
    if (file) this.close(file);
  }

  create(host: string, path: string): void {
    this.#send({ kind: 'save', host, path, text: '' });
    const file = new OpenFile(host, path, '', '');
    this.open.push(file);
    this.active = file;
  }

  /** Files changed on a host: listings and clean open files follow. */
  async changed(host: string, paths: readonly string[]): Promise<void> {
    const directories = new Set(paths.flatMap((path) => [path, directoryOf(path)]));
    await Promise.all([
      ...[...directories].filter((d) => this.#listings.has(`${host}:${d}`)).map((d) => this.list(host, d)),
      ...paths.flatMap((path) => this.find(host, path) ?? []).map((file) => this.#refresh(file)),
    ]);
  }

  /** The world began anew: everything is read again, unsaved changes stay. */
  async reset(): Promise<void> {
    for (const file of this.open) file.waiting = undefined;
    const listed = [...this.#listings.keys()];
    await Promise.all([
      ...listed.map((key) => this.list(key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1))),
      ...this.open.map((file) => this.#refresh(file)),
    ]);
  }

  async #refresh(file: OpenFile): Promise<void> {
    const clean = !file.dirty;
    const saved = await this.#read(file.host, file.path);
    if (saved === file.saved) return;
    // Gone from the disk, as a temporary file is when its program ends.
    if (saved === undefined && clean && !file.waiting) return this.close(file);
    file.saved = saved;
    if (clean) file.text = saved ?? '';
    else file.changedOnDisk = file.text !== saved;
  }

  async #read(host: string, path: string): Promise<string | undefined> {
    try {
      const answer = await this.#queries()?.query<'read'>({ kind: 'read', host, path });
      return answer && 'text' in answer ? answer.text : undefined;
    } catch (error) {
      this.error = error instanceof Error ? error.message : String(error);
      return undefined;
    }
  }

  #finish(file: OpenFile): void {
    if (!file.waiting) return;
    this.#send({ kind: 'editor-closed', editing: file.waiting.editing });
    file.waiting = undefined;
  }
}
