import { invalid, notSupported, required, type FieldError } from '../../../apimachinery/field-error.ts';
import { mutationError, policyExpressionError } from '../../../cel/policy-environment.ts';
import type { KubeObject } from '../../../types.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Column, KindDefinition, Mutable } from '../kind.ts';
import { validateMatchConditions } from './match.ts';
import { defaultMatch, validateMatchResources, validateParamKind, validateParamRef, type Match } from './policies.ts';

/** Policies that change requests: served where `--runtime-config` asks for admissionregistration.k8s.io/v1beta1. */

const group = 'admissionregistration.k8s.io';

interface Policy extends KubeObject {
  spec?: {
    paramKind?: { apiVersion?: string; kind?: string };
    matchConstraints?: Match;
    matchConditions?: { name: string; expression: string }[];
    variables?: { name?: string; expression?: string }[];
    mutations?: {
      patchType?: string;
      applyConfiguration?: { expression?: string };
      jsonPatch?: { expression?: string };
    }[];
    failurePolicy?: string;
    reinvocationPolicy?: string;
  };
}

interface Binding extends KubeObject {
  spec?: {
    policyName?: string;
    paramRef?: { name?: string; namespace?: string; selector?: unknown; parameterNotFoundAction?: string };
    matchResources?: Match;
  };
}

const patchTypes = ['ApplyConfiguration', 'JSONPatch'];

const mutatingPolicy = defineKind<Policy>(group, 'v1beta1', 'mutatingadmissionpolicies', {
  defaults({ spec }) {
    if (!spec) return;
    spec.failurePolicy ??= 'Fail';
    defaultMatch(spec.matchConstraints as Mutable<Match> | undefined);
  },
  prepareForCreate(draft) {
    draft.metadata.generation = 1;
  },
  validate({ spec }) {
    const errors: FieldError[] = [];
    const failure = spec?.failurePolicy ?? '';
    if (!['Fail', 'Ignore'].includes(failure))
      errors.push(notSupported('spec.failurePolicy', failure, ['Fail', 'Ignore']));
    if (spec?.paramKind) errors.push(...validateParamKind(spec.paramKind, 'spec.paramKind'));
    if (!spec?.matchConstraints) errors.push(required('spec.matchConstraints'));
    else {
      if (!spec.matchConstraints.resourceRules?.length) errors.push(required('spec.matchConstraints.resourceRules'));
      errors.push(...validateMatchResources(spec.matchConstraints, 'spec.matchConstraints'));
      spec.matchConstraints.resourceRules?.forEach(({ operations = [] }, i) => {
        operations.forEach((operation: string, j) => {
          if (operation !== 'CREATE' && operation !== 'UPDATE')
            errors.push(
              notSupported(`spec.matchConstraints.resourceRules[${i}].operations[${j}]`, operation, [
                'CREATE',
                'UPDATE',
              ]),
            );
        });
      });
    }
    const check = (expression: string | undefined, at: string, complain: (text: string) => string | undefined) => {
      if (!expression?.trim()) return void errors.push(required(at, 'expression is not specified'));
      const complaint = complain(expression);
      if (complaint) errors.push(invalid(at, expression, complaint));
    };
    spec?.variables?.forEach(({ name, expression }, i) => {
      const at = `spec.variables[${i}].name`;
      if (!name) errors.push(required(at, 'name is not specified'));
      else if (!/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name))
        errors.push(invalid(at, name, 'name is not a valid CEL identifier'));
      check(expression, `spec.variables[${i}].expression`, (text) => policyExpressionError(text));
    });
    errors.push(...validateMatchConditions(spec?.matchConditions, 'spec.matchConditions'));
    if (!spec?.mutations?.length) errors.push(required('spec.mutations', 'mutations must contain at least one item'));
    spec?.mutations?.forEach(({ patchType = '', applyConfiguration, jsonPatch }, i) => {
      const at = `spec.mutations[${i}]`;
      switch (patchType) {
        case 'ApplyConfiguration':
          if (!applyConfiguration)
            errors.push(required(`${at}.applyConfiguration`, 'must be specified when patchType is ApplyConfiguration'));
          else
            check(applyConfiguration.expression, `${at}.applyConfiguration.expression`, (text) =>
              mutationError(text, 'ApplyConfiguration'),
            );
          if (jsonPatch)
            errors.push(
              invalid(`${at}.jsonPatch`, jsonPatch, 'must not be specified when patchType is ApplyConfiguration'),
            );
          break;
        case 'JSONPatch':
          if (!jsonPatch) errors.push(required(`${at}.jsonPatch`, 'must be specified when patchType is JSONPatch'));
          else check(jsonPatch.expression, `${at}.jsonPatch.expression`, (text) => mutationError(text, 'JSONPatch'));
          if (applyConfiguration)
            errors.push(
              invalid(
                `${at}.applyConfiguration`,
                applyConfiguration,
                'must not be specified when patchType is JSONPatch',
              ),
            );
          break;
        case '':
          errors.push(required(`${at}.patchType`));
          break;
        default:
          errors.push(notSupported(`${at}.patchType`, patchType, patchTypes));
      }
    });
    const again = spec?.reinvocationPolicy ?? '';
    if (again === '') errors.push(required('spec.reinvocationPolicy'));
    else if (!['IfNeeded', 'Never'].includes(again))
      errors.push(notSupported('spec.reinvocationPolicy', again, ['IfNeeded', 'Never']));
    return errors;
  },
  columns: [
    nameColumn as Column<Policy>,
    column('Mutations', 'Number of changes.', ({ spec }) => spec?.mutations?.length ?? 0, 'integer'),
    column('ParamKind', 'Kind of its parameters.', ({ spec }) =>
      spec?.paramKind ? `${spec.paramKind.apiVersion}/${spec.paramKind.kind}` : '<unset>',
    ),
    ageColumn as Column<Policy>,
  ],
});

const mutatingPolicyBinding = defineKind<Binding>(group, 'v1beta1', 'mutatingadmissionpolicybindings', {
  prepareForCreate(draft) {
    draft.metadata.generation = 1;
  },
  defaults({ spec }) {
    defaultMatch(spec?.matchResources as Mutable<Match> | undefined);
  },
  validate({ spec }) {
    const errors: FieldError[] = spec?.policyName ? [] : [required('spec.policyName')];
    if (spec?.paramRef) errors.push(...validateParamRef(spec.paramRef, 'spec.paramRef'));
    if (spec?.matchResources) errors.push(...validateMatchResources(spec.matchResources, 'spec.matchResources'));
    return errors;
  },
  columns: [
    nameColumn as Column<Binding>,
    column('PolicyName', 'The policy it puts to work.', ({ spec }) => spec?.policyName ?? ''),
    column('ParamRef', 'Its parameters.', ({ spec }) => {
      const parameters = spec?.paramRef;
      if (!parameters) return '<unset>';
      if (parameters.namespace) return `${parameters.namespace}/${parameters.name ?? '*'}`;
      return parameters.name ?? '*';
    }),
    ageColumn as Column<Binding>,
  ],
});

export const mutatingPolicies: readonly KindDefinition[] = [
  mutatingPolicy as unknown as KindDefinition,
  mutatingPolicyBinding as unknown as KindDefinition,
];
