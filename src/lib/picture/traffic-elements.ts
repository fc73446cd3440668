import { addressesOf } from '../../topology/columns.ts';
import type { Topology } from '../../topology/model.ts';
import type { ServiceView } from '../../topology/services.ts';
import { addressSize, nodePortSize, outsideSize, serviceSize } from '../../topology/sizes.ts';
import { shorten, type Elements, type Words } from './elements.ts';

/** On more nodes than this, the ports that they open are not drawn on each. */
const mostPortNodes = 12;

/** More lines from Services to Pods than this hide more than they tell: then only those of the Service in focus are drawn. */
const mostLines = 300;

/** What traffic passes before it comes to Pods, from the left: outside, addresses, hosts and paths, Services. */
export function addTraffic(elements: Elements, topology: Topology): void {
  const { places } = elements.layout;
  elements.node('outside', places.get('outside'), outsideSize, 'outside', elements.words.outside);
  for (const address of addressesOf(topology)) {
    const id = `address ${address}`;
    elements.node(id, places.get(id), addressSize, 'address', shorten(address, 15));
    elements.edge('leads', 'outside', id);
  }
  for (const { id: uid, kind, resource, namespace, name, text } of topology.entrances) {
    const id = `entrance ${uid}`;
    const label = `${shorten(name, 20)}\n${shorten(`${kind} ${text}`, 24)}`;
    elements.node(id, places.get(id), serviceSize, 'entrance', label, { resource, key: `${namespace}/${name}` });
  }
  const lines = topology.services.reduce((sum, { selects }) => sum + selects.length, 0);
  for (const service of topology.services) addService(elements, service, lines <= mostLines);
  addEntranceEdges(elements, topology);
  addNodePorts(elements, topology);
}

function addService(elements: Elements, service: ServiceView, lines: boolean): void {
  const id = `service ${service.id}`;
  const lost = service.hasSelector && service.selects.length === 0;
  const text = lost ? elements.words.noPods : serviceText(service, elements.words);
  elements.node(
    id,
    elements.layout.places.get(id),
    serviceSize,
    `service ${service.form}${lost ? ' empty' : ''}`,
    `${shorten(service.name, 20)}\n${shorten(text, service.form === 'cluster-ip' || service.form === 'headless' ? 24 : 20)}`,
    { resource: '/services', key: `${service.namespace}/${service.name}` },
  );
  if (!lines) return;
  for (const pod of service.selects) elements.edge('selects', id, elements.pods.get(pod));
}

function serviceText({ form, ports, pending, externalName }: ServiceView, words: Words): string {
  switch (form) {
    case 'external-name':
      return `→ ${externalName ?? ''}`;
    case 'headless':
      return `${words.headless} ${ports}`;
    case 'node-port':
      return `NodePort ${ports}`;
    case 'load-balancer':
      return pending ? 'LoadBalancer <pending>' : `LoadBalancer ${ports}`;
    case 'cluster-ip':
      return `ClusterIP ${ports}`;
  }
}

function addEntranceEdges(elements: Elements, { services, entrances, routes }: Topology): void {
  const byKey = new Map(services.map((service) => [`${service.namespace}/${service.name}`, `service ${service.id}`]));
  for (const { id, kind, addresses } of entrances) {
    for (const address of addresses) elements.edge('leads', `address ${address}`, `entrance ${id}`);
    if (addresses.length === 0 && kind !== 'HTTPRoute') elements.edge('leads', 'outside', `entrance ${id}`);
  }
  for (const { from, to, service, label } of routes)
    elements.edge('routes', `entrance ${from}`, service ? byKey.get(to) : `entrance ${to}`, label);
  for (const { id, form, addresses } of services) {
    for (const address of addresses) elements.edge('leads', `address ${address}`, `service ${id}`);
    if (form === 'node-port') elements.edge('leads', 'outside', `service ${id}`);
    if (form === 'external-name') elements.edge('aliases', `service ${id}`, 'outside');
  }
}

/** A NodePort is open on every node: it is drawn on their edges. */
function addNodePorts(elements: Elements, { nodes, services }: Topology): void {
  if (nodes.length > mostPortNodes) return;
  for (const { name } of nodes) {
    const box = elements.layout.boxes.get(name);
    if (!box) continue;
    let row = 0;
    for (const service of services)
      for (const port of service.nodePorts) {
        const at = { x: box.x + 4 - nodePortSize.width / 2, y: box.y + 16 + row++ * (nodePortSize.height + 3) };
        const ref = { resource: '/services', key: `${service.namespace}/${service.name}` };
        elements.node(`port ${port} ${name}`, at, nodePortSize, 'port', `:${port}`, undefined, { opens: ref });
      }
  }
}
