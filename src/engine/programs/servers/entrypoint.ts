import { SpawnError, type Process, type Program, type User } from '../../process/index.ts';

/**
 * Ends like `exec "$@"` in a script: the program's status, or 126/127 and the shell's message.
 * @param user what gosu changes to; only root can
 */
export async function execOrFail(
  process: Process,
  command: readonly string[],
  prefix: string,
  user?: User,
): Promise<number> {
  try {
    return await process.exec(command, user ? { user } : {});
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    const text = error.code === 'ENOENT' ? 'not found' : error.message;
    await process.printError(`${prefix}: ${command[0] ?? ''}: ${text}\n`);
    return error.status;
  }
}

/** An entrypoint script that only runs its arguments. */
export const execEntrypoint: Program = (process) =>
  execOrFail(process, process.argv.slice(1), `${process.argv[0]}: exec`);

/** curlimages/curl: arguments that are no program go to curl. */
export const curlEntrypoint: Program = (process) => {
  const command = process.argv.slice(1);
  const first = command[0] ?? '';
  const isProgram = first !== '' && !first.startsWith('-') && !first.includes('://') && first !== 'curl';
  return execOrFail(process, first === 'curl' || isProgram ? command : ['curl', ...command], '/entrypoint.sh: exec');
};
