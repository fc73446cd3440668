import { SpawnError, type Program, type SignalName } from '../../process/index.ts';

const forwarded: readonly SignalName[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2'];

/** tini as Docker ships it (`--init`): starts the command, hands signals on and ends with its status. */
export const dockerInit: Program = async (process) => {
  const dash = process.argv.indexOf('--');
  const command = process.argv.slice(dash + 1);
  try {
    const child = process.spawn(command, { group: 'new' });
    if (process.tty) process.tty.foregroundGroup = child.group;
    for (const signal of forwarded) process.onSignal(signal, () => child.kill(signal));
    return await child.wait();
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    await process.printError(`[FATAL tini (${process.pid})] exec ${command[0]} failed: ${error.message}\n`);
    return error.status;
  }
};
