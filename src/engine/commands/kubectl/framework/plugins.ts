import { SpawnError, type Process } from '../../../process/index.ts';

/**
 * Runs the program `kubectl-a-b` for `kubectl a b …` if there is one on the PATH, the longest name first.
 * @returns its exit status, undefined without such a program
 */
export async function runPlugin(process: Process, argv: readonly string[]): Promise<number | undefined> {
  const end = argv.findIndex((arg) => arg.startsWith('-'));
  const words = (end < 0 ? argv : argv.slice(0, end)).map((word) => word.replaceAll('-', '_'));
  for (let n = words.length; n > 0; n--) {
    try {
      const child = process.spawn([`kubectl-${words.slice(0, n).join('-')}`, ...argv.slice(n)]);
      return await child.wait(process.cancel);
    } catch (error) {
      if (!(error instanceof SpawnError) || error.code !== 'ENOENT') throw error;
    }
  }
  return undefined;
}
