import { describe, expect, it } from 'vitest';
import { RandomStream } from '../world/index.ts';
import { certificatePem, createCertificate, isSignedBy, readCertificates } from './certificate.ts';
import { basicConstraints, decodeAltNames, extensionTypes, keyUsage, subjectAltName } from './extensions.ts';
import {
  ed25519Oid,
  generateCurveKey,
  privateKeyPem,
  readPrivateKey,
  samePublicKey,
  sign,
  verify,
  type PrivateKey,
} from './keys.ts';
import { formatName } from './names.ts';
import { createRequest, isSelfSigned, readRequest } from './request.ts';
import { generateRsaKey, rsaBits } from './rsa.ts';

const stream = new RandomStream(7);
const random = (count: number) => Uint8Array.from({ length: count }, () => stream.int(256));
const message = new TextEncoder().encode('a message');

function rsa(bits: number): PrivateKey {
  const search = generateRsaKey(bits, random);
  for (;;) {
    const step = search.next();
    if (step.done) return step.value;
  }
}

const keys: [name: string, key: PrivateKey][] = [
  ['RSA', rsa(1024)],
  ['P-256', generateCurveKey('1.2.840.10045.3.1.7', random)],
  ['P-384', generateCurveKey('1.3.132.0.34', random)],
  ['Ed25519', generateCurveKey(ed25519Oid, random)],
];

describe.each(keys)('%s', (_, key) => {
  it('signs what its public half verifies', () => {
    const signature = sign(key, message);
    expect(verify(key, message, signature)).toBe(true);
    expect(verify(key, message.slice(1), signature)).toBe(false);
  });

  it('is read back from either form of PEM', () => {
    for (const traditional of [false, true]) {
      const read = readPrivateKey(privateKeyPem(key, traditional))!;
      expect(samePublicKey(read, key)).toBe(true);
      expect(verify(key, message, sign(read, message))).toBe(true);
    }
  });

  it('makes requests and certificates', () => {
    const subject = [
      { type: '2.5.4.10', value: 'Acme, Inc' },
      { type: '2.5.4.3', value: 'web' },
    ];
    const names = [
      { kind: 'DNS', value: 'web.example.com' },
      { kind: 'IP', value: '10.0.0.1' },
    ] as const;
    const request = readRequest(createRequest(subject, key, [subjectAltName(names)]));
    expect(isSelfSigned(request)).toBe(true);
    expect(formatName(request.subject)).toBe('O = "Acme, Inc", CN = web');
    expect(decodeAltNames(request.extensions[0]!.value)).toEqual(names);
    const dates = { notBefore: Date.UTC(2026, 0, 5), notAfter: Date.UTC(2060, 0, 5) };
    const extensions = [basicConstraints(true, true), keyUsage(['keyCertSign', 'cRLSign'], true)];
    const fields = { serial: 300n, issuer: subject, subject, ...dates, publicKey: key, extensions };
    const [certificate] = readCertificates(certificatePem(createCertificate(fields, key)));
    expect(certificate).toMatchObject({ ...dates, version: 3, serial: 300n });
    expect(certificate!.extensions.map(({ type }) => type)).toEqual([
      extensionTypes.basicConstraints,
      extensionTypes.keyUsage,
    ]);
    expect(isSignedBy(certificate!, key)).toBe(true);
  });
});

it('RSA keys have the size that was asked for', () => {
  expect(rsaBits(rsa(512) as never)).toBe(512);
});
