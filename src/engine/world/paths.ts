/** Paths, without looking at any file. */

const isNormal = /^(?:\/|(?:\/(?!\.{1,2}(?:\/|$))[^/]+)+)$/;

/** Removes `.`, `..` and doubled slashes from an absolute path. */
export function normalizePath(path: string): string {
  if (isNormal.test(path)) return path;
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') out.pop();
    else out.push(part);
  }
  return '/' + out.join('/');
}

/** `path` seen from the directory `cwd`; keeps a trailing slash, which says "must be a directory". */
export function resolvePath(cwd: string, path: string): string {
  const joined = normalizePath(path.startsWith('/') ? path : `${cwd}/${path}`);
  return path.length > 1 && path.endsWith('/') && joined !== '/' ? joined + '/' : joined;
}

export function parentPath(path: string): string {
  const normal = normalizePath(path);
  return normal.slice(0, normal.lastIndexOf('/')) || '/';
}

export function baseName(path: string): string {
  const normal = normalizePath(path);
  return normal.slice(normal.lastIndexOf('/') + 1) || '/';
}
