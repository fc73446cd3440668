import type { KubeObject, ResourceRef } from '../types.ts';
import type { Controller } from './runtime.ts';

interface Policy extends KubeObject {
  status?: { observedGeneration?: number; typeChecking?: object };
}

const policies: ResourceRef<Policy> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'validatingadmissionpolicies',
  kind: 'ValidatingAdmissionPolicy',
  namespaced: false,
};

/** Notes that a policy's expressions have been looked at (pkg/controller/validatingadmissionpolicystatus). */
export const validatingAdmissionPolicyStatusController: Controller = {
  name: 'validatingadmissionpolicy-status-controller',
  component: 'validatingadmissionpolicy-status-controller',
  serviceAccount: 'validatingadmissionpolicy-status-controller',

  start(context) {
    const client = context.client.resource(policies);
    const queue = context.queue({
      workers: 5,
      reconcile: (name) => {
        const policy = client.get(undefined, name);
        const { generation } = policy?.metadata ?? {};
        if (!policy || generation === undefined || policy.status?.observedGeneration === generation) return;
        client.update(
          { ...policy, status: { ...policy.status, observedGeneration: generation, typeChecking: {} } },
          'status',
        );
      },
    });
    const enqueue = ({ metadata }: Policy) => queue.add(metadata.name);
    context.watch(policies, { add: enqueue, update: enqueue });
  },
};
