import type { ICertificateSigningRequest } from 'kubernetes-models/certificates.k8s.io/v1/CertificateSigningRequest';
import { humanDuration } from '../../../apimachinery/duration.ts';
import { invalid, notSupported, required, type FieldError } from '../../../apimachinery/field-error.ts';
import { isDomainPrefixedPath } from '../../../apimachinery/names.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { decodeBase64 } from '../common/base64.ts';
import { checkImmutable, checkName, Unique } from '../common/validate.ts';
import type { Column } from '../kind.ts';

/** KeyUsage, sorted as messages list them. */
const usages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];

type CertificateSigningRequest = Kind<ICertificateSigningRequest, 'spec'>;

export const certificateSigningRequest = defineKind<CertificateSigningRequest>(
  'certificates.k8s.io',
  'v1',
  'certificatesigningrequests',
  {
    generation: false,

    prepareForCreate(draft, { user }) {
      draft.status = {};
      if (!user) return;
      const { name, uid, groups, extra } = user;
      Object.assign(draft.spec, { username: name, ...(uid && { uid }), groups, ...(extra && { extra }) });
    },

    validate({ spec }): FieldError[] {
      const errors: FieldError[] = [];
      const isPem = decodeBase64(spec.request ?? '').includes('-----BEGIN CERTIFICATE REQUEST-----');
      if (!isPem) {
        errors.push(invalid('spec.request', spec.request ?? '', 'PEM block type must be CERTIFICATE REQUEST'));
      }
      if (!spec.usages?.length) errors.push(required('spec.usages', 'usages must be provided'));
      const seen = new Unique();
      spec.usages?.forEach((usage, i) => {
        const at = `spec.usages[${i}]`;
        if (!usages.includes(usage)) errors.push(notSupported(at, usage, usages));
        errors.push(...seen.check(usage, at));
      });
      if (!spec.signerName) errors.push(required('spec.signerName'));
      else errors.push(...checkName(spec.signerName, 'spec.signerName', isDomainPrefixedPath));
      const seconds = spec.expirationSeconds;
      if (seconds !== undefined && seconds < 600) {
        errors.push(
          invalid('spec.expirationSeconds', seconds, 'may not specify a duration less than 600 seconds (10 minutes)'),
        );
      }
      return errors;
    },

    validateUpdate: (object, old) => checkImmutable(object.spec, old.spec, 'spec'),

    selectableFields: { 'spec.signerName': ({ spec }) => spec.signerName },

    columns: [
      nameColumn as Column<CertificateSigningRequest>,
      ageColumn as Column<CertificateSigningRequest>,
      column('SignerName', 'Who is to sign.', ({ spec }) => spec.signerName || '<none>'),
      column('Requestor', 'Who asked.', ({ spec }) => spec.username ?? ''),
      column('RequestedDuration', 'How long the certificate shall be valid.', ({ spec }) =>
        spec.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds * 1000),
      ),
      column('Condition', 'Pending, Approved, Denied or Failed, and Issued.', conditionText),
    ],
  },
);

function conditionText({ status }: CertificateSigningRequest): string {
  const has = (type: string) => status?.conditions?.some((c) => c.type === type) ?? false;
  const words = [has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'];
  if (has('Failed')) words.push('Failed');
  if (status?.certificate) words.push('Issued');
  return words.join(',');
}
