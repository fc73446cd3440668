import { m } from '$lib/i18n.ts';
import type { Topology } from '../../topology/model.ts';
import { keyOf, type ListObjects } from '../../topology/objects.ts';
import type { Words } from './elements.ts';

/** The picture's words in the page's language. */
export const pictureWords = (): Words => ({
  offline: m.picture_node_down(),
  cordoned: m.picture_node_cordoned(),
  controlPlane: m.picture_control_plane(),
  noPods: m.picture_service_no_pods(),
  outside: m.picture_outside(),
  headless: m.picture_headless(),
  pods: m.picture_pods(),
  inwards: m.picture_inwards(),
  outwards: m.picture_outwards(),
  notEnforced: m.picture_not_enforced(),
});

/** Element id of the Ingress or HTTPRoute by which a controller's Pod asks another, if it is one. Keys of Pods. */
export function entranceOf(list: ListObjects, topology: Topology, from: string, to: string): string | undefined {
  const asking = list('/pods').find((pod) => keyOf(pod) === from)?.metadata.labels ?? {};
  const gateway = 'gateway.networking.k8s.io/gateway-name' in asking;
  if (!gateway && asking['app.kubernetes.io/name'] !== 'ingress-nginx') return undefined;
  const target = topology.pods.find(({ namespace, name }) => `${namespace}/${name}` === to);
  if (!target) return undefined;
  const services = new Set(
    topology.services
      .filter(({ selects }) => selects.includes(target.id))
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
  const kind = gateway ? 'HTTPRoute' : 'Ingress';
  const own = new Set(topology.entrances.filter((entrance) => entrance.kind === kind).map(({ id }) => id));
  const route = topology.routes.find((way) => way.service && own.has(way.from) && services.has(way.to));
  return route && `entrance ${route.from}`;
}
