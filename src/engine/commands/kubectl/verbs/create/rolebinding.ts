import { CommandError } from '../../framework/errors.ts';
import { generator } from './generator.ts';
import { mappings } from './mappings.ts';
import { subjectFlags, subjectsOf } from './rbac.ts';

const apiGroup = 'rbac.authorization.k8s.io';

/** `kubectl create rolebinding`. */
export const createRoleBinding = generator({
  use: 'rolebinding NAME --clusterrole=NAME|--role=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  short: 'Create a role binding for a particular role or cluster role',
  long: 'Create a role binding for a particular role or cluster role.',
  examples: `# A cluster role for people, in this namespace
kubectl create rolebinding admins --clusterrole=admin --user=user1 --user=user2 --group=group1

# A role for a service account
kubectl create rolebinding robot --role=myrole --serviceaccount=myns:myapp`,
  flags: [
    ...subjectFlags,
    { name: 'clusterrole', type: 'string', usage: 'Cluster role to bind.' },
    { name: 'role', type: 'string', usage: 'Role to bind.' },
  ],
  mapping: mappings.roleBindings,
  failure: 'failed to create rolebinding: ',
  build: (context, name) => {
    const role = context.flags.string('role');
    const clusterRole = context.flags.string('clusterrole');
    if ((role === '') === (clusterRole === ''))
      throw new CommandError('exactly one of clusterrole or role must be specified');
    const subjects = subjectsOf(context);
    return {
      kind: 'RoleBinding',
      apiVersion: `${apiGroup}/v1`,
      metadata: { name },
      ...(subjects.length > 0 ? { subjects } : {}),
      roleRef: { apiGroup, kind: role === '' ? 'ClusterRole' : 'Role', name: role || clusterRole },
    };
  },
});

/** `kubectl create clusterrolebinding`. */
export const createClusterRoleBinding = generator({
  use: 'clusterrolebinding NAME --clusterrole=NAME [--user=username] [--group=groupname] [--serviceaccount=namespace:serviceaccountname] [--dry-run=server|client|none]',
  short: 'Create a cluster role binding for a particular cluster role',
  long: 'Create a cluster role binding for a particular cluster role.',
  examples: `# cluster-admin for people
kubectl create clusterrolebinding admins --clusterrole=cluster-admin --user=user1 --group=group1`,
  flags: [...subjectFlags, { name: 'clusterrole', type: 'string', required: true, usage: 'Cluster role to bind.' }],
  mapping: mappings.clusterRoleBindings,
  failure: 'failed to create clusterrolebinding: ',
  build: (context, name) => {
    const subjects = subjectsOf(context);
    return {
      kind: 'ClusterRoleBinding',
      apiVersion: `${apiGroup}/v1`,
      metadata: { name },
      ...(subjects.length > 0 ? { subjects } : {}),
      roleRef: { apiGroup, kind: 'ClusterRole', name: context.flags.string('clusterrole') },
    };
  },
});
