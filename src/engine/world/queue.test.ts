import { describe, expect, it } from 'vitest';
import { pump } from './pump.ts';
import { RunQueue } from './queue.ts';
import { Channel, Signal, sleep } from './tasks.ts';
import { Cancellation } from './cancel.ts';
import { Pipe, readAll } from './streams.ts';

const hop = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('RunQueue', () => {
  it('runs timers by time, then in the order they were set', () => {
    const queue = new RunQueue();
    const seen: string[] = [];
    queue.after(5, () => seen.push('b'));
    queue.after(1, () => seen.push('a'));
    queue.after(5, () => seen.push('c'));
    expect(queue.run()).toBe('idle');
    expect(seen).toEqual(['a', 'b', 'c']);
    expect(queue.now).toBe(5);
  });

  it('is idle when only timers are left that are never due', () => {
    const queue = new RunQueue();
    const timer = queue.after(Infinity, () => {});
    expect(queue.run()).toBe('idle');
    expect(queue.now).toBe(0);
    expect(queue.nextDue).toBeUndefined();
    timer.cancel();
  });

  it('does not move time when nothing is due, so slices change nothing', () => {
    const queue = new RunQueue();
    queue.after(10, () => {});
    expect(queue.run({ until: 3 })).toBe('time');
    expect(queue.now).toBe(0);
    queue.advanceTo(3);
    expect(queue.now).toBe(3);
    expect(() => queue.advanceTo(11)).toThrow(RangeError);
  });

  it('stops after the given number of steps, before the next timer', () => {
    const queue = new RunQueue();
    const seen: number[] = [];
    for (let i = 0; i < 5; i++) queue.after(i, () => seen.push(i));
    expect(queue.run({ maxSteps: 2 })).toBe('steps');
    expect(seen).toEqual([0, 1]);
    expect(queue.now).toBe(1);
    expect(queue.run({ maxSteps: 0 })).toBe('steps');
  });

  it('lets an async function finish its turn before anything else runs', async () => {
    const queue = new RunQueue();
    const seen: string[] = [];
    const signal = new Signal(queue);
    const waiter = (async () => {
      await signal.wait();
      seen.push('resumed');
      await (async () => seen.push('helper'))();
      seen.push('after helper');
    })();
    queue.post(() => {
      signal.notify();
      queue.post(() => seen.push('next entry'));
    });
    expect(await pump(queue, hop)).toBe('idle');
    await waiter;
    expect(seen).toEqual(['resumed', 'helper', 'after helper', 'next entry']);
  });

  it('cancels a sleep with the reason, once', async () => {
    const queue = new RunQueue();
    const cancel = new Cancellation();
    const slept = sleep(queue, 1000, cancel).catch((error: Error) => error);
    queue.after(10, () => cancel.cancel(new Error('stop')));
    await pump(queue, hop);
    expect(await slept).toMatchObject({ message: 'stop' });
    expect(queue.now).toBe(10);
  });
});

describe('channels and pipes', () => {
  it('a closed channel still gives what is in it', async () => {
    const queue = new RunQueue();
    const channel = new Channel<number>(queue);
    channel.send(1);
    channel.close();
    channel.send(2);
    expect(await channel.receive()).toBe(1);
    expect(await channel.receive()).toBeUndefined();
  });

  it('a pipe holds 64 KiB, then its writer waits', async () => {
    const queue = new RunQueue();
    const pipe = new Pipe(queue);
    let written = 0;
    const writer = (async () => {
      for (let i = 0; i < 4; i++) {
        await pipe.writer.write(new Uint8Array(30_000));
        written++;
      }
      pipe.writer.close();
    })();
    await pump(queue, hop);
    expect(written).toBe(2);
    const reading = readAll(pipe.reader);
    await pump(queue, hop);
    await writer;
    expect((await reading).length).toBe(120_000);
  });

  it('a pipe that nobody reads breaks', async () => {
    const queue = new RunQueue();
    const pipe = new Pipe(queue);
    pipe.reader.close();
    await expect(pipe.writer.write('x')).rejects.toMatchObject({ code: 'EPIPE' });
  });
});
