/**
 * Seeded pseudo-random numbers (xoshiro128** by Blackman and Vigna, seeded through splitmix32). Every component takes
 * a stream of its own by name, so that one component's draws never shift another's.
 */
export class Random {
  readonly #seed: number;
  readonly #streams = new Map<string, RandomStream>();

  constructor(seed: number) {
    this.#seed = seed >>> 0;
  }

  /** The stream of that name; the same object each time. */
  stream(name: string): RandomStream {
    let stream = this.#streams.get(name);
    if (!stream) this.#streams.set(name, (stream = new RandomStream(this.#seed ^ hashName(name))));
    return stream;
  }

  /** Remembers all streams; the returned function puts them back: for questions that must not change the world. */
  remember(): () => void {
    const before = [...this.#streams].map(([name, stream]) => [name, stream.snapshot()] as const);
    return () => {
      const kept = new Set(before.map(([name]) => name));
      for (const name of [...this.#streams.keys()]) if (!kept.has(name)) this.#streams.delete(name);
      for (const [name, state] of before) this.#streams.get(name)!.restore(state);
    };
  }

  snapshot(): unknown {
    return [...this.#streams].map(([name, stream]) => [name, stream.snapshot()]).sort();
  }
}

export class RandomStream {
  readonly #state: Uint32Array;

  constructor(seed: number) {
    let x = seed >>> 0;
    this.#state = Uint32Array.from({ length: 4 }, () => {
      x = (x + 0x9e3779b9) >>> 0;
      let z = x;
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return (z ^ (z >>> 15)) >>> 0;
    });
  }

  /** 32 random bits. */
  uint32(): number {
    const s = this.#state as unknown as [number, number, number, number] & Uint32Array;
    const result = Math.imul(rotl(Math.imul(s[1], 5), 7), 9) >>> 0;
    const t = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotl(s[3], 11);
    return result;
  }

  /** A number in [0, 1). */
  float(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** An integer in [0, bound). */
  int(bound: number): number {
    return Math.floor(this.float() * bound);
  }

  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[this.int(items.length)]!;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.uint32() & 0xff);
  }

  /** Lower-case hexadecimal digits, as in container ids. */
  hex(digits: number): string {
    return String.fromCharCode(...this.#hexCodes(digits));
  }

  /** A version 4 UUID. */
  uuid(): string {
    const digits = this.#hexCodes(32);
    const codes: number[] = [];
    for (let i = 0; i < 32; i++) {
      if (i === 8 || i === 12 || i === 16 || i === 20) codes.push(dash);
      codes.push(i === 12 ? version4 : i === 16 ? hexCode(8 | (hexValue(digits[i]!) & 3)) : digits[i]!);
    }
    return String.fromCharCode(...codes);
  }

  /** Character codes, as strings put together of pieces stay in pieces in memory. */
  #hexCodes(digits: number): number[] {
    const codes: number[] = [];
    while (codes.length < digits) {
      const bits = this.uint32();
      for (let shift = 28; shift >= 0 && codes.length < digits; shift -= 4) codes.push(hexCode((bits >>> shift) & 15));
    }
    return codes;
  }

  snapshot(): number[] {
    return [...this.#state];
  }

  restore(state: readonly number[]): void {
    this.#state.set(state);
  }
}

const dash = '-'.charCodeAt(0);
const version4 = '4'.charCodeAt(0);

function hexValue(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}

function hexCode(value: number): number {
  return value < 10 ? 48 + value : 87 + value;
}

function rotl(x: number, k: number): number {
  return ((x << k) | (x >>> (32 - k))) >>> 0;
}

/** FNV-1a. */
function hashName(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h >>> 0;
}
