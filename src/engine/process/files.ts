import {
  FsError,
  parentPath,
  resolvePath,
  toBytes,
  type Attributes,
  type ByteReader,
  type ByteWriter,
  type DeviceNode,
  type FileSystem,
} from '../world/index.ts';
import { controlGroupFile } from './control-group.ts';
import { Descriptor } from './descriptor.ts';
import type { Process, User } from './process.ts';

/** Largest file a program can write (`ulimit -f`), in bytes: runaway output ends in "No space left on device". */
export const fileSizeLimit = 64 << 20;

const chunkSize = 65_536;

export const permission = { read: 4, write: 2, execute: 1 } as const;

/** Whether a user may do what capabilities(7) calls `name`: root may what it was not denied. */
export function hasCapability(user: User, name: string): boolean {
  return user.uid === 0 && !user.lacks?.has(name);
}

/** The permission check of path_resolution(7): owner, group, others; root passes (execution needs one x bit). */
export function mayAccess(user: User, node: Attributes & { type: string }, want: number): boolean {
  if (hasCapability(user, 'DAC_OVERRIDE'))
    return want !== permission.execute || node.type === 'directory' || (node.mode & 0o111) !== 0;
  const shift = node.uid === user.uid ? 6 : node.gid === user.gid || user.groups?.includes(node.gid) ? 3 : 0;
  return ((node.mode >> shift) & want) === want;
}

/** @throws FsError EACCES if `user` may not search the directories above `path`, or lacks `want` on what is there. */
export function checkAccess(fs: FileSystem, user: User, path: string, want: number): void {
  if (!hasCapability(user, 'DAC_OVERRIDE')) {
    let above = '';
    for (const part of parentPath(path).split('/')) {
      above = part ? `${above}/${part}` : above;
      const directory = fs.lookup(above || '/');
      if (directory?.type === 'directory' && !mayAccess(user, directory, permission.execute))
        throw new FsError('EACCES', path);
    }
  }
  const node = fs.lookup(path);
  if (node && want !== 0 && !mayAccess(user, node, want)) throw new FsError('EACCES', path);
}

/** @throws FsError EACCES if `user` may not add, remove or rename entries of the directory that holds `path`. */
export function checkParent(fs: FileSystem, user: User, path: string): void {
  const parent = parentPath(path);
  checkAccess(fs, user, parent, permission.write);
  const directory = fs.lookup(parent);
  const node = fs.lookup(path, false);
  // Sticky directories (/tmp): only the owner of an entry or of the directory may remove it.
  if (directory && node && directory.mode & 0o1000 && !hasCapability(user, 'FOWNER'))
    if (node.uid !== user.uid && directory.uid !== user.uid) throw new FsError('EACCES', path);
}

const specialPaths: Record<string, DeviceNode['device']> = {
  '/dev/null': 'null',
  '/dev/zero': 'zero',
  '/dev/full': 'full',
  '/dev/random': 'random',
  '/dev/urandom': 'random',
  '/dev/tty': 'tty',
  '/dev/stdin': 'stdin',
  '/dev/stdout': 'stdout',
  '/dev/stderr': 'stderr',
};

function deviceAt(process: Process, path: string): DeviceNode['device'] | undefined {
  const node = process.machine.fs.lookup(path);
  return node ? (node.type === 'device' ? node.device : undefined) : specialPaths[path];
}

function descriptorNumber(path: string): number | undefined {
  const match = /^\/(?:dev|proc\/self)\/fd\/(\d+)$/.exec(path);
  return match ? Number(match[1]) : undefined;
}

/**
 * Opens a file for reading as `process` sees it, devices and `/dev/fd/N` included.
 * @param path absolute, or relative to the working directory.
 * @throws FsError ENOENT, ENOTDIR, EISDIR, EACCES
 */
export function openInput(process: Process, path: string): ByteReader {
  if (path === '') throw new FsError('ENOENT', path);
  const full = resolvePath(process.cwd, path);
  const number = descriptorNumber(full);
  if (number !== undefined) {
    const open = number === 0 ? process.stdin : process.descriptors.get(number);
    if (!open || (open instanceof Descriptor && !open.readable)) throw new FsError('ENOENT', path);
    return borrowed(open);
  }
  const device = deviceAt(process, full);
  if (device) return deviceReader(process, device, path);
  const { usage, processes } = process.machine;
  const own = controlGroupFile(full, usage, processes.list().length);
  if (own !== undefined) return new FileReader(toBytes(own));
  checkAccess(process.machine.fs, process.user, full, permission.read);
  return new FileReader(process.machine.fs.readFile(full));
}

function borrowed(reader: ByteReader): ByteReader {
  return reader instanceof Descriptor ? reader.dup() : { read: (cancel) => reader.read(cancel), close: () => {} };
}

function deviceReader(process: Process, device: DeviceNode['device'], path: string): ByteReader {
  switch (device) {
    case 'stdin':
      return borrowed(process.stdin);
    case 'tty':
      if (!process.tty) throw new FsError('ENXIO', path);
      return process.tty.reader;
    case 'zero':
    case 'full':
      return zeros(process);
    case 'random': {
      const random = process.world.random.stream('dev/random');
      return endless(process, () => random.bytes(4096));
    }
    default:
      return new FileReader(new Uint8Array());
  }
}

