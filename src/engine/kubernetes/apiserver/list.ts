import { invalid as invalidField } from '../apimachinery/field-error.ts';
import type { ServedResource } from './core.ts';
import { badRequest, expired, invalid, timeoutError } from './errors.ts';
import { parseJson } from './go-json.ts';
import { isRecord } from './objects.ts';
import type { Query } from './request-info.ts';
import { selection } from './selection.ts';
import type { Entry } from './store.ts';

export interface ListResult {
  entries: Entry[];
  /** ListMeta. */
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

/** What a continue token says: the revision of the first page and the key it ended with. */
interface Continue {
  v: 'meta.k8s.io/v1';
  rv: number;
  start: string;
}

/**
 * A list with selectors, pages and resourceVersion semantics.
 * @throws ApiError BadRequest, Invalid, Expired
 */
export function list(served: ServedResource, query: Query, namespace: string | undefined, name?: string): ListResult {
  const { store } = served.storage;
  const matches = selection(served, query, name);
  const limit = number(query, 'limit') ?? 0;
  const token = query.get('continue');
  const resourceVersion = query.get('resourceVersion');
  checkVersionMatch(query, resourceVersion, token);

  let revision = store.revision;
  let after: string | undefined;
  if (token) {
    if (resourceVersion && resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    const decoded = decodeContinue(token);
    if (decoded.rv >= 0) revision = decoded.rv;
    after = decoded.start;
  } else if (resourceVersion) {
    const wanted = parseResourceVersion(resourceVersion);
    if (wanted > revision) throw timeoutError(`Too large resource version: ${wanted}, current: ${revision}`);
    if (query.get('resourceVersionMatch') === 'Exact') revision = wanted;
  }
  const all = store.listAt(revision, namespace);
  if (!all) {
    throw expired(
      token
        ? 'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.'
        : 'The resourceVersion for the provided list is too old.',
    );
  }
  const rest = after === undefined ? all : all.filter((entry) => entry.key >= after);
  const chosen = matches ? rest.filter((entry) => matches(entry.object)) : rest;
  const metadata: ListResult['metadata'] = { resourceVersion: String(revision) };
  if (limit <= 0 || chosen.length <= limit) return { entries: chosen, metadata };
  metadata.continue = encodeContinue({ v: 'meta.k8s.io/v1', rv: revision, start: chosen[limit]!.key });
  // With a selector the server doesn't know how many more there are.
  if (!matches) metadata.remainingItemCount = chosen.length - limit;
  return { entries: chosen.slice(0, limit), metadata };
}

function checkVersionMatch(query: Query, resourceVersion: string | undefined, token: string | undefined): void {
  const match = query.get('resourceVersionMatch');
  if (!match || query.bool('sendInitialEvents')) return;
  const refuse = (detail: string) =>
    invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [
      { type: 'FieldValueForbidden', field: 'resourceVersionMatch', badValue: match, detail },
    ]);
  if (resourceVersion === undefined)
    throw refuse('resourceVersionMatch is forbidden unless resourceVersion is provided');
  if (token) throw refuse('resourceVersionMatch is forbidden when continue is provided');
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [
      {
        type: 'FieldValueNotSupported',
        field: 'resourceVersionMatch',
        badValue: match,
        detail: 'supported values: "Exact", "NotOlderThan"',
      },
    ]);
  }
  if (match === 'Exact' && resourceVersion === '0') {
    throw refuse('resourceVersionMatch "exact" is forbidden for resourceVersion "0"');
  }
}

/** @throws ApiError Invalid */
export function parseResourceVersion(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  const detail = `strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`;
  throw invalid({ group: '', kind: '' }, '', [invalidField('resourceVersion', text, detail)]);
}

/** @throws ApiError BadRequest */
export function number(query: Query, name: string): number | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  if (!/^-?\d{1,15}$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

function encodeContinue(token: Continue): string {
  return [...new TextEncoder().encode(JSON.stringify(token))]
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('');
}

function decodeContinue(text: string): Continue {
  const invalidToken = (why: string) => badRequest(`continue key is not valid: ${why}`);
  if (!/^([0-9a-f]{2})+$/.test(text)) throw invalidToken('illegal base64 data at input byte 0');
  const bytes = Uint8Array.from(text.match(/../g)!, (pair) => parseInt(pair, 16));
  let value: unknown;
  try {
    value = parseJson(new TextDecoder().decode(bytes));
  } catch (error) {
    throw invalidToken((error as Error).message);
  }
  if (!isRecord(value) || typeof value['rv'] !== 'number' || typeof value['start'] !== 'string') {
    throw invalidToken('incorrect encoded start resourceVersion 0 (version meta.k8s.io/v1)');
  }
  return value as unknown as Continue;
}
