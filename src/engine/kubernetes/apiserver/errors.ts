import { errorBody, errorText, type FieldError } from '../apimachinery/field-error.ts';
import { ApiError, type Status } from '../client.ts';

/** Statuses as k8s.io/apimachinery/pkg/api/errors makes them. */

export interface GroupResource {
  group: string;
  resource: string;
}

export interface GroupKind {
  group: string;
  kind: string;
}

/** `deployments.apps`, `pods`. */
export function qualified({ group, resource }: GroupResource): string {
  return group ? `${resource}.${group}` : resource;
}

function failure(code: number, reason: string, message: string, details?: Status['details']): ApiError {
  return new ApiError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason && { reason }),
    ...(details && { details }),
    code,
  });
}

function about(of: GroupResource, name: string): NonNullable<Status['details']> {
  return { ...(name && { name }), ...(of.group && { group: of.group }), ...(of.resource && { kind: of.resource }) };
}

export function notFound(of: GroupResource, name: string): ApiError {
  return failure(404, 'NotFound', `${qualified(of)} ${JSON.stringify(name)} not found`, about(of, name));
}

export function alreadyExists(of: GroupResource, name: string): ApiError {
  return failure(409, 'AlreadyExists', `${qualified(of)} ${JSON.stringify(name)} already exists`, about(of, name));
}

/** The server could not find a free generated name. */
export function generateNameConflict(of: GroupResource, name: string): ApiError {
  const message = `${qualified(of)} ${JSON.stringify(name)} already exists, the server was not able to generate a unique name for the object`;
  return failure(409, 'AlreadyExists', message, about(of, name));
}

export const optimisticLockMessage =
  'the object has been modified; please apply your changes to the latest version and try again';

export function conflict(of: GroupResource, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(of)} ${JSON.stringify(name)}: ${why}`;
  return failure(409, 'Conflict', message, about(of, name));
}

/** A server-side apply that would take fields from other managers. */
export function applyConflict(causes: { message: string; field: string }[], message: string): ApiError {
  return failure(409, 'Conflict', message, {
    causes: causes.map((cause) => ({ reason: 'FieldManagerConflict', ...cause })),
  });
}

export function forbidden(of: GroupResource, name: string, why: string): ApiError {
  const subject = name ? `${qualified(of)} ${JSON.stringify(name)}` : qualified(of);
  return failure(403, 'Forbidden', `${subject} is forbidden: ${why}`, about(of, name));
}

export function unauthorized(): ApiError {
  return failure(401, 'Unauthorized', 'Unauthorized');
}

/** Field errors of one object, duplicates of one text left out, as NewInvalid and ErrorList.ToAggregate do. */
export function invalid(of: GroupKind, name: string, errors: readonly FieldError[]): ApiError {
  const texts = [...new Set(errors.map(errorText))];
  const kind = of.group ? `${of.kind}.${of.group}` : of.kind;
  const message =
    `${kind} ${JSON.stringify(name)} is invalid` +
    (texts.length > 0 ? `: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}` : '');
  return failure(422, 'Invalid', message, {
    ...(name && { name }),
    ...(of.group && { group: of.group }),
    ...(of.kind && { kind: of.kind }),
    causes: errors.map((e) => ({ reason: e.type, message: errorBody(e), field: e.field })),
  });
}

export function badRequest(message: string): ApiError {
  return failure(400, 'BadRequest', message);
}

export function internalError(message: string): ApiError {
  return failure(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** The revision asked for is no longer (or not) available. */
export function expired(message: string): ApiError {
  return failure(410, 'Expired', message);
}

export function tooManyRequests(message: string, retryAfterSeconds = 0): ApiError {
  return failure(429, 'TooManyRequests', message, retryAfterSeconds ? { retryAfterSeconds } : {});
}

export function withCause(error: ApiError, cause: { reason: string; message: string; field?: string }): ApiError {
  const details = error.status.details ?? {};
  error.status.details = { ...details, causes: [...(details.causes ?? []), cause] };
  return error;
}

export function serviceUnavailable(message: string): ApiError {
  return failure(503, 'ServiceUnavailable', message);
}

export function timeoutError(message: string): ApiError {
  return failure(504, 'Timeout', `Timeout: ${message}`, {});
}

/** A read that asks for a revision which is still to come (storage.NewTooLargeResourceVersionError). */
export function tooLargeResourceVersion(wanted: number, current: number): ApiError {
  const error = timeoutError(`Too large resource version: ${wanted}, current: ${current}`);
  error.status.details = {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  };
  return error;
}

/** What comes from below the API, such as etcd's own errors, has no reason. */
export function plainError(message: string): ApiError {
  return failure(500, '', message);
}

/** The client's mistake, though upstream's store reports it as 500: the text is the same. */
export function resourceVersionOnCreate(): ApiError {
  return failure(400, '', 'resourceVersion should not be set on objects to be created');
}

/** An applied configuration that does not fit the schema; upstream answers 500, and no client sees more than the text. */
export function unfitToApply(message: string): ApiError {
  return failure(400, '', message);
}

/** An allocator has nothing left to give. Upstream says 500, though the server is sound. */
export function exhausted(message: string): ApiError {
  const error = internalError(message);
  error.status.code = 503;
  return error;
}

/** Nothing answers at the other end of a connection that the server makes on a client's behalf. */
export function noBackend(message: string): ApiError {
  return failure(502, '', message);
}

/** A feature of real clusters that this one lacks. */
export function notSimulated(what: string): ApiError {
  return failure(501, 'NotImplemented', `slipway: ${what} is not simulated`);
}

/** NewGenericServerResponse: what the router answers when no handler is reached. */
export function pathNotFound(): ApiError {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function methodNotAllowed(): ApiError {
  return failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

/** A JSON patch that cannot be applied: the text hides the cause, as the real one does. */
export function unprocessable(): ApiError {
  return failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

export function notAcceptable(accepted: readonly string[]): ApiError {
  return failure(406, 'NotAcceptable', `only the following media types are accepted: ${accepted.join(', ')}`);
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return failure(415, 'UnsupportedMediaType', message);
}

export function requestEntityTooLarge(message: string): ApiError {
  return failure(413, 'RequestEntityTooLarge', `Request entity is too large: ${message}`);
}
