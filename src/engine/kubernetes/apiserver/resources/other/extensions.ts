import type { IAPIService } from 'kubernetes-models/apiregistration.k8s.io/v1/APIService';
import { invalid, type FieldError } from '../../../apimachinery/field-error.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import type { Column } from '../kind.ts';

/** Which server answers for a group and version of the API. */

type ApiService = Kind<IAPIService, 'spec'>;

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
