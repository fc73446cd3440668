import { createStore, del, get, set, type UseStore } from 'idb-keyval';
import type { SavedSession } from '../../session/protocol.ts';

/** Where saved sessions live between visits. */
export interface SessionStore {
  load(key: string): Promise<SavedSession | undefined>;
  save(key: string, saved: SavedSession): Promise<void>;
  remove(key: string): Promise<void>;
}

export const isSavedSession = (value: unknown): value is SavedSession =>
  typeof value === 'object' &&
  value !== null &&
  (value as SavedSession).format === 1 &&
  typeof (value as SavedSession).build === 'string' &&
  Array.isArray((value as SavedSession).inputs) &&
  typeof (value as SavedSession).spec?.preset === 'string';

/**
 * Keeps sessions in IndexedDB. Where the browser refuses (private frames, full disk) they are kept in memory and
 * `onRefused` is told once, so that the learner knows a reload begins anew.
 */
export function browserStore(
  onRefused: () => void,
  database: () => UseStore = () => createStore('slipway', 'sessions'),
): SessionStore {
  const memory = new Map<string, SavedSession>();
  let store: UseStore | undefined;
  let refused = false;

  async function attempt<T>(action: (store: UseStore) => Promise<T>): Promise<T | undefined> {
    try {
      store ??= database();
      return await action(store);
    } catch {
      if (!refused) onRefused();
      refused = true;
      return undefined;
    }
  }

  return {
    async load(key) {
      const value = memory.get(key) ?? (await attempt((store) => get<unknown>(key, store)));
      return isSavedSession(value) ? value : undefined;
    },
    async save(key, saved) {
      if (refused) memory.set(key, saved);
      else await attempt((store) => set(key, saved, store));
      if (refused) memory.set(key, saved);
    },
    async remove(key) {
      memory.delete(key);
      await attempt((store) => del(key, store));
    },
  };
}
