import type { IValidatingAdmissionPolicy } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy';
import type { IValidatingAdmissionPolicyBinding } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding';
import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../apimachinery/field-error.ts';
import { isDns1035Label, isDns1123Subdomain, isQualifiedName } from '../../../apimachinery/names.ts';
import { policyExpressionError } from '../../../cel/policy-environment.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import type { Column, Mutable } from '../kind.ts';
import { validateMatchConditions, validateMatching, validateRule } from './match.ts';

/** Policies that judge requests. */

const group = 'admissionregistration.k8s.io';

type Policy = Kind<IValidatingAdmissionPolicy>;
export type Match = NonNullable<NonNullable<Policy['spec']>['matchConstraints']>;

/** SetDefaults_MatchResources. */
export function defaultMatch(match: Mutable<Match> | undefined): void {
  if (!match) return;
  match.matchPolicy ??= 'Equivalent';
  match.namespaceSelector ??= {};
  match.objectSelector ??= {};
  for (const rule of [...(match.resourceRules ?? []), ...(match.excludeResourceRules ?? [])]) rule.scope ??= '*';
}

const actions = ['Audit', 'Deny', 'Warn'];
const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized'];
const bothTold =
  'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
type PolicyBinding = Kind<IValidatingAdmissionPolicyBinding>;

export const validatingAdmissionPolicy = defineKind<Policy>(group, 'v1', 'validatingadmissionpolicies', {
  defaults({ spec }) {
    if (!spec) return;
    spec.failurePolicy ??= 'Fail';
    defaultMatch(spec.matchConstraints);
  },
  prepareForCreate(draft) {
    draft.status = {};
    draft.metadata.generation = 1;
  },
  validate({ metadata, spec }): FieldError[] {
    const errors: FieldError[] = [];
    const failure: string = spec?.failurePolicy ?? '';
    if (!['Fail', 'Ignore'].includes(failure))
      errors.push(notSupported('spec.failurePolicy', failure, ['Fail', 'Ignore']));
    if (spec?.paramKind) errors.push(...validateParamKind(spec.paramKind, 'spec.paramKind'));
    if (!spec?.validations?.length && !spec?.auditAnnotations?.length) {
      const detail = 'validations or auditAnnotations must be contain at least one value';
      errors.push(required('spec.validations', detail), required('spec.auditAnnotations', detail));
    }
    if (!spec?.matchConstraints) errors.push(required('spec.matchConstraints'));
    else if (!spec.matchConstraints.resourceRules?.length) errors.push(required('spec.matchConstraints.resourceRules'));
    if (spec?.matchConstraints) errors.push(...validateMatchResources(spec.matchConstraints, 'spec.matchConstraints'));
    const check = (expression: string | undefined, path: string, types?: string[]) => {
      if (!expression?.trim()) return void errors.push(required(path, 'expression is not specified'));
      const complaint = policyExpressionError(expression, types);
      if (complaint) errors.push(invalid(path, expression, complaint));
    };
    spec?.variables?.forEach(({ name, expression }, i) => {
      const at = `spec.variables[${i}].name`;
      if (!name) errors.push(required(at, 'name is not specified'));
      else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name))
        errors.push(invalid(at, name, 'name is not a valid CEL identifier'));
      check(expression, `spec.variables[${i}].expression`);
    });
    errors.push(...validateMatchConditions(spec?.matchConditions, 'spec.matchConditions'));
    spec?.validations?.forEach(({ expression, message, messageExpression, reason }, i) => {
      check(expression, `spec.validations[${i}].expression`, ['bool']);
      const at = `spec.validations[${i}].message`;
      const text = message?.trim() ?? '';
      if (message && text === '') errors.push(invalid(at, message, 'message must be non-empty if specified'));
      else if (text.includes('\n')) errors.push(invalid(at, message, 'message must not contain line breaks'));
      else if (text === '' && expression?.trim().includes('\n') && !messageExpression)
        errors.push(required(at, 'message must be specified if expression contains line breaks'));
      if (reason !== undefined && !reasons.includes(reason)) {
        errors.push(notSupported(`spec.validations[${i}].reason`, reason, reasons));
      }
      if (messageExpression) check(messageExpression, `spec.validations[${i}].messageExpression`, ['string']);
    });
    const keys = new Set<string>();
    spec?.auditAnnotations?.forEach(({ key, valueExpression }, i) => {
      const at = `spec.auditAnnotations[${i}]`;
      errors.push(...isQualifiedName(`${metadata.name}/${key}`).map((message) => invalid(`${at}.key`, key, message)));
      check(valueExpression, `${at}.valueExpression`, ['string', 'null']);
      if (keys.has(key)) errors.push(duplicate(`${at}.key`, key));
      keys.add(key);
    });
    return errors;
  },
  columns: [
    nameColumn as Column<Policy>,
    column('Validations', 'Number of rules.', ({ spec }) => spec?.validations?.length ?? 0, 'integer'),
    column('ParamKind', 'Kind of its parameters.', ({ spec }) =>
      spec?.paramKind ? `${spec.paramKind.apiVersion}/${spec.paramKind.kind}` : '<unset>',
    ),
    ageColumn as Column<Policy>,
  ],
});

