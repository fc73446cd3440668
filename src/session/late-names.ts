import { code } from './late-code.ts';
import { provideLateCode } from './late.ts';

// Outside the page nothing is late. The page's build (vite.config.ts) evaluates this module and puts in its place what
// it exports, so that the page's first chunk knows the names without the code.
provideLateCode(code);

/** What the late code is called: programs with the virtual ms that they take to start, and programs that complete. */
export const lateNames: { programs: [name: string, startup?: number][]; completers: string[] } = {
  programs: [...code.programs].map(([name, { startup }]) => (startup === undefined ? [name] : [name, startup])),
  completers: [...code.completers.keys()],
};
