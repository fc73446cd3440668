import { recall, remember } from '../ui/storage.ts';

/** Where paneforge keeps the panes' sizes. */
export const paneStorage = {
  getItem: (name: string): string | null => recall(name) ?? null,
  setItem: (name: string, value: string): void => remember(name, value),
};
