import type { IFlowSchema } from 'kubernetes-models/flowcontrol.apiserver.k8s.io/v1/FlowSchema';
import type { IPriorityLevelConfiguration } from 'kubernetes-models/flowcontrol.apiserver.k8s.io/v1/PriorityLevelConfiguration';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/field-error.ts';
import { isDns1123Label, isDns1123Subdomain } from '../../../apimachinery/names.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkName, checkNonNegative, checkRequiredName } from '../common/validate.ts';

/** Rules of API priority and fairness (pkg/apis/flowcontrol/validation). */

export type FlowSchema = Kind<IFlowSchema>;
export type PriorityLevel = Kind<IPriorityLevelConfiguration>;

type Rule = NonNullable<NonNullable<FlowSchema['spec']>['rules']>[number];
type Subject = Rule['subjects'][number];

const maxPrecedence = 10_000;
const distinguishers = ['ByNamespace', 'ByUser'];
const subjectKinds = ['Group', 'ServiceAccount', 'User'];
const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];
const nonResourceVerbs = ['delete', 'get', 'head', 'options', 'patch', 'post', 'put'];

export function validateFlowSchema({ metadata, spec }: FlowSchema): FieldError[] {
  const errors: FieldError[] = [];
  const precedence = spec?.matchingPrecedence ?? 0;
  if (precedence <= 0) errors.push(invalid('spec.matchingPrecedence', precedence, 'must be a positive value'));
  if (precedence > maxPrecedence)
    errors.push(invalid('spec.matchingPrecedence', precedence, `must not be greater than ${maxPrecedence}`));
  if (precedence === 1 && metadata.name !== 'exempt')
    errors.push(
      invalid('spec.matchingPrecedence', precedence, "only the schema named 'exempt' may have matchingPrecedence 1"),
    );
  const method: string | undefined = spec?.distinguisherMethod?.type;
  if (method !== undefined && !distinguishers.includes(method))
    errors.push(notSupported('spec.distinguisherMethod', method, distinguishers));
  const level = spec?.priorityLevelConfiguration?.name;
  if (level) errors.push(...checkName(level, 'spec.priorityLevelConfiguration.name', isDns1123Subdomain));
  else errors.push(required('spec.priorityLevelConfiguration.name', 'must reference a priority level'));
  spec?.rules?.forEach((rule, i) => errors.push(...validateRule(rule, `spec.rules[${i}]`)));
  return errors;
}

