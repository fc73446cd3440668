import { ApiError } from '../client.ts';
import { decodeBase64Url, encodeBase64Url } from './base64url.ts';
import { badRequest, expired } from './errors.ts';
import { GoJsonError, parseJson } from './go-json.ts';
import { isRecord } from './objects.ts';

/** Where a list goes on (k8s.io/apiserver/pkg/storage/continue.go). */
export interface Continue {
  /** Revision of the first page; below 0: whatever there is now. */
  revision: number;
  /** The first key of the next page. */
  start: string;
}

const version = 'meta.k8s.io/v1';

/** @param last key of the page's last object, without what all keys of the list begin with */
export function encodeContinue(revision: number, last: string): string {
  return encode(revision, `${last}\u0000`);
}

function encode(revision: number, start: string): string {
  return encodeBase64Url(new TextEncoder().encode(JSON.stringify({ v: version, rv: revision, start })));
}

/** @throws ApiError BadRequest */
export function decodeContinue(text: string): Continue {
  const refuse = (why: string) => badRequest(`invalid continue token: continue key is not valid: ${why}`);
  let value: unknown;
  try {
    value = parseJson(new TextDecoder().decode(decodeBase64Url(text)));
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw refuse(error instanceof GoJsonError ? error.message.replace(/^json: /, '') : (error as Error).message);
  }
  const { v, rv, start } = isRecord(value) ? value : {};
  if (v !== version) {
    throw refuse(`server does not recognize this encoded version ${JSON.stringify(typeof v === 'string' ? v : '')}`);
  }
  if (typeof rv !== 'number' || rv === 0 || !Number.isSafeInteger(rv)) {
    throw refuse(`incorrect encoded start resourceVersion (version ${version})`);
  }
  if (typeof start !== 'string' || start === '') throw refuse(`encoded start key empty (version ${version})`);
  const parts = start.replace(/^\//, '').split('/');
  // Nobody may climb out of the resource that the list is of.
  if (parts.some((part) => part === '' || part === '.' || part === '..')) throw refuse(start);
  return { revision: rv, start };
}

/** The first page's revision is gone; with the token in this error the rest can be had as it is now. */
export function continueExpired({ start }: Continue): ApiError {
  const error = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without ' +
      'the continue parameter, or use the continue token in this response to retrieve the remainder of the results. ' +
      'Continuing with the provided token results in an inconsistent list - objects that were created, modified, or ' +
      'deleted between the time the first chunk was returned and now may show up in the list.',
  );
  error.status.metadata = { continue: encode(-1, start) };
  return error;
}
