import type { Client, ResourceClient } from '../../client.ts';
import type { Draft, KubeObject, ResourceRef } from '../../types.ts';
import { aggregatedRules } from './aggregation.ts';
import { controllerRoles } from './controller-roles.ts';
import {
  coreDnsRole,
  defaultBindings,
  kubeadmBindings,
  kubeadmNamespacedRoles,
  kubeadmRole,
  namespacedRoles,
  type DefaultBinding,
  type NamespacedRole,
} from './default-bindings.ts';
import { defaultRoles, type DefaultRole } from './default-roles.ts';
import { account } from './notation.ts';
import { rbacGroup, type RoleObject } from './resolver.ts';

/** Puts the default roles and bindings into a fresh store, the gathering ones complete already. */

const apiVersion = `${rbacGroup}/v1`;
const own = {
  labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
  annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
};

/** What kube-apiserver makes at its first start. */
export function bootstrapRbac(client: Client): void {
  const writer = new Writer(client, own);
  const controllers = Object.entries(controllerRoles).map(([name, rules]) => ({
    name: `system:controller:${name}`,
    rules,
  }));
  const plain = [...defaultRoles, ...controllers].map(roleObject);
  const sorted = [...plain].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  // Roles that gather may gather those that gather: until nothing is added.
  for (let changed = true; changed;) {
    changed = false;
    for (const role of sorted) {
      const rules = aggregatedRules(role, sorted);
      if (!rules || rules.length === role.rules?.length) continue;
      (role as { rules: unknown }).rules = rules;
      changed = true;
    }
  }
  for (const role of plain) writer.create('clusterroles', 'ClusterRole', role as unknown as Draft);
  for (const binding of defaultBindings) writer.clusterBinding(binding);
  for (const { name } of controllers) {
    writer.clusterBinding({ name, subjects: [account(name.slice('system:controller:'.length))] });
  }
  for (const role of namespacedRoles) writer.namespacedRole(role);
}

/** What kubeadm adds. */
export function bootstrapKubeadmRbac(client: Client): void {
  const writer = new Writer(client, {});
  for (const role of [kubeadmRole, coreDnsRole]) {
    writer.create('clusterroles', 'ClusterRole', {
      metadata: { name: role.name },
      rules: role.rules,
    } as unknown as Draft);
  }
  for (const binding of kubeadmBindings) writer.clusterBinding(binding);
  for (const role of kubeadmNamespacedRoles) writer.namespacedRole(role);
}

function roleObject({ name, labels, rules, gathers }: DefaultRole): RoleObject {
  return {
    metadata: { name, labels: { ...own.labels, ...labels }, annotations: own.annotations },
    ...(gathers && {
      aggregationRule: { clusterRoleSelectors: gathers.map((label) => ({ matchLabels: { [label]: 'true' } })) },
    }),
    rules: rules ?? [],
  } as unknown as RoleObject;
}

class Writer {
  readonly #client: Client;
  readonly #metadata: object;

  constructor(client: Client, metadata: object) {
    this.#client = client;
    this.#metadata = metadata;
  }

  create(resource: string, kind: string, object: Draft): void {
    const namespaced = !resource.startsWith('cluster');
    const ref: ResourceRef = { group: rbacGroup, version: 'v1', resource, kind, namespaced };
    const objects: ResourceClient<KubeObject> = this.#client.resource(ref);
    objects.create({ ...object, apiVersion, kind });
  }

  clusterBinding({ name, role = name, subjects }: DefaultBinding): void {
    this.create('clusterrolebindings', 'ClusterRoleBinding', {
      metadata: { ...this.#metadata, name },
      roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: role },
      ...(subjects.length > 0 && { subjects }),
    } as unknown as Draft);
  }

  namespacedRole({ namespace, name, rules, binding = name, subjects }: NamespacedRole): void {
    this.create('roles', 'Role', { metadata: { ...this.#metadata, name, namespace }, rules } as unknown as Draft);
    this.create('rolebindings', 'RoleBinding', {
      metadata: { ...this.#metadata, name: binding, namespace },
      roleRef: { apiGroup: rbacGroup, kind: 'Role', name },
      subjects,
    } as unknown as Draft);
  }
}
