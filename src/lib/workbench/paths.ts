import type { HostInfo } from '../../session/protocol.ts';
import type { TerminalTab } from '../state/terminals.svelte.ts';

/** Lessons name files below the learner's work directory. */
export const workPath = (host: HostInfo, path: string): string =>
  path.startsWith('/') ? path : `${host.home}/work/${path}`;

const quoted = (path: string): string => (/^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`);

/** The command that applies a file, naming it as short as the terminal's directory allows. */
export function applyCommand(tab: TerminalTab | undefined, path: string): string {
  const directory = tab?.directory;
  const below = directory && path.startsWith(`${directory}/`);
  return `kubectl apply -f ${quoted(below ? path.slice(directory.length + 1) : path)}`;
}
