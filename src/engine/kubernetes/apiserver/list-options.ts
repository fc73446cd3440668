import { forbidden, notSupported, type FieldError } from '../apimachinery/field-error.ts';
import { invalid } from './errors.ts';
import type { Query } from './request-info.ts';

const field = 'resourceVersionMatch';
const kind = { group: 'meta.k8s.io', kind: 'ListOptions' };

/**
 * Options of lists and watches that exclude each other (k8s.io/apimachinery/pkg/apis/meta/internalversion/validation).
 * @throws ApiError Invalid
 */
export function validateListOptions(query: Query, watches: boolean): void {
  const errors = watches ? watchErrors(query) : listErrors(query);
  if (errors.length > 0) throw invalid(kind, '', errors);
}

function listErrors(query: Query): FieldError[] {
  const errors: FieldError[] = [];
  const match = query.get(field);
  const revision = query.get('resourceVersion');
  if (match) {
    if (!revision)
      errors.push(forbidden(field, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    if (query.get('continue')) {
      errors.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported(field, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && revision === '0') {
      errors.push(forbidden(field, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (query.has('sendInitialEvents')) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function watchErrors(query: Query): FieldError[] {
  const errors: FieldError[] = [];
  const match = query.get(field);
  const asked = query.has('sendInitialEvents');
  if (asked && match !== 'NotOlderThan') {
    errors.push(forbidden(field, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (!match) return errors;
  if (!asked) {
    errors.push(forbidden(field, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
  }
  if (match !== 'NotOlderThan') errors.push(notSupported(field, match, ['NotOlderThan']));
  if (query.get('continue')) {
    errors.push(forbidden(field, 'resourceVersionMatch is forbidden when continue is provided'));
  }
  return errors;
}
