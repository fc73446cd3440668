import { m } from '$lib/i18n.ts';
import type { Place, TrafficEvent } from '../../session/protocol.ts';

/** Traffic in the picture's terms and in words. */

/** What the picture knows of its elements. */
export interface PictureIndex {
  /** Element id of an object that is drawn. */
  element(resource: string, key: string): string | undefined;
}

/** Elements that a connection passes, in order; undefined stands for outside the picture. */
export function wayOf(event: TrafficEvent, index: PictureIndex): (string | undefined)[] {
  const elementOf = ({ kind, key }: Place) =>
    kind === 'pod' ? index.element('/pods', key) : kind === 'host' ? index.element('/nodes', key) : undefined;
  const way = [elementOf(event.from)];
  const service = event.service === undefined ? undefined : index.element('/services', event.service);
  if (service !== undefined) way.push(service);
  // What no endpoint takes goes no further than the Service, whoever turned it away.
  if (service !== undefined && event.outcome !== 'connected' && event.to.kind !== 'pod') return way;
  const end = elementOf(event.to);
  if (end !== way[0] || way.length > 1) way.push(end);
  return way;
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
