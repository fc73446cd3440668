import type { HttpResponse } from '../../../network/http.ts';
import { invalid as invalidField } from '../../apimachinery/field-error.ts';
import { convert } from '../../schema/convert.ts';
import { decode, DecodeError, type Decoded } from '../../schema/decode.ts';
import type { StructType } from '../../schema/index.ts';
import type { Draft, KubeObject } from '../../types.ts';
import { readBody, reportStrictErrors, type FieldValidation } from '../body.ts';
import type { ServedResource } from '../core.ts';
import { wireObject } from '../encoding.ts';
import { badRequest, invalid, methodNotAllowed, pathNotFound, unsupportedMediaType } from '../errors.ts';
import { duplicateKeys, GoJsonError, parseJson } from '../go-json.ts';
import { goText } from '../go-text.ts';
import { parseMediaType } from '../negotiation.ts';
import type { Mutable } from '../resources/kind.ts';
import { respond } from '../responses.ts';
import { bodyKind, one, shown, type RestRequest } from '../rest.ts';
import type { SubresourceHandler } from '../subresources/registry.ts';
import { applyPatch, type PatchType } from './index.ts';
import { serverSideApply } from './apply.ts';
import { checkName, fieldValidation, placeInNamespace, writeOptions } from '../write-options.ts';

const jsonPatchType = 'application/json-patch+json';
const mergePatchType = 'application/merge-patch+json';
const strategicMergePatchType = 'application/strategic-merge-patch+json';
const applyPatchType = 'application/apply-patch+yaml';

const byMediaType: Readonly<Record<string, PatchType>> = {
  [jsonPatchType]: 'json',
  [mergePatchType]: 'merge',
  [strategicMergePatchType]: 'strategic',
};

/** Answers a PATCH of an object or of a subresource. @throws ApiError */
export async function patchRequest(request: RestRequest, handler?: SubresourceHandler): Promise<HttpResponse> {
  const { served, target, http } = request;
  if (served.definition.namespaced && target.namespace === undefined) throw pathNotFound();
  if (handler && (!handler.get || !handler.update)) throw methodNotAllowed();
  const { type: mediaType } = parseMediaType(http.headers['content-type'] ?? '');
  const accepted = served.custom
    ? [jsonPatchType, mergePatchType, applyPatchType]
    : [jsonPatchType, mergePatchType, strategicMergePatchType, applyPatchType];
  if (!accepted.includes(mediaType)) throw unsupportedMediaType(accepted);
  const text = new TextDecoder().decode(await readBody(http));
  const existing = served.storage.get(target.namespace, target.name!);
  if (existing) await served.ready?.([existing.object]);
  if (mediaType === applyPatchType) return await serverSideApply(request, text, handler);

  const type = byMediaType[mediaType]!;
  const patch = parsePatch(text);
  const options = writeOptions(request, 'PatchOptions');
  const validation = fieldValidation(request.query, 'PatchOptions');
  const duplicates =
    validation === 'Ignore' ? [] : duplicateKeys(text).map((key) => `duplicate field ${JSON.stringify(key)}`);
  const decodePatched = (current: Record<string, unknown>, schema: StructType | undefined) => {
    const patched = applyPatch(type, current, patch, schema);
    const shownPatch = () => (type === 'strategic' ? goText(patch) : JSON.stringify(patched));
    const read = handler ? undefined : served.decode;
    return readPatched(patched, schema, read, type, validation, duplicates, shownPatch, options.warn!);
  };

  if (handler) return patchSubresource(request, handler, decodePatched);
  const entry = served.storage.update(
    target.namespace,
    target.name!,
    (existing) => {
      // What the client sees is what it patches, managedFields included.
      const current = wireObject(served, served.storage.mustGet(target.namespace, target.name!));
      const next = decodePatched(current, served.type) as unknown as Mutable<Draft>;
      placeInNamespace(next, existing.metadata.namespace);
      checkName(next, target);
      return served.conversion ? served.conversion.toStored(next as KubeObject) : (next as KubeObject);
    },
    options,
  );
  await served.ready?.([entry.object]);
  return one(request.core, served, entry, request.query, request.negotiated, 200, request.warnings);
}

function patchSubresource(
  request: RestRequest,
  handler: SubresourceHandler,
  decodePatched: (current: Record<string, unknown>, schema: StructType | undefined) => Record<string, unknown>,
): HttpResponse {
  const { core, served, target, negotiated, warnings } = request;
  const { object } = served.storage.mustGet(target.namespace, target.name!);
  const body = decodePatched(handler.get!(served, object), bodyKind(served, target.subresource!).type);
  const options = { ...writeOptions(request, 'PatchOptions'), subresource: target.subresource! };
  const result = handler.update!(core, served, object, body, options);
  return respond(200, shown(request, result), negotiated, warnings);
}

/** Patches come as JSON, or as YAML where the client sent that. @throws ApiError BadRequest */
function parsePatch(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof GoJsonError) throw badRequest(error.message);
    throw error;
  }
}

/** The patched document as an object of its kind. @throws ApiError Invalid, as if the patch were a field */
function readPatched(
  patched: unknown,
  schema: StructType | undefined,
  read: ServedResource['decode'],
  type: PatchType,
  validation: FieldValidation,
  duplicates: readonly string[],
  shownPatch: () => string,
  warn: (text: string) => void,
): Record<string, unknown> {
  const refuse = (what: string) => invalid({ group: '', kind: '' }, '', [invalidField('patch', shownPatch(), what)]);
  if (!schema) return patched as Record<string, unknown>;
  let decoded: Decoded;
  try {
    if (read) decoded = read(patched);
    else decoded = type === 'strategic' ? convert(patched, schema) : decode(patched, schema);
  } catch (error) {
    if (error instanceof DecodeError) throw refuse(error.message);
    throw error;
  }
  reportStrictErrors([...duplicates, ...decoded.strictErrors], validation, warn, refuse);
  return decoded.value;
}
