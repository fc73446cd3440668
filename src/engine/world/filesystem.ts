import {
  directory,
  FsError,
  type Attributes,
  type DeviceNode,
  type DirectoryNode,
  type FsErrorCode,
  type Node,
  type Stat,
} from './file-nodes.ts';
import { addChange, nodeDigest, replaceIn, replaceMany, type Changes } from './file-tree.ts';
import { normalizePath, parentPath, resolvePath } from './paths.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export interface FileSystemOptions {
  /** Time for mtimes, Unix ms. */
  now: () => number;
  root?: DirectoryNode;
  readOnly?: boolean;
}

/**
 * A POSIX-like file system in memory. The tree is immutable underneath (a write copies the directories on its path), so
 * cloning an image's files for a container, and snapshots, cost nothing. All paths given to methods are absolute.
 * Permission bits are kept, and checked by `access`, not by every call.
 */
export class FileSystem {
  #root: DirectoryNode;
  readonly #now: () => number;
  readOnly: boolean;
  readonly #mounts = new Map<string, FileSystem>();
  #readOnlyMounts: Set<string> | undefined;
  #watchers: Set<(path: string) => void> | undefined;
  #changes = 0;
  /** The values of `#mounts`, which are gone through more often than they change. */
  #mounted: readonly FileSystem[] = [];

  constructor(options: FileSystemOptions) {
    this.#now = options.now;
    this.#root = options.root ?? directory({ mode: 0o755, uid: 0, gid: 0, mtime: options.now() });
    this.readOnly = options.readOnly ?? false;
  }

