import { refs, type ConfigMap, type Namespace } from '../types.ts';
import type { Controller } from './runtime.ts';

const name = 'kube-root-ca.crt';
const annotations = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
};

/** Publishes the cluster's CA in every namespace (pkg/controller/certificates/rootcacertpublisher). */
export const rootCaPublisher: Controller = {
  name: 'root-ca-certificate-publisher-controller',
  component: 'root-ca-certificate-publisher',
  serviceAccount: 'root-ca-cert-publisher',

  start(context) {
    const { rootCA } = context;
    if (rootCA === undefined) return;
    const namespaces = context.client.resource(refs.namespaces);
    const configMaps = context.client.resource(refs.configMaps);
    const data = { 'ca.crt': rootCA };
    const queue = context.queue({
      workers: 5,
      reconcile: (namespace) => {
        if (namespaces.get(undefined, namespace)?.status.phase !== 'Active') return;
        const published = configMaps.get(namespace, name);
        if (!published) {
          configMaps.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace, annotations }, data });
        } else if (!isPublished(published, rootCA)) {
          const { metadata } = published;
          configMaps.update({
            ...published,
            metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } },
            data,
          });
        }
      },
    });
    const enqueue = (namespace: Namespace) => queue.add(namespace.metadata.name);
    const restore = ({ metadata }: ConfigMap) => {
      if (metadata.name === name) queue.add(metadata.namespace ?? '');
    };
    context.watch(refs.namespaces, { add: enqueue, update: enqueue });
    context.watch(refs.configMaps, { update: restore, delete: restore });
  },
};

function isPublished({ data, metadata }: ConfigMap, rootCA: string): boolean {
  return (
    Object.keys(data ?? {}).length === 1 &&
    data?.['ca.crt'] === rootCA &&
    Object.entries(annotations).every(([key, value]) => metadata.annotations?.[key] === value)
  );
}
