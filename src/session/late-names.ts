import type { Program } from '../engine/process/index.ts';
import { code } from './late-code.ts';
import { provideLateCode } from './late.ts';

// Outside the page nothing is late. The page's build (vite.config.ts) evaluates this module and puts in its place what
// it exports, so that the page's first chunk knows the names without the code.
provideLateCode(code);

type Names = [name: string, startup?: number][];

/** What the late code is called: programs with the virtual ms that they take to start, and programs that complete. */
export const lateNames: { programs: Record<keyof typeof code.programs, Names>; completers: string[] } = {
  programs: {
    tools: names(code.programs.tools),
    servers: names(code.programs.servers),
    clients: names(code.programs.clients),
  },
  completers: [...code.completers.keys()],
};

function names(programs: ReadonlyMap<string, Program>): Names {
  return [...programs].map(([name, { startup }]) => (startup === undefined ? [name] : [name, startup]));
}
