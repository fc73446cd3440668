/** What a file system is made of: nodes that never change. */

export interface Attributes {
  /** Permission bits, e.g. 0o644. */
  mode: number;
  uid: number;
  gid: number;
  /** Unix ms. */
  mtime: number;
}

export interface FileNode extends Attributes {
  readonly type: 'file';
  readonly data: Uint8Array;
  /** Name of the simulated program that runs when this file is executed; ordinary scripts have none. */
  readonly program?: string;
}

export interface DirectoryNode extends Attributes {
  readonly type: 'directory';
  readonly entries: ReadonlyMap<string, Node>;
}

export interface SymlinkNode extends Attributes {
  readonly type: 'symlink';
  readonly target: string;
}

export interface DeviceNode extends Attributes {
  readonly type: 'device';
  readonly device: 'null' | 'zero' | 'full' | 'random' | 'tty' | 'stdin' | 'stdout' | 'stderr';
}

export type Node = FileNode | DirectoryNode | SymlinkNode | DeviceNode;

export type Stat = Attributes & { type: Node['type']; size: number; program?: string; target?: string };

const messages = {
  ENOENT: 'No such file or directory',
  ENOTDIR: 'Not a directory',
  EISDIR: 'Is a directory',
  EEXIST: 'File exists',
  ENOTEMPTY: 'Directory not empty',
  EACCES: 'Permission denied',
  ELOOP: 'Too many levels of symbolic links',
  EROFS: 'Read-only file system',
  ENOSPC: 'No space left on device',
  EBUSY: 'Device or resource busy',
  EINVAL: 'Invalid argument',
  EXDEV: 'Invalid cross-device link',
  ENXIO: 'No such device or address',
  EPERM: 'Operation not permitted',
  ENAMETOOLONG: 'File name too long',
} as const;

export type FsErrorCode = keyof typeof messages;

/** `message` is strerror(3)'s text; programs put their own prefix before it. */
export class FsError extends Error {
  override name = 'FsError';
  readonly code: FsErrorCode;
  readonly path: string;
  constructor(code: FsErrorCode, path: string) {
    super(messages[code]);
    this.code = code;
    this.path = path;
  }
}

export function directory(attributes: Attributes, entries: ReadonlyMap<string, Node> = new Map()): DirectoryNode {
  return { type: 'directory', ...attributes, entries };
}
