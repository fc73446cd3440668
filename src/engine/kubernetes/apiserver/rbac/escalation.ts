import type { AdmissionAttributes, AdmissionPlugin } from '../admission/plugin.ts';
import type { AuthorizationAttributes } from '../authorization.ts';
import { forbidden, notFound } from '../errors.ts';
import { deepEqual } from '../objects.ts';
import type { User } from '../user.ts';
import { privilegedGroup, type RbacAuthorizer } from './authorizer.ts';
import { rbacGroup, type BindingObject, type RoleObject } from './resolver.ts';
import { compactRules, missingRules, quotedList, ruleText, type PolicyRule } from './rules.ts';

const everything: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
];

/**
 * Nobody grants what he doesn't have, unless he may `escalate` the role or `bind` it (pkg/registry/rbac's
 * policybased storages; upstream asks there, before admission, so this stands first in the chain).
 */
export function escalationCheck(authorizer: () => RbacAuthorizer): AdmissionPlugin {
  return {
    name: 'RBACEscalation',
    operations: ['CREATE', 'UPDATE'],
    resources: ['roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'].map((name) => `${rbacGroup}/${name}`),
    admit(attributes) {
      const { user, object, old, resource } = attributes;
      if (user.trusted || user.groups.includes(privilegedGroup) || onlyMetadataOfDeletion(object, old)) return;
      if (resource.endsWith('bindings')) checkBinding(authorizer(), attributes);
      else checkRole(authorizer(), attributes);
    },
  };
}

/** Changes that garbage collection needs are nobody's business. */
function onlyMetadataOfDeletion(object: unknown, old: unknown): boolean {
  if (!old) return false;
  const bare = (value: object) => {
    const { metadata, ...rest } = value as { metadata: Record<string, unknown> };
    const { ownerReferences: _o, finalizers: _f, managedFields: _m, ...kept } = metadata;
    return { ...rest, metadata: kept };
  };
  return deepEqual(bare(object as object), bare(old as object));
}

function checkRole(authorizer: RbacAuthorizer, attributes: AdmissionAttributes): void {
  const role = attributes.object as unknown as RoleObject;
  if (may(authorizer, attributes, 'escalate', attributes.resource, attributes.name)) return;
  confirmHeld(authorizer, attributes, role.rules ?? []);
  // An aggregation rule can gather anything.
  const aggregates = (object: RoleObject | undefined) => object?.aggregationRule !== undefined;
  if (!aggregates(role) && !aggregates(attributes.old as RoleObject | undefined)) return;
  if (missingFor(authorizer, attributes.user, attributes.namespace, everything).length > 0) {
    throw forbidden(attributes, role.metadata.name, 'must have cluster-admin privileges to use an aggregationRule');
  }
}

function checkBinding(authorizer: RbacAuthorizer, attributes: AdmissionAttributes): void {
  const { roleRef, metadata } = attributes.object as unknown as BindingObject;
  const { kind, name } = roleRef ?? {};
  if (!name || (kind !== 'Role' && kind !== 'ClusterRole')) return;
  const resource = kind === 'Role' ? 'roles' : 'clusterroles';
  if (may(authorizer, attributes, 'bind', resource, name)) return;
  const rules = authorizer.resolver.rulesOf(roleRef, metadata.namespace ?? '');
  if (!rules) throw notFound({ group: rbacGroup, resource }, name);
  confirmHeld(authorizer, attributes, rules);
}

function may(
  authorizer: RbacAuthorizer,
  { user, namespace }: AdmissionAttributes,
  verb: string,
  resource: string,
  name: string,
): boolean {
  const asked: AuthorizationAttributes = { user, verb, group: rbacGroup, version: 'v1', resource, name };
  return authorizer.authorize(namespace ? { ...asked, namespace } : asked).allowed;
}

function missingFor(
  authorizer: RbacAuthorizer,
  user: User,
  namespace: string | undefined,
  rules: readonly PolicyRule[],
): PolicyRule[] {
  const { grants } = authorizer.resolver.grants(user, namespace);
  return missingRules(
    grants.flatMap((grant) => grant.rules),
    rules,
  );
}

/** @throws ApiError Forbidden, with what is missing */
function confirmHeld(authorizer: RbacAuthorizer, attributes: AdmissionAttributes, rules: readonly PolicyRule[]): void {
  const { user, namespace, object } = attributes;
  const missing = missingFor(authorizer, user, namespace, rules);
  if (missing.length === 0) return;
  const lines = [...new Set(compactRules(missing).map(ruleText))].sort();
  const { errors } = authorizer.resolver.grants(user, namespace);
  const unresolved = errors.length > 0 ? `; resolution errors: [${errors.join(', ')}]` : '';
  const who = `user ${JSON.stringify(user.name)} (groups=${quotedList(user.groups)})`;
  const why = `${who} is attempting to grant RBAC permissions not currently held:\n${lines.join('\n')}${unresolved}`;
  throw forbidden(attributes, object?.metadata?.name ?? '', why);
}
