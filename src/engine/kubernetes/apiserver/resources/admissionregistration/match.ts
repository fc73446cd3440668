import {
  duplicate,
  invalid,
  notSupported,
  required,
  tooMany,
  type FieldError,
} from '../../../apimachinery/field-error.ts';
import type { LabelSelector } from '../../../apimachinery/label-selector.ts';
import { isQualifiedName } from '../../../apimachinery/names.ts';
import { policyExpressionError } from '../../../cel/policy-environment.ts';
import { checkLabelSelector, checkName, checkOneOf } from '../common/validate.ts';

/** What webhooks and policies share: which requests they are asked about. */

interface Rule {
  operations?: readonly string[];
  apiGroups?: readonly string[];
  apiVersions?: readonly string[];
  resources?: readonly string[];
  scope?: string;
}

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const scopes = ['*', 'Cluster', 'Namespaced'];

/** validateRuleWithOperations. */
export function validateRule(rule: Rule, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const verbs = rule.operations ?? [];
  if (verbs.length === 0) errors.push(required(`${at}.operations`));
  verbs.forEach((verb, i) => {
    if (!operations.includes(verb)) errors.push(notSupported(`${at}.operations[${i}]`, verb, operations));
  });
  if (verbs.length > 1 && verbs.includes('*')) {
    errors.push(invalid(`${at}.operations`, verbs, "if '*' is present, must not specify other operations"));
  }
  for (const [name, what] of [
    ['apiGroups', 'groups'],
    ['apiVersions', 'versions'],
  ] as const) {
    const values = rule[name] ?? [];
    if (values.length === 0) errors.push(required(`${at}.${name}`));
    if (values.length > 1 && values.includes('*')) {
      errors.push(invalid(`${at}.${name}`, values, `if '*' is present, must not specify other API ${what}`));
    }
    if (name === 'apiVersions')
      values.forEach((value, i) => value === '' && errors.push(required(`${at}.${name}[${i}]`)));
  }
  const resources = rule.resources ?? [];
  if (resources.length === 0) errors.push(required(`${at}.resources`));
  resources.forEach((name, i) => {
    if (name === '') errors.push(required(`${at}.resources[${i}]`));
    else if (name === '*' && resources.length > 1 && resources.some((other) => other !== '*' && !other.includes('/'))) {
      errors.push(
        invalid(
          `${at}.resources`,
          resources,
          "if '*' is present, must not specify other resources without subresources",
        ),
      );
    } else if (name === '*/*' && resources.length > 1) {
      errors.push(invalid(`${at}.resources`, resources, "if '*/*' is present, must not specify other resources"));
    }
  });
  if (rule.scope !== undefined && !scopes.includes(rule.scope))
    errors.push(notSupported(`${at}.scope`, rule.scope, scopes));
  return errors;
}

interface Matching {
  matchPolicy?: string;
  namespaceSelector?: unknown;
  objectSelector?: unknown;
}

/** The selectors and the policy of matching. */
export function validateMatching(match: Matching, at: string): FieldError[] {
  return [
    ...checkOneOf(match.matchPolicy, `${at}.matchPolicy`, ['Equivalent', 'Exact']),
    ...checkLabelSelector(match.namespaceSelector as LabelSelector | undefined, `${at}.namespaceSelector`),
    ...checkLabelSelector(match.objectSelector as LabelSelector | undefined, `${at}.objectSelector`),
  ];
}

const maxConditions = 64;

/** validateMatchConditions: names are told apart, expressions are judgements. */
export function validateMatchConditions(
  conditions: readonly { name?: string; expression?: string }[] | undefined,
  at: string,
): FieldError[] {
  if (!conditions) return [];
  if (conditions.length > maxConditions) return [tooMany(at, conditions.length, maxConditions)];
  const names = new Set<string>();
  return conditions.flatMap(({ name = '', expression = '' }, i) => {
    const errors: FieldError[] = [];
    const path = `${at}[${i}]`;
    if (expression.trim() === '') errors.push(required(`${path}.expression`));
    else {
      const complaint = policyExpressionError(expression, ['bool']);
      if (complaint) errors.push(invalid(`${path}.expression`, expression, complaint));
    }
    if (name === '') errors.push(required(`${path}.name`));
    else errors.push(...checkName(name, `${path}.name`, isQualifiedName));
    if (name !== '' && names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
    return errors;
  });
}
