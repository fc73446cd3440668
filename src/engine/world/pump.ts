import type { RunLimits, RunQueue, RunStop } from './queue.ts';

/**
 * What the host lends the engine: one hop through its macrotask queue, so that pending microtasks finish.
 * Node: `setImmediate`; a page or worker: a `MessageChannel` message.
 */
export type MacrotaskHop = () => Promise<void>;

/**
 * Runs the queue until a limit or idleness, hopping whenever an async function was resumed.
 * @param limits as for `RunQueue.run`; `stop` is asked after every hop.
 */
export async function pump(
  queue: RunQueue,
  hop: MacrotaskHop,
  limits: RunLimits & { stop?: () => boolean } = {},
): Promise<Exclude<RunStop, 'drain'> | 'stopped'> {
  const lastStep = queue.steps + (limits.maxSteps ?? Infinity);
  for (;;) {
    await hop();
    if (limits.stop?.()) return 'stopped';
    const result = queue.run({ until: limits.until, maxSteps: lastStep - queue.steps });
    if (result !== 'drain') return result;
  }
}
