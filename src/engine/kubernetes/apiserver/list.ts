import { invalid as invalidField } from '../apimachinery/field-error.ts';
import { continueExpired, decodeContinue, encodeContinue, type Continue } from './continue-token.ts';
import type { ApiServerCore, ServedResource } from './core.ts';
import { badRequest, expired, invalid, tooLargeResourceVersion } from './errors.ts';
import { validateListOptions } from './list-options.ts';
import type { Query } from './request-info.ts';
import { selection } from './selection.ts';
import type { Entry } from './store.ts';

export interface ListResult {
  entries: Entry[];
  /** ListMeta. */
  metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number };
}

/** How long a request for a revision that is still to come waits for it (storage/cacher). */
const futureWaitMs = 3_000;
const futurePollMs = 50;

/**
 * Waits until the store has come to the resourceVersion that a read asks for.
 * @throws ApiError Timeout after three seconds; Invalid for a version that is none
 */
export async function waitForRevision(core: ApiServerCore, query: Query): Promise<void> {
  const text = query.get('resourceVersion');
  const wanted = text === undefined ? 0 : parseResourceVersion(text);
  for (let waited = 0; wanted > core.store.revision; waited += futurePollMs) {
    if (waited >= futureWaitMs) throw tooLargeResourceVersion(wanted, core.store.revision);
    await core.world.sleep(futurePollMs);
  }
}

/**
 * A list with selectors, pages and resourceVersion semantics.
 * @throws ApiError BadRequest, Invalid, Expired
 */
export function list(served: ServedResource, query: Query, namespace: string | undefined, name?: string): ListResult {
  const { store } = served.storage;
  number(query, 'timeoutSeconds');
  const limit = number(query, 'limit') ?? 0;
  validateListOptions(query, false);
  const matches = selection(served, query, name);
  const token = query.get('continue');
  const resourceVersion = query.get('resourceVersion');

  let revision = currentRevision(served);
  let from: Continue | undefined;
  if (token) {
    from = decodeContinue(token);
    if (resourceVersion && resourceVersion !== '0') {
      throw badRequest('specifying resource version is not allowed when using continue');
    }
    if (from.revision >= 0) revision = from.revision;
  } else if (resourceVersion) {
    const wanted = parseResourceVersion(resourceVersion);
    if (wanted > revision) throw tooLargeResourceVersion(wanted, revision);
    if (query.get('resourceVersionMatch') === 'Exact') revision = wanted;
  }
  const all = store.listAt(revision, namespace);
  if (!all) throw from ? continueExpired(from) : expired('The resourceVersion for the provided list is too old.');
  // What the keys of this list have in common is no part of its tokens.
  const prefix = namespace ? `${namespace}/` : '';
  const start = from && prefix + from.start;
  const rest = start === undefined ? all : all.filter((entry) => entry.key >= start);
  const chosen = matches ? rest.filter((entry) => matches(entry.object)) : rest;
  const metadata: ListResult['metadata'] = { resourceVersion: String(revision) };
  // A list that any version will do for comes from the cache, which knows no pages.
  const paged = limit > 0 && (resourceVersion !== '0' || from !== undefined);
  if (!paged || chosen.length <= limit) return { entries: chosen, metadata };
  metadata.continue = encodeContinue(revision, chosen[limit - 1]!.key.slice(prefix.length));
  // With a selector the server doesn't know how many more there are.
  if (!matches) metadata.remainingItemCount = chosen.length - limit;
  return { entries: chosen.slice(0, limit), metadata };
}

/** After the compactions that are due, which count as writes. */
function currentRevision({ storage }: ServedResource): number {
  const { store } = storage.around;
  return Math.max(store.compactedRevision, store.revision);
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
  if (!/^[-+]?\d{1,15}$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}
