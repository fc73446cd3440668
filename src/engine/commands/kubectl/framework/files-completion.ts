import type { Process } from '../../../process/index.ts';

/** Files and directories that begin with a word; directories end with a slash. With `suffixes` only such files. */
export function completeFiles(process: Process, word: string, suffixes?: readonly string[]): readonly string[] {
  const { fs } = process.machine;
  const slash = word.lastIndexOf('/');
  const directory = slash < 0 ? '' : word.slice(0, slash + 1);
  const start = word.slice(slash + 1);
  const path = process.path(directory === '' ? '.' : directory);
  if (fs.lookup(path)?.type !== 'directory') return [];
  return fs
    .readdir(path)
    .filter((name) => name.startsWith(start) && (!name.startsWith('.') || start.startsWith('.')))
    .map((name) => `${directory}${name}${fs.lookup(`${path}/${name}`)?.type === 'directory' ? '/' : ''}`)
    .filter((name) => !suffixes || name.endsWith('/') || suffixes.some((suffix) => name.endsWith(`.${suffix}`)));
}
