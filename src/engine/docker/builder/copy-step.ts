import { FileSystem, toBytes, type DirectoryNode, type FileNode } from '../../world/index.ts';
import { findUser, RuntimeError } from '../../runtime/index.ts';
import { findSources, type SourceFile } from './copy.ts';
import type { Op } from './plan.ts';

export type CopyOp = Extract<Op, { kind: 'copy' }>;

export interface CopySources {
  files: SourceFile[];
  /** Heredocs. */
  written: SourceFile[];
  urls: string[];
  /** The first source that isn't there: absolute in the source. */
  missing: string | undefined;
}

const isUrl = (source: string) => /^(https?|ftp):\/\//.test(source);

/** What COPY or ADD takes. */
export function copySources(op: CopyOp, root: DirectoryNode): CopySources {
  const found: CopySources = { files: [], written: [], urls: [], missing: undefined };
  for (const { name, content } of op.heredocs) {
    const node: FileNode = { type: 'file', data: toBytes(content), mode: 0o644, uid: 0, gid: 0, mtime: 0 };
    found.written.push({ path: `/${name}`, node });
  }
  for (const source of op.sources) {
    if (op.add && isUrl(source)) {
      found.urls.push(source);
      continue;
    }
    const files = findSources(root, source);
    if (files) found.files.push(...files);
    else found.missing ??= normal(source);
  }
  return found;
}

function normal(source: string): string {
  const parts: string[] = [];
  for (const part of source.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

/** Who owns what is copied: `--chown`, else root; text: why the name can't be used. */
export function ownerOf(
  chown: string,
  root: DirectoryNode,
  own: boolean,
): { uid: number; gid: number } | string | undefined {
  if (chown === '') return own ? { uid: 0, gid: 0 } : undefined;
  const [user = '', group] = chown.split(':');
  const fs = new FileSystem({ now: () => 0, root });
  const prefix = 'unable to convert uid/gid chown string to host mapping: ';
  let uid: number;
  let gid: number;
  if (/^\d+$/.test(user)) uid = gid = Number(user);
  else
    try {
      const found = findUser(fs, user);
      ({ uid, gid } = found);
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      return `${prefix}can't find uid for user ${user}: no such user: ${user}`;
    }
  if (group !== undefined && group !== '') {
    if (/^\d+$/.test(group)) gid = Number(group);
    else {
      const text = fs.exists('/etc/group') ? fs.readText('/etc/group') : '';
      const line = text.split('\n').find((l) => l.startsWith(`${group}:`));
      if (!line) return `${prefix}can't find gid for group ${group}: no such group: ${group}`;
      gid = Number(line.split(':')[2]);
    }
  }
  return { uid, gid };
}
