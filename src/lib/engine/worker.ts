import type { WorkerLike } from './client.ts';

/** Starts the engine. The expression must stand like this for the bundler to find the worker. */
export const startEngine = (): WorkerLike =>
  new Worker(new URL('../../session/worker.ts', import.meta.url), { type: 'module', name: 'slipway-engine' });
