import type { IAffinity } from 'kubernetes-models/v1/Affinity';
import type { INodeSelectorTerm } from 'kubernetes-models/v1/NodeSelectorTerm';
import type { IPodAffinityTerm } from 'kubernetes-models/v1/PodAffinityTerm';
import type { IToleration } from 'kubernetes-models/v1/Toleration';
import type { ITopologySpreadConstraint } from 'kubernetes-models/v1/TopologySpreadConstraint';
import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../apimachinery/field-error.ts';
import type { LabelSelector } from '../../../../apimachinery/label-selector.ts';
import { isDns1123Label, isQualifiedName, isValidLabelValue } from '../../../../apimachinery/names.ts';
import { goValueOf } from '../../common/go-dump.ts';
import { checkLabelSelector, checkName } from '../../common/validate.ts';

/** Tolerations, affinity and topology spread (ValidateTolerations, validateAffinity, validateTopologySpreadConstraints). */

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

export function validateTolerations(tolerations: readonly IToleration[], path: string): FieldError[] {
  return tolerations.flatMap((toleration, i) => {
    const at = `${path}[${i}]`;
    const { key = '', value = '' } = toleration;
    const operator: string = toleration.operator ?? '';
    const effect: string = toleration.effect ?? '';
    const errors = key ? checkName(key, `${at}.key`, isQualifiedName) : [];
    if (!key && operator !== 'Exists') {
      const message = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      errors.push(invalid(`${at}.operator`, operator, message));
    }
    if (toleration.tolerationSeconds !== undefined && effect !== 'NoExecute') {
      errors.push(invalid(`${at}.effect`, effect, "effect must be 'NoExecute' when `tolerationSeconds` is set"));
    }
    if (operator === '' || operator === 'Equal') {
      const complaints = isValidLabelValue(value);
      if (complaints.length > 0) errors.push(invalid(`${at}.operator`, value, complaints.join(';')));
    } else if (operator === 'Exists') {
      if (value)
        errors.push(
          invalid(
            `${at}.operator`,
            goValueOf('core/v1/Toleration', toleration),
            "value must be empty when `operator` is 'Exists'",
          ),
        );
    } else {
      errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']));
    }
    if (effect && !taintEffects.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, taintEffects));
    return errors;
  });
}

