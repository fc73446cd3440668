import { ed25519 } from '@noble/curves/ed25519.js';
import { p256, p384 } from '@noble/curves/nist.js';
import {
  bigIntOf,
  bits,
  children,
  concat,
  dottedOf,
  nothing,
  number,
  objectIdentifier,
  octets,
  readAll,
  sequence,
  tagged,
  tags,
  type Der,
} from './der.ts';
import { encodePem, pemBlocks } from './pem.ts';
import { inverse, signRsa, verifyRsa, type RsaPrivateKey, type RsaPublicKey } from './rsa.ts';

/** Keys of every kind that certificates are made with. */

export interface CurvePublicKey {
  readonly kind: 'EC' | 'ED25519';
  /** Dotted name of the curve; that of the algorithm for Ed25519. */
  readonly curve: string;
  /** Uncompressed point, or Ed25519's 32 bytes. */
  readonly point: Uint8Array;
}

export interface CurvePrivateKey extends CurvePublicKey {
  readonly secret: Uint8Array;
}

export type PublicKey = RsaPublicKey | CurvePublicKey;
export type PrivateKey = RsaPrivateKey | CurvePrivateKey;

const oid = {
  rsa: '1.2.840.113549.1.1.1',
  sha256WithRsa: '1.2.840.113549.1.1.11',
  ec: '1.2.840.10045.2.1',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  ed25519: '1.3.101.112',
} as const;

export const curves: Readonly<Record<string, { oid: string; nist: string; bits: number; curve: typeof p256 }>> = {
  prime256v1: { oid: '1.2.840.10045.3.1.7', nist: 'P-256', bits: 256, curve: p256 },
  secp384r1: { oid: '1.3.132.0.34', nist: 'P-384', bits: 384, curve: p384 },
};

export const curveNamed = (name: string) =>
  Object.entries(curves).find(([short, { nist }]) => short === name || nist === name)?.[1];

const curveOf = (dotted: string) => {
  const found = Object.values(curves).find((entry) => entry.oid === dotted);
  if (!found) throw new Error(`unknown curve ${dotted}`);
  return found.curve;
};

export function generateCurveKey(dotted: string, random: (bytes: number) => Uint8Array): CurvePrivateKey {
  if (dotted === oid.ed25519) {
    const secret = random(32);
    return { kind: 'ED25519', curve: dotted, secret, point: ed25519.getPublicKey(secret) };
  }
  const curve = curveOf(dotted);
  const secret = curve.utils.randomSecretKey(random(curve.lengths.seed ?? 48));
  return { kind: 'EC', curve: dotted, secret, point: curve.getPublicKey(secret, false) };
}

export const ed25519Oid = oid.ed25519;

/** The algorithm that a key signs with, as certificates name it. */
export function signatureAlgorithm(key: PublicKey): Uint8Array {
  if (key.kind === 'RSA') return sequence(objectIdentifier(oid.sha256WithRsa), nothing());
  return sequence(objectIdentifier(key.kind === 'EC' ? oid.ecdsaWithSha256 : oid.ed25519));
}

export function sign(key: PrivateKey, message: Uint8Array): Uint8Array {
  if (key.kind === 'RSA') return signRsa(key, message);
  if (key.kind === 'ED25519') return ed25519.sign(message, key.secret);
  return curveOf(key.curve).sign(message, key.secret, { format: 'der', lowS: false });
}

export function verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    if (key.kind === 'RSA') return verifyRsa(key, message, signature);
    if (key.kind === 'ED25519') return ed25519.verify(signature, message, key.point);
    return curveOf(key.curve).verify(signature, message, key.point, { format: 'der', lowS: false });
  } catch {
    return false;
  }
}

/** The public half alone. */
export function publicKeyOf(key: PublicKey): PublicKey {
  return key.kind === 'RSA'
    ? { kind: 'RSA', n: key.n, e: key.e }
    : { kind: key.kind, curve: key.curve, point: key.point };
}

export function samePublicKey(a: PublicKey, b: PublicKey): boolean {
  return String(encodePublicKey(a)) === String(encodePublicKey(b));
}

/** SubjectPublicKeyInfo. */
export function encodePublicKey(key: PublicKey): Uint8Array {
  if (key.kind === 'RSA')
    return sequence(sequence(objectIdentifier(oid.rsa), nothing()), bits(sequence(number(key.n), number(key.e))));
  const algorithm =
    key.kind === 'EC'
      ? sequence(objectIdentifier(oid.ec), objectIdentifier(key.curve))
      : sequence(objectIdentifier(oid.ed25519));
  return sequence(algorithm, bits(key.point));
}

