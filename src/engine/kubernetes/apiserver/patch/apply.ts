import type { HttpResponse } from '../../../network/http.ts';
import { notSimulated } from '../errors.ts';
import type { RestRequest } from '../rest.ts';
import type { SubresourceHandler } from '../subresources/registry.ts';

/** Server-side apply. */
export function serverSideApply(_request: RestRequest, _text: string, _handler?: SubresourceHandler): HttpResponse {
  throw notSimulated('server-side apply');
}
