import { formatIp, maskOf } from './address.ts';

/** An entry of the main routing table. */
export interface Route {
  readonly network: number;
  readonly bits: number;
  /** Undefined for `unreachable` and `blackhole`. */
  readonly device: string | undefined;
  /** Next hop; undefined: the destination is on the link. */
  readonly via?: number;
  /** Several next hops: each connection takes one by chance. */
  readonly nextHops?: readonly number[];
  readonly source?: number;
  readonly metric?: number;
  readonly protocol?: 'kernel' | 'boot' | 'static' | 'bird' | 'dhcp';
  readonly scope?: 'global' | 'link' | 'host';
  readonly onlink?: boolean;
  readonly type?: 'unicast' | 'blackhole' | 'unreachable' | 'prohibit';
}

/** Longest prefix first, then lowest metric, then the older entry. */
export class RouteTable {
  readonly #byLength: (Map<number, Route[]> | undefined)[] = [];
  #lengths: number[] = [];
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Adds a route; one to the same network by the same metric is replaced. */
  add(route: Route): void {
    const { bits } = route;
    const network = (route.network & maskOf(bits)) >>> 0;
    let table = this.#byLength[bits];
    if (!table) {
      this.#byLength[bits] = table = new Map();
      this.#lengths = [...this.#lengths, bits].sort((a, b) => b - a);
    }
    const entry = network === route.network ? route : { ...route, network };
    const others = table.get(network)?.filter((r) => (r.metric ?? 0) !== (route.metric ?? 0)) ?? [];
    table.set(
      network,
      others.length === 0 ? [entry] : [...others, entry].sort((a, b) => (a.metric ?? 0) - (b.metric ?? 0)),
    );
    this.#changed();
  }

  /** Removes the routes that a test picks; false if there was none. */
  remove(test: (route: Route) => boolean): boolean {
    let found = false;
    for (const table of this.#byLength)
      for (const [network, routes] of table ?? []) {
        const rest = routes.filter((route) => !test(route));
        if (rest.length === routes.length) continue;
        found = true;
        if (rest.length > 0) table!.set(network, rest);
        else table!.delete(network);
      }
    if (found) this.#changed();
    return found;
  }

  /** Removes the routes to one network at once. */
  removeNetwork(network: number, bits: number): void {
    if (this.#byLength[bits]?.delete(network)) this.#changed();
  }

  /** @param usable whether a device can be sent through */
  lookup(ip: number, usable: (device: string) => boolean): Route | undefined {
    for (const bits of this.#lengths) {
      const routes = this.#byLength[bits]!.get((ip & maskOf(bits)) >>> 0);
      if (routes) for (const route of routes) if (route.device === undefined || usable(route.device)) return route;
    }
    return undefined;
  }

  /** As `ip route` lists them: default first, then by address. */
  list(): Route[] {
    const all = this.#byLength.flatMap((table) => [...(table?.values() ?? [])].flat());
    return all.sort((a, b) => a.network - b.network || a.bits - b.bits || (a.metric ?? 0) - (b.metric ?? 0));
  }

  snapshot(): unknown {
    return this.list().map((r) => [
      formatIp(r.network),
      r.bits,
      r.device,
      r.via,
      r.nextHops,
      r.source,
      r.metric,
      r.type,
    ]);
  }
}
