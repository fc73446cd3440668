import type { Controller, ControllerContext } from '../runtime.ts';
import { decodeBase64, encodeBase64 } from '../../../world/base64.ts';
import { readRequest } from '../../../pki/request.ts';
import { authorityOf, issueCertificate } from './certificate.ts';
import {
  certificateSigningRequests,
  handleRequests,
  hasCondition,
  objection,
  signers,
  type CertificateSigningRequest,
} from './request.ts';

/** Certificates are valid so long unless their request says less, and from a little while ago. */
const defaultSeconds = 365 * 24 * 3600;
const minimumSeconds = 600;
const backdateMs = 5 * 60_000;

/** Signs what was approved (pkg/controller/certificates/signer). */
export const csrSigningController: Controller = {
  name: 'certificatesigningrequest-signing-controller',
  component: 'certificate-controller',
  serviceAccount: 'certificate-controller',

  start: (context) => handleRequests(context, isReady, sign),
};

function isReady(request: CertificateSigningRequest): boolean {
  return (
    Object.values<string>(signers).includes(request.spec.signerName) &&
    hasCondition(request, 'Approved') &&
    !hasCondition(request, 'Denied') &&
    !hasCondition(request, 'Failed') &&
    !request.status?.certificate
  );
}

function sign({ client, world, rootCA, rootKey }: ControllerContext, object: CertificateSigningRequest): void {
  const requests = client.resource(certificateSigningRequests);
  const { signerName, usages = [], expirationSeconds } = object.spec;
  const request = readRequest(new TextDecoder().decode(decodeBase64(object.spec.request)));
  const why = objection(signerName, usages, request);
  if (why !== undefined) {
    // Older clients use this signer for what it cannot sign; it keeps silent.
    if (signerName === signers.legacy) return;
    const now = world.clock.timestamp();
    const failed = {
      type: 'Failed',
      status: 'True',
      reason: 'SignerValidationFailure',
      message: why,
      lastUpdateTime: now,
      lastTransitionTime: now,
    };
    const conditions = [...(object.status?.conditions ?? []), failed];
    requests.update({ ...object, status: { ...object.status, conditions } }, 'status');
    return;
  }
  const seconds = Math.max(minimumSeconds, Math.min(defaultSeconds, expirationSeconds ?? defaultSeconds));
  const now = Math.floor(world.clock.now() / 1000) * 1000;
  const random = world.random.stream('certificates');
  const authority = authorityOf(rootCA, rootKey, random);
  const pem = issueCertificate(request, usages, now - backdateMs, now + seconds * 1000, authority, random);
  const certificate = encodeBase64(pem);
  requests.update({ ...object, status: { ...object.status, certificate } }, 'status');
}
