/**
 * Small preferences in localStorage. In some frames every access throws: then they live as long as the page.
 */
const memory = new Map<string, string>();
const prefix = 'slipway:';

export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(prefix + key) ?? undefined;
  } catch {
    return memory.get(key);
  }
}

export function remember(key: string, value: string): void {
  memory.set(key, value);
  try {
    localStorage.setItem(prefix + key, value);
  } catch {
    // Refused or full: the copy in memory serves this page.
  }
}

/** A remembered JSON value, or undefined if there is none or it isn't JSON. */
export function recallJson(key: string): unknown {
  const text = recall(key);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export const rememberJson = (key: string, value: unknown): void => remember(key, JSON.stringify(value));
