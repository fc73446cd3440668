import { gunzipSync } from 'fflate';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import {
  applyTarEntries,
  FileSystem,
  FsError,
  normalizePath,
  parentPath,
  pathPattern,
  readTar,
  TarError,
  type Attributes,
  type DirectoryNode,
  type Node,
} from '../../world/index.ts';

/** A file that COPY or ADD takes, and its place in the source. */
export interface SourceFile {
  /** Absolute in the source's tree. */
  path: string;
  node: Node;
}

export interface CopyOptions {
  /** Owner of what is copied; the source's own without. */
  owner?: { uid: number; gid: number } | undefined;
  mode?: number | undefined;
  /** Archives are unpacked. */
  unpack: boolean;
  /** Keeps the directories of sources. */
  parents?: boolean;
  exclude?: readonly string[];
}

const viewOf = (root: DirectoryNode, now = 0) => new FileSystem({ now: () => now, root });

/** What a source names, links followed; wildcards may find several. Undefined when a plain path isn't there. */
export function findSources(root: DirectoryNode, pattern: string): SourceFile[] | undefined {
  const path = normalizePath(`/${pattern}`);
  const fs = viewOf(root);
  if (!/[*?[]/.test(pattern)) {
    let node: Node | undefined;
    try {
      node = fs.lookup(path);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
    }
    return node ? [{ path, node }] : undefined;
  }
  const expression = pathPattern(path.slice(1));
  if (!expression) return undefined;
  const found: SourceFile[] = [];
  const walk = (dir: DirectoryNode, prefix: string): void => {
    for (const name of [...dir.entries.keys()].sort()) {
      const inner = prefix + name;
      const node = dir.entries.get(name)!;
      if (expression.test(inner)) {
        const real = fs.lookup(`/${inner}`);
        if (real) found.push({ path: `/${inner}`, node: real });
      } else if (node.type === 'directory') walk(node, `${inner}/`);
    }
  };
  walk(root, '');
  return found;
}

const digests = new WeakMap<Node, string>();

/** What a cache compares: names, modes, owners and content, no times. */
export function contentDigest(node: Node): string {
  let known = digests.get(node);
  if (known !== undefined) return known;
  const hash = sha256.create().update(utf8ToBytes(`${node.type} ${node.mode} ${node.uid} ${node.gid}\n`));
  if (node.type === 'file') hash.update(utf8ToBytes(`${node.program ?? ''}\n`)).update(node.data);
  else if (node.type === 'symlink') hash.update(utf8ToBytes(node.target));
  else if (node.type === 'device') hash.update(utf8ToBytes(node.device));
  else
    for (const name of [...node.entries.keys()].sort())
      hash.update(utf8ToBytes(`${name} ${contentDigest(node.entries.get(name)!)}\n`));
  digests.set(node, (known = bytesToHex(hash.digest())));
  return known;
}

/** The tree in an archive, if the file is one: tar, or tar in gzip. */
export function archiveIn(data: Uint8Array, onto?: DirectoryNode): DirectoryNode | undefined {
  let bytes = data;
  if (data[0] === 0x1f && data[1] === 0x8b)
    try {
      bytes = gunzipSync(data);
    } catch {
      return undefined;
    }
  const isTar = bytes.length >= 512 && new TextDecoder().decode(bytes.subarray(257, 262)) === 'ustar';
  if (!isTar) return undefined;
  try {
    return applyTarEntries(readTar(bytes), onto);
  } catch (error) {
    if (error instanceof TarError) return undefined;
    throw error;
  }
}

/**
 * Puts sources at a destination (absolute; a `/` at its end says that it is a directory).
 * @throws FsError when a file stands where a directory should be
 */
export function copyInto(
  root: DirectoryNode,
  sources: readonly SourceFile[],
  destination: string,
  options: CopyOptions,
  now: number,
): DirectoryNode {
  const fs = viewOf(root, now);
  const intoDirectory = destination.endsWith('/') || sources.length > 1;
  const target = normalizePath(destination);
  const excluded = (options.exclude ?? []).map((pattern) => pathPattern(pattern)).filter((p) => p !== undefined);
  const makeDirectory = (path: string) => {
    if (path !== '/' && fs.lookup(path)?.type !== 'directory') fs.mkdir(path, { recursive: true });
  };
  const attributesOf = (node: Node, isTop: boolean): Attributes => {
    const { uid, gid } = options.owner ?? node;
    const mode =
      options.mode === undefined || (node.type === 'directory' && !isTop && false) ? node.mode : options.mode;
    return { mode, uid, gid, mtime: node.mtime };
  };
  const put = (node: Node, path: string, relative: string): void => {
    if (excluded.some((pattern) => pattern.test(relative))) return;
    if (node.type === 'directory') {
      makeDirectory(path);
      if (path !== '/' && relative !== '') fs.setAttributes(path, attributesOf(node, false));
      for (const [name, child] of node.entries)
        put(child, `${path === '/' ? '' : path}/${name}`, relative === '' ? name : `${relative}/${name}`);
      return;
    }
    makeDirectory(parentPath(path));
    if (fs.lookup(path, false)?.type === 'directory') throw new FsError('EISDIR', path);
    fs.putNode(path, node.type === 'symlink' ? node : { ...node, ...attributesOf(node, true) });
  };
  for (const { path, node } of sources) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    const prefix = options.parents ? parentPath(path) : '';
    const archive = options.unpack && node.type === 'file' ? archiveIn(node.data) : undefined;
    if (archive) {
      makeDirectory(target);
      put(archive, target, '');
    } else if (node.type === 'directory') put(node, options.parents ? normalizePath(`${target}/${path}`) : target, '');
    else {
      const isDirectory = intoDirectory || options.parents || fs.lookup(target)?.type === 'directory';
      put(node, isDirectory ? normalizePath(`${target}/${prefix}/${name}`) : target, name);
    }
  }
  return fs.root;
}
