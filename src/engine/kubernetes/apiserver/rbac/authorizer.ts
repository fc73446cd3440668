import type { AuthorizationAttributes, Authorizer, Decision, RuleList } from '../authorization.ts';
import type { Store } from '../store.ts';
import type { User } from '../user.ts';
import { RuleResolver } from './resolver.ts';
import { ruleAllows } from './rules.ts';

/** Members may do everything, whatever the bindings say. */
export const privilegedGroup = 'system:masters';

/** Role-based access control (plugin/pkg/auth/authorizer/rbac), behind the privileged group. */
export class RbacAuthorizer implements Authorizer {
  readonly resolver: RuleResolver;

  constructor(store: Store) {
    this.resolver = new RuleResolver(store);
  }

  authorize(attributes: AuthorizationAttributes): Decision {
    const { user, namespace } = attributes;
    if (user.trusted || user.groups.includes(privilegedGroup)) return { allowed: true };
    const { grants, errors } = this.resolver.grants(user, namespace);
    for (const { rules, source } of grants) {
      if (rules.some((rule) => ruleAllows(rule, attributes))) {
        return { allowed: true, reason: `RBAC: allowed by ${source}` };
      }
    }
    if (errors.length === 0) return { allowed: false };
    const text = errors.length === 1 ? errors[0]! : `[${errors.join(', ')}]`;
    return { allowed: false, reason: `RBAC: ${text}` };
  }

  rulesFor(user: User, namespace: string): RuleList {
    const { grants, errors } = this.resolver.grants(user, namespace);
    const rules = grants.flatMap((grant) => grant.rules);
    return {
      resourceRules: rules
        .filter((rule) => rule.resources?.length)
        .map(({ verbs, apiGroups, resources, resourceNames }) => ({
          verbs,
          ...(apiGroups && { apiGroups }),
          ...(resources && { resources }),
          ...(resourceNames && { resourceNames }),
        })),
      nonResourceRules: rules
        .filter((rule) => rule.nonResourceURLs?.length)
        .map(({ verbs, nonResourceURLs }) => ({ verbs, ...(nonResourceURLs && { nonResourceURLs }) })),
      ...(errors.length > 0 && { evaluationError: errors.join(', ') }),
    };
  }
}
