import type { IEndpointSlice } from 'kubernetes-models/discovery.k8s.io/v1/EndpointSlice';
import type { IService } from 'kubernetes-models/v1/Service';
import { formatLabels } from '../../../kubernetes/apimachinery/label-selector.ts';
import { describer, listAll, type Live, wellKnown } from './describer.ts';
import { endpointsText } from './endpoint-text.ts';
import { writeEvents } from './events.ts';
import { writeHeader } from './format.ts';
import type { DescriptionWriter } from './writer.ts';

export const service = describer<IService>({
  group: '',
  kind: 'Service',
  async describe(w, object, context) {
    const { metadata, spec, status } = object;
    const slices = await listAll<IEndpointSlice>(context, wellKnown.endpointSlices, metadata.namespace ?? '', {
      labelSelector: `kubernetes.io/service-name=${metadata.name}`,
    }).catch((error: unknown) => {
      if (error instanceof Error && error.name === 'StatusError') return [];
      throw error;
    });
    writeHeader(w, metadata);
    w.field(0, 'Selector', formatLabels(spec.selector));
    w.field(0, 'Type', spec.type ?? '');
    if (spec.ipFamilyPolicy) w.field(0, 'IP Family Policy', spec.ipFamilyPolicy);
    w.field(0, 'IP Families', spec.ipFamilies?.join(',') || '<none>');
    w.field(0, 'IP', spec.clusterIP ?? '');
    w.field(0, 'IPs', spec.clusterIPs?.join(',') || '<none>');
    if (spec.externalIPs?.length) w.field(0, 'External IPs', spec.externalIPs.join(','));
    if (spec.loadBalancerIP) w.field(0, 'Desired LoadBalancer IP', spec.loadBalancerIP);
    if (spec.externalName) w.field(0, 'External Name', spec.externalName);
    const ingress = status.loadBalancer?.ingress ?? [];
    if (ingress.length > 0) {
      const texts = ingress.map(({ ip, ipMode, hostname = '' }) =>
        ip ? ip + (ipMode ? ` (${ipMode})` : '') : hostname,
      );
      w.field(0, 'LoadBalancer Ingress', texts.join(', '));
    }
    writePorts(w, object, slices);
    w.field(0, 'Session Affinity', spec.sessionAffinity ?? '');
    if (spec.externalTrafficPolicy) w.field(0, 'External Traffic Policy', spec.externalTrafficPolicy);
    if (spec.internalTrafficPolicy) w.field(0, 'Internal Traffic Policy', spec.internalTrafficPolicy);
    if (spec.healthCheckNodePort) w.field(0, 'HealthCheck NodePort', spec.healthCheckNodePort);
    if (spec.loadBalancerSourceRanges?.length)
      w.field(0, 'LoadBalancer Source Ranges', spec.loadBalancerSourceRanges.join(','));
    if (spec.trafficDistribution) w.field(0, 'Traffic Distribution', spec.trafficDistribution);
    await writeEvents(w, object, context);
  },
});

function writePorts(w: DescriptionWriter, { spec }: Live<IService>, slices: readonly Live<IEndpointSlice>[]): void {
  for (const port of spec.ports ?? []) {
    const name = port.name || '<unset>';
    const protocol = port.protocol ?? 'TCP';
    w.row(0, 'Port:', name, `${port.port}/${protocol}`);
    w.field(0, 'TargetPort', `${port.targetPort ?? 0}/${protocol}`);
    if (port.nodePort) w.row(0, 'NodePort:', name, `${port.nodePort}/${protocol}`);
    w.field(0, 'Endpoints', endpointsText(slices, port.name ?? ''));
  }
}
