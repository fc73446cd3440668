import type { Factory } from '../client/factory.ts';
import { CommandError, isNotFound, type StatusError } from '../framework/errors.ts';
import type { Info } from './result.ts';

/** Reads an object from the server. A missing namespace is what is reported if there is none. */
export async function refresh(
  factory: Factory,
  info: Info,
  options: { table?: boolean; includeObject?: string; subresource?: string } = {},
): Promise<void> {
  const client = factory.client();
  try {
    if (info.name === '') throw new CommandError('resource name may not be empty');
    info.object = await client.get(info.mapping, info.namespace, info.name, options);
  } catch (error) {
    if (isNotFound(error) && info.namespace !== '' && info.namespace !== 'default') {
      const missing = await client.json({ method: 'GET', path: `/api/v1/namespaces/${info.namespace}` }).then(
        () => undefined,
        (e: unknown) => (isNotFound(e) ? (e as StatusError) : undefined),
      );
      if (missing) throw missing;
    }
    throw error;
  }
}
