import type { AdmissionAttributes, AdmissionPlugin } from '../admission/plugin.ts';
import type { Authorizer } from '../authorization.ts';
import { forbidden } from '../errors.ts';
import { deepEqual } from '../objects.ts';
import { decodeBase64 } from '../resources/common/base64.ts';
import { privilegedGroup } from './authorizer.ts';

/** Who may approve and sign what (plugin/pkg/admission/certificates). */

const resources = ['certificates.k8s.io/certificatesigningrequests'];

interface Request {
  spec: { signerName: string; groups?: readonly string[]; username?: string };
  status?: { certificate?: string; conditions?: readonly { type: string }[] };
}

export function certificateChecks(authorizer: () => Authorizer): readonly AdmissionPlugin[] {
  return [
    {
      name: 'CertificateApproval',
      operations: ['UPDATE'],
      resources,
      subresources: ['approval'],
      validate(attributes) {
        if (attributes.subresource !== 'approval') return;
        requirePermission(authorizer(), attributes, 'approve');
      },
    },
    {
      name: 'CertificateSigning',
      operations: ['UPDATE'],
      resources,
      subresources: ['status'],
      validate(attributes) {
        if (attributes.subresource !== 'status') return;
        const { object, old } = attributes as unknown as { object: Request; old: Request };
        const failed = ({ status }: Request) => status?.conditions?.some(({ type }) => type === 'Failed') ?? false;
        const same = deepEqual(object.status?.certificate, old.status?.certificate) && failed(object) === failed(old);
        if (!same) requirePermission(authorizer(), attributes, 'sign');
      },
    },
    {
      name: 'CertificateSubjectRestriction',
      operations: ['CREATE'],
      resources,
      validate(attributes) {
        const { spec } = attributes.object as unknown as Request & { spec: { request?: string } };
        if (spec.signerName !== 'kubernetes.io/kube-apiserver-client') return;
        const subject = requestedSubject(spec.request ?? '');
        if (!subject.includes(privilegedGroup)) return;
        const why = `use of ${spec.signerName} signer with ${privilegedGroup} group is not allowed`;
        throw forbidden(attributes, attributes.name, why);
      },
    },
  ];
}

/** The signer by name, or all of its domain. @throws ApiError Forbidden */
function requirePermission(authorizer: Authorizer, attributes: AdmissionAttributes, verb: 'approve' | 'sign'): void {
  const { user, old, name } = attributes;
  const { signerName } = (old as unknown as Request).spec;
  const asked = { user, verb, group: 'certificates.k8s.io', version: '*', resource: 'signers' };
  const domain = `${signerName.split('/')[0]}/*`;
  if ([signerName, domain].some((signer) => authorizer.authorize({ ...asked, name: signer }).allowed)) return;
  const why = `user not permitted to ${verb} requests with signerName ${JSON.stringify(signerName)}`;
  throw forbidden(attributes, name, why);
}

/** The request's bytes as text: names stand in it as they are. */
function requestedSubject(request: string): string {
  const pem = decodeBase64(request);
  return decodeBase64(pem.replace(/-----[^-]+-----|\s/g, ''));
}
