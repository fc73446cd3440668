import type { HttpRequest } from '../../network/http.ts';
import { forbidden, invalid as invalidField, notSupported, type FieldError } from '../apimachinery/field-error.ts';
import type { Draft } from '../types.ts';
import type { FieldValidation } from './body.ts';
import { badRequest, invalid } from './errors.ts';
import { isRecord } from './objects.ts';
import type { Query, ResourceTarget } from './request-info.ts';
import type { Mutable } from './resources/kind.ts';
import type { RestRequest } from './rest.ts';
import type { WriteOptions } from './storage.ts';

/** What the query and the path of a write say about it. */

/**
 * Options that all writes have.
 * @throws ApiError Invalid
 */
export function writeOptions(
  request: RestRequest,
  kind: string,
  dryRunValues = request.query.all('dryRun'),
): WriteOptions {
  const { served, target, query, http, user, warnings } = request;
  const errors: FieldError[] = [];
  for (const [i, value] of dryRunValues.entries()) {
    if (value !== 'All') errors.push({ ...notSupported('dryRun', dryRunValues[i], ['All']), badValue: dryRunValues });
  }
  const fieldManager = query.get('fieldManager');
  if (fieldManager && fieldManager.length > 128) {
    errors.push({
      type: 'FieldValueTooLong',
      field: 'fieldManager',
      badValue: '',
      detail: 'may not be more than 128 bytes',
    });
  }
  const unprintable = [...(fieldManager ?? '')].findIndex((c) => /[\p{C}\p{Zl}\p{Zp}]/u.test(c));
  if (unprintable >= 0) {
    const code = [...fieldManager!][unprintable]!.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
    const detail = `invalid character U+${code} (at position ${unprintable})`;
    errors.push(invalidField('fieldManager', fieldManager, detail));
  }
  if (kind === 'PatchOptions' && query.has('force') && !isApply(http)) {
    errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  }
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors);
  return {
    user,
    manager: fieldManager ?? managerOf(http.headers['user-agent']),
    apiVersion: served.apiVersion,
    dryRun: dryRunValues.length > 0,
    warn: (text) => void warnings.push(text),
    ...(request.conversation && { conversation: request.conversation }),
    ...(target.subresource !== undefined && { subresource: target.subresource }),
  };
}

function isApply({ headers }: HttpRequest): boolean {
  return headers['content-type']?.startsWith('application/apply-patch') ?? false;
}

/** The field manager of clients that name none: the first word of their User-Agent. */
function managerOf(userAgent = 'unknown'): string {
  return userAgent.split('/')[0]!.slice(0, 128) || 'unknown';
}

/** @throws ApiError Invalid */
export function fieldValidation(query: Query, kind: string): FieldValidation {
  const value = query.get('fieldValidation');
  if (value === undefined) return 'Warn';
  if (value === 'Strict' || value === 'Warn' || value === 'Ignore') return value;
  const error = notSupported('fieldValidation', value, ['Ignore', 'Strict', 'Warn']);
  throw invalid({ group: 'meta.k8s.io', kind }, '', [error]);
}

/** @throws ApiError BadRequest */
export function placeInNamespace(object: Mutable<Draft>, namespace: string | undefined): void {
  if (!isRecord(object.metadata)) object.metadata = {};
  const { metadata } = object;
  if (namespace === undefined) delete metadata.namespace;
  else if (!metadata.namespace) metadata.namespace = namespace;
  else if (metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** @throws ApiError BadRequest */
export function checkName(object: Draft, { name }: ResourceTarget): void {
  const given = object.metadata.name;
  if (!given)
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  if (given !== name)
    throw badRequest(`the name of the object (${given}) does not match the name on the URL (${name})`);
}
