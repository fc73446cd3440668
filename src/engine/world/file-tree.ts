import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { FsError, type DirectoryNode, type Node } from './file-nodes.ts';

/** Trees of nodes: a change copies the directories on its way. */

const sizes = new WeakMap<DirectoryNode, number>();

/** Bytes of all files below a directory. What has not changed since the last call costs nothing. */
export function directorySize(directory: DirectoryNode): number {
  let size = sizes.get(directory);
  if (size !== undefined) return size;
  size = 0;
  for (const node of directory.entries.values()) {
    if (node.type === 'file') size += node.data.length;
    else if (node.type === 'directory') size += directorySize(node);
  }
  sizes.set(directory, size);
  return size;
}

/** By how many bytes the files below `after` are more than those below `before`, which it was made from. */
export function growth(before: DirectoryNode, after: DirectoryNode): number {
  if (before === after) return 0;
  let bytes = 0;
  for (const [name, node] of after.entries) {
    const old = before.entries.get(name);
    if (old === node) continue;
    if (node.type === 'directory' && old?.type === 'directory') bytes += growth(old, node);
    else bytes += sizeOf(node) - sizeOf(old);
  }
  for (const [name, old] of before.entries) if (!after.entries.has(name)) bytes -= sizeOf(old);
  return bytes;
}

function sizeOf(node: Node | undefined): number {
  if (node?.type === 'file') return node.data.length;
  return node?.type === 'directory' ? directorySize(node) : 0;
}

const digests = new WeakMap<Node, string>();

export function nodeDigest(node: Node): string {
  let known = digests.get(node);
  if (known !== undefined) return known;
  const { type, mode, uid, gid, mtime } = node;
  const hash = sha256.create().update(utf8ToBytes(`${type} ${mode} ${uid} ${gid} ${mtime}\n`));
  if (node.type === 'file') hash.update(utf8ToBytes(`${node.program ?? ''}\n`)).update(node.data);
  else if (node.type === 'symlink') hash.update(utf8ToBytes(node.target));
  else if (node.type === 'device') hash.update(utf8ToBytes(node.device));
  else
    for (const name of [...node.entries.keys()].sort())
      hash.update(utf8ToBytes(`${name} ${nodeDigest(node.entries.get(name)!)}\n`));
  digests.set(node, (known = bytesToHex(hash.digest())));
  return known;
}

/** New nodes by name, and what changes in directories. */
export type Changes = Map<string, Node | Changes>;

export function addChange(changes: Changes, path: string, node: Node): void {
  const parts = path.slice(1).split('/');
  const name = parts.pop()!;
  let into = changes;
  for (const part of parts) {
    let inner = into.get(part);
    if (!(inner instanceof Map)) into.set(part, (inner = new Map()));
    into = inner;
  }
  into.set(name, node);
}

export function replaceMany(dir: DirectoryNode, changes: Changes, mtime: number): DirectoryNode {
  const entries = new Map(dir.entries);
  let own = false;
  for (const [name, change] of changes) {
    if (change instanceof Map) {
      const child = entries.get(name);
      if (child?.type !== 'directory') throw new FsError(child ? 'ENOTDIR' : 'ENOENT', name);
      entries.set(name, replaceMany(child, change, mtime));
    } else {
      own = true;
      entries.set(name, change);
    }
  }
  return own ? { ...dir, entries, mtime } : { ...dir, entries };
}
export function replaceIn(
  dir: DirectoryNode,
  parts: string[],
  i: number,
  node: Node | undefined,
  mtime: number,
  path: string,
): DirectoryNode {
  const name = parts[i]!;
  const entries = new Map(dir.entries);
  if (i === parts.length - 1) {
    if (node) entries.set(name, node);
    else entries.delete(name);
    return { ...dir, entries, mtime };
  }
  const child = entries.get(name);
  if (child?.type !== 'directory') throw new FsError(child ? 'ENOTDIR' : 'ENOENT', path);
  entries.set(name, replaceIn(child, parts, i + 1, node, mtime, path));
  return { ...dir, entries };
}
