import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { Bus, type WorldEvents } from './bus.ts';
import type { Cancellation } from './cancel.ts';
import { Clock } from './clock.ts';
import { RunQueue } from './queue.ts';
import { Random } from './random.ts';
import { sleep } from './tasks.ts';

export interface WorldOptions {
  seed: number;
  /** Unix ms at which virtual time begins. */
  epoch: number;
}

/** Time, chance and news of one simulated machine room; everything else is built on these. */
export class World {
  readonly seed: number;
  readonly queue = new RunQueue();
  readonly clock: Clock;
  readonly random: Random;
  readonly bus = new Bus<WorldEvents>();
  readonly #parts = new Map<string, () => unknown>();

  constructor({ seed, epoch }: WorldOptions) {
    this.seed = seed;
    this.clock = new Clock(this.queue, epoch);
    this.random = new Random(seed);
  }

  /** Waits `ms` of virtual time. */
  sleep(ms: number, cancel?: Cancellation): Promise<void> {
    return sleep(this.queue, ms, cancel);
  }

  /**
   * Makes a component's state part of the state hash.
   * @param snapshot gives plain data (Maps, Sets and byte arrays too) that determines the component's future.
   */
  registerState(name: string, snapshot: () => unknown): void {
    if (this.#parts.has(name)) throw new Error(`state ${name} is registered twice`);
    this.#parts.set(name, snapshot);
  }

  unregisterState(name: string): void {
    this.#parts.delete(name);
  }

  /** One hash per component, for finding what differs. */
  stateHashes(): Record<string, string> {
    const hashes: Record<string, string> = {
      queue: digest(this.queue.snapshot()),
      random: digest(this.random.snapshot()),
    };
    for (const name of [...this.#parts.keys()].sort()) hashes[name] = digest(this.#parts.get(name)!());
    return hashes;
  }

  /** SHA-256 over the whole state. */
  stateHash(): string {
    return digest(this.stateHashes());
  }
}

function digest(value: unknown): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value))));
}

const digests = new WeakMap<object, string>();

/** Digest of something that never changes (a frozen API object), worked out once. */
export function immutableDigest(value: object): string {
  let known = digests.get(value);
  if (known === undefined) digests.set(value, (known = digest(value)));
  return known;
}

/** JSON with sorted keys; Maps, Sets and byte arrays have a form of their own. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, v: unknown) => {
    if (v instanceof Map) return { $map: [...v].sort((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1)) };
    if (v instanceof Set) return { $set: [...v].map(String).sort() };
    if (v instanceof Uint8Array) return { $bytes: bytesToHex(sha256(v)) };
    if (typeof v === 'bigint') return { $bigint: String(v) };
    if (v && typeof v === 'object' && !Array.isArray(v)) {
      const sorted: Record<string, unknown> = {};
      for (const key of Object.keys(v).sort()) sorted[key] = (v as Record<string, unknown>)[key];
      return sorted;
    }
    return v;
  });
}
