import { refs, type Namespace } from '../types.ts';
import type { Controller } from './runtime.ts';

/** Sees to it that every namespace has the ServiceAccount `default` (pkg/controller/serviceaccount). */
export const serviceAccountController: Controller = {
  name: 'serviceaccount-controller',
  component: 'serviceaccount-controller',
  serviceAccount: 'service-account-controller',

  start(context) {
    const namespaces = context.client.resource(refs.namespaces);
    const accounts = context.client.resource(refs.serviceAccounts);
    const queue = context.queue({
      workers: 5,
      reconcile: (name) => {
        const namespace = namespaces.get(undefined, name);
        if (namespace?.status.phase !== 'Active' || accounts.get(name, 'default')) return;
        accounts.create({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace: name } });
      },
    });
    const enqueue = (namespace: Namespace) => queue.add(namespace.metadata.name);
    context.watch(refs.namespaces, { add: enqueue, update: enqueue });
    context.watch(refs.serviceAccounts, {
      delete: ({ metadata }) => {
        if (metadata.name === 'default') queue.add(metadata.namespace ?? '');
      },
    });
  },
};