export const validatingAdmissionPolicyBinding = defineKind<PolicyBinding>(
  group,
  'v1',
  'validatingadmissionpolicybindings',
  {
    prepareForCreate(draft) {
      draft.metadata.generation = 1;
    },
    defaults({ spec }) {
      defaultMatch(spec?.matchResources as Mutable<Match> | undefined);
    },
    validate({ spec }): FieldError[] {
      const errors: FieldError[] = spec?.policyName ? [] : [required('spec.policyName')];
      const { paramRef, validationActions = [] } = spec ?? {};
      if (paramRef) errors.push(...validateParamRef(paramRef, 'spec.paramRef'));
      if (validationActions.length === 0) errors.push(required('spec.validationActions'));
      validationActions.forEach((action: string, i) => {
        const at = `spec.validationActions[${i}]`;
        if (!actions.includes(action)) errors.push(notSupported(at, action, actions));
        if (validationActions.findIndex((other: string) => other === action) < i) errors.push(duplicate(at, action));
      });
      if (['Deny', 'Warn'].every((action) => validationActions.some((other: string) => other === action))) {
        errors.push(invalid('spec.validationActions', validationActions, bothTold));
      }
      return errors;
    },
    columns: [
      nameColumn as Column<PolicyBinding>,
      column('PolicyName', 'The policy it puts to work.', ({ spec }) => spec?.policyName ?? ''),
      column('ParamRef', 'Its parameters.', ({ spec }) => {
        const parameters = spec?.paramRef;
        if (!parameters) return '<unset>';
        if (parameters.namespace) return `${parameters.namespace}/${parameters.name ?? '*'}`;
        return parameters.name ?? '*';
      }),
      ageColumn as Column<PolicyBinding>,
    ],
  },
);

export function validateParamRef(
  paramRef: { name?: string; selector?: unknown; parameterNotFoundAction?: string },
  at: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (paramRef.name && paramRef.selector) {
    errors.push(forbidden(`${at}.name`, 'name and selector are mutually exclusive'));
    errors.push(forbidden(`${at}.selector`, 'name and selector are mutually exclusive'));
  } else if (!paramRef.name && !paramRef.selector) {
    errors.push(required(at, 'one of name or selector must be specified'));
  }
  const action = paramRef.parameterNotFoundAction;
  if (!action) errors.push(required(`${at}.parameterNotFoundAction`));
  else if (action !== 'Allow' && action !== 'Deny')
    errors.push(notSupported(`${at}.parameterNotFoundAction`, action, ['Deny', 'Allow']));
  return errors;
}

export function validateParamKind(
  { apiVersion, kind }: { apiVersion?: string; kind?: string },
  at: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!apiVersion) errors.push(required(`${at}.apiVersion`));
  else {
    const [version, group] = apiVersion.split('/').reverse() as [string, string | undefined];
    const complaints = [...(group ? isDns1123Subdomain(group) : []), ...isDns1035Label(version)];
    if (complaints.length > 0) errors.push(invalid(`${at}.apiVersion`, apiVersion, complaints.join(',')));
  }
  if (!kind) errors.push(required(`${at}.kind`));
  else {
    const complaints = isDns1035Label(kind.toLowerCase());
    if (complaints.length > 0) {
      const detail = `may have mixed case, but should otherwise match: ${complaints.join(',')}`;
      errors.push(invalid(`${at}.kind`, kind, detail));
    }
  }
  return errors;
}

export function validateMatchResources(match: Match, at: string): FieldError[] {
  const errors = validateMatching(match, at);
  for (const list of ['resourceRules', 'excludeResourceRules'] as const) {
    match[list]?.forEach((rule, i) => errors.push(...validateRule(rule, `${at}.${list}[${i}]`)));
  }
  return errors;
}
