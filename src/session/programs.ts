import type { Process, Program } from '../engine/process/index.ts';
import { createShells, type Completer } from '../engine/shell/index.ts';
import { lateNames } from './late-names.ts';
import { lateCode } from './late.ts';

/** Stand-ins by the names of late programs: running one runs the code that was loaded for it. */
function late(group: keyof typeof lateNames.programs): ReadonlyMap<string, Program> {
  return new Map(
    lateNames.programs[group].map(([name, startup]) => {
      const program = (process: Process) => lateCode().programs[group].get(name)!(process);
      return [name, startup === undefined ? program : Object.assign(program, { startup })];
    }),
  );
}

const completers = lateNames.completers.map((name): [string, Completer] => [
  name,
  (context) => lateCode().completers.get(name)!(context),
]);

/** What every host of people has: text tools and shells. */
export const tools: ReadonlyMap<string, Program> = new Map([...late('tools'), ...createShells(new Map(completers))]);

/** Everything that an executable file of any host or image can be. */
export const programs: ReadonlyMap<string, Program> = new Map([...tools, ...late('servers'), ...late('clients')]);
