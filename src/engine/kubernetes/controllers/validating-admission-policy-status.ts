import type { KubeObject, ResourceRef } from '../types.ts';
import { policyTypeError } from '../cel/policy-types.ts';
import { apiResources, formatGroupVersion, structType, type ApiResource } from '../schema/index.ts';
import type { Controller } from './runtime.ts';

interface Rule {
  apiGroups?: readonly string[];
  apiVersions?: readonly string[];
  resources?: readonly string[];
}

interface Policy extends KubeObject {
  spec?: {
    matchConstraints?: { resourceRules?: readonly Rule[] };
    validations?: readonly { expression: string; messageExpression?: string }[];
  };
  status?: { observedGeneration?: number; typeChecking?: object };
}

const policies: ResourceRef<Policy> = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  resource: 'validatingadmissionpolicies',
  kind: 'ValidatingAdmissionPolicy',
  namespaced: false,
};

/** Checks a policy's expressions against the kinds it matches, and notes that it has (pkg/controller/validatingadmissionpolicystatus). */
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
        const expressionWarnings = typeWarnings(policy);
        const typeChecking = expressionWarnings.length > 0 ? { expressionWarnings } : {};
        client.update(
          { ...policy, status: { ...policy.status, observedGeneration: generation, typeChecking } },
          'status',
        );
      },
    });
    const enqueue = ({ metadata }: Policy) => queue.add(metadata.name);
    context.watch(policies, { add: enqueue, update: enqueue });
  },
};

/** Kinds that are checked at most. */
const maxKinds = 10;

/** Wildcards name too much to be checked. */
function matchedKinds({ spec }: Policy): readonly ApiResource[] {
  const rules = spec?.matchConstraints?.resourceRules ?? [];
  const kinds = apiResources.filter(({ group, version, resource }) =>
    rules.some(
      (rule) =>
        rule.apiGroups?.includes(group) && rule.apiVersions?.includes(version) && rule.resources?.includes(resource),
    ),
  );
  return kinds.slice(0, maxKinds);
}

function typeWarnings(policy: Policy): { fieldRef: string; warning: string }[] {
  const kinds = matchedKinds(policy);
  const warnings: { fieldRef: string; warning: string }[] = [];
  const check = (expression: string | undefined, fieldRef: string) => {
    if (!expression) return;
    const lines = kinds.flatMap(({ group, version, kind, type }) => {
      const struct = structType(type);
      const wrong = struct && policyTypeError(expression, struct);
      return wrong ? [`${formatGroupVersion(group, version)}, Kind=${kind}: ${wrong}`] : [];
    });
    if (lines.length > 0) warnings.push({ fieldRef, warning: lines.join('\n') });
  };
  policy.spec?.validations?.forEach(({ expression, messageExpression }, i) => {
    check(expression, `spec.validations[${i}].expression`);
    check(messageExpression, `spec.validations[${i}].messageExpression`);
  });
  return warnings;
}
