import {
  bits,
  children,
  concat,
  dottedOf,
  number,
  objectIdentifier,
  readAll,
  sequence,
  tagged,
  tags,
  write,
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
import { encodePem, pemBlock } from './pem.ts';

/** Certificate requests (PKCS #10, RFC 2986). */

export interface CertificateRequest {
  readonly subject: DistinguishedName;
  readonly publicKey: PublicKey;
  readonly extensions: readonly Extension[];
  readonly signatureAlgorithm: string;
  readonly signature: Uint8Array;
  /** What was signed. */
  readonly body: Uint8Array;
}

const extensionRequest = '1.2.840.113549.1.9.14';

export function createRequest(subject: DistinguishedName, key: PrivateKey, extensions: readonly Extension[]): string {
  const attributes =
    extensions.length === 0
      ? []
      : [sequence(objectIdentifier(extensionRequest), write(tags.set, encodeExtensions(extensions)))];
  const body = sequence(number(0), encodeName(subject), encodePublicKey(publicKeyOf(key)), tagged(0, ...attributes));
  return encodePem('CERTIFICATE REQUEST', sequence(body, signatureAlgorithm(key), bits(sign(key, body))));
}

/** @throws Error for what is no request */
export function readRequest(text: string): CertificateRequest {
  const block = pemBlock(text, 'CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST');
  if (!block) throw new Error('PEM block type must be CERTIFICATE REQUEST');
  const [body, algorithm, signature] = children(readAll(block.data)[0]);
  const [, subject, key, attributes] = children(body);
  if (!body || !subject || !key || !signature) throw new Error('asn1: structure error: tags don’t match');
  const requested = children(attributes).find((attribute) => {
    const [type] = children(attribute);
    return type && dottedOf(type) === extensionRequest;
  });
  const values = requested && children(requested)[1];
  return {
    subject: decodeName(subject),
    publicKey: decodePublicKey(key),
    extensions: decodeExtensions(children(values)[0]),
    signatureAlgorithm: dottedOf(children(algorithm)[0]!),
    signature: concat([signature.content.subarray(1)]),
    body: body.whole,
  };
}

export const isSelfSigned = (request: CertificateRequest): boolean =>
  verify(request.publicKey, request.body, request.signature);
