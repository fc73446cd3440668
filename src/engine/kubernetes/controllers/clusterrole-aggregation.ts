import { aggregatedRules } from '../apiserver/rbac/aggregation.ts';
import type { RoleObject } from '../apiserver/rbac/resolver.ts';
import type { ResourceRef } from '../types.ts';
import type { Controller } from './runtime.ts';

const clusterRoles: ResourceRef<RoleObject> = {
  group: 'rbac.authorization.k8s.io',
  version: 'v1',
  resource: 'clusterroles',
  kind: 'ClusterRole',
  namespaced: false,
};

/** Keeps the rules of ClusterRoles that gather others' (pkg/controller/clusterroleaggregation). */
export const clusterRoleAggregationController: Controller = {
  name: 'clusterrole-aggregation-controller',
  component: 'clusterrole-aggregation-controller',
  serviceAccount: 'clusterrole-aggregation-controller',

  start(context) {
    const roles = context.client.resource(clusterRoles);
    const writer = context.client
      .as({
        manager: 'clusterrole-aggregation-controller',
        user: 'system:serviceaccount:kube-system:clusterrole-aggregation-controller',
      })
      .resource(clusterRoles);
    const queue = context.queue({
      workers: 5,
      reconcile: (name) => {
        const role = roles.get(undefined, name);
        const rules = role && aggregatedRules(role, roles.list());
        if (!rules || JSON.stringify(rules) === JSON.stringify(role.rules ?? [])) return;
        writer.update({ ...role, rules });
      },
    });
    // Any role may be one that others gather.
    const enqueueAll = () => {
      for (const role of roles.list()) if (role.aggregationRule) queue.add(role.metadata.name);
    };
    context.watch(clusterRoles, { add: enqueueAll, update: enqueueAll, delete: enqueueAll });
  },
};