/** The same zeros for everybody. */
let manyZeros: Uint8Array | undefined;

/** Bytes of a chunk of zeros for whoever has read a thousand small ones. */
const largeChunk = 1 << 20;

function zeros(process: Process): ByteReader {
  let chunks = 0;
  const make = () => (manyZeros ??= new Uint8Array(largeChunk)).subarray(0, chunks++ < 1000 ? chunkSize : largeChunk);
  return endless(process, make);
}

/** Endless devices cost CPU time by the chunk, so that reading them for ever can be interrupted. */
function endless(process: Process, make: () => Uint8Array): ByteReader {
  return {
    read: async () => {
      const chunk = make();
      await process.cpu(0.1 * Math.max(1, chunk.length / chunkSize));
      return chunk;
    },
    close: () => {},
  };
}

class FileReader implements ByteReader {
  readonly #data: Uint8Array;
  #at = 0;

  constructor(data: Uint8Array) {
    this.#data = data;
  }

  read(): Promise<Uint8Array | undefined> {
    if (this.#at >= this.#data.length) return Promise.resolve(undefined);
    const chunk = this.#data.subarray(this.#at, this.#at + chunkSize);
    this.#at += chunk.length;
    return Promise.resolve(chunk);
  }

  close(): void {
    this.#at = this.#data.length;
  }
}

export interface OpenOutputOptions {
  append?: boolean;
  /** Fails if there is a regular file already (`set -o noclobber`). */
  exclusive?: boolean;
  /** False keeps what is there and writes from its beginning (`<>`). */
  truncate?: boolean;
}

/**
 * Opens a file for writing as `process` sees it; makes it if need be, owned by the user, mode 0666 less the umask.
 * @throws FsError ENOENT, ENOTDIR, EISDIR, EACCES, EEXIST, EROFS
 */
export function openOutput(process: Process, path: string, options: OpenOutputOptions = {}): ByteWriter {
  if (path === '') throw new FsError('ENOENT', path);
  const full = resolvePath(process.cwd, path);
  const number = descriptorNumber(full);
  if (number !== undefined) {
    const open = number === 1 ? process.stdout : number === 2 ? process.stderr : process.descriptors.get(number);
    if (!open || (open instanceof Descriptor && !open.writable)) throw new FsError('ENOENT', path);
    return borrowedWriter(open);
  }
  switch (deviceAt(process, full)) {
    case 'stdout':
      return borrowedWriter(process.stdout);
    case 'stderr':
      return borrowedWriter(process.stderr);
    case 'tty':
      if (!process.tty) throw new FsError('ENXIO', path);
      return process.tty.writer;
    case 'full':
      return { write: () => Promise.reject(new FsError('ENOSPC', path)), close: () => {} };
    case undefined:
      break;
    default:
      return { write: () => Promise.resolve(), close: () => {} };
  }
  return new FileWriter(process, full, options);
}

function borrowedWriter(writer: ByteWriter): ByteWriter {
  if (writer instanceof Descriptor) return writer.dup();
  return { write: (data, cancel) => writer.write(data, cancel), close: () => {} };
}

/**
 * Writes a file piece by piece. Its buffer grows by doubling and the file system keeps views of it, so writing n bytes
 * in small pieces costs O(n), and readers see every piece at once.
 */
class FileWriter implements ByteWriter {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #append: boolean;
  #buffer = new Uint8Array(0);
  #length = 0;
  #offset = 0;
  #current: Uint8Array | undefined;
  #closed = false;

  constructor(
    process: Process,
    path: string,
    { append = false, exclusive = false, truncate = true }: OpenOutputOptions,
  ) {
    const { fs } = process.machine;
    const node = fs.lookup(path);
    if (node?.type === 'directory') throw new FsError('EISDIR', path);
    if (node && exclusive) throw new FsError('EEXIST', path);
    if (node) checkAccess(fs, process.user, path, permission.write);
    else if (fs.exists(parentPath(path))) checkAccess(fs, process.user, parentPath(path), permission.write);
    this.#fs = fs;
    this.#path = path;
    this.#append = append;
    if (!node) {
      const { uid, gid } = process.user;
      fs.writeFile(path, '', { mode: 0o666 & ~process.umask, uid, gid });
    } else if (truncate && !append) fs.writeFile(path, '');
  }

  write(data: Uint8Array | string): Promise<void> {
    const bytes = toBytes(data);
    if (bytes.length === 0 || this.#closed) return Promise.resolve();
    try {
      this.#write(bytes);
      return Promise.resolve();
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  #write(bytes: Uint8Array): void {
    const node = this.#fs.lookup(this.#path);
    // An unlinked file takes the writes and nobody sees them.
    if (node?.type !== 'file') return;
    const at = this.#append ? node.data.length : this.#offset;
    const length = Math.max(at + bytes.length, node.data.length);
    if (length > fileSizeLimit) throw new FsError('ENOSPC', this.#path);
    const mine = node.data === this.#current && at === this.#length;
    if (!mine || length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(256, length * 2));
      grown.set(node.data);
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, at);
    this.#length = length;
    this.#offset = at + bytes.length;
    this.#current = this.#buffer.subarray(0, length);
    this.#fs.writeFile(this.#path, this.#current);
  }

  close(): void {
    this.#closed = true;
  }
}
