import type { DirectoryNode, FileNode, Node, SymlinkNode } from './file-nodes.ts';
import { readTar, writeTar, type TarEntry } from './tar.ts';

/**
 * File trees as tar archives. What is not in a real archive (which simulated program a file is, which device) travels in
 * PAX records, so that a program survives `docker cp`, `save` and `export`.
 */
const programRecord = 'SLIPWAY.program';
const deviceRecord = 'SLIPWAY.device';

/** Entries for `node` under the name `name`, its directories' contents sorted by name. */
export function tarEntriesOf(name: string, node: Node): TarEntry[] {
  const { mode, uid, gid, mtime } = node;
  const base = { mode, uid, gid, mtime };
  switch (node.type) {
    case 'file':
      return [
        {
          name,
          type: 'file',
          ...base,
          data: node.data,
          ...(node.program === undefined ? {} : { pax: { [programRecord]: node.program } }),
        },
      ];
    case 'symlink':
      return [{ name, type: 'symlink', ...base, target: node.target }];
    case 'device':
      return [{ name, type: 'device', ...base, pax: { [deviceRecord]: node.device } }];
    case 'directory': {
      const own: TarEntry[] = name === '' ? [] : [{ name: `${name}/`, type: 'directory', ...base }];
      const prefix = name === '' ? '' : `${name}/`;
      for (const child of [...node.entries.keys()].sort())
        own.push(...tarEntriesOf(prefix + child, node.entries.get(child)!));
      return own;
    }
  }
}

/** The archive of a tree. */
export function tarOf(name: string, node: Node): Uint8Array {
  return writeTar(tarEntriesOf(name, node));
}

/** The node that an archive's member stands for; undefined for hard links. */
export function nodeOfTarEntry(entry: TarEntry): Node | undefined {
  const { mode, uid, gid, mtime } = entry;
  const base = { mode, uid, gid, mtime };
  switch (entry.type) {
    case 'file': {
      const program = entry.pax?.[programRecord];
      const file: FileNode = { type: 'file', data: entry.data ?? new Uint8Array(), ...base };
      return program === undefined ? file : { ...file, program };
    }
    case 'symlink':
      return { type: 'symlink', target: entry.target ?? '', ...base } satisfies SymlinkNode;
    case 'device': {
      const device = entry.pax?.[deviceRecord] ?? 'null';
      return { type: 'device', device: device as 'null', ...base };
    }
    case 'directory':
      return { type: 'directory', entries: new Map(), ...base };
    case 'hardlink':
      return undefined;
  }
}

export function unpackTree(archive: Uint8Array, onto?: DirectoryNode): DirectoryNode {
  return applyTarEntries(readTar(archive), onto);
}

interface Draft {
  entries: Map<string, Node | Draft>;
  attributes: Omit<DirectoryNode, 'type' | 'entries'>;
}

const isDraft = (node: Node | Draft): node is Draft => !('type' in node);

/** A tree with an archive's members put over it. Members named `.wh.NAME` remove NAME, as in OCI layers. */
export function applyTarEntries(entries: readonly TarEntry[], onto?: DirectoryNode): DirectoryNode {
  const rootAttributes = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };
  const draftOf = (node: DirectoryNode): Draft => {
    const { mode, uid, gid, mtime } = node;
    return { entries: new Map(node.entries), attributes: { mode, uid, gid, mtime } };
  };
  const top: Draft = onto ? draftOf(onto) : { entries: new Map(), attributes: rootAttributes };
  const open = (parts: readonly string[]): Draft => {
    let at = top;
    for (const part of parts) {
      let next = at.entries.get(part);
      if (!next || (!isDraft(next) && next.type !== 'directory'))
        at.entries.set(part, (next = { entries: new Map(), attributes: rootAttributes }));
      else if (!isDraft(next)) at.entries.set(part, (next = draftOf(next as DirectoryNode)));
      at = next as Draft;
    }
    return at;
  };
  const find = (parts: readonly string[]): Node | Draft | undefined => {
    let at: Node | Draft | undefined = top;
    for (const part of parts) {
      if (!at || (!isDraft(at) && at.type !== 'directory')) return undefined;
      at = (at as Draft | DirectoryNode).entries.get(part);
    }
    return at;
  };
  for (const entry of entries) {
    const parts = partsOf(entry.name);
    const name = parts.pop();
    if (name === undefined) continue;
    const into = open(parts);
    if (name === '.wh..wh..opq') into.entries.clear();
    else if (name.startsWith('.wh.')) into.entries.delete(name.slice(4));
    else if (entry.type === 'directory') {
      const { mode, uid, gid, mtime } = entry;
      const draft = open([...parts, name]);
      draft.attributes = { mode, uid, gid, mtime };
    } else {
      const node = entry.type === 'hardlink' ? find(partsOf(entry.target ?? '')) : nodeOfTarEntry(entry);
      if (node) into.entries.set(name, node);
    }
  }
  return finish(top);
}

function partsOf(name: string): string[] {
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts;
}

function finish(draft: Draft): DirectoryNode {
  const entries = new Map<string, Node>();
  for (const [name, node] of draft.entries) entries.set(name, isDraft(node) ? finish(node) : node);
  return { type: 'directory', entries, ...draft.attributes };
}
