import { applyJsonPatch, JsonPatchError, type Operation } from '../../apimachinery/json-patch.ts';
import { badRequest, requestEntityTooLarge, unprocessable } from '../errors.ts';
import { isRecord } from '../objects.ts';
import { goJsonType } from './go-json-type.ts';

const maxOperations = 10_000;

/**
 * A JSON patch with the server's errors.
 * @param target is changed in place
 * @throws ApiError BadRequest, RequestEntityTooLarge, UnprocessableEntity
 */
export function jsonPatch(target: unknown, patch: unknown): void {
  if (!Array.isArray(patch)) throw badRequest(cannotUnmarshal(patch, 'jsonpatch.Patch'));
  if (patch.length > maxOperations) {
    throw requestEntityTooLarge(
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`,
    );
  }
  const wrong = patch.find((operation) => !isRecord(operation));
  if (wrong !== undefined) throw badRequest(cannotUnmarshal(wrong, 'jsonpatch.Operation'));
  if (!patch.every(isOperation)) throw unprocessable();
  try {
    applyJsonPatch(target, patch);
  } catch (error) {
    throw error instanceof JsonPatchError ? unprocessable() : error;
  }
}

function isOperation(value: Record<string, unknown>): value is Record<string, unknown> & Operation {
  const { op, path, from } = value;
  return typeof op === 'string' && typeof path === 'string' && (from === undefined || typeof from === 'string');
}

function cannotUnmarshal(value: unknown, type: string): string {
  return `json: cannot unmarshal ${goJsonType(value)} into Go value of type ${type}`;
}
