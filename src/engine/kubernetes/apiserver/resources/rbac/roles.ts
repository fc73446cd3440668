import type { IClusterRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole';
import type { IClusterRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding';
import type { IRole } from 'kubernetes-models/rbac.authorization.k8s.io/v1/Role';
import type { IRoleBinding } from 'kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../apimachinery/field-error.ts';
import { isDns1123Subdomain } from '../../../apimachinery/names.ts';
import { ageColumn, column, createdAtColumn, nameColumn, wideColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkName, same } from '../common/validate.ts';
import type { Column, KindDefinition } from '../kind.ts';

/** Roles and their bindings, in a namespace and for the cluster. */

type AnyRole = Kind<IRole> | Kind<IClusterRole>;
type AnyBinding = Kind<IRoleBinding> | Kind<IClusterRoleBinding>;

const rbacGroup = 'rbac.authorization.k8s.io';

function validateRole({ rules }: AnyRole, namespaced: boolean): FieldError[] {
  return (rules ?? []).flatMap((rule, i) => {
    const at = `rules[${i}]`;
    const errors: FieldError[] = rule.verbs?.length
      ? []
      : [required(`${at}.verbs`, 'verbs must contain at least one value')];
    if (rule.nonResourceURLs?.length) {
      if (namespaced) {
        errors.push(
          invalid(`${at}.nonResourceURLs`, rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'),
        );
      }
      if (rule.apiGroups?.length || rule.resources?.length || rule.resourceNames?.length) {
        errors.push(
          invalid(
            `${at}.nonResourceURLs`,
            rule.nonResourceURLs,
            'rules cannot apply to both regular resources and non-resource URLs',
          ),
        );
      }
      return errors;
    }
    if (!rule.apiGroups?.length)
      errors.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
    if (!rule.resources?.length)
      errors.push(required(`${at}.resources`, 'resource rules must supply at least one resource'));
    return errors;
  });
}

export const role = defineKind<Kind<IRole>>(rbacGroup, 'v1', 'roles', {
  nameFormat: 'path-segment',
  validate: (object) => validateRole(object, true),
  columns: [nameColumn, createdAtColumn],
});

export const clusterRole = defineKind<Kind<IClusterRole>>(rbacGroup, 'v1', 'clusterroles', {
  nameFormat: 'path-segment',
  validate: (object) => validateRole(object, false),
  columns: [nameColumn, createdAtColumn],
});

function validateBinding({ roleRef, subjects }: AnyBinding, namespaced: boolean): FieldError[] {
  const errors: FieldError[] = [];
  if (roleRef?.apiGroup !== rbacGroup)
    errors.push(notSupported('roleRef.apiGroup', roleRef?.apiGroup ?? '', [rbacGroup]));
  const kinds = namespaced ? ['ClusterRole', 'Role'] : ['ClusterRole'];
  if (!kinds.includes(roleRef?.kind)) errors.push(notSupported('roleRef.kind', roleRef?.kind ?? '', kinds));
  if (!roleRef?.name) errors.push(required('roleRef.name'));
  subjects?.forEach((subject, i) => {
    const at = `subjects[${i}]`;
    const group = subject.apiGroup ?? '';
    if (!subject.name) errors.push(required(`${at}.name`));
    switch (subject.kind) {
      case 'ServiceAccount':
        if (subject.name) errors.push(...checkName(subject.name, `${at}.name`, isDns1123Subdomain));
        if (group !== '') errors.push(notSupported(`${at}.apiGroup`, group, ['']));
        if (!subject.namespace) errors.push(required(`${at}.namespace`));
        break;
      case 'User':
      case 'Group':
        if (group !== rbacGroup) errors.push(notSupported(`${at}.apiGroup`, group, [rbacGroup]));
        if (subject.namespace) errors.push(forbidden(`${at}.namespace`, 'may not be set'));
        break;
      default:
        errors.push(notSupported(`${at}.kind`, subject.kind ?? '', ['ServiceAccount', 'User', 'Group']));
    }
  });
  return errors;
}

function bindingKind(resource: string, namespaced: boolean): KindDefinition<AnyBinding> {
  const subjectNames = (binding: AnyBinding, kind: string) =>
    (binding.subjects ?? [])
      .filter((s) => s.kind === kind)
      .map((s) => (kind === 'ServiceAccount' ? `${s.namespace ?? ''}/${s.name}` : s.name))
      .join(', ');
  return defineKind<AnyBinding>(rbacGroup, 'v1', resource, {
    nameFormat: 'path-segment',
    defaults(draft) {
      if (draft.roleRef) draft.roleRef.apiGroup ||= rbacGroup;
      for (const subject of draft.subjects ?? []) {
        if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= rbacGroup;
      }
    },
    validate: (object) => validateBinding(object, namespaced),
    validateUpdate({ roleRef }, old): FieldError[] {
      if (same(roleRef, old.roleRef)) return [];
      const shown = { APIGroup: roleRef.apiGroup, Kind: roleRef.kind, Name: roleRef.name };
      return [invalid('roleRef', shown, 'cannot change roleRef')];
    },
    columns: [
      nameColumn as Column<AnyBinding>,
      column('Role', 'The role that is granted.', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
      ageColumn as Column<AnyBinding>,
      wideColumn('Users', 'Users it is granted to.', (binding) => subjectNames(binding, 'User')),
      wideColumn('Groups', 'Groups it is granted to.', (binding) => subjectNames(binding, 'Group')),
      wideColumn('ServiceAccounts', 'Service accounts it is granted to.', (binding) =>
        subjectNames(binding, 'ServiceAccount'),
      ),
    ],
  });
}

export const roleBinding = bindingKind('rolebindings', true);
export const clusterRoleBinding = bindingKind('clusterrolebindings', false);
