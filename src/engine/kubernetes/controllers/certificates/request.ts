import type { ICertificateSigningRequest } from 'kubernetes-models/certificates.k8s.io/v1/CertificateSigningRequest';
import type { KubeObject, ResourceRef } from '../../types.ts';
import { extensionTypes } from '../../../pki/extensions.ts';
import { valuesOf } from '../../../pki/names.ts';
import type { CertificateRequest } from '../../../pki/request.ts';
import type { ControllerContext } from '../runtime.ts';

export type CertificateSigningRequest = KubeObject &
  Pick<ICertificateSigningRequest, 'spec'> & { readonly status?: ICertificateSigningRequest['status'] };

export const certificateSigningRequests: ResourceRef<CertificateSigningRequest> = {
  group: 'certificates.k8s.io',
  version: 'v1',
  resource: 'certificatesigningrequests',
  kind: 'CertificateSigningRequest',
  namespaced: false,
};

export const signers = {
  client: 'kubernetes.io/kube-apiserver-client',
  kubeletClient: 'kubernetes.io/kube-apiserver-client-kubelet',
  kubeletServing: 'kubernetes.io/kubelet-serving',
  legacy: 'kubernetes.io/legacy-unknown',
} as const;

export function hasCondition({ status }: CertificateSigningRequest, type: string): boolean {
  return status?.conditions?.some((condition) => condition.type === type) ?? false;
}

/** Calls `handle` for every request that is, or becomes, `wanted`. */
export function handleRequests(
  context: ControllerContext,
  wanted: (request: CertificateSigningRequest) => boolean,
  handle: (context: ControllerContext, request: CertificateSigningRequest) => void,
): void {
  const requests = context.client.resource(certificateSigningRequests);
  const queue = context.queue({
    workers: 5,
    reconcile: (name) => {
      const request = requests.get(undefined, name);
      if (request && wanted(request)) handle(context, request);
    },
  });
  const enqueue = (request: CertificateSigningRequest) => {
    if (wanted(request)) queue.add(request.metadata.name);
  };
  context.watch(certificateSigningRequests, { add: enqueue, update: enqueue });
}

/** Why a signer won't sign; undefined if it will (pkg/controller/certificates/signer). */
export function objection(
  signerName: string,
  usages: readonly string[],
  request: CertificateRequest,
): string | undefined {
  switch (signerName) {
    case signers.client:
      return clientUsages(usages);
    case signers.kubeletClient:
      return ofNode(request) ?? (hasAltNames(request) ? 'DNS subjectAltNames are not allowed' : clientUsages(usages));
    case signers.kubeletServing:
      return (
        ofNode(request) ??
        (hasAltNames(request) ? undefined : 'DNS or IP subjectAltName is required') ??
        (usages.includes('server auth')
          ? undefined
          : 'usages did not match [key encipherment digital signature server auth]')
      );
    default:
      return undefined;
  }
}

function clientUsages(usages: readonly string[]): string | undefined {
  const allowed = ['client auth', 'digital signature', 'key encipherment'];
  const wrong = usages.find((usage) => !allowed.includes(usage));
  if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`;
  return usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';
}

const hasAltNames = ({ extensions }: CertificateRequest) =>
  extensions.some(({ type }) => type === extensionTypes.subjectAltName);

function ofNode({ subject }: CertificateRequest): string | undefined {
  const organizations = valuesOf(subject, 'O');
  const [commonName = ''] = valuesOf(subject, 'CN');
  if (organizations.length !== 1 || organizations[0] !== 'system:nodes')
    return 'subject organization is not system:nodes';
  return commonName.startsWith('system:node:') ? undefined : 'subject common name does not begin with system:node:';
}
