import {
  bigIntOf,
  bits,
  bytesOf,
  children,
  dottedOf,
  integer,
  number,
  readAll,
  sequence,
  tagged,
  time,
  timeOf,
  concat,
} from './der.ts';
import { decodeExtensions, encodeExtensions, type Extension } from './extensions.ts';
import {
  decodePublicKey,
  encodePublicKey,
  publicKeyOf,
  sign,
  signatureAlgorithm,
  verify,
  type PrivateKey,
  type PublicKey,
} from './keys.ts';
import { decodeName, encodeName, type DistinguishedName } from './names.ts';
import { encodePem, pemBlocks } from './pem.ts';

/** Certificates (RFC 5280). */

export interface CertificateFields {
  readonly serial: bigint;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Unix ms, whole seconds. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: PublicKey;
  readonly extensions: readonly Extension[];
}

export interface Certificate extends CertificateFields {
  /** 1 or 3. */
  readonly version: number;
  /** Dotted. */
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
  /** What was signed. */
  readonly body: Uint8Array;
  readonly der: Uint8Array;
}

/** Makes a certificate, DER. Without extensions it is of version 1 when `version` says so. */
export function createCertificate(fields: CertificateFields, issuerKey: PrivateKey, version: 1 | 3 = 3): Uint8Array {
  const algorithm = signatureAlgorithm(issuerKey);
  const body = sequence(
    ...(version === 3 ? [tagged(0, number(2))] : []),
    integer(bytesOf(fields.serial)),
    algorithm,
    encodeName(fields.issuer),
    sequence(time(fields.notBefore), time(fields.notAfter)),
    encodeName(fields.subject),
    encodePublicKey(publicKeyOf(fields.publicKey)),
    ...(version === 3 && fields.extensions.length > 0 ? [tagged(3, encodeExtensions(fields.extensions))] : []),
  );
  return sequence(body, algorithm, bits(sign(issuerKey, body)));
}

export const certificatePem = (der: Uint8Array) => encodePem('CERTIFICATE', der);

/** @throws Error for what is no certificate */
export function readCertificate(der: Uint8Array): Certificate {
  const [body, algorithm, signature] = children(readAll(der)[0]);
  const parts = children(body);
  const version = parts[0]?.tag === 0xa0 ? Number(bigIntOf(children(parts.shift())[0]!.content)) + 1 : 1;
  const [serial, , issuer, validity, subject, key, ...rest] = parts;
  const [notBefore, notAfter] = children(validity);
  if (!body || !serial || !issuer || !subject || !key || !notBefore || !notAfter || !signature)
    throw new Error('not a certificate');
  return {
    version,
    serial: bigIntOf(serial.content),
    issuer: decodeName(issuer),
    subject: decodeName(subject),
    notBefore: timeOf(notBefore),
    notAfter: timeOf(notAfter),
    publicKey: decodePublicKey(key),
    extensions: decodeExtensions(children(rest.find(({ tag }) => tag === 0xa3))[0]),
    signatureAlgorithm: dottedOf(children(algorithm)[0]!),
    signature: concat([signature.content.subarray(1)]),
    body: body.whole,
    der,
  };
}

/** Every certificate of a PEM text. @throws Error for one that can't be read */
export function readCertificates(text: string): Certificate[] {
  return pemBlocks(text)
    .filter(({ label }) => label === 'CERTIFICATE' || label === 'TRUSTED CERTIFICATE' || label === 'X509 CERTIFICATE')
    .map(({ data }) => readCertificate(data));
}

export const isSignedBy = (certificate: Certificate, key: PublicKey): boolean =>
  verify(key, certificate.body, certificate.signature);