/** @throws Error for a kind of key that is not known here */
export function decodePublicKey(info: Der): PublicKey {
  const [algorithm, value] = children(info);
  const [type, parameters] = children(algorithm);
  if (!type || !value) throw new Error('not a public key');
  const content = value.content.subarray(1);
  switch (dottedOf(type)) {
    case oid.rsa: {
      const [n, e] = children(readAll(content)[0]);
      return { kind: 'RSA', n: bigIntOf(n!.content), e: bigIntOf(e!.content) };
    }
    case oid.ec:
      return { kind: 'EC', curve: dottedOf(parameters!), point: content };
    case oid.ed25519:
      return { kind: 'ED25519', curve: oid.ed25519, point: content };
    default:
      throw new Error(`unknown public key algorithm ${dottedOf(type)}`);
  }
}

/** The form of its own that each algorithm has: PKCS #1, SEC 1. */
function encodeTraditional(key: PrivateKey, withParameters: boolean): Uint8Array {
  if (key.kind === 'RSA') {
    const { n, e, d, p, q } = key;
    return sequence(...[0n, n, e, d, p, q, d % (p - 1n), d % (q - 1n), inverse(q, p)].map(number));
  }
  if (key.kind === 'ED25519') return octets(key.secret);
  return sequence(
    number(1),
    octets(key.secret),
    ...(withParameters ? [tagged(0, objectIdentifier(key.curve))] : []),
    tagged(1, bits(key.point)),
  );
}

/** PKCS #8. */
export function encodePrivateKey(key: PrivateKey): Uint8Array {
  const [algorithm] = children(readAll(encodePublicKey(key))[0]);
  return sequence(number(0), algorithm!.whole, octets(encodeTraditional(key, false)));
}

export function privateKeyPem(key: PrivateKey, traditional = false): string {
  if (!traditional || key.kind === 'ED25519') return encodePem('PRIVATE KEY', encodePrivateKey(key));
  return encodePem(`${key.kind} PRIVATE KEY`, encodeTraditional(key, true));
}

export const publicKeyPem = (key: PublicKey) => encodePem('PUBLIC KEY', encodePublicKey(key));

/**
 * The first private key of a text; undefined if there is none.
 * @throws Error for one that can't be read
 */
export function readPrivateKey(text: string): PrivateKey | undefined {
  for (const { label, data } of pemBlocks(text)) {
    const [outer] = readAll(data);
    if (label === 'RSA PRIVATE KEY') return rsaKey(outer);
    if (label === 'EC PRIVATE KEY') return curveKey(outer);
    if (label !== 'PRIVATE KEY') continue;
    const [, algorithm, value] = children(outer);
    const [type, parameters] = children(algorithm);
    const [inner] = readAll(value!.content);
    if (dottedOf(type!) === oid.rsa) return rsaKey(inner);
    if (dottedOf(type!) === oid.ec) return curveKey(inner, dottedOf(parameters!));
    if (dottedOf(type!) !== oid.ed25519) throw new Error(`unknown private key algorithm ${dottedOf(type!)}`);
    const secret = inner!.content;
    return { kind: 'ED25519', curve: oid.ed25519, secret, point: ed25519.getPublicKey(secret) };
  }
  return undefined;
}

function rsaKey(der: Der | undefined): RsaPrivateKey {
  const [, n, e, d, p, q] = children(der).map(({ content }) => bigIntOf(content));
  if (!n || !e || !d || !p || !q) throw new Error('not an RSA private key');
  return { kind: 'RSA', n, e, d, p, q };
}

function curveKey(der: Der | undefined, named?: string): CurvePrivateKey {
  const parts = children(der);
  const secret = parts.find(({ tag }) => tag === tags.octetString)?.content;
  const parameters = parts.find(({ tag }) => tag === 0xa0);
  const dotted = named ?? (parameters && dottedOf(children(parameters)[0]!));
  if (!secret || !dotted) throw new Error('not an EC private key');
  return { kind: 'EC', curve: dotted, secret, point: curveOf(dotted).getPublicKey(secret, false) };
}

/** What identifiers of keys are made of: the bits of the public key (RFC 5280 §4.2.1.2). */
export function keyBits(key: PublicKey): Uint8Array {
  const [, value] = children(readAll(encodePublicKey(key))[0]);
  return concat([value!.content.subarray(1)]);
}
