import type { IRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding';
import { type AnyDescriber, describer } from './describer.ts';
import { writeMetadata } from './format.ts';

function bindingDescriber(kind: string): AnyDescriber {
  return describer<Pick<IRoleBinding, 'roleRef' | 'subjects'>>({
    group: 'rbac.authorization.k8s.io',
    kind,
    describe(w, { metadata, roleRef, subjects = [] }) {
      w.field(0, 'Name', metadata.name);
      writeMetadata(w, metadata);
      w.line(0, 'Role:');
      w.field(1, 'Kind', roleRef.kind);
      w.field(1, 'Name', roleRef.name);
      w.line(0, 'Subjects:');
      w.table(
        1,
        ['Kind', 'Name', 'Namespace'],
        subjects.map((subject) => [subject.kind, subject.name, subject.namespace ?? '']),
      );
    },
  });
}

export const roleBinding = bindingDescriber('RoleBinding');
export const clusterRoleBinding = bindingDescriber('ClusterRoleBinding');
