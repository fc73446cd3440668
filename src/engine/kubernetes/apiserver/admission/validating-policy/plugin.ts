import type { ApiError } from '../../../client.ts';
import { withCause } from '../../errors.ts';
import type { KubeObject } from '../../../types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../plugin.ts';
import { refuse } from '../refuse.ts';
import { evaluatePolicy, type Denial, type Policy } from './evaluate.ts';
import { matches, type MatchResources } from './match.ts';
import { collectParams, ConfigurationError, type ParamRef } from './params.ts';

type Binding = KubeObject & {
  readonly spec?: {
    readonly policyName?: string;
    readonly paramRef?: ParamRef;
    readonly matchResources?: MatchResources;
    readonly validationActions?: readonly string[];
  };
};

const group = 'admissionregistration.k8s.io';

/** Policies do not judge what could mend them. */
const exempt = new Set([
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
]);

const codes: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };

/** Requests keep to the ValidatingAdmissionPolicies that are bound (k8s.io/apiserver/pkg/admission/plugin/policy). */
export const validatingAdmissionPolicy: AdmissionPlugin = {
  name: 'ValidatingAdmissionPolicy',
  operations: ['CREATE', 'UPDATE', 'DELETE', 'CONNECT'],
  subresources: ['attach', 'ephemeralcontainers', 'exec', 'portforward', 'proxy', 'resize', 'scale'],
  validate(attributes) {
    const { context } = attributes;
    const bindings = context.list(group, 'validatingadmissionpolicybindings') as readonly Binding[];
    if (bindings.length === 0 || (attributes.group === group && exempt.has(attributes.resource))) return;
    const policies = context.list(group, 'validatingadmissionpolicies') as readonly Policy[];
    for (const policy of policies) {
      if (!matches(policy.spec?.matchConstraints, attributes, false)) continue;
      for (const binding of bindings) {
        if (binding.spec?.policyName !== policy.metadata.name) continue;
        if (matches(binding.spec.matchResources, attributes, true)) judge(attributes, policy, binding);
      }
    }
  },
};

/** @throws ApiError if the binding denies what the policy rejects */
function judge(attributes: AdmissionAttributes, policy: Policy, binding: Binding): void {
  const [{ name: policyName }, { name: bindingName }] = [policy.metadata, binding.metadata];
  const { validationActions = [], paramRef } = binding.spec ?? {};
  let params: readonly (KubeObject | undefined)[];
  try {
    params = collectParams(policy.spec?.paramKind, paramRef, attributes);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    if (policy.spec?.failurePolicy === 'Ignore') return;
    throw denied(attributes, policyName, bindingName, { message: `failed to configure binding: ${error.message}` });
  }
  const denials = params.flatMap((param) => evaluatePolicy(policy, attributes, param));
  if (validationActions.includes('Warn')) {
    for (const { message } of denials) {
      attributes.warn(
        `Validation failed for ValidatingAdmissionPolicy '${policyName}' with binding '${bindingName}': ${message}`,
      );
    }
  }
  if (denials.length > 0 && validationActions.includes('Deny')) {
    throw denied(attributes, policyName, bindingName, denials[0]!);
  }
}

function denied(attributes: AdmissionAttributes, policy: string, binding: string, denial: Denial): ApiError {
  const message = `ValidatingAdmissionPolicy '${policy}' with binding '${binding}' denied request: ${denial.message}`;
  return policyError(attributes, message, denial);
}

/** What a policy refuses a request with. */
export function policyError(attributes: AdmissionAttributes, message: string, denial: Denial): ApiError {
  const error = withCause(refuse(attributes, message), { reason: '', message });
  const reason = denial.reason ?? 'Invalid';
  error.status.reason = reason;
  error.status.code = codes[reason] ?? 422;
  return error;
}
