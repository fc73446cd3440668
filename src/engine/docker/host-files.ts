import { FileSystem, FsError, normalizePath, type DirectoryNode, type World } from '../world/index.ts';

/**
 * Directories of the host that containers see, too. A file system of its own is mounted at the place on the host, so
 * that both sides read and write the same files.
 */
export class HostDirectories {
  readonly #world: World;
  readonly #host: FileSystem;
  readonly #shared = new Map<string, FileSystem>();

  constructor(world: World, host: FileSystem) {
    this.#world = world;
    this.#host = host;
  }

  /** The files below a directory of the host. */
  at(path: string): FileSystem {
    const place = normalizePath(path);
    const mounted = this.#host.mounts.get(place);
    if (mounted) return mounted;
    let shared = this.#shared.get(place);
    if (shared) return shared;
    const node = this.#host.lookup(place);
    const root: DirectoryNode =
      node?.type === 'directory'
        ? node
        : { type: 'directory', entries: new Map(), mode: 0o755, uid: 0, gid: 0, mtime: this.#world.clock.now() };
    const world = this.#world;
    shared = new FileSystem({ now: () => world.clock.now(), root });
    if (place === '/') return this.#host;
    try {
      this.#host.mount(place, shared);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
    }
    this.#shared.set(place, shared);
    return shared;
  }
}
