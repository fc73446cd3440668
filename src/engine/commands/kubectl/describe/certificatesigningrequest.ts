import type { ICertificateSigningRequest } from 'kubernetes-models/certificates.k8s.io/v1/CertificateSigningRequest';
import { humanDuration } from '../../../kubernetes/apimachinery/duration.ts';
import { formatLabels } from '../../../kubernetes/apimachinery/label-selector.ts';
import { CommandError } from '../framework/errors.ts';
import { type CertificateRequest, parseCertificateRequest } from './certificate-request.ts';
import { describer, type Live } from './describer.ts';
import { writeEvents } from './events.ts';
import { formatTime } from './format.ts';
import type { DescriptionWriter } from './writer.ts';

const listedAttributes = [
  'Organization',
  'Organizational Unit',
  'Country',
  'Locality',
  'Province',
  'StreetAddress',
  'PostalCode',
];

export const certificateSigningRequest = describer<ICertificateSigningRequest>({
  group: 'certificates.k8s.io',
  kind: 'CertificateSigningRequest',
  async describe(w, object, context) {
    const { metadata, spec } = object;
    const request = parse(spec.request);
    w.field(0, 'Name', metadata.name);
    w.field(0, 'Labels', formatLabels(metadata.labels));
    w.field(0, 'Annotations', formatLabels(metadata.annotations));
    w.field(0, 'CreationTimestamp', formatTime(metadata.creationTimestamp));
    w.field(0, 'Requesting User', spec.username ?? '');
    if (spec.signerName) w.field(0, 'Signer', spec.signerName);
    if (spec.expirationSeconds !== undefined)
      w.field(0, 'Requested Duration', humanDuration(spec.expirationSeconds * 1000));
    w.field(0, 'Status', requestStatus(object));
    w.line(0, 'Subject:');
    w.row(0, '', 'Common Name:', request.subject.get('Common Name')?.at(-1) ?? '');
    w.row(0, '', 'Serial Number:', request.subject.get('Serial Number')?.at(-1) ?? '');
    for (const attribute of listedAttributes) writeValues(w, attribute, request.subject.get(attribute) ?? []);
    const { dnsNames, emailAddresses, uris, ipAddresses } = request;
    if (dnsNames.length + emailAddresses.length + uris.length + ipAddresses.length > 0) {
      w.line(0, 'Subject Alternative Names:');
      writeValues(w, 'DNS Names', dnsNames);
      writeValues(w, 'Email Addresses', emailAddresses);
      writeValues(w, 'URIs', uris);
      writeValues(w, 'IP Addresses', ipAddresses);
    }
    await writeEvents(w, object, context);
  },
});

function parse(request: string): CertificateRequest {
  try {
    return parseCertificateRequest(request);
  } catch (error) {
    throw new CommandError(`Error parsing CSR: ${(error as Error).message}`);
  }
}

function writeValues(w: DescriptionWriter, title: string, values: readonly string[]): void {
  values.forEach((value, i) => w.row(0, '', i === 0 ? `${title}:` : '', value));
}

/** `Approved,Issued`; denial outweighs approval. */
function requestStatus({ status }: Live<ICertificateSigningRequest>): string {
  const types = new Set((status.conditions ?? []).map((condition) => condition.type));
  const decision = types.has('Denied') ? 'Denied' : types.has('Approved') ? 'Approved' : 'Pending';
  return decision + (types.has('Failed') ? ',Failed' : '') + (status.certificate ? ',Issued' : '');
}
