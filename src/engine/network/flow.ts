import { formatIp } from './address.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Protocol } from './netfilter/rule.ts';
import type { Reason } from './netfilter/evaluate.ts';
import type { Listener } from './socket.ts';
import type { Hop, Plan } from './plan.ts';

export type FlowOutcome = 'connected' | 'refused' | 'timeout' | 'no-route' | 'ttl-exceeded';

/** One connection, datagram or echo request: who sent it where, and what became of it. */
export class Flow {
  readonly id: number;
  /** Virtual ms since the world began. */
  at: number;
  readonly protocol: Protocol;
  readonly from: NetworkNamespace;
  readonly plan: Plan;
  /** Where the client wanted to go. */
  readonly address: string;
  readonly port: number;
  /** The client's port; for ICMP the identifier. */
  readonly sourcePort: number;
  readonly outcome: FlowOutcome;
  readonly listener: Listener | undefined;
  /** A machine's own affair, such as a probe; not somebody's experiment. */
  readonly probe: boolean;
  /** First line of what was asked, for captures: `GET / HTTP/1.1`, a DNS question. */
  summary: string | undefined;
  closed = false;

  constructor(options: {
    id: number;
    at: number;
    protocol: Protocol;
    from: NetworkNamespace;
    plan: Plan;
    address: string;
    port: number;
    sourcePort: number;
    outcome: FlowOutcome;
    listener: Listener | undefined;
    probe: boolean;
  }) {
    this.id = options.id;
    this.at = options.at;
    this.protocol = options.protocol;
    this.from = options.from;
    this.plan = options.plan;
    this.address = options.address;
    this.port = options.port;
    this.sourcePort = options.sourcePort;
    this.outcome = options.outcome;
    this.listener = options.listener;
    this.probe = options.probe;
  }

  /** Where it ended. */
  get to(): NetworkNamespace {
    return this.plan.namespace;
  }

  get hops(): readonly Hop[] {
    return this.plan.hops;
  }

  get reason(): Reason | undefined {
    return this.plan.reason;
  }

  /** The client's own address. */
  get source(): string {
    return formatIp(this.plan.clientAddress);
  }

  /** The client's address as the server sees it. */
  get seenSource(): string {
    return formatIp(this.plan.source);
  }

  /** Where it really went, after translation. */
  get destination(): string {
    return formatIp(this.plan.destination);
  }

  get destinationPort(): number {
    return this.plan.destinationPort;
  }

  /** There and back, virtual ms. */
  get roundTrip(): number {
    return this.plan.latency * 2;
  }

  /** The server's view of the client. */
  get peer(): { address: string; port: number; localAddress: string } {
    return { address: this.seenSource, port: this.sourcePort, localAddress: this.destination };
  }

  /** Ends it: the balancers count it as inactive from now on. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    for (const server of this.plan.balanced) {
      server.active--;
      server.inactive++;
    }
  }
}

/** The last connections of all hosts, for those who look back: captures, connection tables, diagnosis. */
export class FlowLog {
  readonly #ring: (Flow | undefined)[];
  #count = 0;

  constructor(size = 4096) {
    this.#ring = new Array<Flow | undefined>(size);
  }

  /** All connections so far. */
  get count(): number {
    return this.#count;
  }

  add(flow: Flow): void {
    this.#ring[this.#count++ % this.#ring.length] = flow;
  }

  /** Oldest first. @param since virtual ms */
  list(since = 0): Flow[] {
    const size = this.#ring.length;
    const flows: Flow[] = [];
    for (let i = Math.max(0, this.#count - size); i < this.#count; i++) {
      const flow = this.#ring[i % size]!;
      if (flow.at >= since) flows.push(flow);
    }
    return flows;
  }
}
