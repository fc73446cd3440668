/// <reference lib="webworker" />
/**
 * The worker that holds the engine: takes inputs and queries from the page, paces virtual time, and tells what changed.
 */
import { WorkerHost } from './worker-host.ts';
import type { FromWorker, ToWorker } from './protocol.ts';

const scope = self as unknown as DedicatedWorkerGlobalScope;

/** A macrotask hop that browsers don't throttle. */
function messageChannelHop(): () => Promise<void> {
  const channel = new MessageChannel();
  const waiting: (() => void)[] = [];
  channel.port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      channel.port2.postMessage(0);
    });
}

const host = new WorkerHost({
  send: (message: FromWorker) => scope.postMessage(message),
  time: {
    now: () => performance.now(),
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    hop: messageChannelHop(),
  },
  loadLateCode: async () => (await import('./late-code.ts')).code,
});

scope.onmessage = (event: MessageEvent<ToWorker>) => host.receive(event.data);