  /** A file system with the same content that goes its own way from here. Mounts are not taken along. */
  clone(): FileSystem {
    return new FileSystem({ now: this.#now, root: this.#root });
  }

  /** The whole tree: immutable, so it can be kept. */
  get root(): DirectoryNode {
    return this.#root;
  }

  /** Digest of all files, for the state hash. Parts that have not changed since the last call cost nothing. */
  digest(): string {
    return nodeDigest(this.#root);
  }

  /** Shows `fs` at `path` (made if missing), hiding what is there. A file system whose root is wanted read-only says so itself. */
  mount(path: string, fs: FileSystem, options: { readOnly?: boolean } = {}): void {
    this.mkdir(path, { recursive: true });
    // The mount point is the directory itself, whatever links lead to it.
    const at = this.realpath(path);
    this.#countAtMount(at);
    this.#mounts.set(at, fs);
    this.#mounted = [...this.#mounts.values()];
    if (options.readOnly) (this.#readOnlyMounts ??= new Set()).add(at);
    else this.#readOnlyMounts?.delete(at);
  }

  unmount(path: string): void {
    const at = normalizePath(path);
    this.#countAtMount(at);
    this.#mounts.delete(at);
    this.#mounted = [...this.#mounts.values()];
    this.#readOnlyMounts?.delete(at);
  }

  /** What was mounted there is counted no more, and yet the number may not fall. */
  #countAtMount(at: string): void {
    this.#changes += 1 + (this.#mounts.get(at)?.changes ?? 0);
  }

  get mounts(): ReadonlyMap<string, FileSystem> {
    return this.#mounts;
  }

  /** Grows with every change here and in what is mounted: what was read stands as long as it stays. */
  get changes(): number {
    let changes = this.#changes;
    for (const fs of this.#mounted) changes += fs.changes;
    return changes;
  }

  /** Calls `listener` with the path after every change. */
  watch(listener: (path: string) => void): () => void {
    (this.#watchers ??= new Set()).add(listener);
    return () => void this.#watchers?.delete(listener);
  }

  /** The canonical path, symbolic links resolved. @throws FsError ENOENT, ENOTDIR, ELOOP */
  realpath(path: string): string {
    return this.#locate(path, true).path;
  }

  /** What is at `path`, or undefined. Follows symbolic links unless `follow` is false. */
  lookup(path: string, follow = true): Node | undefined {
    const found = this.#walk(path, follow);
    return typeof found === 'string' ? undefined : found.node;
  }

  exists(path: string): boolean {
    return this.lookup(path) !== undefined;
  }

  /** @throws FsError ENOENT, ENOTDIR, ELOOP */
  stat(path: string, follow = true): Stat {
    const node = this.#need(path, follow);
    const { mode, uid, gid, mtime } = node;
    switch (node.type) {
      case 'file':
        return { type: 'file', mode, uid, gid, mtime, size: node.data.length, program: node.program };
      case 'symlink':
        return { type: 'symlink', mode, uid, gid, mtime, size: node.target.length, target: node.target };
      default:
        return { type: node.type, mode, uid, gid, mtime, size: node.type === 'directory' ? 4096 : 0 };
    }
  }

  /** @throws FsError ENOENT, EISDIR */
  readFile(path: string): Uint8Array {
    const node = this.#need(path, true);
    if (node.type === 'directory') throw new FsError('EISDIR', path);
    return node.type === 'file' ? node.data : new Uint8Array();
  }

  readText(path: string): string {
    return decoder.decode(this.readFile(path));
  }

  /** Names in a directory, sorted by code unit. @throws FsError ENOENT, ENOTDIR */
  readdir(path: string): string[] {
    const found = this.#locate(path, true);
    if (!found.node) throw new FsError('ENOENT', path);
    if (found.node.type !== 'directory') throw new FsError('ENOTDIR', path);
    return [...found.node.entries.keys()].sort();
  }

  /**
   * Writes a file, keeping the attributes of one that is there.
   * @throws FsError ENOENT (no such directory), EISDIR, EROFS
   */
  writeFile(
    path: string,
    data: Uint8Array | string,
    options: {
      mode?: number;
      uid?: number;
      gid?: number;
      program?: string;
      append?: boolean;
      exclusive?: boolean;
    } = {},
  ): void {
    const bytes = typeof data === 'string' ? encoder.encode(data) : data;
    const found = this.#locate(path, true);
    if (found.node?.type === 'directory') throw new FsError('EISDIR', path);
    if (found.node && options.exclusive) throw new FsError('EEXIST', path);
    if (found.node?.type === 'device') return;
    const old = found.node?.type === 'file' ? found.node : undefined;
    let content = bytes;
    if (options.append && old && old.data.length > 0) {
      content = new Uint8Array(old.data.length + bytes.length);
      content.set(old.data);
      content.set(bytes, old.data.length);
    }
    this.#put(found, {
      type: 'file',
      data: content,
      mode: options.mode ?? old?.mode ?? 0o644,
      uid: options.uid ?? old?.uid ?? 0,
      gid: options.gid ?? old?.gid ?? 0,
      mtime: this.#now(),
      program: options.program,
    });
  }

  /** @throws FsError EEXIST, ENOENT, ENOTDIR, EROFS */
  mkdir(path: string, options: { recursive?: boolean; mode?: number; uid?: number; gid?: number } = {}): void {
    const { recursive = false, mode = 0o755, uid = 0, gid = 0 } = options;
    if (recursive) {
      const parent = parentPath(path);
      if (parent !== normalizePath(path) && !this.exists(parent)) this.mkdir(parent, options);
    }
    const found = this.#locate(path, true);
    if (found.node) {
      if (recursive && found.node.type === 'directory') return;
      throw new FsError('EEXIST', path);
    }
    this.#put(found, directory({ mode, uid, gid, mtime: this.#now() }));
  }

  symlink(target: string, path: string): void {
    const found = this.#locate(path, false);
    if (found.node) throw new FsError('EEXIST', path);
    this.#put(found, { type: 'symlink', target, mode: 0o777, uid: 0, gid: 0, mtime: this.#now() });
  }

  makeDevice(path: string, device: DeviceNode['device']): void {
    this.#put(this.#locate(path, false), { type: 'device', device, mode: 0o666, uid: 0, gid: 0, mtime: this.#now() });
  }

  /** `putNode` for many: each directory on the way is copied once only. @throws FsError ENOENT, ENOTDIR, EROFS */
  putNodes(nodes: readonly { readonly path: string; readonly node: Node }[]): void {
    const changes: Changes = new Map();
    for (const { path, node } of nodes) {
      const found = this.#locate(path, false);
      if (found.fs !== this || this.readOnly || found.inner === '/') this.#put(found, node);
      else addChange(changes, found.inner, node);
    }
    if (changes.size === 0) return;
    this.#root = replaceMany(this.#root, changes, this.#now());
    this.#changes++;
    for (const watcher of this.#watchers ?? []) for (const { path } of nodes) watcher(path);
  }

  /** Puts a node as it is (hard links, copies with attributes, unpacked archives). */
  putNode(path: string, node: Node): void {
    this.#put(this.#locate(path, false), node);
  }

  /** @throws FsError ENOENT */
  setAttributes(path: string, attributes: Partial<Attributes>): void {
    const found = this.#locate(path, true);
    if (!found.node) throw new FsError('ENOENT', path);
    this.#put(found, { ...found.node, ...attributes });
  }

  /** Removes a file, link or (with `recursive` or when empty) directory. @throws FsError ENOENT, ENOTEMPTY, EROFS */
  remove(path: string, options: { recursive?: boolean } = {}): void {
    const found = this.#locate(path, false);
    if (!found.node) throw new FsError('ENOENT', path);
    if (found.node.type === 'directory' && found.node.entries.size > 0 && !options.recursive)
      throw new FsError('ENOTEMPTY', path);
    if (found.path === '/' || this.#mounts.has(found.path)) throw new FsError('EBUSY', path);
    this.#put(found, undefined);
  }

  /** rename(2). @throws FsError ENOENT, EISDIR, ENOTDIR, ENOTEMPTY, EINVAL */
  rename(from: string, to: string): void {
    const source = this.#locate(from, false);
    if (!source.node) throw new FsError('ENOENT', from);
    const target = this.#locate(to, false);
    if (target.path === source.path) return;
    if (target.path.startsWith(source.path + '/')) throw new FsError('EINVAL', to);
    if (target.node?.type === 'directory') {
      if (source.node.type !== 'directory') throw new FsError('EISDIR', to);
      if (target.node.entries.size > 0) throw new FsError('ENOTEMPTY', to);
    } else if (target.node && source.node.type === 'directory') throw new FsError('ENOTDIR', to);
    this.#put(target, source.node);
    this.#put(this.#locate(from, false), undefined);
  }

  #need(path: string, follow: boolean): Node {
    const { node } = this.#locate(path, follow);
    if (!node) throw new FsError('ENOENT', path);
    return node;
  }

  #locate(path: string, follow: boolean): Located {
    const found = this.#walk(path, follow);
    if (typeof found === 'string') throw new FsError(found, path);
    return found;
  }

  /**
   * Walks to `path`. The last component may be missing; an earlier one may not (that gives the error's code: looking for
   * what may not be there must be cheap). `fs` and `inner` say in which (mounted) file system it is, and where.
   */
  #walk(path: string, follow: boolean, depth = 0): Located | FsErrorCode {
    if (depth > 40) return 'ELOOP';
    const whole = normalizePath(path);
    const mustBeDirectory = path.length > 1 && path.endsWith('/');
    // eslint-disable-next-line @typescript-eslint/no-this-alias -- the walk goes on in mounted file systems
    let fs: FileSystem = this;
    let base = 0;
    let node: Node = this.#root;
    const end = whole === '/' ? 0 : whole.length;
    for (let from = 0; from < end;) {
      if (node.type !== 'directory') return 'ENOTDIR';
      const slash = whole.indexOf('/', from + 1);
      const to = slash < 0 ? end : slash;
      const last = to === end;
      const next: Node | undefined = node.entries.get(whole.slice(from + 1, to));
      from = to;
      if (this.#mounts.size > 0) {
        const mounted = this.#mounts.get(whole.slice(0, to));
        if (mounted) {
          fs = mounted;
          base = to;
          node = mounted.#root;
          continue;
        }
      }
      if (!next) {
        if (!last) return 'ENOENT';
        return { fs, inner: whole.slice(base) || '/', path: whole, node: undefined };
      }
      if (next.type === 'symlink' && (!last || follow || mustBeDirectory)) {
        const target = resolvePath(parentPath(whole.slice(0, to)), next.target);
        return this.#walk(last ? target : target + whole.slice(to), follow, depth + 1);
      }
      node = next;
    }
    if (mustBeDirectory && node.type !== 'directory') return 'ENOTDIR';
    return { fs, inner: whole.slice(base) || '/', path: whole, node };
  }

  #put(found: Located, node: Node | undefined): void {
    const { fs, inner } = found;
    const mountedAt =
      fs === this ? undefined : found.path.slice(0, found.path.length - (inner === '/' ? 0 : inner.length));
    if (fs.readOnly || (mountedAt !== undefined && this.#readOnlyMounts?.has(mountedAt)))
      throw new FsError('EROFS', found.path);
    const parts = inner.split('/').filter(Boolean);
    if (parts.length === 0) {
      if (node?.type !== 'directory') throw new FsError('EBUSY', found.path);
      fs.#root = node;
    } else fs.#root = replaceIn(fs.#root, parts, 0, node, this.#now(), found.path);
    fs.#changes++;
    for (const watcher of this.#watchers ?? []) watcher(found.path);
    if (fs !== this) for (const watcher of fs.#watchers ?? []) watcher(inner);
  }
}

interface Located {
  fs: FileSystem;
  inner: string;
  path: string;
  node: Node | undefined;
}
