import { invalid, required, type FieldError } from '../../apimachinery/field-error.ts';
import type { Lease } from '../../types.ts';
import { ageColumn, column, nameColumn } from './common/columns.ts';
import { defineKind } from './common/define.ts';
import type { Column } from './kind.ts';

export const lease = defineKind<Lease>('coordination.k8s.io', 'v1', 'leases', {
  generation: false,

  validate({ spec }): FieldError[] {
    const errors: FieldError[] = [];
    const seconds = spec?.leaseDurationSeconds;
    if (seconds !== undefined && seconds <= 0) {
      errors.push(invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0'));
    }
    const transitions = spec?.leaseTransitions;
    if (transitions !== undefined && transitions < 0) {
      errors.push(invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0'));
    }
    if (spec?.strategy === '') errors.push(required('spec.strategy', 'must not be empty'));
    return errors;
  },

  columns: [
    nameColumn as Column<Lease>,
    column('Holder', 'Who holds it.', ({ spec }) => spec?.holderIdentity ?? ''),
    ageColumn as Column<Lease>,
  ],
});
