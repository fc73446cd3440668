import type { Factory } from '../client/factory.ts';
import { gvrText } from '../client/http-client.ts';
import type { ApiObject, RestMapping } from '../client/types.ts';
import { StatusError } from '../framework/errors.ts';
import { quote } from '../framework/values.ts';
import type { Source } from './result.ts';

export interface SelectorOptions {
  namespace: string;
  labelSelector: string;
  fieldSelector: string;
  /** Objects per request; 0 for all at once. */
  chunkSize: number;
  table: boolean;
  includeObject?: string;
}

/** The list that a selector gives, chunk by chunk. */
export function selectorSource(factory: Factory, mapping: RestMapping, options: SelectorOptions): Source {
  return async function* () {
    let next: string | undefined;
    do {
      let list: ApiObject;
      try {
        list = (await factory.client().list(mapping, options.namespace, {
          labelSelector: options.labelSelector,
          fieldSelector: options.fieldSelector,
          limit: options.chunkSize || undefined,
          continue: next,
          table: options.table,
          includeObject: options.includeObject,
        })) as unknown as ApiObject;
      } catch (error) {
        throw explained(error, mapping, options);
      }
      next = (list.metadata?.continue as string | undefined) || undefined;
      yield { mapping, namespace: options.namespace, name: '', source: '', object: list };
    } while (next !== undefined);
  };
}

function explained(error: unknown, mapping: RestMapping, options: SelectorOptions): unknown {
  if (!(error instanceof StatusError) || !['BadRequest', 'NotFound'].includes(error.reason)) return error;
  const what = quote(gvrText(mapping));
  const message =
    options.labelSelector === '' && options.fieldSelector === ''
      ? `Unable to list ${what}: ${error.message}`
      : `Unable to find ${what} that match label selector ${quote(options.labelSelector)}, field selector ${quote(options.fieldSelector)}: ${error.message}`;
  return new StatusError({ ...error.status, message });
}
