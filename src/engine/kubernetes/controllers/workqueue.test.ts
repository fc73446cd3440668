import { describe, expect, it } from 'vitest';
import { World } from '../../world/index.ts';
import { ApiError } from '../client.ts';
import { WorkQueue, type WorkQueueOptions } from './workqueue.ts';

function setUp(options: Partial<WorkQueueOptions> & { cost?: number; fail?: (key: string) => boolean }) {
  const world = new World({ seed: 1, epoch: 0 });
  const log: string[] = [];
  let spent = 0;
  const queue = new WorkQueue(world, () => spent, {
    workers: 1,
    reconcile: (key) => {
      log.push(`${world.queue.now} ${key}`);
      spent += options.cost ?? 0;
      if (options.fail?.(key)) {
        throw new ApiError({
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          reason: 'Conflict',
          code: 409,
        });
      }
    },
    ...options,
  });
  return { world, queue, log };
}

describe('work queue', () => {
  it('reconciles a waiting key once', () => {
    const { world, queue, log } = setUp({});
    for (const key of ['a', 'b', 'a']) queue.add(key);
    world.queue.run();
    expect(log).toEqual(['0 a', '0 b']);
  });

  it('keeps a worker busy for what it cost, and a key with one worker', () => {
    const { world, queue, log } = setUp({ workers: 2, cost: 10 });
    for (const key of ['a', 'b', 'c']) queue.add(key);
    world.queue.run({ until: 5 });
    queue.add('a');
    world.queue.run();
    expect(log).toEqual(['0 a', '0 b', '10 c', '10 a']);
  });

  it('backs off after failures, doubling', () => {
    let failures = 3;
    const { world, queue, log } = setUp({ fail: () => failures-- > 0 });
    queue.add('a');
    world.queue.run();
    expect(log).toEqual(['0 a', '5 a', '15 a', '35 a']);
  });

  it('gives a key up after its last try', () => {
    const { world, queue, log } = setUp({ fail: () => true, maxRetries: 2 });
    queue.add('a');
    world.queue.run();
    expect(log).toEqual(['0 a', '5 a', '15 a']);
  });

  it('takes the earliest of several delays', () => {
    const { world, queue, log } = setUp({});
    queue.addAfter('a', 50);
    queue.addAfter('a', 20);
    queue.addAfter('a', 80);
    world.queue.run();
    expect(log).toEqual(['20 a']);
  });
});
