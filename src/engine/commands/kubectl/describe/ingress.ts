import type { IEndpointSlice } from 'kubernetes-models/discovery.k8s.io/v1/EndpointSlice';
import type { IIngress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import type { IIngressBackend } from 'kubernetes-models/networking.k8s.io/v1/IngressBackend';
import type { IService } from 'kubernetes-models/v1/Service';
import { compareStrings } from '../../../gotemplate/index.ts';
import { type DescribeContext, describer, listAll, live, wellKnown } from './describer.ts';
import { endpointsText } from './endpoint-text.ts';
import { writeEvents } from './events.ts';
import { writeAnnotations, writeLabels } from './format.ts';

export const ingress = describer<IIngress>({
  group: 'networking.k8s.io',
  kind: 'Ingress',
  async describe(w, object, context) {
    const { metadata, spec, status } = object;
    const namespace = metadata.namespace ?? '';
    w.field(0, 'Name', metadata.name);
    writeLabels(w, 0, 'Labels', metadata.labels);
    w.field(0, 'Namespace', namespace);
    const addresses = (status.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
    w.field(0, 'Address', [...new Set(addresses.filter(Boolean))].sort(compareStrings).join(','));
    w.field(0, 'Ingress Class', spec.ingressClassName ?? '<none>');
    const fallback = spec.defaultBackend ? await backendText(context, namespace, spec.defaultBackend) : '<default>';
    w.field(0, 'Default backend', fallback);
    if (spec.tls?.length) w.line(0, 'TLS:');
    for (const { secretName, hosts = [] } of spec.tls ?? [])
      w.line(1, secretName ? `${secretName} terminates ${hosts.join(',')}` : `SNI routes ${hosts.join(',')}`);
    w.line(0, 'Rules:');
    w.table(1, ['Host', 'Path', 'Backends'], []);
    const rules = (spec.rules ?? []).filter((rule) => rule.http);
    for (const { host, http } of rules) {
      w.line(1, `${host || '*'}\t`);
      for (const { path = '', backend } of http?.paths ?? [])
        w.row(2, '', `${path} `, await backendText(context, namespace, backend));
    }
    if (rules.length === 0) w.row(1, '*', '*', fallback);
    writeAnnotations(w, 0, 'Annotations', metadata.annotations);
    await writeEvents(w, object, context);
  },
});

/** `web:80 (10.244.1.2:80)`; in place of endpoints the error, if the Service can't be read. */
async function backendText(context: DescribeContext, namespace: string, backend: IIngressBackend): Promise<string> {
  const { service, resource } = backend;
  if (service) {
    const { port } = service;
    const name = `${service.name}:${port?.number || port?.name || ''}`;
    try {
      const slices = await listAll<IEndpointSlice>(context, wellKnown.endpointSlices, namespace, {
        labelSelector: `kubernetes.io/service-name=${service.name}`,
      });
      const target = live<IService>(await context.client.get(wellKnown.services, namespace, service.name));
      const match = target.spec.ports?.findLast((p) => (port?.number ? p.port === port.number : p.name === port?.name));
      return `${name} (${endpointsText(slices, match?.name ?? '')})`;
    } catch (error) {
      if (error instanceof Error && error.name === 'StatusError') return `${name} (<error: ${error.message}>)`;
      throw error;
    }
  }
  if (resource) return `APIGroup: ${resource.apiGroup ?? '<none>'}, Kind: ${resource.kind}, Name: ${resource.name}`;
  return '';
}
