import type { RestMapping } from '../../client/types.ts';

function mapping(group: string, version: string, resource: string, kind: string, namespaced = true): RestMapping {
  return { group, version, resource, kind, namespaced };
}

/** The types that generators make: kubectl knows them without asking the server. */
export const mappings = {
  pods: mapping('', 'v1', 'pods', 'Pod'),
  services: mapping('', 'v1', 'services', 'Service'),
  namespaces: mapping('', 'v1', 'namespaces', 'Namespace', false),
  configMaps: mapping('', 'v1', 'configmaps', 'ConfigMap'),
  secrets: mapping('', 'v1', 'secrets', 'Secret'),
  serviceAccounts: mapping('', 'v1', 'serviceaccounts', 'ServiceAccount'),
  resourceQuotas: mapping('', 'v1', 'resourcequotas', 'ResourceQuota'),
  deployments: mapping('apps', 'v1', 'deployments', 'Deployment'),
  jobs: mapping('batch', 'v1', 'jobs', 'Job'),
  cronJobs: mapping('batch', 'v1', 'cronjobs', 'CronJob'),
  ingresses: mapping('networking.k8s.io', 'v1', 'ingresses', 'Ingress'),
  disruptionBudgets: mapping('policy', 'v1', 'poddisruptionbudgets', 'PodDisruptionBudget'),
  roles: mapping('rbac.authorization.k8s.io', 'v1', 'roles', 'Role'),
  roleBindings: mapping('rbac.authorization.k8s.io', 'v1', 'rolebindings', 'RoleBinding'),
  clusterRoles: mapping('rbac.authorization.k8s.io', 'v1', 'clusterroles', 'ClusterRole', false),
  clusterRoleBindings: mapping('rbac.authorization.k8s.io', 'v1', 'clusterrolebindings', 'ClusterRoleBinding', false),
  priorityClasses: mapping('scheduling.k8s.io', 'v1', 'priorityclasses', 'PriorityClass', false),
  autoscalers: mapping('autoscaling', 'v2', 'horizontalpodautoscalers', 'HorizontalPodAutoscaler'),
} as const;
