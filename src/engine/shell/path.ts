import { mayAccess, permission } from '../process/index.ts';
import type { Shell } from './shell.ts';

/** The executable files that `name` could mean, in the order of PATH. */
export function findExecutables(shell: Shell, name: string): string[] {
  const { process } = shell;
  const usable = (path: string) => {
    const node = process.machine.fs.lookup(process.path(path));
    return node?.type === 'file' && mayAccess(process.user, node, permission.execute);
  };
  if (name.includes('/')) return usable(name) ? [name] : [];
  return pathDirectories(shell)
    .map((directory) => `${directory}/${name}`)
    .filter(usable);
}

export function pathDirectories(shell: Shell): string[] {
  return (shell.variables.get('PATH') ?? '').split(':').map((d) => d || '.');
}
