import type { ServerCertificate } from '../../../network/socket.ts';
import { decodeAltNames, extensionTypes } from '../../../pki/extensions.ts';
import { readCertificates, type Certificate } from '../../../pki/certificate.ts';
import { formatName, valuesOf } from '../../../pki/names.ts';
import type { Client } from '../../client.ts';
import { refs, type Secret } from '../../types.ts';

/** Why a Secret can't be used for TLS. */
export type TlsSecretProblem = 'missing' | 'no-certificate' | 'no-key' | 'unreadable';

export type TlsSecret = { readonly certificate: ServerCertificate } | { readonly problem: TlsSecretProblem };

/** Certificates of Secrets of type kubernetes.io/tls, read once each. */
export class TlsSecrets {
  readonly #secrets;
  readonly #read = new WeakMap<Secret, TlsSecret>();

  constructor(client: Client) {
    this.#secrets = client.resource(refs.secrets);
  }

  find(namespace: string, name: string): TlsSecret {
    const secret = this.#secrets.get(namespace, name);
    if (!secret) return { problem: 'missing' };
    let known = this.#read.get(secret);
    if (!known) this.#read.set(secret, (known = read(secret)));
    return known;
  }
}

function read({ data }: Secret): TlsSecret {
  const fields = (data ?? {}) as Record<string, string>;
  if (!fields['tls.crt']) return { problem: 'no-certificate' };
  if (!fields['tls.key']) return { problem: 'no-key' };
  let first: Certificate | undefined;
  try {
    first = readCertificates(decodeBase64(fields['tls.crt']))[0];
  } catch {
    first = undefined;
  }
  return first ? { certificate: serverCertificate(first) } : { problem: 'unreadable' };
}

/** What a client sees of a certificate. */
function serverCertificate(certificate: Certificate): ServerCertificate {
  const alternative = certificate.extensions.find(({ type }) => type === extensionTypes.subjectAltName);
  const names = alternative
    ? decodeAltNames(alternative.value).map(({ value }) => value)
    : valuesOf(certificate.subject, 'CN');
  return {
    names,
    subject: formatName(certificate.subject),
    issuer: formatName(certificate.issuer),
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
  };
}

/** Whether a certificate is good for a host: exactly, or by a wildcard for one label. */
export function covers({ names }: ServerCertificate, host: string): boolean {
  return names.some(
    (name) =>
      name.toLowerCase() === host || (name.startsWith('*.') && host.replace(/^[^.]+/, '*') === name.toLowerCase()),
  );
}

function decodeBase64(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const bytes: number[] = [];
  let [bits, count] = [0, 0];
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) continue;
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count >= 8) bytes.push((bits >> (count -= 8)) & 255);
  }
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
