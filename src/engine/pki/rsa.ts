import { sha256 } from '@noble/hashes/sha2.js';
import { bigIntOf, bytesOf, nothing, objectIdentifier, octets, sequence, concat } from './der.ts';

/** RSA (RFC 8017). */

export interface RsaPublicKey {
  readonly kind: 'RSA';
  readonly n: bigint;
  readonly e: bigint;
}

export interface RsaPrivateKey extends RsaPublicKey {
  readonly d: bigint;
  readonly p: bigint;
  readonly q: bigint;
}

export const rsaBits = ({ n }: RsaPublicKey): number => n.toString(2).length;

export function powMod(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base % modulus;
  for (const bit of [...exponent.toString(2)].reverse()) {
    if (bit === '1') result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** The inverse of a number modulo another that shares no factor with it. */
export function inverse(a: bigint, modulus: bigint): bigint {
  let [r0, r1, s0, s1] = [modulus, a % modulus, 0n, 1n];
  while (r1 !== 0n) {
    const quotient = r0 / r1;
    [r0, r1, s0, s1] = [r1, r0 - quotient * r1, s1, s0 - quotient * s1];
  }
  return ((s0 % modulus) + modulus) % modulus;
}

const smallPrimes = (() => {
  const found: number[] = [];
  for (let n = 3; n < 4000; n += 2) if (found.every((p) => p * p > n || n % p !== 0)) found.push(n);
  return found;
})();
const rounds = 5;

/**
 * Makes a key. Yields where a program would show progress, and between two candidates, so that whoever drives it can
 * let others run: `.` for a candidate, `+` for a passed round of the primality test, a line feed for a prime.
 * @param random gives so many random bytes
 */
export function* generateRsaKey(
  bits: number,
  random: (bytes: number) => Uint8Array,
): Generator<'.' | '+' | '\n', RsaPrivateKey> {
  const e = 65537n;
  const half = BigInt(bits >> 1);
  for (;;) {
    const p = yield* prime(bits - (bits >> 1), e, random);
    yield '\n';
    const q = yield* prime(bits >> 1, e, random);
    yield '\n';
    const n = p * q;
    const distance = p > q ? p - q : q - p;
    // Primes that lie near each other would be found by Fermat's method (FIPS 186-4).
    if (n.toString(2).length !== bits || distance < 1n << (half > 100n ? half - 100n : 0n)) continue;
    const d = inverse(e, (p - 1n) * (q - 1n));
    return { kind: 'RSA', n, e, d, p: p > q ? p : q, q: p > q ? q : p };
  }
}

function* prime(bits: number, e: bigint, random: (bytes: number) => Uint8Array): Generator<'.' | '+', bigint> {
  // The two highest bits are set, so that a product has twice as many bits.
  const top = 3n << BigInt(bits - 2);
  const mask = (1n << BigInt(bits)) - 1n;
  for (;;) {
    const start = (bigIntOf(random((bits + 7) >> 3)) & mask) | top | 1n;
    const remainders = smallPrimes.map((p) => Number(start % BigInt(p)));
    for (let delta = 0; delta < 20_000; delta += 2) {
      if (smallPrimes.some((p, i) => (remainders[i]! + delta) % p === 0)) continue;
      const candidate = start + BigInt(delta);
      if (candidate > mask) break;
      yield '.';
      if ((candidate - 1n) % e === 0n || powMod(2n, candidate - 1n, candidate) !== 1n) continue;
      let passed = 0;
      for (; passed < rounds; passed++) {
        if (!isWitnessed(candidate, bigIntOf(random(bits >> 3)))) break;
        yield '+';
      }
      if (passed === rounds) return candidate;
    }
  }
}

/** One round of Miller and Rabin. */
function isWitnessed(n: bigint, base: bigint): boolean {
  let d = n - 1n;
  let s = 0;
  while ((d & 1n) === 0n) {
    d >>= 1n;
    s++;
  }
  let x = powMod((base % (n - 3n)) + 2n, d, n);
  if (x === 1n || x === n - 1n) return true;
  for (let i = 1; i < s; i++) {
    x = (x * x) % n;
    if (x === n - 1n) return true;
  }
  return false;
}

/** The message as PKCS #1 v1.5 pads its digest. */
function padded(message: Uint8Array, length: number): bigint {
  const info = sequence(sequence(objectIdentifier('2.16.840.1.101.3.4.2.1'), nothing()), octets(sha256(message)));
  const fill = new Uint8Array(length - info.length - 3).fill(0xff);
  return bigIntOf(concat([Uint8Array.of(0, 1), fill, Uint8Array.of(0), info]));
}

/** sha256WithRSAEncryption, by the Chinese remainder theorem. */
export function signRsa({ n, d, p, q }: RsaPrivateKey, message: Uint8Array): Uint8Array {
  const length = (n.toString(2).length + 7) >> 3;
  const m = padded(message, length);
  const [a, b] = [powMod(m, d % (p - 1n), p), powMod(m, d % (q - 1n), q)];
  const h = (inverse(q, p) * (((a - b) % p) + p)) % p;
  return bytesOf(b + h * q, length);
}

export function verifyRsa({ n, e }: RsaPublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  const length = (n.toString(2).length + 7) >> 3;
  return powMod(bigIntOf(signature), e, n) === padded(message, length);
}
