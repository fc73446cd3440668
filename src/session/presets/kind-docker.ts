import type { Program } from '../../engine/process/index.ts';
import type { Host } from '../room.ts';

/**
 * `docker` on the workstation of a kind cluster, as far as the cluster's nodes go: they are containers there, so
 * `docker stop` and `docker start` are their power switches. Everything else waits for the Docker Engine.
 */
export function kindDocker(nodes: ReadonlyMap<string, Host>): Program {
  return async (process) => {
    const [, command, ...names] = process.argv;
    if (
      (command !== 'stop' && command !== 'start') ||
      names.length === 0 ||
      names.some((name) => name.startsWith('-'))
    ) {
      await process.printError(
        `slipway: docker ${process.argv.slice(1).join(' ')} is not simulated: only docker stop and docker start of kind's nodes are\n`,
      );
      return 1;
    }
    let status = 0;
    for (const name of names) {
      const host = nodes.get(name);
      if (!host) {
        await process.printError(`Error response from daemon: No such container: ${name}\n`);
        status = 1;
        continue;
      }
      if (command === 'stop') await process.sleep(500);
      host.power(command === 'start');
      await process.print(`${name}\n`);
    }
    return status;
  };
}
