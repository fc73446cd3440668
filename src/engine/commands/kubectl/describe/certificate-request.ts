import { decodeBase64 } from '../client/base64.ts';

/** What a PKCS#10 certificate request asks for, as far as `describe csr` shows it. */
export interface CertificateRequest {
  /** Values by attribute, in order. */
  subject: ReadonlyMap<string, readonly string[]>;
  dnsNames: string[];
  emailAddresses: string[];
  ipAddresses: string[];
  uris: string[];
}

interface Der {
  tag: number;
  body: Uint8Array;
}

/** Subject attributes by object identifier (RFC 4519). */
const attributes: Readonly<Record<string, string>> = {
  '2.5.4.3': 'Common Name',
  '2.5.4.5': 'Serial Number',
  '2.5.4.6': 'Country',
  '2.5.4.7': 'Locality',
  '2.5.4.8': 'Province',
  '2.5.4.9': 'StreetAddress',
  '2.5.4.10': 'Organization',
  '2.5.4.11': 'Organizational Unit',
  '2.5.4.17': 'PostalCode',
};
const extensionRequest = '1.2.840.113549.1.9.14';
const subjectAltName = '2.5.29.17';

/** Reads a base64-encoded PEM request. @throws Error if it is none */
export function parseCertificateRequest(request: string): CertificateRequest {
  const pem = new TextDecoder().decode(decodeBase64(request));
  const block = /-----BEGIN (?:NEW )?CERTIFICATE REQUEST-----([\s\S]*?)-----END/.exec(pem);
  if (!block) throw new Error('PEM block type must be CERTIFICATE REQUEST');
  const [outer] = children(decodeBase64(block[1]!.replace(/\s/g, '')));
  const info = children(children(outer!.body)[0]!.body);
  const result: CertificateRequest = {
    subject: readSubject(info[1]!),
    dnsNames: [],
    emailAddresses: [],
    ipAddresses: [],
    uris: [],
  };
  const requested = info.find((item) => item.tag === 0xa0);
  for (const attribute of requested ? children(requested.body) : []) {
    const [id, set] = children(attribute.body);
    if (oid(id!.body) !== extensionRequest) continue;
    for (const extension of children(children(set!.body)[0]!.body)) {
      const parts = children(extension.body);
      if (oid(parts[0]!.body) === subjectAltName) readAlternativeNames(parts.at(-1)!, result);
    }
  }
  return result;
}

function readSubject(name: Der): Map<string, string[]> {
  const subject = new Map<string, string[]>();
  for (const set of children(name.body))
    for (const pair of children(set.body)) {
      const [id, value] = children(pair.body);
      const attribute = attributes[oid(id!.body)];
      if (attribute) subject.set(attribute, [...(subject.get(attribute) ?? []), text(value!.body)]);
    }
  return subject;
}

function readAlternativeNames(octets: Der, result: CertificateRequest): void {
  for (const { tag, body } of children(children(octets.body)[0]!.body)) {
    if (tag === 0x81) result.emailAddresses.push(text(body));
    else if (tag === 0x82) result.dnsNames.push(text(body));
    else if (tag === 0x86) result.uris.push(text(body));
    else if (tag === 0x87) result.ipAddresses.push(address(body));
  }
}

/** The elements inside a constructed one. */
function children(bytes: Uint8Array): Der[] {
  const list: Der[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at]!;
    let length = bytes[at + 1] ?? 0;
    at += 2;
    if (length & 0x80) {
      const size = length & 0x7f;
      length = 0;
      for (let i = 0; i < size; i++) length = length * 256 + (bytes[at++] ?? 0);
    }
    if (at + length > bytes.length) throw new Error('asn1: syntax error: data truncated');
    list.push({ tag, body: bytes.subarray(at, at + length) });
    at += length;
  }
  return list;
}

function oid(bytes: Uint8Array): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of bytes) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (numbers.length === 0)
      numbers.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    else numbers.push(value);
    value = 0;
  }
  return numbers.join('.');
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function address(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups: string[] = [];
  for (let i = 0; i < bytes.length; i += 2) groups.push(((bytes[i]! << 8) | bytes[i + 1]!).toString(16));
  return groups.join(':').replace(/(^|:)0(:0)+(:|$)/, '::');
}
