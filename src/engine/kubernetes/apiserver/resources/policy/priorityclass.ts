import type { IPriorityClass } from 'kubernetes-models/scheduling.k8s.io/v1/PriorityClass';
import { forbidden, notSupported, type FieldError } from '../../../apimachinery/field-error.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import type { Column } from '../kind.ts';

type PriorityClass = Kind<IPriorityClass>;

const systemPrefix = 'system-';
const systemClasses: Readonly<Record<string, number>> = {
  'system-node-critical': 2000001000,
  'system-cluster-critical': 2000000000,
};
const highestUserPriority = 1000000000;

export const priorityClass = defineKind<PriorityClass>('scheduling.k8s.io', 'v1', 'priorityclasses', {
  defaults(draft) {
    draft.preemptionPolicy ??= 'PreemptLowerPriority';
    draft.value ??= 0;
  },

  prepareForCreate(draft) {
    draft.metadata.generation = 1;
  },

  validate({ metadata, value, preemptionPolicy }, context): FieldError[] {
    const errors: FieldError[] = [];
    const name = metadata.name ?? '';
    const exists = context.get('scheduling.k8s.io', 'priorityclasses', undefined, name) !== undefined;
    if (exists) {
      // Names are checked once: the server's own classes are updated, too.
    } else if (name.startsWith(systemPrefix)) {
      if (systemClasses[name] !== value) {
        const detail = `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${name} is not a known system priority class`;
        errors.push(forbidden('metadata.name', detail));
      }
    } else if ((value ?? 0) > highestUserPriority) {
      errors.push(forbidden('value', `maximum allowed value of a user defined priority is ${highestUserPriority}`));
    }
    const policy: string | undefined = preemptionPolicy;
    const policies = ['PreemptLowerPriority', 'Never'];
    if (policy !== undefined && !policies.includes(policy))
      errors.push(notSupported('preemptionPolicy', policy, policies));
    return errors;
  },

  validateUpdate(object, old): FieldError[] {
    const errors = object.value === old.value ? [] : [forbidden('value', 'may not be changed in an update.')];
    if (object.preemptionPolicy !== old.preemptionPolicy) {
      errors.push({
        type: 'FieldValueInvalid',
        field: 'preemptionPolicy',
        badValue: object.preemptionPolicy,
        detail: 'field is immutable',
      });
    }
    return errors;
  },

  columns: [
    nameColumn as Column<PriorityClass>,
    column('Value', 'The priority.', ({ value }) => value ?? 0, 'integer'),
    column(
      'Global-Default',
      'Whether Pods without class get it.',
      ({ globalDefault }) => globalDefault ?? false,
      'boolean',
    ),
    ageColumn as Column<PriorityClass>,
    column(
      'PreemptionPolicy',
      'Whether it makes room by evicting others.',
      ({ preemptionPolicy }) => preemptionPolicy ?? '',
    ),
  ],
});
