import { sha256 } from '@noble/hashes/sha2.js';
import type { RandomStream } from '../../../world/index.ts';
import { concat, integer, objectIdentifier, readAll, tags, text, time, write, type Der } from './der.ts';

/** Certificate requests (PKCS #10) and the certificates that answer them (RFC 5280). */

export interface CertificateRequest {
  readonly subject: Der;
  readonly publicKey: Der;
  readonly commonName: string;
  readonly organizations: readonly string[];
  /** The content of the subjectAltName extension. */
  readonly alternativeNames: Der | undefined;
}

const oids = {
  commonName: '85,4,3',
  organization: '85,4,10',
  extensionRequest: '42,134,72,134,247,13,1,9,14',
  subjectAltName: '85,29,17',
};

/** @param request PEM. @throws Error in upstream's words */
export function parseCertificateRequest(request: string): CertificateRequest {
  const block = /-----BEGIN CERTIFICATE REQUEST-----([\s\S]*?)-----END CERTIFICATE REQUEST-----/.exec(request);
  if (!block) throw new Error('PEM block type must be CERTIFICATE REQUEST');
  const outer = readAll(bytesOfBase64(block[1]!))[0];
  const info = outer && readAll(outer.content)[0];
  const [, subject, publicKey, ...attributes] = info ? readAll(info.content) : [];
  if (!subject || !publicKey) throw new Error('asn1: structure error: tags don’t match');
  const names = readAll(subject.content).flatMap((set) => readAll(set.content).map((pair) => readAll(pair.content)));
  const valuesOf = (oid: string) =>
    names.filter(([id]) => id?.content.join() === oid).map(([, value]) => new TextDecoder().decode(value?.content));
  return {
    subject,
    publicKey,
    commonName: valuesOf(oids.commonName)[0] ?? '',
    organizations: valuesOf(oids.organization),
    alternativeNames: alternativeNames(attributes.find(({ tag }) => tag === 0xa0)),
  };
}

function alternativeNames(attributes: Der | undefined): Der | undefined {
  for (const attribute of attributes ? readAll(attributes.content) : []) {
    const [id, values] = readAll(attribute.content);
    if (id?.content.join() !== oids.extensionRequest || !values) continue;
    for (const extension of readAll(readAll(values.content)[0]!.content)) {
      const parts = readAll(extension.content);
      if (parts[0]?.content.join() === oids.subjectAltName) return parts.at(-1);
    }
  }
  return undefined;
}

const ecdsaWithSha256 = () => write(tags.sequence, objectIdentifier('1.2.840.10045.4.3.2'));

/** Bits of the keyUsage extension, and the extended usages, by their names in the API. */
const keyUsageBits: Readonly<Record<string, number>> = {
  signing: 0,
  'digital signature': 0,
  'content commitment': 1,
  'key encipherment': 2,
  'data encipherment': 3,
  'key agreement': 4,
  'cert sign': 5,
  'crl sign': 6,
  'encipher only': 7,
};
const extendedUsages: Readonly<Record<string, string>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
};

/**
 * A certificate for a request, as PEM. All is as in a real one but the signature, whose numbers are drawn: the simulated
 * CA has no key, and nobody in the simulation checks it.
 * @param notBefore Unix ms, as `notAfter`
 */
export function issueCertificate(
  request: CertificateRequest,
  usages: readonly string[],
  notBefore: number,
  notAfter: number,
  random: RandomStream,
): string {
  const serial = bytes(random, 16);
  serial[0]! &= 0x7f;
  const issuer = write(
    tags.sequence,
    write(tags.set, write(tags.sequence, objectIdentifier('2.5.4.3'), text(tags.utf8String, 'kubernetes'))),
  );
  const body = write(
    tags.sequence,
    write(0xa0, integer(Uint8Array.of(2))),
    integer(serial),
    ecdsaWithSha256(),
    issuer,
    write(tags.sequence, time(notBefore), time(notAfter)),
    request.subject.whole,
    request.publicKey.whole,
    write(0xa3, write(tags.sequence, ...extensions(request, usages))),
  );
  const signature = write(tags.sequence, integer(bytes(random, 32)), integer(bytes(random, 32)));
  const certificate = write(tags.sequence, body, ecdsaWithSha256(), write(tags.bitString, Uint8Array.of(0), signature));
  const lines = base64OfBytes(certificate).match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

function extensions(request: CertificateRequest, usages: readonly string[]): Uint8Array[] {
  const critical = write(tags.boolean, Uint8Array.of(0xff));
  const extension = (oid: string, isCritical: boolean, value: Uint8Array) =>
    write(tags.sequence, objectIdentifier(oid), ...(isCritical ? [critical] : []), write(tags.octetString, value));
  const list: Uint8Array[] = [];
  const bits = usages.map((usage) => keyUsageBits[usage]).filter((bit) => bit !== undefined);
  if (bits.length > 0) {
    const byte = bits.reduce((sum, bit) => sum | (0x80 >> bit), 0);
    const unused = 7 - Math.max(...bits);
    list.push(extension('2.5.29.15', true, write(tags.bitString, Uint8Array.of(unused, byte))));
  }
  const extended = usages.map((usage) => extendedUsages[usage]).filter((oid) => oid !== undefined);
  if (extended.length > 0) {
    list.push(extension('2.5.29.37', false, write(tags.sequence, ...extended.map(objectIdentifier))));
  }
  list.push(extension('2.5.29.19', true, write(tags.sequence)));
  const authority = sha256(new TextEncoder().encode('kubernetes')).slice(0, 20);
  list.push(extension('2.5.29.35', false, write(tags.sequence, write(0x80, authority))));
  if (request.alternativeNames) {
    list.push(extension('2.5.29.17', request.subject.content.length === 0, request.alternativeNames.content));
  }
  return list;
}

function bytes(random: RandomStream, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => random.int(256));
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

export function bytesOfBase64(encoded: string): Uint8Array {
  const digits = [...encoded].map((c) => alphabet.indexOf(c)).filter((digit) => digit >= 0);
  const result = new Uint8Array(Math.floor((digits.length * 3) / 4));
  for (let i = 0; i < result.length; i++) {
    const at = Math.floor((i * 4) / 3);
    const shift = (i % 3) * 2 + 2;
    result[i] = (digits[at]! << shift) | (digits[at + 1]! >> (6 - shift));
  }
  return result;
}

export function base64OfBytes(data: Uint8Array): string {
  let result = '';
  for (let i = 0; i < data.length; i += 3) {
    const chunk = concat([data.subarray(i, i + 3), new Uint8Array(2)]);
    const number = (chunk[0]! << 16) | (chunk[1]! << 8) | chunk[2]!;
    const left = data.length - i;
    result += alphabet[number >> 18]! + alphabet[(number >> 12) & 63]!;
    result += left > 1 ? alphabet[(number >> 6) & 63]! : '=';
    result += left > 2 ? alphabet[number & 63]! : '=';
  }
  return result;
}
