import type { Attributes, DirectoryNode, Node } from '../world/index.ts';

/** What stands at a path of an image: text, a simulated program, a symbolic link or an empty directory. */
export type RootEntry =
  | string
  | { program: string; version?: string }
  | { link: string }
  | { directory: true; mode?: number; uid?: number }
  | { script: string }
  | { device: 'null' | 'zero' | 'full' | 'random' | 'tty' | 'stdin' | 'stdout' | 'stderr' };

export type RootEntries = Readonly<Record<string, RootEntry>>;

/** An executable that runs the simulated program `name`; `version` is what its `--version` finds in the file. */
export function program(name: string, version = ''): RootEntry {
  return { program: name, version };
}

export const emptyDirectory: RootEntry = { directory: true };

/** 2026-01-01: when all images of the catalogue were "built". */
const built = 1_767_225_600_000;
const attributes = (mode: number, uid = 0): Attributes => ({ mode, uid, gid: uid, mtime: built });
const encoder = new TextEncoder();

interface DraftDirectory {
  readonly entries: Map<string, Node | DraftDirectory>;
  readonly attributes: Attributes;
}

function isDraft(node: Node | DraftDirectory): node is DraftDirectory {
  return !('type' in node);
}

/** Builds an image's file tree from layers of entries; later layers win. */
export function buildRootfs(...layers: readonly RootEntries[]): DirectoryNode {
  const top: DraftDirectory = { entries: new Map(), attributes: attributes(0o755) };
  for (const layer of layers) {
    for (const [path, entry] of Object.entries(layer)) {
      const parts = path.split('/').filter(Boolean);
      const name = parts.pop();
      if (name === undefined) continue;
      let dir = top;
      for (const part of parts) {
        let next = dir.entries.get(part);
        if (!next || !isDraft(next))
          dir.entries.set(part, (next = { entries: new Map(), attributes: attributes(0o755) }));
        dir = next;
      }
      if (typeof entry === 'object' && 'directory' in entry) {
        const draft = { entries: new Map(), attributes: attributes(entry.mode ?? 0o755, entry.uid) };
        if (!dir.entries.has(name)) dir.entries.set(name, draft);
      } else dir.entries.set(name, nodeOf(entry));
    }
  }
  return finish(top);
}

function nodeOf(entry: Exclude<RootEntry, { directory: true }>): Node {
  if (typeof entry === 'string') return { type: 'file', data: encoder.encode(entry), ...attributes(0o644) };
  if ('link' in entry) return { type: 'symlink', target: entry.link, ...attributes(0o777) };
  if ('script' in entry) return { type: 'file', data: encoder.encode(entry.script), ...attributes(0o755) };
  if ('device' in entry) return { type: 'device', device: entry.device, ...attributes(0o666) };
  const version = entry.version ? `/${entry.version}` : '';
  return {
    type: 'file',
    data: encoder.encode(`\x7fELF\x02\x01\x01\0${entry.program}${version}\0`),
    program: entry.program,
    ...attributes(0o755),
  };
}

function finish(draft: DraftDirectory): DirectoryNode {
  const entries = new Map<string, Node>();
  for (const [name, node] of draft.entries) entries.set(name, isDraft(node) ? finish(node) : node);
  return { type: 'directory', entries, ...draft.attributes };
}
