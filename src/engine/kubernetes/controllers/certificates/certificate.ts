import { certificatePem, createCertificate, readCertificates } from '../../../pki/certificate.ts';
import { bigIntOf } from '../../../pki/der.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  extensionTypes,
  keyUsage,
  type Extension,
} from '../../../pki/extensions.ts';
import { generateCurveKey, publicKeyOf, readPrivateKey, type PrivateKey } from '../../../pki/keys.ts';
import type { DistinguishedName } from '../../../pki/names.ts';
import type { CertificateRequest } from '../../../pki/request.ts';
import type { RandomStream } from '../../../world/index.ts';

/** keyUsage and extended usages by their names in the API (k8s.io/api/certificates/v1 KeyUsage). */
const keyUsageNames: Readonly<Record<string, string>> = {
  signing: 'digitalSignature',
  'digital signature': 'digitalSignature',
  'content commitment': 'nonRepudiation',
  'key encipherment': 'keyEncipherment',
  'data encipherment': 'dataEncipherment',
  'key agreement': 'keyAgreement',
  'cert sign': 'keyCertSign',
  'crl sign': 'cRLSign',
  'encipher only': 'encipherOnly',
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

/** Who signs. */
export interface Authority {
  readonly name: DistinguishedName;
  readonly key: PrivateKey;
}

/**
 * @param certificate PEM of the CA
 * @param key PEM of its private key; without one a key is made up that the certificate doesn't vouch for
 */
export function authorityOf(certificate: string | undefined, key: string | undefined, random: RandomStream): Authority {
  const known = key === undefined ? undefined : readPrivateKey(key);
  const [own] = known && certificate !== undefined ? readCertificates(certificate) : [];
  return {
    name: own?.subject ?? [{ type: '2.5.4.3', value: 'kubernetes' }],
    key: known ?? generateCurveKey('1.2.840.10045.3.1.7', (count) => bytes(random, count)),
  };
}

/**
 * A certificate for a request, as PEM (pkg/controller/certificates/authority).
 * @param usages the API's names
 * @param notBefore Unix ms, as `notAfter`
 */
export function issueCertificate(
  request: CertificateRequest,
  usages: readonly string[],
  notBefore: number,
  notAfter: number,
  authority: Authority,
  random: RandomStream,
): string {
  const serial = bytes(random, 16);
  serial[0]! &= 0x7f;
  const der = createCertificate(
    {
      serial: bigIntOf(serial),
      issuer: authority.name,
      subject: request.subject,
      notBefore,
      notAfter,
      publicKey: publicKeyOf(request.publicKey),
      extensions: extensions(request, usages, authority),
    },
    authority.key,
  );
  return certificatePem(der);
}

function extensions(request: CertificateRequest, usages: readonly string[], authority: Authority): Extension[] {
  const list: Extension[] = [];
  const named = usages.map((usage) => keyUsageNames[usage]).filter((name) => name !== undefined);
  if (named.length > 0) list.push(keyUsage(named, true));
  const extended = usages.map((usage) => extendedUsages[usage]).filter((oid) => oid !== undefined);
  if (extended.length > 0) list.push(extendedKeyUsage(extended));
  list.push(basicConstraints(false, true), authorityKeyIdentifier(authority.key));
  const names = request.extensions.find(({ type }) => type === extensionTypes.subjectAltName);
  if (names) list.push({ ...names, critical: request.subject.length === 0 });
  return list;
}

function bytes(random: RandomStream, count: number): Uint8Array {
  return Uint8Array.from({ length: count }, () => random.int(256));
}
