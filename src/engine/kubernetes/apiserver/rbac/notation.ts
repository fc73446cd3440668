import type { PolicyRule } from './rules.ts';
import type { Subject } from './resolver.ts';

/** A short way to write rules and subjects: lists are words, `core` is the group without a name. */

export const read = 'get list watch';
export const write = 'create delete deletecollection patch update';
export const readWrite = `${read} ${write}`;

/** The API server keeps the lists of its own rules sorted. */
const words = (text: string): string[] =>
  text
    .split(/\s+/)
    .map((word) => (word === 'core' ? '' : word))
    .sort();

export function rule(verbs: string, apiGroups: string, resources: string, resourceNames?: string): PolicyRule {
  return {
    verbs: words(verbs),
    apiGroups: words(apiGroups),
    resources: words(resources),
    ...(resourceNames !== undefined && { resourceNames: words(resourceNames) }),
  };
}

export function urls(paths: string): PolicyRule {
  return { verbs: ['get'], nonResourceURLs: words(paths) };
}

export const writesEvents = rule('create patch update', 'core events.k8s.io', 'events');

const apiGroup = 'rbac.authorization.k8s.io';

export const user = (name: string): Subject => ({ kind: 'User', apiGroup, name });
export const group = (name: string): Subject => ({ kind: 'Group', apiGroup, name });
export const account = (name: string, namespace = 'kube-system'): Subject => ({
  kind: 'ServiceAccount',
  name,
  namespace,
});
