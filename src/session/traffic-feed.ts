import type { Flow, Hop } from '../engine/network/index.ts';
import type { Place, TrafficEvent, TrafficHop } from './protocol.ts';
import type { SessionRoom } from './room.ts';

/** More between two messages are left out: nobody can follow them. */
const most = 60;

interface ServiceFields {
  metadata: { name: string; namespace: string };
  spec?: {
    clusterIP?: string;
    externalIPs?: readonly string[];
    ports?: readonly { port: number; nodePort?: number }[];
  };
  status?: { loadBalancer?: { ingress?: readonly { ip?: string }[] } };
}

/**
 * What connections people should see: each with the places it passed, in the picture's terms. Equal ones between two
 * messages are one, with a count. Only looks on.
 */
export class TrafficFeed {
  readonly #room: SessionRoom;
  readonly #waiting = new Map<string, TrafficEvent & { count: number }>();
  readonly #stop: () => void;

  constructor(room: SessionRoom) {
    this.#room = room;
    this.#stop = room.world.bus.on('flow', (flow) => this.#add(flow as Flow));
  }

  /** Those since the last call; undefined if there were none. */
  take(): readonly TrafficEvent[] | undefined {
    if (this.#waiting.size === 0) return undefined;
    const events = [...this.#waiting.values()];
    this.#waiting.clear();
    return events;
  }

  close(): void {
    this.#stop();
  }

  #add(flow: Flow): void {
    if (flow.probe) return;
    const key = [flow.from.name, flow.address, flow.port, flow.protocol, flow.to.name, flow.outcome].join(' ');
    const known = this.#waiting.get(key);
    if (known) known.count++;
    else if (this.#waiting.size < most) this.#waiting.set(key, this.#event(flow));
  }

  #event(flow: Flow): TrafficEvent & { count: number } {
    const service = this.#serviceAt(flow);
    const reason = reasonOf(flow);
    return {
      id: flow.id,
      t: flow.at,
      protocol: flow.protocol,
      from: placeOf(flow.from.name),
      ...(service ? { service: service.key } : {}),
      ...(service && !service.hasPort ? { unknownPort: true } : {}),
      to: placeOf(flow.to.name),
      address: flow.address,
      port: flow.port,
      destination: flow.destination,
      destinationPort: flow.destinationPort,
      outcome: flow.outcome,
      ...(reason ? { reason } : {}),
      ...(flow.summary === undefined ? {} : { summary: flow.summary }),
      hops: flow.hops.map(hopOf),
      count: 1,
    };
  }

  /** The Service that was addressed: by an address of its own, or by a port of a node. */
  #serviceAt({ address, port, hops }: Flow): { key: string; hasPort: boolean } | undefined {
    const services = this.#room.objects('/services') as unknown as readonly ServiceFields[];
    const keyOf = ({ metadata }: ServiceFields) => `${metadata.namespace}/${metadata.name}`;
    const own = services.find(
      ({ spec, status }) =>
        spec?.clusterIP === address ||
        spec?.externalIPs?.includes(address) ||
        status?.loadBalancer?.ingress?.some(({ ip }) => ip === address),
    );
    if (own) return { key: keyOf(own), hasPort: own.spec?.ports?.some((other) => other.port === port) ?? false };
    if (!hops.some(({ action }) => action === 'dnat' || action === 'balance' || action === 'reject')) return undefined;
    const byNodePort = services.find(({ spec }) => spec?.ports?.some(({ nodePort }) => nodePort === port));
    return byNodePort && { key: keyOf(byNodePort), hasPort: true };
  }
}

function reasonOf({ outcome, protocol, to, destinationPort, reason }: Flow): TrafficEvent['reason'] {
  // A program that takes only local connections refuses others like one that isn't there.
  const here = outcome === 'refused' && protocol === 'tcp' && !reason?.rule;
  if (here && to.listeners().some(({ port, address }) => port === destinationPort && address.startsWith('127.')))
    return { code: 'loopback-only', params: {}, comment: '' };
  return reason && { code: reason.code, params: reason.params ?? {}, comment: reason.rule?.comment ?? '' };
}

/** A namespace's name in the picture's terms. */
function placeOf(name: string): Place {
  const [kind, first = '', second = ''] = name.split('/');
  if (kind === 'pod') return { kind: 'pod', key: `${first}/${second}` };
  if (kind === 'internet') return { kind: 'outside', key: first };
  return { kind: 'host', key: name };
}

function hopOf(hop: Hop): TrafficHop {
  const { namespace, action, device, source, destination, destinationPort, at, reply, reason } = hop;
  return {
    place: placeOf(namespace),
    action,
    ...(device === undefined ? {} : { device }),
    source,
    destination,
    destinationPort,
    at,
    ...(reply ? { reply } : {}),
    ...(reason?.chains ? { chains: reason.chains.join(' → ') } : {}),
  };
}
