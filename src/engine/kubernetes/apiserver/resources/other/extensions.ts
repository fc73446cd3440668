import type { ICustomResourceDefinition } from 'kubernetes-models/apiextensions.k8s.io/v1/CustomResourceDefinition';
import type { IAPIService } from 'kubernetes-models/apiregistration.k8s.io/v1/APIService';
import { invalid, notSupported, required, type FieldError } from '../../../apimachinery/field-error.ts';
import { isDns1035Label, isDns1123Subdomain } from '../../../apimachinery/names.ts';
import { ageColumn, column, createdAtColumn, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkName } from '../common/validate.ts';
import type { Column } from '../kind.ts';

/** How the API itself is extended. */

type CustomResourceDefinition = Kind<ICustomResourceDefinition, 'spec'>;
type ApiService = Kind<IAPIService, 'spec'>;

export const customResourceDefinition = defineKind<CustomResourceDefinition>(
  'apiextensions.k8s.io',
  'v1',
  'customresourcedefinitions',
  {
    defaults({ spec }) {
      if (!spec) return;
      spec.conversion ??= { strategy: 'None' };
      if (!spec.names) return;
      spec.names.singular ||= (spec.names.kind ?? '').toLowerCase();
      spec.names.listKind ||= `${spec.names.kind}List`;
    },

    prepareForCreate(draft) {
      draft.metadata.generation = 1;
      draft.status = {
        acceptedNames: { kind: '', plural: '' },
        conditions: null,
        storedVersions: draft.spec?.versions?.filter((v) => v.storage).map((v) => v.name) ?? [],
      } as never;
    },

    validate({ metadata, spec }): FieldError[] {
      const errors: FieldError[] = [];
      const { group, names, scope, versions = [] } = spec;
      const expected = `${names?.plural}.${group}`;
      if (metadata.name !== expected)
        errors.push(invalid('metadata.name', metadata.name, 'must be spec.names.plural+"."+spec.group'));
      if (!group) errors.push(required('spec.group'));
      else {
        errors.push(...checkName(group, 'spec.group', isDns1123Subdomain));
        if (!group.includes('.')) errors.push(invalid('spec.group', group, 'should be a domain with at least one dot'));
      }
      const where: string = scope ?? '';
      if (where === '') errors.push(required('spec.scope'));
      else if (!['Cluster', 'Namespaced'].includes(where))
        errors.push(notSupported('spec.scope', where, ['Cluster', 'Namespaced']));
      const stored = versions.filter((v) => v.storage).length;
      if (stored !== 1) {
        errors.push(invalid('spec.versions', versions, `must have exactly one version marked as storage version`));
      }
      versions.forEach((version, i) => {
        const at = `spec.versions[${i}]`;
        errors.push(...checkName(version.name ?? '', `${at}.name`, isDns1035Label));
        if (!version.schema?.openAPIV3Schema)
          errors.push(required(`${at}.schema.openAPIV3Schema`, 'schemas are required'));
      });
      if (!names?.plural) errors.push(required('spec.names.plural'));
      else errors.push(...checkName(names.plural, 'spec.names.plural', isDns1035Label));
      if (!names?.kind) errors.push(required('spec.names.kind'));
      else errors.push(...checkName(names.kind.toLowerCase(), 'spec.names.kind', isDns1035Label));
      return errors;
    },

    columns: [nameColumn, createdAtColumn] as Column<CustomResourceDefinition>[],
  },
);

export const apiService = defineKind<ApiService>('apiregistration.k8s.io', 'v1', 'apiservices', {
  // Version and group, with a dot at the end for the core group.
  nameFormat: 'path-segment',
  generation: false,
  defaults({ spec }) {
    if (spec?.service) spec.service.port ??= 443;
  },
  validate({ metadata, spec }): FieldError[] {
    const expected = `${spec.version}.${spec.group ?? ''}`;
    return metadata.name === expected
      ? []
      : [
          invalid(
            'metadata.name',
            metadata.name,
            `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(expected)}`,
          ),
        ];
  },
  columns: [
    nameColumn as Column<ApiService>,
    column('Service', 'What serves it.', ({ spec }) =>
      spec.service ? `${spec.service.namespace}/${spec.service.name}` : 'Local',
    ),
    column('Available', 'Whether it can be used.', ({ status }) => {
      const condition = status?.conditions?.find((c) => c.type === 'Available');
      if (!condition) return 'Unknown';
      return condition.status === 'True' ? 'True' : `${condition.status} (${condition.reason})`;
    }),
    ageColumn as Column<ApiService>,
  ],
});
