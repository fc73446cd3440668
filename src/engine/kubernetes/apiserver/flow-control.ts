import type { IFlowSchema } from 'kubernetes-models/flowcontrol.apiserver.k8s.io/v1/FlowSchema';
import type { KubeObject } from '../types.ts';
import type { AuthorizationAttributes } from './authorization.ts';
import type { ApiServerCore } from './core.ts';
import type { User } from './user.ts';

/**
 * Which FlowSchema a request falls under (k8s.io/apiserver/pkg/util/flowcontrol/rule.go). Nothing ever queues here: every
 * request is answered at once, but clients can see how it would have been classified.
 */

type FlowSchema = KubeObject & IFlowSchema;
type PolicyRules = NonNullable<NonNullable<FlowSchema['spec']>['rules']>[number];
type Subject = PolicyRules['subjects'][number];

const group = 'flowcontrol.apiserver.k8s.io';

export class FlowControl {
  readonly #core: ApiServerCore;
  #from: readonly KubeObject[] = [];
  #schemas: readonly FlowSchema[] = [];

  constructor(core: ApiServerCore) {
    this.#core = core;
  }

  /** Response headers that name the FlowSchema and its PriorityLevelConfiguration. */
  headers(request: AuthorizationAttributes): Record<string, string> {
    const schema = this.#ordered().find(({ spec }) => spec?.rules?.some((rules) => matches(rules, request)));
    const levelName = schema?.spec?.priorityLevelConfiguration?.name;
    const level = levelName && this.#core.get(group, 'prioritylevelconfigurations', undefined, levelName);
    if (!schema || !level) return {};
    return {
      'x-kubernetes-pf-flowschema-uid': schema.metadata.uid,
      'x-kubernetes-pf-prioritylevel-uid': level.metadata.uid,
    };
  }

  #ordered(): readonly FlowSchema[] {
    const all = this.#core.store.resource(`${group}/flowschemas`).objects();
    if (all !== this.#from) {
      this.#from = all;
      const precedence = ({ spec }: FlowSchema) => spec?.matchingPrecedence ?? 1000;
      this.#schemas = [...(all as readonly FlowSchema[])].sort((a, b) => precedence(a) - precedence(b));
    }
    return this.#schemas;
  }
}

function matches(
  { subjects, resourceRules, nonResourceRules }: PolicyRules,
  request: AuthorizationAttributes,
): boolean {
  if (!(subjects ?? []).some((subject) => matchesSubject(subject, request.user))) return false;
  const { verb, path, namespace } = request;
  if (path !== undefined) {
    return (nonResourceRules ?? []).some(
      ({ verbs, nonResourceURLs }) =>
        has(verbs, verb) && (nonResourceURLs ?? []).some((pattern) => matchesPath(pattern, path)),
    );
  }
  const resource = request.subresource ? `${request.resource}/${request.subresource}` : request.resource;
  return (resourceRules ?? []).some(
    ({ verbs, apiGroups, resources, namespaces, clusterScope }) =>
      has(verbs, verb) &&
      has(apiGroups, request.group ?? '') &&
      has(resources, resource ?? '') &&
      (namespace === undefined ? clusterScope === true : has(namespaces, namespace)),
  );
}

function has(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes('*') || list.includes(value));
}

function matchesPath(pattern: string, path: string): boolean {
  return pattern === '*' || pattern === path || (pattern.endsWith('*') && path.startsWith(pattern.slice(0, -1)));
}

function matchesSubject(subject: Subject, { name, groups }: User): boolean {
  switch (subject.kind) {
    case 'User':
      return subject.user?.name === '*' || subject.user?.name === name;
    case 'Group':
      return subject.group?.name === '*' || groups.includes(subject.group?.name ?? '');
    case 'ServiceAccount': {
      const { namespace, name: account } = subject.serviceAccount ?? {};
      if (account === '*') return name.startsWith(`system:serviceaccount:${namespace}:`);
      return name === `system:serviceaccount:${namespace}:${account}`;
    }
    default:
      return false;
  }
}
