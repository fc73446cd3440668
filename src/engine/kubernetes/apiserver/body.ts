import { loadYaml } from '../../yaml/index.ts';
import { isReader, type HttpRequest } from '../../network/http.ts';
import { readAll } from '../../world/index.ts';
import { DecodeError, decode, type Decoded } from '../schema/decode.ts';
import { typeForKind, type StructType } from '../schema/index.ts';
import { badRequest, requestEntityTooLarge, unsupportedMediaType } from './errors.ts';
import { duplicateKeys, GoJsonError, parseJson } from './go-json.ts';
import { acceptedTypes, parseMediaType } from './negotiation.ts';
import { deepCopy, isRecord } from './objects.ts';
import { decodeMessage, openEnvelope, ProtobufError, protobufType, type ProtobufFields } from './protobuf.ts';

const limit = 3 * 1024 * 1024;

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** Reads a request's body. @throws ApiError RequestEntityTooLarge */
export async function readBody(request: HttpRequest): Promise<Uint8Array> {
  const { body } = request;
  if (body === undefined) return new Uint8Array(0);
  const bytes = isReader(body) ? await readAll(body, request.cancel, limit + 1).catch(tooLarge) : body;
  if (bytes.length > limit) tooLarge();
  return bytes;
}

function tooLarge(): never {
  throw requestEntityTooLarge(`limit is ${limit}`);
}

export interface ParsedBody {
  value: unknown;
  text: string;
  format: 'json' | 'yaml' | 'protobuf';
}

/**
 * JSON, YAML or, where the field numbers are known, protobuf, by the Content-Type.
 * @throws ApiError UnsupportedMediaType; GoJsonError
 */
export function parseBody(bytes: Uint8Array, contentType: string | undefined, numbers?: ProtobufFields): ParsedBody {
  const { type } = parseMediaType(contentType ?? '');
  if (type === protobufType && numbers) return { value: parseProtobuf(bytes, numbers), text: '', format: 'protobuf' };
  const text = new TextDecoder().decode(bytes);
  switch (type) {
    case '':
    case 'application/json':
      return {
        value: withSource(text, () => parseJson(text), "couldn't get version/kind; json parse error: "),
        text,
        format: 'json',
      };
    case 'application/yaml':
    case 'text/yaml':
      return { value: withSource(text, () => parseYaml(text)), text, format: 'yaml' };
    default:
      throw unsupportedMediaType(acceptedTypes);
  }
}

/** @throws GoJsonError with the text that could not be read */
function withSource(text: string, parse: () => unknown, prefix = ''): unknown {
  try {
    return parse();
  } catch (error) {
    if (error instanceof GoJsonError) throw new GoJsonError(`${prefix}${error.message}`, text);
    throw error;
  }
}

/** @throws ApiError BadRequest */
function parseProtobuf(bytes: Uint8Array, numbers: ProtobufFields): unknown {
  try {
    const { apiVersion, kind, raw } = openEnvelope(bytes);
    const type = typeForKind(apiVersion, kind) ?? (kind === 'DeleteOptions' ? typeForKind('v1', kind) : undefined);
    if (!type)
      throw badRequest(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`);
    return { apiVersion, kind, ...decodeMessage(raw, type, numbers) };
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(error.message);
    throw error;
  }
}

/** @throws GoJsonError */
export function parseYaml(text: string): unknown {
  try {
    return loadYaml(text) ?? null;
  } catch (error) {
    throw new GoJsonError(`error converting YAML to JSON: yaml: ${(error as Error).message.split('\n')[0]}`);
  }
}

export interface ExpectedKind {
  apiVersion: string;
  kind: string;
  type: StructType | undefined;
  /** Reads it instead of the type's decoder. */
  decode?: ((input: unknown) => Decoded) | undefined;
}

/**
 * Reads an object of an expected kind: unknown fields are dropped, and refused or warned about as asked.
 * @throws ApiError BadRequest in upstream's words
 */
export function decodeObject(
  parsed: () => ParsedBody,
  expected: ExpectedKind,
  validation: FieldValidation,
  warn: (text: string) => void,
): Record<string, unknown> {
  let body: ParsedBody;
  try {
    body = parsed();
  } catch (error) {
    if (!(error instanceof GoJsonError)) throw error;
    // How options of deletions are read has no words of its own for it.
    if (expected.kind === 'DeleteOptions') throw badRequest(error.message);
    throw badRequest(unrecognized(expected.kind, error.message, error.source ?? ''));
  }
  const { value } = body;
  if (!isRecord(value)) {
    const what = `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonKind(value)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`;
    throw badRequest(unrecognized(expected.kind, what, body.text));
  }
  const input: Record<string, unknown> = { ...value };
  const apiVersion = (input['apiVersion'] ??= expected.apiVersion) || expected.apiVersion;
  const kind = (input['kind'] ??= expected.kind) || expected.kind;
  const version = String(apiVersion).split('/').at(-1)!;
  if (kind !== expected.kind) {
    // Clients take kinds in lower case, too (their REST mappers know both), but no scheme has them.
    if (String(kind) === expected.kind.toLowerCase())
      throw badRequest(
        `${String(kind)} in version ${JSON.stringify(version)} cannot be handled as a ${expected.kind}: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/api/legacyscheme/scheme.go:30"`,
      );
    throw badRequest(
      `${String(kind)} in version ${JSON.stringify(version)} cannot be handled as a ${expected.kind}: converting (${version}.${String(kind)}) to (${expected.kind}): unknown conversion`,
    );
  }
  // Every group has DeleteOptions of its own, all alike.
  if (apiVersion !== expected.apiVersion && kind !== 'DeleteOptions') {
    throw badRequest(
      `the API version in the data (${String(apiVersion)}) does not match the expected API version (${expected.apiVersion})`,
    );
  }
  const about = (what: string) =>
    badRequest(
      `${expected.kind} in version ${JSON.stringify(version)} cannot be handled as a ${expected.kind}: ${what}`,
    );
  const duplicates =
    body.format === 'json' && validation !== 'Ignore'
      ? duplicateKeys(body.text).map((key) => `duplicate field ${JSON.stringify(key)}`)
      : [];
  const read = expected.decode ?? (expected.type && ((value: unknown) => decode(value, expected.type!)));
  if (!read) return deepCopy(input);
  try {
    const { value: decoded, strictErrors } = read(input);
    reportStrictErrors([...duplicates, ...strictErrors], validation, warn, about);
    return decoded;
  } catch (error) {
    if (error instanceof DecodeError) throw about(error.message);
    throw error;
  }
}

/** transformDecodeError, for what has no kind. */
function unrecognized(kind: string, why: string, text: string): string {
  return `the object provided is unrecognized (must be of type ${kind}): ${why} (${summary(text)})`;
}

/** Refuses, warns of or ignores fields that the schema doesn't have. */
export function reportStrictErrors(
  errors: readonly string[],
  validation: FieldValidation,
  warn: (text: string) => void,
  refuse: (what: string) => Error,
): void {
  if (errors.length === 0 || validation === 'Ignore') return;
  if (validation === 'Strict') throw refuse(`strict decoding error: ${errors.join(', ')}`);
  for (const error of errors) warn(error);
}

/** The beginning of a body, for error messages. */
function summary(text: string): string {
  if (text === '') return '<empty>';
  if (text.startsWith('{')) return text.length > 30 ? `${text.slice(0, 30)} ...` : text;
  const bytes = [...text.slice(0, 30)].map((c) => c.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return text.length > 30 ? `${bytes} ...` : bytes;
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return value === null ? 'null' : typeof value;
}
