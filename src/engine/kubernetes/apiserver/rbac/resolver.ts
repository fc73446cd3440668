import type { KubeObject } from '../../types.ts';
import { objectKey } from '../context.ts';
import type { ResourceStore, Store } from '../store.ts';
import type { User } from '../user.ts';
import type { PolicyRule } from './rules.ts';

/** Which rules apply to a user (pkg/registry/rbac/validation). */

export const rbacGroup = 'rbac.authorization.k8s.io';

export interface RoleRef {
  readonly apiGroup: string;
  readonly kind: string;
  readonly name: string;
}

export interface Subject {
  readonly kind: string;
  readonly apiGroup?: string;
  readonly name: string;
  readonly namespace?: string;
}

export interface RoleObject extends KubeObject {
  readonly rules?: readonly PolicyRule[] | null;
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly unknown[] };
}

export interface BindingObject extends KubeObject {
  readonly roleRef: RoleRef;
  readonly subjects?: readonly Subject[];
}

/** Rules that one binding gives to a user. */
export interface Grant {
  readonly rules: readonly PolicyRule[];
  /** `ClusterRoleBinding "a" of ClusterRole "b" to User "c"`. */
  readonly source: string;
}

export interface Grants {
  readonly grants: readonly Grant[];
  /** Bindings to roles that do not exist, in upstream's words. */
  readonly errors: readonly string[];
}

/** Users remembered at a time; more are only seen in tests. */
const maxRemembered = 512;

/**
 * Reads roles and bindings from the store as they are now. What applies to a user is worked out once and kept until a
 * role or a binding changes.
 */
export class RuleResolver {
  readonly #clusterRoles: ResourceStore;
  readonly #roles: ResourceStore;
  readonly #clusterRoleBindings: ResourceStore;
  readonly #roleBindings: ResourceStore;
  readonly #known = new Map<string, Grants>();

  constructor(store: Store) {
    const resource = (name: string) => store.resource(`${rbacGroup}/${name}`);
    this.#clusterRoles = resource('clusterroles');
    this.#roles = resource('roles');
    this.#clusterRoleBindings = resource('clusterrolebindings');
    this.#roleBindings = resource('rolebindings');
    for (const watched of [this.#clusterRoles, this.#roles, this.#clusterRoleBindings, this.#roleBindings]) {
      watched.listen(() => this.#known.clear());
    }
  }

  /** What the cluster's bindings and, with a namespace, that namespace's give to a user. */
  grants(user: User, namespace = ''): Grants {
    const key = JSON.stringify([namespace, user.name, user.groups]);
    const known = this.#known.get(key);
    if (known) return known;
    if (this.#known.size >= maxRemembered) this.#known.clear();
    const grants: Grant[] = [];
    const errors: string[] = [];
    const visit = (kind: string, bindings: readonly KubeObject[], within: string) => {
      for (const binding of bindings as readonly BindingObject[]) {
        const subject = binding.subjects?.find((candidate) => appliesTo(user, candidate, within));
        if (!subject) continue;
        const { roleRef, metadata } = binding;
        const rules = this.rulesOf(roleRef, within);
        if (!rules) {
          errors.push(`${roleRef.kind.toLowerCase()}.${rbacGroup} ${JSON.stringify(roleRef.name)} not found`);
          continue;
        }
        const name = within ? `${metadata.name}/${within}` : metadata.name;
        const role = `${roleRef.kind} ${JSON.stringify(roleRef.name)}`;
        const source = `${kind} ${JSON.stringify(name)} of ${role} to ${subjectText(subject, within)}`;
        grants.push({ rules, source });
      }
    };
    visit('ClusterRoleBinding', this.#clusterRoleBindings.objects(), '');
    if (namespace) visit('RoleBinding', this.#roleBindings.objects(namespace), namespace);
    const found = { grants, errors: [...new Set(errors)] };
    this.#known.set(key, found);
    return found;
  }

  /** Rules of the role that is referred to; undefined if there is none. */
  rulesOf({ kind, name }: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    const entry = kind === 'Role' ? this.#roles.get(objectKey(namespace, name)) : this.#clusterRoles.get(name);
    return entry && ((entry.object as RoleObject).rules ?? []);
  }
}

function appliesTo(user: User, { kind, name, namespace }: Subject, bindingNamespace: string): boolean {
  switch (kind) {
    case 'User':
      return user.name === name;
    case 'Group':
      return user.groups.includes(name);
    case 'ServiceAccount': {
      const own = namespace || bindingNamespace;
      return own !== '' && user.name === `system:serviceaccount:${own}:${name}`;
    }
    default:
      return false;
  }
}

function subjectText({ kind, name, namespace }: Subject, bindingNamespace: string): string {
  const shown = kind === 'ServiceAccount' ? `${name}/${namespace || bindingNamespace}` : name;
  return `${kind} ${JSON.stringify(shown)}`;
}
