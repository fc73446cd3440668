import { expect, test, vi } from 'vitest';
import type { FromWorker, ToWorker } from '../../session/protocol.ts';
import { EngineClient, EngineStoppedError, type WorkerLike } from './client.ts';

function fakeWorker() {
  const listeners = new Map<string, (event: never) => void>();
  const posted: ToWorker[] = [];
  const worker: WorkerLike & { terminated: boolean } = {
    terminated: false,
    postMessage: (message) => posted.push(message),
    terminate: () => (worker.terminated = true),
    addEventListener: (type: string, listener: (event: never) => void) => listeners.set(type, listener),
  };
  const emit = (type: string, event: unknown) => listeners.get(type)?.(event as never);
  return { worker, posted, emit, tell: (data: FromWorker) => emit('message', { data }) };
}

test('answers go to their queries, whatever the order', async () => {
  const { worker, posted, tell } = fakeWorker();
  const client = new EngineClient(worker, () => undefined);
  const first = client.query<'read'>({ kind: 'read', host: 'h', path: '/a' });
  const second = client.query<'files'>({ kind: 'files', host: 'h', directory: '/' });
  expect(posted).toMatchObject([
    { type: 'query', id: 1 },
    { type: 'query', id: 2 },
  ]);
  tell({ type: 'answer', id: 2, answer: [] });
  tell({ type: 'answer', id: 1, answer: { text: 'a' } });
  expect(await first).toEqual({ text: 'a' });
  expect(await second).toEqual([]);
});

test('a refused query fails with the engine’s words', async () => {
  const { worker, tell } = fakeWorker();
  const client = new EngineClient(worker, () => undefined);
  const query = client.query<'read'>({ kind: 'read', host: 'x', path: '/a' });
  tell({ type: 'answer', id: 1, error: 'there is no host x' });
  await expect(query).rejects.toThrow('there is no host x');
});

test('a crash ends the worker, fails what waits and is told once', async () => {
  const { worker, emit, tell } = fakeWorker();
  const listener = vi.fn();
  const client = new EngineClient(worker, listener);
  const query = client.query<'hash'>({ kind: 'hash' });
  emit('error', { message: 'boom' });
  tell({ type: 'output', terminal: 't1', data: 'late' });
  await expect(query).rejects.toBeInstanceOf(EngineStoppedError);
  expect(worker.terminated).toBe(true);
  expect(listener.mock.calls).toEqual([[{ type: 'crash', message: 'boom' }]]);
  await expect(client.query<'hash'>({ kind: 'hash' })).rejects.toBeInstanceOf(EngineStoppedError);
});

test('an engine that no longer answers is given up', () => {
  vi.useFakeTimers();
  const { worker, tell } = fakeWorker();
  const listener = vi.fn();
  new EngineClient(worker, listener);
  vi.advanceTimersByTime(16_000);
  tell({ type: 'pong' });
  vi.advanceTimersByTime(20_000);
  expect(listener).not.toHaveBeenCalled();
  vi.advanceTimersByTime(8_000);
  expect(listener.mock.calls).toEqual([[{ type: 'crash', message: 'the engine has not answered for 20 seconds' }]]);
  expect(worker.terminated).toBe(true);
  vi.useRealTimers();
});
