import type { Shell } from './shell.ts';

export interface InteractiveOptions {
  rc: boolean;
  rcFile: string | undefined;
}

export async function runInteractive(shell: Shell, _options: InteractiveOptions): Promise<number> {
  await shell.printError('slipway: an interactive shell is not simulated\n');
  return 1;
}
