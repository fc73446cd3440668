import { latency } from '../../world/index.ts';
import type { Process, Program } from '../../process/index.ts';
import { builtins } from '../../shell/builtins/index.ts';
import { runShellProcess } from '../../shell/execute.ts';
import { Shell } from '../../shell/shell.ts';
import { runBuiltin } from '../../shell/simple.ts';

/** A built-in of the shell as a program of its own (`/usr/bin/printf`, `/usr/bin/[`). */
export function builtinProgram(name: string): Program {
  const program = (process: Process): Promise<number> => {
    const shell = new Shell(process, { name, flavor: 'bash', standalone: true });
    shell.initialize();
    return runShellProcess(shell, () => runBuiltin(shell, builtins.get(name)!, [name, ...process.argv.slice(1)]));
  };
  return Object.assign(program, { startup: latency.toolStart });
}
