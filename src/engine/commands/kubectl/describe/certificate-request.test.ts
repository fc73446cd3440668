import { expect, test } from 'vitest';
import { encodeBase64 } from '../client/base64.ts';
import { parseCertificateRequest } from './certificate-request.ts';

/** Made by openssl: /CN=ann/O=devs/O=ops with a DNS name and an address. */
const pem = `-----BEGIN CERTIFICATE REQUEST-----
MIIBFjCBvgIBADArMQwwCgYDVQQDDANhbm4xDTALBgNVBAoMBGRldnMxDDAKBgNV
BAoMA29wczBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABDhYJWHHlmBgMKJLysFa
TkuBBy0IUnRXL6TUHvBxWPsb+pdBGDQeEdWJg4l300u6orQh0kB3dERCw9uCrxGm
aEmgMTAvBgkqhkiG9w0BCQ4xIjAgMB4GA1UdEQQXMBWCDWEuZXhhbXBsZS5jb22H
BAoAAAEwCgYIKoZIzj0EAwIDRwAwRAIgEmNFQOL6rm/EKwUWyZBE24EvBamvg8t2
WEG7w134f4kCIBwoaA89GVvK1nnwJ5LJZavY41eSGkVb5JOLWFsMwxxu
-----END CERTIFICATE REQUEST-----
`;

test('reads subject and alternative names', () => {
  const request = parseCertificateRequest(encodeBase64(pem));
  expect([...request.subject]).toEqual([
    ['Common Name', ['ann']],
    ['Organization', ['devs', 'ops']],
  ]);
  expect(request.dnsNames).toEqual(['a.example.com']);
  expect(request.ipAddresses).toEqual(['10.0.0.1']);
});

test('refuses what is no request', () => {
  expect(() => parseCertificateRequest(encodeBase64('x'))).toThrow('PEM block type must be CERTIFICATE REQUEST');
});