export function validateNodeSelectorTerm(term: INodeSelectorTerm, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const list of ['matchExpressions', 'matchFields'] as const) {
    term[list]?.forEach((requirement, i) => {
      const at = `${path}.${list}[${i}]`;
      const count = requirement.values?.length ?? 0;
      switch (requirement.operator as string) {
        case 'In':
        case 'NotIn':
          if (count === 0)
            errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
          break;
        case 'Exists':
        case 'DoesNotExist':
          if (count > 0) {
            errors.push(
              forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"),
            );
          }
          break;
        case 'Gt':
        case 'Lt':
          if (count !== 1)
            errors.push(required(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'"));
          break;
        default:
          errors.push(invalid(`${at}.operator`, requirement.operator, 'not a valid selector operator'));
      }
      if (list === 'matchExpressions') errors.push(...checkName(requirement.key, `${at}.key`, isQualifiedName));
    });
  }
  return errors;
}

function checkWeight(weight: number, path: string): FieldError[] {
  return weight >= 1 && weight <= 100 ? [] : [invalid(path, weight, 'must be in the range 1-100')];
}

function validatePodAffinityTerm(term: IPodAffinityTerm, path: string): FieldError[] {
  const errors = checkLabelSelector(term.labelSelector as LabelSelector | undefined, `${path}.labelSelector`);
  errors.push(...checkLabelSelector(term.namespaceSelector as LabelSelector | undefined, `${path}.namespaceSelector`));
  for (const namespace of term.namespaces ?? [])
    errors.push(...checkName(namespace, `${path}.namespace`, isDns1123Label));
  // The server itself adds what the keys name to the selector, so only the missing selector counts here.
  for (const name of ['matchLabelKeys', 'mismatchLabelKeys'] as const) {
    if (term[name]?.length && !term.labelSelector) errors.push(...validateMatchLabelKeys(term, name, path));
  }
  if (!term.topologyKey) errors.push(required(`${path}.topologyKey`, 'can not be empty'));
  else errors.push(...checkName(term.topologyKey, `${path}.topologyKey`, isQualifiedName));
  return errors;
}

interface KeyedTerm {
  labelSelector?: unknown;
  matchLabelKeys?: readonly string[];
  mismatchLabelKeys?: readonly string[];
}

/** Keys whose values come from the Pod's own labels need a selector to be added to. */
function validateMatchLabelKeys(
  term: KeyedTerm,
  name: 'matchLabelKeys' | 'mismatchLabelKeys',
  at: string,
): FieldError[] {
  const keys = term[name] ?? [];
  if (keys.length === 0) return [];
  if (!term.labelSelector) return [forbidden(`${at}.${name}`, 'must not be specified when labelSelector is not set')];
  const selector = term.labelSelector as LabelSelector;
  // One requirement for one value is what the server itself adds for a key.
  const requirements = selector.matchExpressions ?? [];
  const added = (key: string) =>
    requirements.find((r) => r.key === key && r.operator === 'In' && r.values?.length === 1);
  const used = new Set([
    ...Object.keys(selector.matchLabels ?? {}),
    ...requirements.filter((requirement) => requirement !== added(requirement.key)).map(({ key }) => key),
  ]);
  return keys.flatMap((key, i) => {
    const path = `${at}.${name}[${i}]`;
    const errors = checkName(key, path, isQualifiedName);
    if (name === 'matchLabelKeys' && used.has(key))
      errors.push(invalid(path, key, 'exists in both matchLabelKeys and labelSelector'));
    return errors;
  });
}

export function validateAffinity(affinity: IAffinity | undefined, path: string): FieldError[] {
  if (!affinity) return [];
  const errors: FieldError[] = [];
  const node = affinity.nodeAffinity;
  const requiredNodes = node?.requiredDuringSchedulingIgnoredDuringExecution;
  const requiredPath = `${path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`;
  if (requiredNodes) {
    const terms = requiredNodes.nodeSelectorTerms ?? [];
    if (terms.length === 0) errors.push(required(requiredPath, 'must have at least one node selector term'));
    terms.forEach((term, i) => errors.push(...validateNodeSelectorTerm(term, `${requiredPath}[${i}]`)));
  }
  node?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ weight, preference }, i) => {
    const at = `${path}.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
    errors.push(
      ...checkWeight(weight, `${at}.weight`),
      ...validateNodeSelectorTerm(preference ?? {}, `${at}.preference`),
    );
  });
  for (const name of ['podAffinity', 'podAntiAffinity'] as const) {
    const pods = affinity[name];
    pods?.requiredDuringSchedulingIgnoredDuringExecution?.forEach((term, i) => {
      const at = `${path}.${name}.requiredDuringSchedulingIgnoredDuringExecution[${i}]`;
      errors.push(...validatePodAffinityTerm(term, at));
    });
    pods?.preferredDuringSchedulingIgnoredDuringExecution?.forEach(({ weight, podAffinityTerm }, i) => {
      const at = `${path}.${name}.preferredDuringSchedulingIgnoredDuringExecution[${i}]`;
      errors.push(...checkWeight(weight, `${at}.weight`));
      errors.push(...validatePodAffinityTerm(podAffinityTerm, `${at}.podAffinityTerm`));
    });
  }
  return errors;
}

const spreadActions = ['DoNotSchedule', 'ScheduleAnyway'];
const inclusionPolicies = ['Honor', 'Ignore'];

export function validateTopologySpread(constraints: readonly ITopologySpreadConstraint[], path: string): FieldError[] {
  return constraints.flatMap((constraint, i) => {
    const at = `${path}[${i}]`;
    const errors: FieldError[] = [];
    const { maxSkew, topologyKey, minDomains } = constraint;
    const action: string = constraint.whenUnsatisfiable;
    if (!(maxSkew > 0)) errors.push(invalid(`${at}.maxSkew`, maxSkew ?? 0, 'must be greater than zero'));
    if (!topologyKey) errors.push(required(`${at}.topologyKey`, 'can not be empty'));
    else errors.push(...checkName(topologyKey, `${at}.topologyKey`, isQualifiedName));
    if (!spreadActions.includes(action))
      errors.push(notSupported(`${at}.whenUnsatisfiable`, action ?? '', spreadActions));
    const twin = constraints.slice(i + 1).some((c) => c.topologyKey === topologyKey && c.whenUnsatisfiable === action);
    if (twin) errors.push(duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, `{${topologyKey}, ${action}}`));
    if (minDomains !== undefined && minDomains <= 0)
      errors.push(invalid(`${at}.minDomains`, minDomains, 'must be greater than zero'));
    if (minDomains !== undefined && action !== 'DoNotSchedule') {
      const message = 'can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ';
      errors.push(invalid(`${at}.minDomains`, minDomains, `${message}${action}`));
    }
    for (const name of ['nodeAffinityPolicy', 'nodeTaintsPolicy'] as const) {
      const policy: string | undefined = constraint[name];
      if (policy && !inclusionPolicies.includes(policy))
        errors.push(notSupported(`${at}.${name}`, policy, inclusionPolicies));
    }
    errors.push(...validateMatchLabelKeys(constraint, 'matchLabelKeys', at));
    errors.push(...checkLabelSelector(constraint.labelSelector as LabelSelector | undefined, `${at}.labelSelector`));
    return errors;
  });
}
