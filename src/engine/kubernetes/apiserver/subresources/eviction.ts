import type { DeleteOptions } from '../../client.ts';
import { badRequest } from '../errors.ts';
import { isRecord } from '../objects.ts';
import type { SubresourceHandler } from './registry.ts';

/** pods/eviction: deletes the Pod unless a PodDisruptionBudget says no. */
export const eviction: SubresourceHandler = {
  name: 'eviction',
  create(_core, served, namespace, name, body, options) {
    const metadata = (isRecord(body['metadata']) ? body['metadata'] : {}) as { name?: string };
    if (metadata.name && metadata.name !== name) throw badRequest('name in URL does not match name in Eviction object');
    const deleteOptions = (isRecord(body['deleteOptions']) ? body['deleteOptions'] : {}) as DeleteOptions;
    const { subresource: _subresource, ...writeOptions } = options;
    served.storage.delete(namespace, name, deleteOptions, writeOptions);
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  },
};
