import { errorText, invalid, required, type FieldError } from '../../apimachinery/field-error.ts';
import { loadYaml } from '../../../yaml/index.ts';
import { decodeBase64Bytes } from '../base64url.ts';
import { isRecord } from '../objects.ts';

/** EncryptionConfiguration (apiserver.config.k8s.io/v1): what `--encryption-provider-config` names. */

export type ProviderKind = 'identity' | 'aescbc' | 'aesgcm' | 'secretbox';

export interface EncryptionKey {
  readonly provider: ProviderKind;
  /** '' for identity. */
  readonly name: string;
  readonly secret: Uint8Array;
}

export interface ResourceEncryption {
  /** `secrets`, `deployments.apps`, `*.apps`, `*.`, `*.*`. */
  readonly resources: readonly string[];
  /** The first one writes, all of them read. */
  readonly keys: readonly EncryptionKey[];
}

const kindOf = { apiVersion: 'apiserver.config.k8s.io/v1', kind: 'EncryptionConfiguration' };
const keySizes: Readonly<Record<string, readonly number[]>> = { aescbc: [32], aesgcm: [16, 24, 32], secretbox: [32] };
const providerNames = ['aesgcm', 'aescbc', 'secretbox', 'identity', 'kms'];

/** @throws Error in upstream's words for a file that is wrong */
export function parseEncryptionConfig(text: string): readonly ResourceEncryption[] {
  const config: unknown = loadYaml(text);
  if (!isRecord(config)) throw new Error('encryption provider configuration file is empty');
  if (config['kind'] !== kindOf.kind || config['apiVersion'] !== kindOf.apiVersion) {
    const got = `${String(config['apiVersion'] ?? '')}, Kind=${String(config['kind'] ?? '')}`;
    throw new Error(`got unexpected config type: ${got}`);
  }
  const errors: FieldError[] = [];
  const list = Array.isArray(config['resources']) ? (config['resources'] as unknown[]) : [];
  if (list.length === 0) errors.push(required('resources', 'at least one resource is required'));
  const parsed = list.map((item, i) => parseResource(isRecord(item) ? item : {}, `resources[${i}]`, errors));
  if (errors.length > 0) {
    const texts = errors.map(errorText);
    throw new Error(texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`);
  }
  return parsed;
}

function parseResource(item: Record<string, unknown>, at: string, errors: FieldError[]): ResourceEncryption {
  const resources = Array.isArray(item['resources']) ? item['resources'].map(String) : [];
  const providers = Array.isArray(item['providers']) ? (item['providers'] as unknown[]) : [];
  if (resources.length === 0) errors.push(required(`${at}.resources`, 'at least one resource is required'));
  if (providers.length === 0) errors.push(required(`${at}.providers`, 'at least one provider is required'));
  const keys = providers.flatMap((provider, i) =>
    parseProvider(isRecord(provider) ? provider : {}, `${at}.providers[${i}]`, errors),
  );
  return { resources, keys };
}

function parseProvider(provider: Record<string, unknown>, at: string, errors: FieldError[]): EncryptionKey[] {
  const named = providerNames.filter((name) => isRecord(provider[name]));
  if (named.length === 0) {
    const detail = 'provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity';
    errors.push(required(at, detail));
    return [];
  }
  if (named.length > 1) {
    const detail = 'more than one provider specified in a single element, should split into different list elements';
    errors.push(invalid(at, provider, detail));
    return [];
  }
  const name = named[0]!;
  if (name === 'kms') throw new Error('slipway: encryption with a KMS plugin is not simulated');
  if (name === 'identity') return [{ provider: 'identity', name: '', secret: new Uint8Array(0) }];
  const { keys } = provider[name] as { keys?: unknown };
  if (!Array.isArray(keys) || keys.length === 0) {
    errors.push(required(`${at}.${name}.keys`, 'at least one key is required'));
    return [];
  }
  return keys.flatMap((key, i) =>
    parseKey(isRecord(key) ? key : {}, name as ProviderKind, `${at}.${name}.keys[${i}]`, errors),
  );
}

function parseKey(
  key: Record<string, unknown>,
  provider: ProviderKind,
  at: string,
  errors: FieldError[],
): EncryptionKey[] {
  const { name, secret } = key;
  if (typeof name !== 'string' || name === '') {
    errors.push(required(`${at}.name`, 'name is a mandatory field for a key'));
    return [];
  }
  if (typeof secret !== 'string' || secret === '') {
    errors.push(required(`${at}.secret`, 'secret is a mandatory field for a key'));
    return [];
  }
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(secret)) {
    errors.push(invalid(`${at}.secret`, 'REDACTED', 'secrets must be base64 encoded'));
    return [];
  }
  const bytes = decodeBase64Bytes(secret);
  const sizes = keySizes[provider]!;
  if (!sizes.includes(bytes.length)) {
    const detail = `secret is not of the expected length, got ${bytes.length}, expected one of [${sizes.join(' ')}]`;
    errors.push(invalid(`${at}.secret`, 'REDACTED', detail));
    return [];
  }
  return [{ provider, name, secret: bytes }];
}

/** The entry for a resource; the first that names it counts. @param id `group/resource` */
export function encryptionOf(config: readonly ResourceEncryption[], id: string): ResourceEncryption | undefined {
  const [group = '', resource = ''] = id.split('/');
  const names = group ? [`${resource}.${group}`] : [resource, `${resource}.`];
  const wanted = new Set([...names, `*.${group}`, '*.*']);
  return config.find(({ resources }) => resources.some((name) => wanted.has(name)));
}
