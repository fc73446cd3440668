import { m } from '$lib/i18n.ts';
import type { Place, TrafficEvent } from '../../session/protocol.ts';

/** Traffic in the picture's terms and in words. */

/** What the picture knows of its elements. */
export interface PictureIndex {
  /** Element id of an object that is drawn. */
  element(resource: string, key: string): string | undefined;
  /** Of an element, by its own id. */
  has(id: string): boolean;
  /** Of the Ingress or route by whose rules one Pod asks another. */
  entrance(from: string, to: string): string | undefined;
}

/**
 * Elements that a connection passes, in order, as traffic flows: outside or who asks, the address or the port of a node, the
 * Ingress by whose rules it goes on, the Service, the Pod. Undefined stands for something that is hidden.
 */
export function wayOf(event: TrafficEvent, index: PictureIndex): (string | undefined)[] {
  const elementOf = ({ kind, key }: Place) => {
    if (kind === 'pod') return index.element('/pods', key);
    return (
      (kind === 'host' ? index.element('/nodes', key) : undefined) ?? (index.has('outside') ? 'outside' : undefined)
    );
  };
  const { from, to, address, port, outcome } = event;
  const way = [elementOf(from)];
  const pass = (id: string | undefined) => {
    if (id !== undefined && id !== way.at(-1)) way.push(id);
  };
  if (index.has(`address ${address}`)) pass(`address ${address}`);
  const service = event.service === undefined ? undefined : index.element('/services', event.service);
  const entered = nodePortOf(event, index);
  pass(entered);
  if (from.kind === 'pod' && to.kind === 'pod') pass(index.entrance(from.key, to.key));
  // A node's port leads on to the Pod: the Service would be a way back.
  if (entered === undefined) pass(service);
  // What no endpoint takes goes no further than the Service, whoever turned it away.
  if (service !== undefined && outcome !== 'connected' && to.kind !== 'pod')
    return way.length > 1 ? way : [...way, service];
  const end = to.kind === 'host' && index.has(`port ${port} ${to.key}`) ? `port ${port} ${to.key}` : elementOf(to);
  if (end !== way.at(-1)) way.push(end);
  return way;
}

/** The port on a node's edge through which it came in. */
function nodePortOf({ hops, port }: TrafficEvent, index: PictureIndex): string | undefined {
  for (const { place } of hops) {
    const id = `port ${port} ${place.key}`;
    if (place.kind === 'host' && index.has(id)) return id;
  }
  return undefined;
}

export function placeText({ kind, key }: Place): string {
  return kind === 'pod' ? key.slice(key.indexOf('/') + 1) : key;
}

/** What became of it, in a few words. */
export function outcomeText(event: TrafficEvent): string {
  const { outcome, reason, destinationPort, port } = event;
  if (outcome === 'connected') return m.traffic_connected();
  if (event.unknownPort) return m.traffic_no_port({ port: String(port) });
  const policy = reason?.params.policy;
  if (policy !== undefined) return m.traffic_policy({ policy });
  if (/has no endpoints/.test(reason?.comment ?? '')) return m.traffic_no_endpoints();
  if (outcome === 'refused') return m.traffic_refused({ port: String(destinationPort || port) });
  if (outcome === 'no-route') return m.traffic_no_route();
  if (outcome === 'ttl-exceeded') return m.traffic_ttl();
  return reason?.code === 'power-off' ? m.traffic_host_off() : m.traffic_timeout();
}

/** One line for lists and screen readers: `box → Service web → web-x (80): connected`. */
export function trafficText(event: TrafficEvent): string {
  const service = event.service === undefined ? [] : [`Service ${event.service.slice(event.service.indexOf('/') + 1)}`];
  const way = [placeText(event.from), ...service, placeText(event.to)].join(' → ');
  return `${way}: ${outcomeText(event)}`;
}
