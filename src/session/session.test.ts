import { describe, expect, it } from 'vitest';
import { nodeHop } from '../headless/hop.ts';
import { pump } from '../engine/world/index.ts';
import type { Input } from './protocol.ts';
import { ReplayError, Session } from './session.ts';

const spec = { preset: 'kind-4', seed: 7, epoch: Date.UTC(2026, 0, 5, 9, 0, 0), files: {} };

/** A short piece of work with a terminal, in which inputs arrive while the world is busy. */
async function work(session: Session): Promise<void> {
  const type = (data: string): Input => ({ kind: 'keys', terminal: 't1', data });
  session.apply({ kind: 'terminal', terminal: 't1', host: session.room.workstation.name, rows: 24, columns: 80 });
  const waits: [Input, number][] = [
    [type('kubectl create deployment web --image=nginx:1.27 --replicas=3\r'), 1_500],
    [type('kubectl get pods -w\r'), 900],
    [type('\x03'), 300],
    [type('kubectl scale deploy/web --replicas=5\r'), 40],
    [
      {
        kind: 'save',
        host: session.room.workstation.name,
        path: `${session.room.workstation.home}/work/a.txt`,
        text: 'a\n',
      },
      5_000,
    ],
    [type('for i in 1 2 3; do echo $i $RANDOM; sleep 1; done | tee out.txt\r'), 7_000],
  ];
  for (const [input, ms] of waits) {
    session.apply(input);
    await session.settle();
    await pump(session.queue, nodeHop, { until: session.queue.now + ms });
  }
}

describe('a session', () => {
  it('is the same world for the same seed and inputs', async () => {
    const first = new Session(spec, nodeHop);
    await work(first);
    const second = new Session(spec, nodeHop);
    await second.replay(first.inputs, { t: first.queue.now, step: first.queue.steps });
    expect(second.room.world.stateHashes()).toEqual(first.room.world.stateHashes());
  });

  it('does not depend on how time is cut into slices', async () => {
    const whole = new Session(spec, nodeHop);
    await work(whole);
    const sliced = new Session(spec, nodeHop);
    for (const { t, step, input } of whole.inputs) {
      while (sliced.queue.steps < step) {
        const maxSteps = Math.min(7, step - sliced.queue.steps);
        await pump(sliced.queue, nodeHop, { until: t, maxSteps });
      }
      if (sliced.queue.now < t) sliced.queue.advanceTo(t);
      sliced.apply(input);
    }
    await sliced.replay([], { t: whole.queue.now, step: whole.queue.steps });
    expect(sliced.room.world.stateHashes()).toEqual(whole.room.world.stateHashes());
  });

  it('another seed gives another world', async () => {
    const first = new Session(spec, nodeHop);
    await work(first);
    const other = new Session({ ...spec, seed: 8 }, nodeHop);
    await work(other);
    expect(other.room.world.stateHash()).not.toBe(first.room.world.stateHash());
  });

  it('notices inputs that do not belong to this world', async () => {
    const session = new Session(spec, nodeHop);
    await expect(session.replay([], { t: 10, step: 1_000_000 })).rejects.toThrow(ReplayError);
  });
});
