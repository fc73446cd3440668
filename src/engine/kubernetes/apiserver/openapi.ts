import type { HttpResponse } from '../../network/http.ts';
import type { ApiServerCore } from './core.ts';

/** Answers /openapi/…; undefined for other paths. */
export function openApi(_core: ApiServerCore, _path: string, _accept: string | undefined): HttpResponse | undefined {
  return undefined;
}
