import type { FileSystem } from '../world/index.ts';
import { resolvePath } from '../world/index.ts';
import { compilePattern, hasGlob, unescapePattern } from './pattern.ts';

export interface GlobOptions {
  /** `*` matches names that begin with a dot too. */
  dotglob?: boolean;
  ignoreCase?: boolean;
  /** `**` stands for any depth of directories. */
  globstar?: boolean;
}

/** Pathname expansion: the paths that match, sorted; none if none does. */
export function expandGlob(fs: FileSystem, cwd: string, pattern: string, options: GlobOptions = {}): string[] {
  const absolute = pattern.startsWith('/');
  const parts = pattern.split('/').filter((part, i, all) => part !== '' || i === all.length - 1);
  let found: string[] = [absolute ? '/' : ''];
  parts.forEach((part, i) => {
    const last = i === parts.length - 1;
    const next: string[] = [];
    for (const base of found) {
      if (part === '') {
        if (isDirectory(fs, cwd, base)) next.push(base + '/');
        continue;
      }
      const prefix = base === '' || base.endsWith('/') ? base : base + '/';
      if (options.globstar && part === '**') {
        next.push(...descend(fs, cwd, prefix, last, options));
        continue;
      }
      if (!hasGlob(part)) {
        const path = prefix + unescapePattern(part);
        if (fs.lookup(resolvePath(cwd, path), !last)) next.push(path);
        continue;
      }
      const matcher = compilePattern(part, options.ignoreCase);
      for (const name of names(fs, cwd, prefix)) {
        if (name.startsWith('.') && !part.startsWith('.') && !options.dotglob) continue;
        if (matcher.test(name) && (last || isDirectory(fs, cwd, prefix + name))) next.push(prefix + name);
      }
    }
    found = next;
  });
  return found.filter((path) => path !== '').sort();
}

function descend(fs: FileSystem, cwd: string, prefix: string, last: boolean, options: GlobOptions): string[] {
  const out: string[] = prefix === '' ? (last ? [] : ['']) : [prefix];
  for (const name of names(fs, cwd, prefix)) {
    if (name.startsWith('.') && !options.dotglob) continue;
    const path = prefix + name;
    const node = fs.lookup(resolvePath(cwd, path), false);
    if (node?.type === 'directory') {
      out.push(
        ...(last ? [path] : []),
        ...descend(fs, cwd, path + '/', last, options).filter((p) => !last || p !== path + '/'),
      );
    } else if (last) out.push(path);
  }
  return out;
}

function names(fs: FileSystem, cwd: string, directory: string): string[] {
  const path = resolvePath(cwd, directory || '.');
  return isDirectory(fs, cwd, directory || '.') ? fs.readdir(path.length > 1 ? path.replace(/\/$/, '') : path) : [];
}

function isDirectory(fs: FileSystem, cwd: string, path: string): boolean {
  return fs.lookup(resolvePath(cwd, path || '.'))?.type === 'directory';
}
