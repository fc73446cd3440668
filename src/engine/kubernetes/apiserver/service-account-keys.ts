import { p256 } from '@noble/curves/nist.js';
import { sha256, sha384 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { encodePublicKey, curves, type CurvePrivateKey } from '../../pki/keys.ts';
import { decodeBase64Url, encodeBase64Url } from './base64url.ts';

/** The key that a cluster's service account tokens are signed with, and how it is published (RFC 7517). */
export interface SigningKey {
  readonly id: string;
  readonly key: CurvePrivateKey;
  /** Signatures that are known to be good: making and checking one takes milliseconds. */
  readonly known: Set<string>;
}

const keys = new Map<string, SigningKey>();
/** Known signatures and keys beyond this many are forgotten. */
const memory = 1000;

/**
 * The key of a cluster. It follows from the cluster's UID, which the world drew, so that whoever looks at a key first
 * draws nothing; it is worked out when it is first needed.
 */
export function signingKey(cluster: string): SigningKey {
  let found = keys.get(cluster);
  if (!found) {
    const secret = p256.utils.randomSecretKey(sha384(utf8ToBytes(`service account key of ${cluster}`)));
    const key: CurvePrivateKey = {
      kind: 'EC',
      curve: curves['prime256v1']!.oid,
      secret,
      point: p256.getPublicKey(secret, false),
    };
    found = { id: encodeBase64Url(sha256(encodePublicKey(key))), key, known: new Set() };
    if (keys.size >= memory) keys.clear();
    keys.set(cluster, found);
  }
  return found;
}

/** The signature of a JWT's first two parts (RFC 7518 §3.4). */
export function signatureOf(key: SigningKey, text: string): string {
  const signature = encodeBase64Url(p256.sign(utf8ToBytes(text), key.key.secret, { lowS: false }));
  remember(key, `${text}.${signature}`);
  return signature;
}

export function verifies(key: SigningKey, text: string, signature: string): boolean {
  if (key.known.has(`${text}.${signature}`)) return true;
  let good: boolean;
  try {
    good = p256.verify(decodeBase64Url(signature), utf8ToBytes(text), key.key.point, { lowS: false });
  } catch {
    return false;
  }
  if (good) remember(key, `${text}.${signature}`);
  return good;
}

function remember({ known }: SigningKey, token: string): void {
  if (known.size >= memory) known.clear();
  known.add(token);
}

/** The key set that `/openid/v1/jwks` shows. */
export function keySet({ id, key }: SigningKey): object {
  const [x, y] = [key.point.subarray(1, 33), key.point.subarray(33)].map(encodeBase64Url);
  return { keys: [{ use: 'sig', kty: 'EC', kid: id, crv: 'P-256', alg: 'ES256', x, y }] };
}
