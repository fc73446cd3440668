import { internalError } from '../errors.ts';
import type { ApiServerCore } from '../core.ts';
import {
  encryptionOf,
  parseEncryptionConfig,
  type EncryptionKey,
  type ResourceEncryption,
} from './encryption-config.ts';
import { prefixOf } from './keys.ts';
import { unreadable } from './transformers.ts';

const plain: EncryptionKey = { provider: 'identity', name: '', secret: new Uint8Array(0) };

/**
 * Encryption at rest: which key each stored value was written with. Values are encrypted only when somebody looks at
 * the raw bytes; what counts until then is the configuration that was in force at their revision.
 */
export class EncryptionAtRest {
  readonly #core: ApiServerCore;
  /** Configurations by the revision from which on they count, oldest first. */
  readonly #history: { from: number; config: readonly ResourceEncryption[] }[] = [];

  constructor(core: ApiServerCore) {
    this.#core = core;
  }

  /**
   * Takes a new EncryptionConfiguration, as a restarted server does; without one values are written in the clear.
   * @throws Error in upstream's words for a file that is wrong
   */
  configure(yaml: string | undefined): void {
    const config = yaml === undefined ? [] : parseEncryptionConfig(yaml);
    const { around, store } = this.#core;
    this.#history.push({ from: store.revision + 1, config });
    around.isStale = (id, revision) => !sameKey(this.keyOf(id, revision), this.keys(id)[0]!);
    around.checkReadable = (id, key, revision) => this.#checkReadable(id, key, revision);
  }

  /** The key that a value written at a revision is encrypted with. */
  keyOf(id: string, revision: number): EncryptionKey {
    const inForce = this.#history.findLast(({ from }) => from <= revision);
    return (inForce && encryptionOf(inForce.config, id)?.keys[0]) ?? plain;
  }

  /** The keys in force for a resource, the one that writes first. */
  keys(id: string): readonly EncryptionKey[] {
    const now = this.#history.at(-1);
    return (now && encryptionOf(now.config, id)?.keys) ?? [plain];
  }

  #checkReadable(id: string, key: string, revision: number): void {
    const used = this.keyOf(id, revision);
    const keys = this.keys(id);
    if (keys.some((key) => sameKey(key, used))) return;
    const path = prefixOf(id, false) + key;
    throw internalError(`unable to transform key ${JSON.stringify(path)}: ${unreadable(keys)}`);
  }
}

function sameKey(a: EncryptionKey, b: EncryptionKey): boolean {
  return a.provider === b.provider && a.name === b.name && a.secret.every((byte, i) => byte === b.secret[i]);
}
