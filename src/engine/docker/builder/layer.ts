import { changedFiles, digestOf, type Layer } from '../../runtime/index.ts';
import type { DirectoryNode, Node } from '../../world/index.ts';
import { contentDigest } from './copy.ts';

/** Databases of packages, and how much each package in them takes: a layer is as large as what was installed. */
const packageDatabases: readonly { path: string; name: RegExp; size: RegExp; unit: number }[] = [
  { path: 'var/lib/dpkg/status', name: /^Package: (.+)$/m, size: /^Installed-Size: (\d+)$/m, unit: 1024 },
  { path: 'lib/apk/db/installed', name: /^P:(.+)$/m, size: /^I:(\d+)$/m, unit: 1 },
  { path: 'var/lib/rpm/packages', name: /^Name: (.+)$/m, size: /^Size: (\d+)$/m, unit: 1 },
];

function textAt(root: DirectoryNode, path: string): string {
  let node: Node | undefined = root;
  for (const part of path.split('/')) {
    node = node?.type === 'directory' ? node.entries.get(part) : undefined;
    if (node?.type === 'symlink')
      node = root.entries.get('usr') && (root.entries.get('usr') as DirectoryNode).entries.get(part);
  }
  return node?.type === 'file' ? new TextDecoder().decode(node.data) : '';
}

function packages(text: string, name: RegExp, size: RegExp, unit: number): Map<string, number> {
  const found = new Map<string, number>();
  for (const block of text.split('\n\n')) {
    const key = name.exec(block)?.[1];
    if (key !== undefined) found.set(key, Number(size.exec(block)?.[1] ?? 0) * unit);
  }
  return found;
}

function bytes(node: Node): number {
  if (node.type === 'file') return node.data.length;
  if (node.type !== 'directory') return 0;
  let sum = 0;
  for (const child of node.entries.values()) sum += bytes(child);
  return sum;
}

/** The layer of what differs between two trees, addressed by its content (and, where given, by what is below it). */
export function layerOf(before: DirectoryNode, after: DirectoryNode, parent = ''): Layer {
  const changes = changedFiles(before, after) as Record<string, Node | null>;
  let size = 0;
  const list: string[] = [];
  for (const [path, node] of Object.entries(changes)) {
    list.push(`${path} ${node ? `${contentDigest(node)} ${node.mtime}` : 'gone'}`);
    if (node) size += bytes(node);
  }
  for (const { path, name, size: sizes, unit } of packageDatabases) {
    const [was, is] = [textAt(before, path), textAt(after, path)];
    if (was === is) continue;
    const old = packages(was, name, sizes, unit);
    for (const [key, installed] of packages(is, name, sizes, unit)) if (!old.has(key)) size += installed;
  }
  const text = list.sort().join('\n');
  return {
    digest: digestOf(`layer ${parent} ${text}`),
    diffId: digestOf(`diff ${text}`),
    size: Math.ceil(size * 0.4) + 90,
    unpackedSize: size,
  };
}
