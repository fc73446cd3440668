/** The values that Redis keeps. */
export type RedisValue =
  | { type: 'string'; value: string }
  | { type: 'list'; items: string[] }
  | { type: 'hash'; fields: Map<string, string> }
  | { type: 'set'; members: Set<string> }
  | { type: 'zset'; scores: Map<string, number> };

interface Entry {
  value: RedisValue;
  /** Unix ms. */
  expires?: number;
}

/** One numbered database. Keys whose time is over are gone the moment somebody looks. */
export class Keyspace {
  readonly #entries = new Map<string, Entry>();
  readonly #now: () => number;
  expired = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  #live(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry?.expires === undefined || entry.expires > this.#now()) return entry;
    this.#entries.delete(key);
    this.expired++;
    return undefined;
  }

  get(key: string): RedisValue | undefined {
    return this.#live(key)?.value;
  }

  /** Sets a value; its time to live ends unless `keep`. */
  set(
    key: string,
    value: RedisValue,
    { keep = false, expires }: { keep?: boolean; expires?: number | undefined } = {},
  ): void {
    const before = keep ? this.#live(key)?.expires : undefined;
    const until = expires ?? before;
    this.#entries.set(key, until === undefined ? { value } : { value, expires: until });
  }

  delete(key: string): boolean {
    return this.#live(key) !== undefined && this.#entries.delete(key);
  }

  has(key: string): boolean {
    return this.#live(key) !== undefined;
  }

  expiry(key: string): number | undefined {
    return this.#live(key)?.expires;
  }

  setExpiry(key: string, expires: number | undefined): void {
    const entry = this.#live(key);
    if (!entry) return;
    if (expires === undefined) delete entry.expires;
    else entry.expires = expires;
  }

  keys(): string[] {
    return [...this.#entries.keys()].filter((key) => this.has(key));
  }

  clear(): void {
    this.#entries.clear();
  }

  dump(): [string, unknown, number | undefined][] {
    return this.keys().map((key) => {
      const { value, expires } = this.#entries.get(key)!;
      const plain =
        value.type === 'hash' ? { type: 'hash', fields: [...value.fields] }
        : value.type === 'set' ? { type: 'set', members: [...value.members] }
        : value.type === 'zset' ? { type: 'zset', scores: [...value.scores] }
        : value; // prettier-ignore
      return [key, plain, expires];
    });
  }

  load(entries: readonly [string, Record<string, unknown>, (number | null)?][]): void {
    for (const [key, plain, expires] of entries) {
      const value = { ...plain } as Record<string, unknown>;
      if (value['type'] === 'hash') value['fields'] = new Map(value['fields'] as [string, string][]);
      if (value['type'] === 'set') value['members'] = new Set(value['members'] as string[]);
      if (value['type'] === 'zset') value['scores'] = new Map(value['scores'] as [string, number][]);
      this.#entries.set(
        key,
        typeof expires === 'number' ? { value: value as RedisValue, expires } : { value: value as RedisValue },
      );
    }
  }
}

/** Redis's glob: `*`, `?`, `[a-c]`, `\`. */
export function matchesGlob(text: string, pattern: string): boolean {
  let source = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!;
    const close = c === '[' ? pattern.indexOf(']', i + 1) : -1;
    if (c === '*') source += source.endsWith('[^]*?') ? '' : '[^]*?';
    else if (c === '?') source += '[^]';
    else if (close > 0) {
      source += `[${pattern.slice(i + 1, close).replace(/[\\\]]/g, '\\$&')}]`;
      i = close;
    } else source += (c === '\\' ? (pattern[++i] ?? '\\') : c).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  }
  return new RegExp(`^${source}$`).test(text);
}
