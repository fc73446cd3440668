import type { Packet } from '../packet.ts';
import type { HookVerdict } from './evaluate.ts';
import { builtinTable, type Chain, type HookName, type Table, type TableName } from './table.ts';

/** A function in the place of a chain: network policies of a CNI, eBPF programs. */
export interface PacketFilter {
  readonly name: string;
  readonly hook: HookName;
  readonly priority: number;
  /**
   * Judges a packet of a new connection; must depend on nothing but the packet and state whose changes are told with
   * `NetworkNamespace.changed()`.
   */
  judge(packet: Packet): HookVerdict | undefined;
}

/**
 * Keeps rules up to date for somebody (kube-proxy). Rules are made only when a packet that they concern comes along, or
 * somebody looks at them.
 */
export interface RuleKeeper {
  readonly name: string;
  readonly stale: boolean;
  concerns(packet: Packet): boolean;
  /** Brings tables, sets and virtual servers up to date. */
  sync(): void;
}

export interface IpSet {
  readonly type: string;
  readonly comment?: string;
  /** In ipset's notation: `10.96.0.1,tcp:443`. */
  readonly entries: Set<string>;
}

export interface BaseChain {
  readonly table: Table;
  readonly chain: Chain;
}

const none: readonly never[] = [];

/** The packet filter of one network namespace. */
export class Netfilter {
  #tables: Map<string, Table> | undefined;
  #ipsets: Map<string, IpSet> | undefined;
  #recent: Map<string, Map<number, number>> | undefined;
  #filters: readonly PacketFilter[] = none;
  #keepers: readonly RuleKeeper[] = none;
  readonly #changed: () => void;
  #order: Partial<Record<HookName, readonly (BaseChain | PacketFilter)[]>> | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get ipsets(): Map<string, IpSet> {
    return (this.#ipsets ??= new Map());
  }

  /** Addresses seen by `recent`, with the virtual time of the last time. */
  get recent(): Map<string, Map<number, number>> {
    return (this.#recent ??= new Map());
  }

  /** Nothing can happen to a packet here. */
  get empty(): boolean {
    return !this.#tables?.size && this.#filters.length === 0 && this.#keepers.length === 0;
  }

  /** A table of iptables; it is there as soon as it is asked for. */
  iptables(name: TableName): Table {
    const key = `iptables ${name}`;
    const tables = (this.#tables ??= new Map());
    let table = tables.get(key);
    if (!table) {
      tables.set(key, (table = builtinTable(name)));
      this.changed();
    }
    return table;
  }

  table(family: Table['family'], name: string): Table | undefined {
    return this.#tables?.get(`${family} ${name}`);
  }

  put(table: Table): void {
    (this.#tables ??= new Map()).set(`${table.family} ${table.name}`, table);
    this.changed();
  }

  remove(table: Table): void {
    if (this.#tables?.delete(`${table.family} ${table.name}`)) this.changed();
  }

  /** Tables in the order in which they came, up to date. */
  tables(): Table[] {
    this.refresh();
    return [...(this.#tables?.values() ?? [])];
  }

  attach(keeper: RuleKeeper): void {
    this.#keepers = [...this.#keepers, keeper];
    this.changed();
  }

  detach(keeper: RuleKeeper): void {
    this.#keepers = this.#keepers.filter((other) => other !== keeper);
    this.changed();
  }

  addFilter(filter: PacketFilter): () => void {
    this.#filters = [...this.#filters, filter];
    this.changed();
    return () => {
      this.#filters = this.#filters.filter((other) => other !== filter);
      this.changed();
    };
  }

  /** Rules, sets or chains are different now. */
  changed(): void {
    this.#order = undefined;
    this.#changed();
  }

  /** Has the rules made that concern a packet (or all, for somebody who looks). */
  refresh(packet?: Packet): void {
    for (const keeper of this.#keepers) if (keeper.stale && (!packet || keeper.concerns(packet))) keeper.sync();
  }

  /** What a packet passes at a hook, in order. */
  at(hook: HookName): readonly (BaseChain | PacketFilter)[] {
    return ((this.#order ??= {})[hook] ??= this.#collect(hook));
  }

  #collect(hook: HookName): readonly (BaseChain | PacketFilter)[] {
    const found: { priority: number; item: BaseChain | PacketFilter }[] = [];
    for (const table of this.#tables?.values() ?? [])
      for (const chain of table.chains.values())
        if (chain.hook?.name === hook) found.push({ priority: chain.hook.priority, item: { table, chain } });
    for (const filter of this.#filters)
      if (filter.hook === hook) found.push({ priority: filter.priority, item: filter });
    return found.sort((a, b) => a.priority - b.priority).map(({ item }) => item);
  }

  snapshot(): unknown {
    return {
      keepers: this.#keepers.map((k) => k.name),
      filters: this.#filters.map((f) => [f.name, f.hook]),
      recent: this.recent,
      // What keepers make follows from what they keep; only rules that people have written are state.
      tables: this.#keepers.length > 0 ? [] : [...(this.#tables ?? [])].map(([name, t]) => [name, chainsOf(t)]),
    };
  }
}

function chainsOf(table: Table): unknown {
  return [...table.chains.values()].map((c) => [c.name, c.policy, c.rules.map((r) => [r.match, r.target])]);
}
