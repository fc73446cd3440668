import { sha1 } from '@noble/hashes/legacy.js';
import {
  bits,
  children,
  concat,
  dottedOf,
  number,
  objectIdentifier,
  octets,
  readAll,
  sequence,
  tags,
  textOf,
  write,
  type Der,
} from './der.ts';
import { keyBits, type PublicKey } from './keys.ts';

/** Extensions of certificates (RFC 5280 §4.2). */

export interface Extension {
  /** Dotted. */
  readonly type: string;
  readonly critical: boolean;
  /** What stands in the OCTET STRING. */
  readonly value: Uint8Array;
}

export const extensionTypes = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;

/** Bits of keyUsage by OpenSSL's name, with its long name. */
export const keyUsages: readonly (readonly [name: string, long: string])[] = [
  ['digitalSignature', 'Digital Signature'],
  ['nonRepudiation', 'Non Repudiation'],
  ['keyEncipherment', 'Key Encipherment'],
  ['dataEncipherment', 'Data Encipherment'],
  ['keyAgreement', 'Key Agreement'],
  ['keyCertSign', 'Certificate Sign'],
  ['cRLSign', 'CRL Sign'],
  ['encipherOnly', 'Encipher Only'],
  ['decipherOnly', 'Decipher Only'],
];

export const extendedKeyUsages: readonly (readonly [oid: string, name: string, long: string])[] = [
  ['1.3.6.1.5.5.7.3.1', 'serverAuth', 'TLS Web Server Authentication'],
  ['1.3.6.1.5.5.7.3.2', 'clientAuth', 'TLS Web Client Authentication'],
  ['1.3.6.1.5.5.7.3.3', 'codeSigning', 'Code Signing'],
  ['1.3.6.1.5.5.7.3.4', 'emailProtection', 'E-mail Protection'],
  ['1.3.6.1.5.5.7.3.8', 'timeStamping', 'Time Stamping'],
  ['1.3.6.1.5.5.7.3.9', 'OCSPSigning', 'OCSP Signing'],
  ['2.5.29.37.0', 'anyExtendedKeyUsage', 'Any Extended Key Usage'],
];

export const keyIdentifier = (key: PublicKey): Uint8Array => sha1(keyBits(key));

export function basicConstraints(ca: boolean, critical: boolean, pathLength?: number): Extension {
  const parts = ca ? [write(tags.boolean, Uint8Array.of(0xff))] : [];
  if (pathLength !== undefined) parts.push(number(pathLength));
  return { type: extensionTypes.basicConstraints, critical, value: sequence(...parts) };
}

export function subjectKeyIdentifier(key: PublicKey): Extension {
  return { type: extensionTypes.subjectKeyIdentifier, critical: false, value: octets(keyIdentifier(key)) };
}

export function authorityKeyIdentifier(key: PublicKey): Extension {
  return {
    type: extensionTypes.authorityKeyIdentifier,
    critical: false,
    value: sequence(write(0x80, keyIdentifier(key))),
  };
}

/** @param names of `keyUsages` */
export function keyUsage(names: readonly string[], critical: boolean): Extension {
  const set = names.map((name) => keyUsages.findIndex(([short]) => short === name));
  const bytes = new Uint8Array(set.some((bit) => bit > 7) ? 2 : 1);
  for (const bit of set) bytes[bit >> 3]! |= 0x80 >> (bit & 7);
  const unused = 7 - (Math.max(0, ...set) & 7);
  return { type: extensionTypes.keyUsage, critical, value: bits(bytes, unused) };
}

/** @param oids dotted */
export function extendedKeyUsage(oids: readonly string[], critical = false): Extension {
  return { type: extensionTypes.extendedKeyUsage, critical, value: sequence(...oids.map(objectIdentifier)) };
}

/** Names of a subject in the order given. */
export type GeneralName = { readonly kind: 'DNS' | 'IP' | 'email' | 'URI'; readonly value: string };

const generalTags = { email: 0x81, DNS: 0x82, URI: 0x86, IP: 0x87 } as const;

export function subjectAltName(names: readonly GeneralName[], critical = false): Extension {
  const parts = names.map(({ kind, value }) =>
    write(generalTags[kind], kind === 'IP' ? addressBytes(value) : new TextEncoder().encode(value)),
  );
  return { type: extensionTypes.subjectAltName, critical, value: sequence(...parts) };
}

export function decodeAltNames(value: Uint8Array): GeneralName[] {
  return children(readAll(value)[0]).flatMap((part): GeneralName[] => {
    const kind = (Object.keys(generalTags) as (keyof typeof generalTags)[]).find((k) => generalTags[k] === part.tag);
    if (!kind) return [];
    return [{ kind, value: kind === 'IP' ? addressText(part.content) : textOf(part) }];
  });
}

/** @throws RangeError for what is no address */
function addressBytes(address: string): Uint8Array {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  if (v4) return Uint8Array.from(v4.slice(1).map(Number));
  const [head = '', tail] = address.split('::');
  const groups = (text: string) => (text ? text.split(':').map((group) => parseInt(group, 16)) : []);
  const front = groups(head);
  const back = tail === undefined ? [] : groups(tail);
  const all = [...front, ...new Array<number>(Math.max(0, 8 - front.length - back.length)).fill(0), ...back];
  if (all.length !== 8 || all.some((group) => !(group >= 0 && group <= 0xffff))) throw new RangeError(address);
  return Uint8Array.from(all.flatMap((group) => [group >> 8, group & 255]));
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  return Array.from({ length: 8 }, (_, i) =>
    ((bytes[i * 2]! << 8) | bytes[i * 2 + 1]!).toString(16).toUpperCase(),
  ).join(':');
}

export function encodeExtensions(extensions: readonly Extension[]): Uint8Array {
  return sequence(
    ...extensions.map(({ type, critical, value }) =>
      sequence(objectIdentifier(type), ...(critical ? [write(tags.boolean, Uint8Array.of(0xff))] : []), octets(value)),
    ),
  );
}

export function decodeExtensions(list: Der | undefined): Extension[] {
  return children(list).map((extension) => {
    const parts = children(extension);
    return {
      type: dottedOf(parts[0]!),
      critical: parts.length > 2 && parts[1]!.content[0] !== 0,
      value: concat([parts.at(-1)!.content]),
    };
  });
}
