import { cbc, gcm } from '@noble/ciphers/aes.js';
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import type { EncryptionKey, ProviderKind } from './encryption-config.ts';

/** Values as they are kept at rest: `k8s:enc:<provider>:v1:<key>:` and the encrypted bytes (storage/value/encrypt). */

interface Transformer {
  readonly nonceLength: number;
  seal(secret: Uint8Array, nonce: Uint8Array, value: Uint8Array, context: Uint8Array): Uint8Array;
  open(secret: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, context: Uint8Array): Uint8Array;
}

const transformers: Readonly<Record<Exclude<ProviderKind, 'identity'>, Transformer>> = {
  aescbc: {
    nonceLength: 16,
    seal: (secret, iv, value) => cbc(secret, iv).encrypt(value),
    open: (secret, iv, sealed) => cbc(secret, iv).decrypt(sealed),
  },
  // Bound to its key in etcd: a value that was moved cannot be read.
  aesgcm: {
    nonceLength: 12,
    seal: (secret, nonce, value, context) => gcm(secret, nonce, context).encrypt(value),
    open: (secret, nonce, sealed, context) => gcm(secret, nonce, context).decrypt(sealed),
  },
  secretbox: {
    nonceLength: 24,
    seal: (secret, nonce, value) => xsalsa20poly1305(secret, nonce).encrypt(value),
    open: (secret, nonce, sealed) => xsalsa20poly1305(secret, nonce).decrypt(sealed),
  },
};

function prefixOf({ provider, name }: EncryptionKey): Uint8Array {
  return utf8ToBytes(`k8s:enc:${provider}:v1:${name}:`);
}

/**
 * @param path the key in etcd
 * @param salt what makes this write different from others: the nonce comes from it, as looking at a value may change nothing
 */
export function seal(key: EncryptionKey, path: string, value: Uint8Array, salt: string): Uint8Array {
  if (key.provider === 'identity') return value;
  const { nonceLength, seal: encrypt } = transformers[key.provider];
  const nonce = sha256(concatBytes(key.secret, utf8ToBytes(`${path} ${salt}`))).subarray(0, nonceLength);
  return concatBytes(prefixOf(key), nonce, encrypt(key.secret, nonce, value, utf8ToBytes(path)));
}

/** Reads a value with the first key that its prefix names. @throws Error in upstream's words */
export function open(keys: readonly EncryptionKey[], path: string, stored: Uint8Array): Uint8Array {
  for (const key of keys) {
    if (key.provider === 'identity') {
      if (startsWith(stored, utf8ToBytes('k8s:enc:'))) continue;
      return stored;
    }
    const prefix = prefixOf(key);
    if (!startsWith(stored, prefix)) continue;
    const { nonceLength, open: decrypt } = transformers[key.provider];
    const nonce = stored.subarray(prefix.length, prefix.length + nonceLength);
    return decrypt(key.secret, nonce, stored.subarray(prefix.length + nonceLength), utf8ToBytes(path));
  }
  throw new Error(unreadable(keys));
}

/** Why none of these keys can read an encrypted value. */
export function unreadable(keys: readonly EncryptionKey[]): string {
  return keys.every(({ provider }) => provider === 'identity')
    ? 'identity transformer tried to read encrypted data'
    : 'no matching prefix found';
}

function startsWith(bytes: Uint8Array, prefix: Uint8Array): boolean {
  return prefix.every((byte, i) => bytes[i] === byte);
}
