import { ApiError } from '../../client.ts';
import type { Controller, ControllerContext } from '../runtime.ts';
import { valuesOf } from '../../../pki/names.ts';
import { readRequest } from '../../../pki/request.ts';
import { decodeBase64 } from '../../../world/base64.ts';
import {
  certificateSigningRequests,
  handleRequests,
  hasCondition,
  objection,
  signers,
  type CertificateSigningRequest,
} from './request.ts';

const bootstrapGroup = 'system:bootstrappers';

/**
 * Approves client certificates of kubelets: those that bootstrap tokens ask for, and renewals
 * (pkg/controller/certificates/approver).
 */
export const csrApprovingController: Controller = {
  name: 'certificatesigningrequest-approving-controller',
  component: 'certificate-controller',
  serviceAccount: 'certificate-controller',

  start: (context) => handleRequests(context, isPending, approve),
};

function isPending(request: CertificateSigningRequest): boolean {
  return (
    request.spec.signerName === signers.kubeletClient &&
    !request.status?.certificate &&
    !hasCondition(request, 'Approved') &&
    !hasCondition(request, 'Denied')
  );
}

function approve({ client, world }: ControllerContext, object: CertificateSigningRequest): void {
  const { signerName, usages = [], username = '', groups = [] } = object.spec;
  const request = readRequest(new TextDecoder().decode(decodeBase64(object.spec.request)));
  if (objection(signerName, usages, request) !== undefined) return;
  const own = username === valuesOf(request.subject, 'CN')[0] && groups.includes('system:nodes');
  const bootstraps = groups.some((group) => group === bootstrapGroup || group.startsWith(`${bootstrapGroup}:`));
  if (!own && !bootstraps) return;
  const now = world.clock.timestamp();
  const message = own
    ? 'Auto approving self kubelet client certificate after SubjectAccessReview.'
    : 'Auto approving kubelet client certificate after SubjectAccessReview.';
  const approved = {
    type: 'Approved',
    status: 'True',
    reason: 'AutoApproved',
    message,
    lastUpdateTime: now,
    lastTransitionTime: now,
  };
  const conditions = [...(object.status?.conditions ?? []), approved];
  client
    .resource(certificateSigningRequests)
    .update({ ...object, status: { ...object.status, conditions } }, 'approval');
}

/** Hours after which a request goes, by its state. */
const lifetimes = { pending: 24, denied: 1, approved: 1, issued: 1 };
const hour = 3_600_000;

/** Removes requests that nobody needs any more (pkg/controller/certificates/cleaner). */
export const csrCleanerController: Controller = {
  name: 'certificatesigningrequest-cleaner-controller',
  component: 'certificate-controller',
  serviceAccount: 'certificate-controller',

  start(context) {
    const requests = context.client.resource(certificateSigningRequests);
    context.every(hour, () => {
      for (const request of requests.list()) {
        if (context.world.clock.now() - Date.parse(since(request)) < lifetimeMs(request)) continue;
        try {
          requests.delete(undefined, request.metadata.name);
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
        }
      }
    });
  },
};

function since({ metadata, status }: CertificateSigningRequest): string {
  const times = (status?.conditions ?? []).map((condition) => condition.lastUpdateTime ?? '').sort();
  return times.at(-1) || metadata.creationTimestamp;
}

function lifetimeMs(request: CertificateSigningRequest): number {
  if (request.status?.certificate) return lifetimes.issued * hour;
  if (hasCondition(request, 'Denied')) return lifetimes.denied * hour;
  if (hasCondition(request, 'Failed')) return lifetimes.denied * hour;
  return (hasCondition(request, 'Approved') ? lifetimes.approved : lifetimes.pending) * hour;
}
