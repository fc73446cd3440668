import type { Context } from '../framework/command.ts';
import { CliError, CliExit } from '../framework/errors.ts';

/** Does something for each name and prints it; errors are printed as they come, and the end is 1 then. */
export async function forEach(
  context: Context,
  names: readonly string[],
  act: (name: string) => Promise<string | void>,
  exit = 1,
): Promise<void> {
  let failed = false;
  for (const name of names) {
    try {
      const shown = await act(name);
      if (shown !== undefined) await context.out(`${shown}\n`);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      failed = true;
      await context.err(`${error.message}\n`);
    }
  }
  if (failed) throw new CliExit(exit);
}