function validateRule(rule: Rule, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (!rule.subjects?.length) errors.push(required(`${at}.subjects`, 'subjects must contain at least one value'));
  rule.subjects?.forEach((subject, i) => errors.push(...validateSubject(subject, `${at}.subjects[${i}]`)));
  if (!rule.resourceRules?.length && !rule.nonResourceRules?.length)
    errors.push(required(at, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  rule.resourceRules?.forEach((resource, i) => {
    const path = `${at}.resourceRules[${i}]`;
    errors.push(...validateVerbs(resource.verbs, verbs, `${path}.verbs`));
    errors.push(...validateWildcard(resource.apiGroups, `${path}.apiGroups`));
    errors.push(...validateWildcard(resource.resources, `${path}.resources`));
    if (!resource.namespaces?.length && !resource.clusterScope)
      errors.push(
        required(`${path}.namespaces`, 'resource rules that are not cluster scoped must supply at least one namespace'),
      );
    else if ((resource.namespaces?.length ?? 0) > 1 && resource.namespaces!.includes('*'))
      errors.push(
        invalid(`${path}.namespaces`, resource.namespaces, "if '*' is present, must not specify other namespaces"),
      );
    resource.namespaces?.forEach((name, j) => {
      if (name !== '*') errors.push(...checkName(name, `${path}.namespaces[${j}]`, isDns1123Label));
    });
  });
  rule.nonResourceRules?.forEach((other, i) => {
    const path = `${at}.nonResourceRules[${i}]`;
    errors.push(...validateVerbs(other.verbs, nonResourceVerbs, `${path}.verbs`));
    const urls = other.nonResourceURLs ?? [];
    if (urls.length === 0)
      errors.push(required(`${path}.nonResourceURLs`, 'nonResourceURLs must contain at least one value'));
    else if (urls.length > 1 && urls.includes('*'))
      errors.push(
        invalid(`${path}.nonResourceURLs`, urls, "if '*' is present, must not specify other non-resource URLs"),
      );
    urls.forEach((url, j) => errors.push(...validateUrl(url, `${path}.nonResourceURLs[${j}]`)));
  });
  return errors;
}

function validateSubject(subject: Subject, at: string): FieldError[] {
  const kind: string = subject.kind ?? '';
  if (!subjectKinds.includes(kind)) return [notSupported(`${at}.kind`, kind, subjectKinds)];
  const own = { User: 'user', Group: 'group', ServiceAccount: 'serviceAccount' }[kind] as keyof Subject;
  const errors: FieldError[] = [];
  for (const [name, title] of [
    ['serviceAccount', 'ServiceAccount'],
    ['group', 'Group'],
    ['user', 'User'],
  ] as const) {
    if (name === own) {
      if (!subject[name]) errors.push(required(`${at}.${name}`, `${name} is required when subject kind is '${title}'`));
    } else if (subject[name])
      errors.push(forbidden(`${at}.${name}`, `${name} is forbidden when subject kind is not '${title}'`));
  }
  if (errors.length > 0) return errors;
  if (own === 'user' || own === 'group') {
    return subject[own]!.name ? [] : [required(`${at}.${own}.name`)];
  }
  const { name = '', namespace = '' } = subject.serviceAccount!;
  if (name !== '*') errors.push(...checkRequiredName(name, `${at}.serviceAccount.name`, isDns1123Subdomain));
  errors.push(...checkRequiredName(namespace, `${at}.serviceAccount.namespace`, isDns1123Label));
  return errors;
}

function validateVerbs(given: readonly string[] | undefined, known: readonly string[], at: string): FieldError[] {
  if (!given?.length) return [required(at, 'verbs must contain at least one value')];
  if (given.includes('*'))
    return given.length > 1 ? [invalid(at, given, "if '*' is present, must not specify other verbs")] : [];
  return given.some((verb) => !known.includes(verb)) ? [notSupported(at, given, [...known, '*'])] : [];
}

function validateWildcard(given: readonly string[] | undefined, at: string): FieldError[] {
  const what = at.endsWith('apiGroups') ? 'api groups' : 'resources';
  if (!given?.length) return [required(at, `${at.split('.').at(-1)} must contain at least one value`)];
  return given.length > 1 && given.includes('*')
    ? [invalid(at, given, `if '*' is present, must not specify other ${what}`)]
    : [];
}

function validateUrl(url: string, at: string): FieldError[] {
  if (url === '*') return [];
  if (url === '') return [invalid(at, url, "non-resource url is expected to be either '*' or start with '/'")];
  if (!url.startsWith('/')) return [invalid(at, url, "must start with '/'")];
  if (url.includes(' ')) return [invalid(at, url, 'must not contain white-space')];
  if (url.includes('//')) return [invalid(at, url, 'must not contain double slash')];
  if (url === '/' || url === '/*') return [];
  const star = url.indexOf('*');
  return star >= 0 && (star !== url.length - 1 || url[star - 1] !== '/')
    ? [invalid(at, url, 'wildcard can only do suffix matching')]
    : [];
}

const exemptNames = new Set(['exempt']);

export function validatePriorityLevel({ metadata, spec }: PriorityLevel): FieldError[] {
  const type: string = spec?.type ?? '';
  const errors: FieldError[] = [];
  if (exemptNames.has(metadata.name) !== (type === 'Exempt'))
    errors.push(invalid('spec.type', type, "type must be 'Exempt' if and only if name is 'exempt'"));
  if (type === 'Exempt') {
    if (spec?.limited) errors.push(forbidden('spec.limited', 'must be nil if the type is not Limited'));
    return [...errors, ...validateShares(spec?.exempt, 'spec.exempt')];
  }
  if (type !== 'Limited') return [...errors, notSupported('spec.type', type, ['Exempt', 'Limited'])];
  if (spec?.exempt) errors.push(forbidden('spec.exempt', 'must be nil if the type is Limited'));
  const limited = spec?.limited;
  if (!limited) return [...errors, required('spec.limited', 'must not be empty when type is Limited')];
  errors.push(...validateShares(limited, 'spec.limited'));
  const response = limited.limitResponse;
  const kind: string = response?.type ?? '';
  const at = 'spec.limited.limitResponse';
  if (kind === 'Reject') {
    if (response?.queuing)
      errors.push(forbidden(`${at}.queuing`, 'must be nil if limited.limitResponse.type is not Limited'));
  } else if (kind === 'Queue') {
    const queuing = response?.queuing;
    if (!queuing) errors.push(required(`${at}.queuing`, 'must not be empty if limited.limitResponse.type is Limited'));
    else errors.push(...validateQueuing(queuing, `${at}.queuing`));
  } else errors.push(notSupported(`${at}.type`, kind, ['Queue', 'Reject']));
  return errors;
}

interface Shares {
  nominalConcurrencyShares?: number;
  lendablePercent?: number;
  borrowingLimitPercent?: number;
}

function validateShares(shares: Shares | undefined, at: string): FieldError[] {
  const { nominalConcurrencyShares, lendablePercent, borrowingLimitPercent } = shares ?? {};
  const errors: FieldError[] = [];
  if (nominalConcurrencyShares !== undefined && nominalConcurrencyShares < 0)
    errors.push(invalid(`${at}.nominalConcurrencyShares`, nominalConcurrencyShares, 'must be a non-negative integer'));
  if (lendablePercent !== undefined && (lendablePercent < 0 || lendablePercent > 100))
    errors.push(invalid(`${at}.lendablePercent`, lendablePercent, 'must be between 0 and 100, inclusive'));
  errors.push(
    ...checkNonNegative(borrowingLimitPercent, `${at}.borrowingLimitPercent`).map((error) => ({
      ...error,
      detail: 'if specified, must be a non-negative integer',
    })),
  );
  return errors;
}

const maxQueues = 10_000_000;
/** Bits of entropy that a shuffle-sharding dealer has. */
const maxHashBits = 60;

function validateQueuing(
  { queues = 0, handSize = 0, queueLengthLimit = 0 }: { queues?: number; handSize?: number; queueLengthLimit?: number },
  at: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (queueLengthLimit <= 0) errors.push(invalid(`${at}.queueLengthLimit`, queueLengthLimit, 'must be positive'));
  if (queues <= 0) errors.push(invalid(`${at}.queues`, queues, 'must be positive'));
  else if (queues > maxQueues) errors.push(invalid(`${at}.queues`, queues, `must not be greater than ${maxQueues}`));
  if (handSize <= 0) errors.push(invalid(`${at}.handSize`, handSize, 'must be positive'));
  else if (handSize > queues)
    errors.push(invalid(`${at}.handSize`, handSize, `should not be greater than queues (${queues})`));
  else {
    let bits = 0;
    for (let i = 0; i < handSize; i++) bits += Math.log2(queues - i);
    const needed = Math.ceil(bits);
    if (needed > maxHashBits)
      errors.push(
        invalid(
          `${at}.handSize`,
          handSize,
          `required entropy bits of deckSize ${queues} and handSize ${handSize} should not be greater than ${maxHashBits}`,
        ),
      );
  }
  return errors;
}
