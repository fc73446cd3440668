import { applyPatch, type Operation } from 'rfc6902';
import { badRequest, requestEntityTooLarge, unprocessable } from '../errors.ts';
import { isRecord } from '../objects.ts';

const maxOperations = 10_000;

/**
 * RFC 6902, with the server's errors.
 * @param target is changed in place and returned
 */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) {
    const was = patch === null ? 'null' : isRecord(patch) ? 'object' : typeof patch;
    throw badRequest(`json: cannot unmarshal ${was} into Go value of type jsonpatch.Patch`);
  }
  if (patch.length > maxOperations) {
    throw requestEntityTooLarge(
      `The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`,
    );
  }
  const holder = { root: target };
  for (const operation of patch as unknown[]) {
    if (!isRecord(operation) || typeof operation['op'] !== 'string' || typeof operation['path'] !== 'string') {
      throw unprocessable();
    }
    let failed: unknown[];
    try {
      // Below one root, so that an empty path may replace the whole document.
      const step = { ...operation, path: `/root${operation['path']}` } as Record<string, unknown>;
      if (typeof step['from'] === 'string') step['from'] = `/root${step['from']}`;
      failed = applyPatch(holder, [step as unknown as Operation]);
    } catch {
      throw unprocessable();
    }
    if (failed[0]) throw unprocessable();
  }
  return holder.root;
}
