import type { RealServer } from './ipvs.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Reason } from './netfilter/evaluate.ts';
import type { Rule } from './netfilter/rule.ts';
import type { HookName } from './netfilter/table.ts';
import type { ConnectResult } from './network.ts';

/** What a walk leaves: where connections go, and what happened to them on the way. */

export type Outcome = 'delivered' | 'refused' | 'timeout' | 'no-route' | 'ttl-exceeded';

/** One thing that happened to a packet on its way. */
export interface Hop {
  /** The host or container where it happened. */
  readonly namespace: string;
  readonly action:
    | 'send' | 'forward' | 'bridge' | 'encapsulate' | 'dnat' | 'snat' | 'masquerade' | 'balance'
    | 'deliver' | 'drop' | 'reject' | 'refuse' | 'unreachable' | 'ttl-exceeded'; // prettier-ignore
  /** The device that it leaves by, or came in by where it ends. */
  readonly device?: string;
  readonly source: string;
  readonly destination: string;
  readonly destinationPort: number;
  readonly hook?: HookName;
  readonly reason?: Reason;
  /** Virtual ms since it was sent. */
  readonly at: number;
  /** It happened to the reply. */
  readonly reply?: true;
}

/** What connection tracking of one host knows of the connection. */
export interface Tracked {
  readonly namespace: NetworkNamespace;
  readonly source: number;
  readonly destination: number;
  readonly destinationPort: number;
  /** After translation. */
  readonly toSource: number;
  readonly toDestination: number;
  readonly toPort: number;
}

/** Where connections that make the same choices go. */
export interface Plan {
  readonly outcome: Outcome;
  /** Where the packet ended. */
  readonly namespace: NetworkNamespace;
  readonly hops: readonly Hop[];
  readonly tracked: readonly Tracked[];
  /** The client as it called itself. */
  readonly clientAddress: number;
  /** As the server sees it. */
  readonly source: number;
  readonly destination: number;
  readonly destinationPort: number;
  /** One way, virtual ms. */
  readonly latency: number;
  /** Until the client knows of a failure, virtual ms; Infinity: it only gives up by itself. */
  readonly failsAfter: number;
  readonly reason: Reason | undefined;
  /** ICMP code of an answer that is not the destination's: who sent it. */
  readonly answeredBy: number | undefined;
  readonly rules: readonly Rule[];
  readonly effects: readonly (() => void)[];
  readonly balanced: readonly RealServer[];
  /** The last probe that went this way, and when: the next one is like it. */
  probe?: ProbeMemory;
}

/** A probe's connection, and the counters at that time of what would make another one different. */
export interface ProbeMemory {
  readonly result: ConnectResult;
  /** The network's; -1 if the way is one of several. */
  readonly generation: number;
  /** `NetworkNamespace.sockets` of the destination. */
  readonly sockets: number;
}

/** A tree of choices (which endpoint?) with plans as its leaves. */
export interface PlanNode {
  decide?: () => number;
  readonly children: (PlanNode | undefined)[];
  plan?: Plan;
}
