import type { NetworkNamespace } from '../../network/index.ts';
import { createMachine, PidNamespace } from '../../process/index.ts';
import { Deferred, FileSystem } from '../../world/index.ts';
import type { NodeContext } from './node-context.ts';

/** PID 1 of a Pod whose containers share their processes: it does nothing but be there. Returns the namespace. */
export function startPause({ world, network }: NodeContext, net: NetworkNamespace, hostname: string): PidNamespace {
  const pids = new PidNamespace();
  const fs = new FileSystem({ now: () => world.clock.now() });
  const { processes } = createMachine({
    world,
    network,
    hostname,
    fs,
    net,
    programs: new Map(),
    container: true,
    pids,
  });
  const forever = new Deferred<number>(world.queue);
  processes.run((process) => forever.wait(process.cancel), ['/pause'], undefined, {});
  return pids;
}

/** The sandbox is gone, and with PID 1 everything in its namespace. */
export function endPause(pids: PidNamespace): void {
  pids.table.get(1)?.deliver('SIGKILL', true);
}
