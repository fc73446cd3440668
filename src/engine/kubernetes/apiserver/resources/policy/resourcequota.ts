import type { IResourceQuota } from 'kubernetes-models/v1/ResourceQuota';
import { invalid, type FieldError } from '../../../apimachinery/field-error.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkImmutable } from '../common/validate.ts';
import type { Column } from '../kind.ts';
import { isQuotaResource, validateScopes, validateScopeSelector } from './quota-scopes.ts';
import { validateAmount, validateResourceName } from '../pod/validation/resources.ts';

type ResourceQuota = Kind<IResourceQuota>;

export const resourceQuota = defineKind<ResourceQuota>('', 'v1', 'resourcequotas', {
  generation: false,

  prepareForCreate(draft) {
    draft.status = {};
  },

  validate: ({ spec }): FieldError[] => [
    ...Object.entries(spec?.hard ?? {}).flatMap(([name, amount]) => {
      const at = `spec.hard[${name}]`;
      const errors = validateResourceName(name, at);
      if (!name.includes('/') && !isQuotaResource(name))
        errors.push(invalid(at, name, 'must be a standard resource for quota'));
      return [...errors, ...validateAmount(name, amount, at)];
    }),
    ...validateScopes(spec ?? {}),
    ...validateScopeSelector(spec ?? {}),
  ],

  validateUpdate: (object, old) => checkImmutable(object.spec?.scopes, old.spec?.scopes, 'spec.scopes'),

  columns: [
    nameColumn as Column<ResourceQuota>,
    column('Request', 'Used and allowed, but for limits.', (quota) => usage(quota, false)),
    column('Limit', 'Used and allowed limits.', (quota) => usage(quota, true)),
    ageColumn as Column<ResourceQuota>,
  ],
});

function usage({ spec, status }: ResourceQuota, limits: boolean): string {
  const { hard = {}, used = {} } = status ?? {};
  const shown = Object.keys(hard).length > 0 ? hard : (spec?.hard ?? {});
  return Object.keys(shown)
    .filter((name) => name.startsWith('limits') === limits)
    .sort()
    .map((name) => `${name}: ${used[name] ?? '0'}/${shown[name]}`)
    .join(', ');
}
