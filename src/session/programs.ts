import type { Process, Program } from '../engine/process/index.ts';
import { servers } from '../engine/programs/servers/index.ts';
import { createShells, type Completer } from '../engine/shell/index.ts';
import { lateNames } from './late-names.ts';
import { lateCode } from './late.ts';

/** Programs that are typed at a prompt; running one runs the code that was loaded for it. */
const late = lateNames.programs.map(([name, startup]): [string, Program] => {
  const program = (process: Process) => lateCode().programs.get(name)!(process);
  return [name, startup === undefined ? program : Object.assign(program, { startup })];
});

const completers = lateNames.completers.map((name): [string, Completer] => [
  name,
  (context) => lateCode().completers.get(name)!(context),
]);

/** Everything that an executable file of any host or image can be. */
export const programs: ReadonlyMap<string, Program> = new Map([
  ...late,
  ...createShells(new Map(completers)),
  ...servers,
]);
