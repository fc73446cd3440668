import { decodeBase64 } from './base64.ts';

interface Der {
  tag: number;
  content: Uint8Array;
}

/** One DER element at `at`, and where the next one begins. */
function element(data: Uint8Array, at: number): { der: Der; next: number } | undefined {
  const tag = data[at];
  let length = data[at + 1];
  if (tag === undefined || length === undefined) return undefined;
  let start = at + 2;
  if (length >= 0x80) {
    let bytes = length & 0x7f;
    for (length = 0; bytes > 0; bytes--) length = length * 256 + (data[start++] ?? 0);
  }
  if (start + length > data.length) return undefined;
  return { der: { tag, content: data.subarray(start, start + length) }, next: start + length };
}

function children(data: Uint8Array): Der[] {
  const out: Der[] = [];
  for (let at = 0; at < data.length;) {
    const found = element(data, at);
    if (!found) break;
    out.push(found.der);
    at = found.next;
  }
  return out;
}

const commonNameOid = '85,4,3';
const organizationOid = '85,4,10';

/** The PEM block of a type, decoded. */
export function pemBlock(pem: string, type = 'CERTIFICATE'): Uint8Array | undefined {
  const match = new RegExp(`-----BEGIN ${type}-----([^-]*)-----END ${type}-----`).exec(pem);
  return match ? decodeBase64(match[1]!) : undefined;
}

/** Common name and organizations of the first certificate (X.509 §4.1) in a PEM text; undefined if there is none. */
export function certificateSubject(pem: string): { commonName: string; organizations: string[] } | undefined {
  const data = pemBlock(pem);
  const certificate = data && element(data, 0)?.der;
  if (!certificate) return undefined;
  const fields = children(children(certificate.content)[0]?.content ?? new Uint8Array());
  // [version], serial, signature, issuer, validity, subject
  const subject = fields[fields[0]?.tag === 0xa0 ? 5 : 4];
  if (!subject) return undefined;
  const result = { commonName: '', organizations: [] as string[] };
  for (const set of children(subject.content))
    for (const attribute of children(set.content)) {
      const [oid, value] = children(attribute.content);
      if (!oid || !value) continue;
      const text = new TextDecoder().decode(value.content);
      if (oid.content.join() === commonNameOid) result.commonName = text;
      else if (oid.content.join() === organizationOid) result.organizations.push(text);
    }
  return result;
}
