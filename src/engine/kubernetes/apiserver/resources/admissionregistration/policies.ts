import type { IMutatingWebhookConfiguration } from 'kubernetes-models/admissionregistration.k8s.io/v1/MutatingWebhookConfiguration';
import type { IValidatingAdmissionPolicy } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy';
import type { IValidatingAdmissionPolicyBinding } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding';
import type { IValidatingWebhookConfiguration } from 'kubernetes-models/admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration';
import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../apimachinery/field-error.ts';
import { policyExpressionError } from '../../../cel/policy-environment.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import type { Column, KindDefinition, Mutable } from '../kind.ts';

/** Webhooks and policies that judge requests. */

const group = 'admissionregistration.k8s.io';

type AnyWebhooks = Kind<IMutatingWebhookConfiguration> | Kind<IValidatingWebhookConfiguration>;

function webhooks(resource: string): KindDefinition<AnyWebhooks> {
  return defineKind<AnyWebhooks>(group, 'v1', resource, {
    prepareForCreate(draft) {
      draft.metadata.generation = 1;
    },
    defaults(draft) {
      for (const webhook of draft.webhooks ?? []) {
        webhook.failurePolicy ??= 'Fail';
        webhook.matchPolicy ??= 'Equivalent';
        webhook.namespaceSelector ??= {};
        webhook.objectSelector ??= {};
        webhook.timeoutSeconds ??= 10;
        if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443;
        for (const rule of webhook.rules ?? []) rule.scope ??= '*';
        if ('reinvocationPolicy' in webhook || resource.startsWith('mutating')) {
          (webhook as { reinvocationPolicy?: string }).reinvocationPolicy ??= 'Never';
        }
      }
    },
    validate: (object): FieldError[] =>
      (object.webhooks ?? []).flatMap((webhook, i) => {
        const at = `webhooks[${i}]`;
        const errors: FieldError[] = webhook.name ? [] : [required(`${at}.name`)];
        if (!webhook.sideEffects) errors.push(required(`${at}.sideEffects`, 'must specify one of None, NoneOnDryRun'));
        if (!webhook.admissionReviewVersions?.length) {
          errors.push(required(`${at}.admissionReviewVersions`, 'must specify one of v1, v1beta1'));
        }
        return errors;
      }),
    columns: [
      nameColumn as Column<AnyWebhooks>,
      column('Webhooks', 'Number of webhooks.', (object) => object.webhooks?.length ?? 0, 'integer'),
      ageColumn as Column<AnyWebhooks>,
    ],
  });
}

export const mutatingWebhookConfiguration = webhooks('mutatingwebhookconfigurations');
export const validatingWebhookConfiguration = webhooks('validatingwebhookconfigurations');

type Policy = Kind<IValidatingAdmissionPolicy>;
type Match = NonNullable<NonNullable<Policy['spec']>['matchConstraints']>;

/** SetDefaults_MatchResources. */
function defaultMatch(match: Mutable<Match> | undefined): void {
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
  validate({ spec }): FieldError[] {
    const errors: FieldError[] = [];
    if (!spec?.validations?.length && !spec?.auditAnnotations?.length) {
      const detail = 'validations or auditAnnotations must be contain at least one value';
      errors.push(required('spec.validations', detail), required('spec.auditAnnotations', detail));
    }
    if (!spec?.matchConstraints) errors.push(required('spec.matchConstraints'));
    else if (!spec.matchConstraints.resourceRules?.length) errors.push(required('spec.matchConstraints.resourceRules'));
    const check = (expression: string | undefined, path: string, types?: string[]) => {
      if (!expression?.trim()) return void errors.push(required(path, 'expression is not specified'));
      const complaint = policyExpressionError(expression, types);
      if (complaint) errors.push(invalid(path, expression, complaint));
    };
    spec?.variables?.forEach(({ name, expression }, i) => {
      if (!name) errors.push(required(`spec.variables[${i}].name`, 'name is not specified'));
      check(expression, `spec.variables[${i}].expression`);
    });
    spec?.matchConditions?.forEach(({ expression }, i) =>
      check(expression, `spec.matchConditions[${i}].expression`, ['bool']),
    );
    spec?.validations?.forEach(({ expression, messageExpression, reason }, i) => {
      check(expression, `spec.validations[${i}].expression`, ['bool']);
      if (reason !== undefined && !reasons.includes(reason)) {
        errors.push(notSupported(`spec.validations[${i}].reason`, reason, reasons));
      }
      if (messageExpression) check(messageExpression, `spec.validations[${i}].messageExpression`, ['string']);
    });
    spec?.auditAnnotations?.forEach(({ valueExpression }, i) =>
      check(valueExpression, `spec.auditAnnotations[${i}].valueExpression`, ['string', 'null']),
    );
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
      if (paramRef) {
        if (paramRef.name && paramRef.selector) {
          errors.push(forbidden('spec.paramRef.name', 'name and selector are mutually exclusive'));
          errors.push(forbidden('spec.paramRef.selector', 'name and selector are mutually exclusive'));
        } else if (!paramRef.name && !paramRef.selector) {
          errors.push(required('spec.paramRef', 'one of name or selector must be specified'));
        }
        const action: string | undefined = paramRef.parameterNotFoundAction;
        if (!action) errors.push(required('spec.paramRef.parameterNotFoundAction'));
        else if (action !== 'Allow' && action !== 'Deny') {
          errors.push(notSupported('spec.paramRef.parameterNotFoundAction', action, ['Deny', 'Allow']));
        }
      }
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
