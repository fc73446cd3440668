import { expect, it, onTestFinished } from 'vitest';
import { nodeHop } from '../headless/hop.ts';
import { code } from './late-code.ts';
import { withholdLateCode, type LateCode } from './late.ts';
import type { FromWorker } from './protocol.ts';
import { WorkerHost } from './worker-host.ts';

/** A host clock that goes as told, and real timers for what waits on it. */
class Clock {
  #now = 0;
  #timers: { due: number; run: () => void }[] = [];

  readonly time = {
    now: () => this.#now,
    after: (ms: number, run: () => void) => {
      const timer = { due: this.#now + ms, run };
      this.#timers.push(timer);
      return () => void (this.#timers = this.#timers.filter((other) => other !== timer));
    },
    hop: nodeHop,
  };

  async pass(ms: number): Promise<void> {
    for (const end = this.#now + ms; this.#now < end;) {
      this.#now = Math.min(end, this.#now + 10);
      for (const timer of this.#timers.filter(({ due }) => due <= this.#now)) {
        this.#timers = this.#timers.filter((other) => other !== timer);
        timer.run();
      }
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }
}

it.each([0, 60, 99, 150, 3_000])('prompts however late the terminal comes: after %i ms', async (delay) => {
  const giveBack = withholdLateCode();
  onTestFinished(giveBack);
  const clock = new Clock();
  const messages: FromWorker[] = [];
  let loads = 0;
  let provide = (_code: LateCode) => {};
  const loadLateCode = () => {
    loads++;
    return new Promise<LateCode>((resolve) => (provide = resolve));
  };
  const host = new WorkerHost({ send: (message) => messages.push(message), time: clock.time, loadLateCode });
  const shown = () => messages.map((message) => (message.type === 'output' ? message.data : '')).join('');
  host.receive({ type: 'start', spec: { preset: 'kind-4', seed: 1, epoch: 0, files: {} } });
  await clock.pass(delay);
  host.receive({ type: 'input', input: { kind: 'terminal', terminal: 't1', host: 'laptop', rows: 24, columns: 80 } });
  await clock.pass(400);
  expect(shown()).toContain('$ ');
  expect(loads).toBe(1);
  expect(messages.some(({ type }) => type === 'hosts')).toBe(false);
  giveBack();
  provide(code);
  await clock.pass(400);
  expect(messages.some(({ type }) => type === 'hosts')).toBe(true);
});
