import type { IControllerRevision } from 'kubernetes-models/apps/v1/ControllerRevision';
import { invalid, required, type FieldError } from '../../../apimachinery/field-error.ts';
import { ageColumn, column, nameColumn } from '../common/columns.ts';
import { defineKind } from '../common/define.ts';
import type { Kind } from '../common/kind-type.ts';
import { checkImmutable } from '../common/validate.ts';
import type { Column } from '../kind.ts';

type ControllerRevision = Kind<IControllerRevision>;

export const controllerRevision = defineKind<ControllerRevision>('apps', 'v1', 'controllerrevisions', {
  validate({ data, revision }): FieldError[] {
    const errors: FieldError[] = data === undefined ? [required('data', 'data is mandatory')] : [];
    if (revision < 0) errors.push(invalid('revision', revision, 'must be greater than or equal to 0'));
    return errors;
  },
  validateUpdate: (object, old) => checkImmutable(object.data, old.data, 'data'),
  columns: [
    nameColumn as Column<ControllerRevision>,
    column('Controller', 'What it is a revision of.', ({ metadata }) => {
      const owner = metadata.ownerReferences?.find((o) => o.controller);
      if (!owner) return '<none>';
      const slash = owner.apiVersion.indexOf('/');
      const group = slash < 0 ? '' : `.${owner.apiVersion.slice(0, slash)}`;
      return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
    }),
    column('Revision', 'Its number.', ({ revision }) => revision, 'integer'),
    ageColumn as Column<ControllerRevision>,
  ],
});
