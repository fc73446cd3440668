import { bigIntOf, bytesOf, concat, dottedOf, readAll } from '../../pki/der.ts';
import type { Certificate } from '../../pki/certificate.ts';
import { decodeAltNames, extendedKeyUsages, extensionTypes, keyUsages, type Extension } from '../../pki/extensions.ts';
import { curves, type PublicKey } from '../../pki/keys.ts';
import { formatName } from '../../pki/names.ts';
import type { CertificateRequest } from '../../pki/request.ts';
import { rsaBits } from '../../pki/rsa.ts';

/** Certificates and requests as `-text` prints them (OpenSSL 3.0). */

const signatureNames: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.11': 'sha256WithRSAEncryption',
  '1.2.840.113549.1.1.5': 'sha1WithRSAEncryption',
  '1.2.840.10045.4.3.2': 'ecdsa-with-SHA256',
  '1.3.101.112': 'ED25519',
};

export const hex = (bytes: Uint8Array, separator = '', upper = false): string => {
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(separator);
  return upper ? text.toUpperCase() : text;
};

/** Rows of bytes with colons; each row but the last ends in one. */
function rows(bytes: Uint8Array, indent: string, perRow: number): string {
  const lines: string[] = [];
  for (let i = 0; i < bytes.length; i += perRow) lines.push(indent + hex(bytes.subarray(i, i + perRow), ':'));
  return lines.join(':\n');
}

/** `Nov 22 18:29:57 2026 GMT`. */
export function formatTime(ms: number): string {
  const [, day = '', month = '', year = '', time = ''] = new Date(ms).toUTCString().split(' ');
  return `${month} ${day.replace(/^0/, ' ')} ${time} ${year} GMT`;
}

export function publicKeyText(key: PublicKey, indent: string): string {
  if (key.kind === 'RSA') {
    const modulus = bytesOf(key.n);
    const shown = modulus[0]! & 0x80 ? concat([Uint8Array.of(0), modulus]) : modulus;
    return (
      `${indent}Public Key Algorithm: rsaEncryption\n${indent}    Public-Key: (${rsaBits(key)} bit)\n` +
      `${indent}    Modulus:\n${rows(shown, `${indent}        `, 15)}\n` +
      `${indent}    Exponent: ${key.e} (0x${key.e.toString(16)})\n`
    );
  }
  if (key.kind === 'ED25519')
    return `${indent}Public Key Algorithm: ED25519\n${indent}    ED25519 Public-Key:\n${indent}    pub:\n${rows(key.point, `${indent}        `, 15)}\n`;
  const [name, curve] = Object.entries(curves).find(([, { oid }]) => oid === key.curve) ?? [];
  return (
    `${indent}Public Key Algorithm: id-ecPublicKey\n${indent}    Public-Key: (${curve?.bits} bit)\n` +
    `${indent}    pub:\n${rows(key.point, `${indent}        `, 15)}\n` +
    `${indent}    ASN1 OID: ${name}\n${indent}    NIST CURVE: ${curve?.nist}\n`
  );
}

const titles: Readonly<Record<string, string>> = {
  [extensionTypes.subjectKeyIdentifier]: 'X509v3 Subject Key Identifier',
  [extensionTypes.authorityKeyIdentifier]: 'X509v3 Authority Key Identifier',
  [extensionTypes.basicConstraints]: 'X509v3 Basic Constraints',
  [extensionTypes.keyUsage]: 'X509v3 Key Usage',
  [extensionTypes.extendedKeyUsage]: 'X509v3 Extended Key Usage',
  [extensionTypes.subjectAltName]: 'X509v3 Subject Alternative Name',
};

export const extensionByName: Readonly<Record<string, string>> = extensionTypes;

function extensionValue({ type, value }: Extension): string {
  const [outer] = readAll(value);
  const parts = outer ? (outer.tag & 0x20 ? readAll(outer.content) : []) : [];
  switch (type) {
    case extensionTypes.subjectKeyIdentifier:
      return hex(outer!.content, ':', true);
    case extensionTypes.authorityKeyIdentifier: {
      const id = parts.find(({ tag }) => tag === 0x80);
      return id ? hex(id.content, ':', true) : '';
    }
    case extensionTypes.basicConstraints: {
      const ca = parts.some(({ tag, content }) => tag === 1 && content[0] !== 0);
      const length = parts.find(({ tag }) => tag === 2);
      return `CA:${ca ? 'TRUE' : 'FALSE'}${length ? `, pathlen:${bigIntOf(length.content)}` : ''}`;
    }
    case extensionTypes.keyUsage: {
      const set = outer!.content.subarray(1);
      return keyUsages
        .flatMap(([, long], bit) => ((set[bit >> 3] ?? 0) & (0x80 >> (bit & 7)) ? [long] : []))
        .join(', ');
    }
    case extensionTypes.extendedKeyUsage:
      return parts
        .map((part) => {
          const dotted = dottedOf(part);
          return extendedKeyUsages.find(([oid]) => oid === dotted)?.[2] ?? dotted;
        })
        .join(', ');
    case extensionTypes.subjectAltName:
      return decodeAltNames(value)
        .map(({ kind, value: name }) => `${kind === 'IP' ? 'IP Address' : kind}:${name}`)
        .join(', ');
    default:
      return [...value].map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');
  }
}

export function extensionText(extension: Extension, indent: string): string {
  const title = titles[extension.type] ?? extension.type;
  return `${indent}${title}: ${extension.critical ? 'critical' : ''}\n${indent}    ${extensionValue(extension)}\n`;
}

function signatureText(algorithm: string, signature: Uint8Array): string {
  const name = signatureNames[algorithm] ?? algorithm;
  return `    Signature Algorithm: ${name}\n    Signature Value:\n${rows(signature, '        ', 18)}\n`;
}

export function serialText(serial: bigint, indent: string): string {
  if (serial < 1n << 63n) return `${indent}Serial Number: ${serial} (0x${serial.toString(16)})\n`;
  return `${indent}Serial Number:\n${indent}    ${hex(bytesOf(serial), ':')}\n`;
}

export function certificateText(certificate: Certificate): string {
  const { version, serial, issuer, subject, notBefore, notAfter, publicKey, extensions } = certificate;
  const algorithm = signatureNames[certificate.signatureAlgorithm] ?? certificate.signatureAlgorithm;
  return (
    `Certificate:\n    Data:\n        Version: ${version} (0x${version - 1})\n${serialText(serial, '        ')}` +
    `        Signature Algorithm: ${algorithm}\n        Issuer: ${formatName(issuer)}\n        Validity\n` +
    `            Not Before: ${formatTime(notBefore)}\n            Not After : ${formatTime(notAfter)}\n` +
    `        Subject: ${formatName(subject)}\n        Subject Public Key Info:\n${publicKeyText(publicKey, '            ')}` +
    (extensions.length > 0
      ? `        X509v3 extensions:\n${extensions.map((e) => extensionText(e, '            ')).join('')}`
      : '') +
    signatureText(certificate.signatureAlgorithm, certificate.signature)
  );
}

export function requestText(request: CertificateRequest): string {
  const { subject, publicKey, extensions } = request;
  return (
    `Certificate Request:\n    Data:\n        Version: 1 (0x0)\n        Subject: ${formatName(subject)}\n` +
    `        Subject Public Key Info:\n${publicKeyText(publicKey, '            ')}        Attributes:\n` +
    (extensions.length > 0
      ? `            Requested Extensions:\n${extensions.map((e) => extensionText(e, '                ')).join('')}`
      : '            (none)\n') +
    signatureText(request.signatureAlgorithm, request.signature)
  );
}
