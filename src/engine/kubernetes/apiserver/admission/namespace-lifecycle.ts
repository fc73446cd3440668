import { forbidden, notFound, withCause } from '../errors.ts';
import type { AdmissionPlugin } from './plugin.ts';

const immortal = new Set(['default', 'kube-system', 'kube-public']);

/** Nothing is created in a namespace that is missing or ending; the built-in namespaces cannot be deleted. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  operations: ['CREATE', 'DELETE'],
  subresources: ['binding', 'eviction', 'token'],
  admit({ namespace, group, resource, name, context, operation }) {
    if (operation !== 'CREATE' || namespace === undefined) return;
    const found = context.get('', 'namespaces', undefined, namespace);
    if (!found) throw notFound({ group: '', resource: 'namespaces' }, namespace);
    const { phase } = (found as { status?: { phase?: string } }).status ?? {};
    if (phase !== 'Terminating' && !found.metadata.deletionTimestamp) return;
    const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
    throw withCause(forbidden({ group, resource }, name, why), {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    });
  },
  validate({ operation, group, resource, name }) {
    if (operation === 'DELETE' && group === '' && resource === 'namespaces' && immortal.has(name)) {
      throw forbidden({ group, resource }, name, 'this namespace may not be deleted');
    }
  },
};
