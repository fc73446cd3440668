import type { User } from './user.ts';
import { forbidden } from './errors.ts';
import type { ApiError } from '../client.ts';

/** What somebody wants to do. */
export interface AuthorizationAttributes {
  user: User;
  verb: string;
  /** Of a resource request. */
  group?: string;
  version?: string;
  resource?: string;
  subresource?: string;
  namespace?: string;
  name?: string;
  /** Fields that a collection is chosen by, where they must have a certain value. */
  fieldSelector?: Readonly<Record<string, string>>;
  /** Of a request for another path. */
  path?: string;
}

export interface Decision {
  allowed: boolean;
  reason?: string;
}

/** Rules as SelfSubjectRulesReview lists them. */
export interface RuleList {
  resourceRules: {
    verbs: readonly string[];
    apiGroups?: readonly string[];
    resources?: readonly string[];
    resourceNames?: readonly string[];
  }[];
  nonResourceRules: { verbs: readonly string[]; nonResourceURLs?: readonly string[] }[];
  /** What could not be found out. */
  evaluationError?: string;
}

export interface Authorizer {
  authorize(attributes: AuthorizationAttributes): Decision;
  rulesFor(user: User, namespace: string): RuleList;
}

/** Everybody may do everything. */
export const alwaysAllow: Authorizer = {
  authorize: () => ({ allowed: true }),
  rulesFor: () => ({
    resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
    nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
  }),
};

/** The refusal that the client reads (k8s.io/apiserver/pkg/endpoints/handlers/responsewriters). */
export function refusal(attributes: AuthorizationAttributes, reason = ''): ApiError {
  const { user, verb, group = '', resource = '', subresource, namespace, name = '', path } = attributes;
  const who = `User ${JSON.stringify(user.name)} cannot ${verb}`;
  const why = reason ? `: ${reason}` : '';
  if (path !== undefined) {
    const error = forbidden({ group: '', resource: '' }, '', '');
    error.status.message = `forbidden: ${who} path ${JSON.stringify(path)}${why}`;
    error.status.details = {};
    return error;
  }
  const full = subresource ? `${resource}/${subresource}` : resource;
  const where = namespace ? `in the namespace ${JSON.stringify(namespace)}` : 'at the cluster scope';
  const text = `${who} resource ${JSON.stringify(full)} in API group ${JSON.stringify(group)} ${where}${why}`;
  return forbidden({ group, resource }, name, text);
}
