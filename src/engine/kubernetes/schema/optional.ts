import type { ApiResource } from './resources.ts';

/**
 * Versions that a v1.35 server has but serves only when `--runtime-config` says so. Written by hand, in the notation of
 * `structure.ts`: the generated schema holds what is served by default.
 */

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const group = 'admissionregistration.k8s.io';
const folder = 'admissionregistration/v1beta1';
const stable = '@admissionregistration/v1';

export const optionalResources: readonly ApiResource[] = [
  {
    group,
    version: 'v1beta1',
    resource: 'mutatingadmissionpolicies',
    singular: 'mutatingadmissionpolicy',
    kind: 'MutatingAdmissionPolicy',
    type: `${folder}/MutatingAdmissionPolicy`,
    namespaced: false,
    verbs,
    categories: ['api-extensions'],
  },
  {
    group,
    version: 'v1beta1',
    resource: 'mutatingadmissionpolicybindings',
    singular: 'mutatingadmissionpolicybinding',
    kind: 'MutatingAdmissionPolicyBinding',
    type: `${folder}/MutatingAdmissionPolicyBinding`,
    namespaced: false,
    verbs,
    categories: ['api-extensions'],
  },
];

const head = 'apiVersion:s kind:s metadata:@meta/v1/ObjectMeta';

export const optionalStructure: Readonly<Record<string, string>> = {
  [`${folder}/MutatingAdmissionPolicy`]: `${head} spec:@MutatingAdmissionPolicySpec`,
  [`${folder}/MutatingAdmissionPolicySpec`]:
    `failurePolicy:s(Fail|Ignore) matchConditions:[]${stable}/MatchCondition[name]~name matchConstraints:${stable}/MatchResources ` +
    `mutations:[]@Mutation paramKind:${stable}/ParamKind reinvocationPolicy:s(IfNeeded|Never) variables:[]${stable}/Variable[name]~name`,
  [`${folder}/Mutation`]: 'applyConfiguration:@ApplyConfiguration jsonPatch:@JSONPatch patchType:s!',
  [`${folder}/ApplyConfiguration`]: 'expression:s',
  [`${folder}/JSONPatch`]: 'expression:s',
  [`${folder}/MutatingAdmissionPolicyBinding`]: `${head} spec:@MutatingAdmissionPolicyBindingSpec`,
  [`${folder}/MutatingAdmissionPolicyBindingSpec`]: `matchResources:${stable}/MatchResources paramRef:${stable}/ParamRef policyName:s`,
};
