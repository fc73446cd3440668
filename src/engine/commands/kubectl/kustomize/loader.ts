import type { FileSystem } from '../../../world/index.ts';
import { NotSimulated } from '../framework/errors.ts';
import { KustomizeError, withPrefix } from './error.ts';

/** Where a build reads its files. */
export interface Place {
  readonly fs: FileSystem;
  /** Makes a path absolute. */
  absolute(path: string): string;
  /** Whether files outside of a kustomization's own directory are refused (`LoadRestrictionsRootOnly`). */
  readonly rootOnly: boolean;
}

/** Reads the files of one kustomization, relative to its directory. */
export class Loader {
  /** Absolute, without symbolic links. */
  readonly root: string;
  readonly #place: Place;
  readonly #referrer: Loader | undefined;

  private constructor(place: Place, root: string, referrer?: Loader) {
    this.#place = place;
    this.root = root;
    this.#referrer = referrer;
  }

  /** For the directory that the user names. @throws KustomizeError */
  static at(place: Place, path: string): Loader {
    refuseRemote(path);
    return new Loader(place, confirmDirectory(place, path));
  }

  /** For a directory that this kustomization names. @throws KustomizeError for files, cycles, absolute paths */
  directory(path: string): Loader {
    if (path === '') throw new KustomizeError('new root cannot be empty');
    refuseRemote(path);
    if (path.startsWith('/')) throw new KustomizeError(`new root '${path}' cannot be absolute`);
    const root = confirmDirectory(this.#place, join(this.root, path));
    this.#refuseCycle(root);
    return new Loader(this.#place, root, this);
  }

  #refuseCycle(root: string): void {
    if (isInside(this.root, root))
      throw new KustomizeError(`cycle detected: candidate root '${root}' contains visited root '${this.root}'`);
    if (this.#referrer) this.#referrer.#refuseCycle(root);
  }

  /** The content of a file. @throws KustomizeError */
  load(path: string): Uint8Array {
    if (/^https?:\/\//.test(path)) throw new NotSimulated('a kustomization with resources from elsewhere');
    const full = path.startsWith('/') ? path : join(this.root, path);
    const { fs } = this.#place;
    if (!this.#place.rootOnly) {
      const node = fs.lookup(full);
      if (!node) throw new KustomizeError(`open ${full}: no such file or directory`);
      if (node.type === 'directory') throw new KustomizeError(`read ${full}: is a directory`);
      return fs.readFile(full);
    }
    const real = resolveLinks(fs, full, full);
    if (fs.lookup(real)?.type === 'directory') throw new KustomizeError(`'${full}' must resolve to a file`);
    const folder = real.slice(0, real.lastIndexOf('/')) || '/';
    if (!isInside(folder, this.root))
      throw new KustomizeError(`security; file '${real}' is not in or below '${this.root}'`);
    return fs.readFile(real);
  }

  loadText(path: string): string {
    return new TextDecoder().decode(this.load(path));
  }

  /** Whether the directory has a file of that name that can be read. */
  has(name: string): boolean {
    return this.#place.fs.lookup(join(this.root, name))?.type === 'file';
  }
}

/** Git repositories are cloned by the real program; there is no git here. */
function refuseRemote(path: string): void {
  if (/^(?:[\w+.-]+::)?(?:https?|ssh|git|file|oci):\/\/|^[\w.-]+@[\w.-]+:|^(?:git::)?github\.com[/:]/i.test(path))
    throw new NotSimulated('a kustomization from elsewhere');
}

function confirmDirectory(place: Place, path: string): string {
  return withPrefix('must build at directory', () => {
    const full = place.absolute(path);
    const real = withPrefix('not a valid directory', () => resolveLinks(place.fs, path, full));
    if (place.fs.lookup(real)?.type !== 'directory') throw new KustomizeError(`'${path}': file is not directory`);
    return real;
  });
}

function resolveLinks(fs: FileSystem, shown: string, full: string): string {
  if (fs.exists(full)) return fs.realpath(full);
  const parts = full.split('/').filter((p) => p !== '');
  let missing = '';
  for (const part of parts) {
    const parent = missing === '' ? '/' : missing;
    if (fs.lookup(parent)?.type === 'file')
      throw new KustomizeError(`evalsymlink failure on '${shown}' : lstat ${missing}/${part}: not a directory`);
    missing = `${missing}/${part}`;
    if (!fs.exists(missing)) break;
  }
  throw new KustomizeError(`evalsymlink failure on '${shown}' : lstat ${missing}: no such file or directory`);
}

/** Is `path` the directory `root` or in it? */
function isInside(path: string, root: string): boolean {
  return path === root || root === '/' || path.startsWith(`${root}/`);
}

function join(root: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${root}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** The file that says what to do. @throws KustomizeError if there is none, or more than one */
export function kustomizationFile(loader: Loader): { name: string; text: string } {
  const names = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'].filter((name) => loader.has(name));
  const [name] = names;
  if (name === undefined)
    throw new KustomizeError(
      `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${loader.root}'`,
    );
  if (names.length > 1) throw new KustomizeError(`Found multiple kustomization files under: ${loader.root}\n`);
  return { name, text: loader.loadText(name) };
}
