import type { ServerCertificate } from '../../network/socket.ts';
import { readCertificates } from '../../pki/certificate.ts';
import { formatName } from '../../pki/names.ts';

/** Why OpenSSL doesn't believe a certificate whose issuer it hasn't got. */
export function verifyProblem(certificate: ServerCertificate | undefined): { code: number; text: string } {
  return certificate?.subject !== undefined && certificate.subject === certificate.issuer
    ? { code: 18, text: 'self-signed certificate' }
    : { code: 20, text: 'unable to get local issuer certificate' };
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const day = 86_400_000;

/** `Nov 22 18:10:00 2025 GMT`. */
function opensslDate(unixMs: number): string {
  const d = new Date(unixMs);
  return `${months[d.getUTCMonth()]} ${String(d.getUTCDate()).padStart(2)} ${d.toISOString().slice(11, 19)} ${d.getUTCFullYear()} GMT`;
}

/** curl's form of a distinguished name: `O=Acme Co; CN=web`. */
function distinguishedName(text: string): string {
  return text.replace(/, (?=[A-Za-z.]+ = )/g, '; ').replace(/(^|; )([A-Za-z.]+) = /g, '$1$2=');
}

/** What `curl -v` says of a server's certificate. */
export function certificateLines(
  certificate: ServerCertificate | undefined,
  now: number,
  unverified: boolean,
): string[] {
  if (certificate?.subject === undefined) return [];
  const { subject, issuer, names, trusted, notBefore = now - day, notAfter = now + 365 * day } = certificate;
  const { code, text } = verifyProblem(certificate);
  return [
    '* Server certificate:',
    `*  subject: ${distinguishedName(subject)}`,
    `*  start date: ${opensslDate(notBefore)}`,
    `*  expire date: ${opensslDate(notAfter)}`,
    ...(unverified ? [] : [`*  subjectAltName: host matched cert's "${names[0] ?? ''}"`]),
    `*  issuer: ${distinguishedName(issuer)}`,
    unverified && !trusted
      ? `*  SSL certificate verify result: ${text} (${code}), continuing anyway.`
      : '*  SSL certificate verify ok.',
  ];
}

/** Whether one of the CAs of a PEM file has issued a certificate; one that shows no names is taken for issued. */
export function isIssuedBy(certificate: ServerCertificate | undefined, pem: Uint8Array): boolean {
  if (certificate?.subject === undefined) return true;
  try {
    return readCertificates(new TextDecoder().decode(pem)).some((ca) => formatName(ca.subject) === certificate.issuer);
  } catch {
    return false;
  }
}
