import { expect, test, vi } from 'vitest';
import type { SavedSession } from '../../session/protocol.ts';
import { browserStore, isSavedSession } from './store.ts';

const saved: SavedSession = {
  format: 1,
  build: 'b',
  spec: { preset: 'kind-4', seed: 1, epoch: 0 },
  inputs: [],
  end: { t: 0, step: 0 },
};

test('where the browser refuses, sessions stay in memory and that is told once', async () => {
  const refused = vi.fn();
  const store = browserStore(refused, () => {
    throw new DOMException('denied', 'SecurityError');
  });
  await store.save('a', saved);
  await store.save('a', { ...saved, build: 'c' });
  expect(refused).toHaveBeenCalledTimes(1);
  expect((await store.load('a'))?.build).toBe('c');
  await store.remove('a');
  expect(await store.load('a')).toBeUndefined();
});

test.each([
  [undefined],
  [null],
  ['text'],
  [{ format: 2 }],
  [{ ...saved, inputs: 'none' }],
  [{ format: 1, build: 'b' }],
])('what is no saved session is not taken for one: %j', (value) => expect(isSavedSession(value)).toBe(false));

test('a saved session is one', () => expect(isSavedSession(structuredClone(saved))).toBe(true));
