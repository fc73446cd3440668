import { labelMatcher } from '../../../apimachinery/label-matcher.ts';
import type { LabelSelector } from '../../../apimachinery/label-selector.ts';
import type { KubeObject } from '../../../types.ts';
import type { AdmissionAttributes } from '../plugin.ts';

/** Which requests a policy or binding is about (k8s.io/apiserver/pkg/admission/plugin/policy/matching). */

export interface ResourceRule {
  readonly operations?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly apiVersions?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly scope?: string;
}

export interface MatchResources {
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly resourceRules?: readonly ResourceRule[];
  readonly excludeResourceRules?: readonly ResourceRule[];
}

/** @param rulesOptional a binding without rules takes all that its policy matches */
export function matches(match: MatchResources | undefined, a: AdmissionAttributes, rulesOptional: boolean): boolean {
  if (!match) return rulesOptional;
  const { resourceRules = [], excludeResourceRules = [] } = match;
  if (excludeResourceRules.some((rule) => ruleMatches(rule, a))) return false;
  const byRule = resourceRules.length === 0 ? rulesOptional : resourceRules.some((rule) => ruleMatches(rule, a));
  return byRule && namespaceMatches(match.namespaceSelector, a) && objectMatches(match.objectSelector, a);
}

/** Versions are not compared: an object is the same in all of its group's versions (matchPolicy Equivalent). */
function ruleMatches(rule: ResourceRule, a: AdmissionAttributes): boolean {
  const includes = (values: readonly string[] | undefined, value: string) =>
    values?.includes('*') === true || values?.includes(value) === true;
  if (!includes(rule.operations, a.operation) || !includes(rule.apiGroups, a.group)) return false;
  if (rule.resourceNames?.length && !rule.resourceNames.includes(a.name)) return false;
  if (rule.scope === 'Namespaced' && (a.namespace === undefined || isNamespace(a))) return false;
  if (rule.scope === 'Cluster' && a.namespace !== undefined && !isNamespace(a)) return false;
  return (rule.resources ?? []).some((pattern) => {
    const [resource, subresource] = pattern.split('/');
    const main = resource === '*' || resource === a.resource;
    if (subresource === undefined) return main && a.subresource === undefined;
    return main && (subresource === '*' || subresource === a.subresource);
  });
}

function isNamespace({ group, resource }: AdmissionAttributes): boolean {
  return group === '' && resource === 'namespaces';
}

/** What is in no namespace always matches, and Namespaces by their own labels. */
function namespaceMatches(selector: LabelSelector | undefined, a: AdmissionAttributes): boolean {
  if (!selector || Object.keys(selector).length === 0) return true;
  if (isNamespace(a)) return labelMatcher(selector)(((a.object ?? a.old) as KubeObject).metadata.labels);
  if (a.namespace === undefined) return true;
  return labelMatcher(selector)(a.context.get('', 'namespaces', undefined, a.namespace)?.metadata.labels);
}

function objectMatches(selector: LabelSelector | undefined, { object, old }: AdmissionAttributes): boolean {
  if (!selector || Object.keys(selector).length === 0) return true;
  const chosen = labelMatcher(selector);
  return [object, old].some((candidate) => candidate !== undefined && chosen(candidate.metadata.labels));
}
