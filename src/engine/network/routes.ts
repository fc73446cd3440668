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

/** Up to so many routes are gone through one by one: the tables of thousands of Pods have three. */
const few = 8;

/** Longest prefix first, then lowest metric, then the older entry. */
export class RouteTable {
  /** In the order in which they are tried, if there are few. */
  #routes: readonly Route[] | undefined = [];
  /** By prefix length and network, if there are many. */
  #byLength: Map<number, Map<number, readonly Route[]>> | undefined;
  /** Prefix lengths, longest first. */
  #lengths: readonly number[] = [];
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Adds a route; one to the same network by the same metric is replaced. */
  add(route: Route): void {
    const network = (route.network & maskOf(route.bits)) >>> 0;
    this.#insert(network === route.network ? route : { ...route, network });
    this.#changed();
  }

  #insert(route: Route): void {
    if (!this.#routes) return this.#index(route);
    const rest = this.#routes.filter((r) => !(sameNetwork(r, route) && metric(r) === metric(route)));
    const at = rest.findIndex((r) => r.bits < route.bits || (sameNetwork(r, route) && metric(r) > metric(route)));
    const routes = at < 0 ? [...rest, route] : [...rest.slice(0, at), route, ...rest.slice(at)];
    if (routes.length <= few) {
      this.#routes = routes;
      return;
    }
    this.#routes = undefined;
    this.#byLength = new Map();
    for (const one of routes) this.#index(one);
  }

  #index(route: Route): void {
    const { bits, network } = route;
    let table = this.#byLength!.get(bits);
    if (!table) {
      this.#byLength!.set(bits, (table = new Map()));
      this.#lengths = [...this.#lengths, bits].sort((a, b) => b - a);
    }
    const others = table.get(network)?.filter((r) => metric(r) !== metric(route)) ?? [];
    table.set(network, others.length === 0 ? [route] : [...others, route].sort((a, b) => metric(a) - metric(b)));
  }

  /** Removes the routes that a test picks; false if there was none. */
  remove(test: (route: Route) => boolean): boolean {
    let found = false;
    if (this.#routes) {
      const rest = this.#routes.filter((route) => !test(route));
      found = rest.length < this.#routes.length;
      if (found) this.#routes = rest;
    }
    for (const table of this.#byLength?.values() ?? [])
      for (const [network, routes] of table) {
        const rest = routes.filter((route) => !test(route));
        if (rest.length === routes.length) continue;
        found = true;
        if (rest.length > 0) table.set(network, rest);
        else table.delete(network);
      }
    if (found) this.#changed();
    return found;
  }

  /** Removes the routes to one network at once. */
  removeNetwork(network: number, bits: number): void {
    if (this.#routes) this.remove((route) => route.network === network && route.bits === bits);
    else if (this.#byLength?.get(bits)?.delete(network)) this.#changed();
  }

  /** @param usable whether a device can be sent through */
  lookup(ip: number, usable: (device: string) => boolean): Route | undefined {
    const fits = (route: Route) => route.device === undefined || usable(route.device);
    if (this.#routes)
      return this.#routes.find((route) => (ip & maskOf(route.bits)) >>> 0 === route.network && fits(route));
    for (const bits of this.#lengths) {
      const found = this.#byLength!.get(bits)!
        .get((ip & maskOf(bits)) >>> 0)
        ?.find(fits);
      if (found) return found;
    }
    return undefined;
  }

  /** As `ip route` lists them: default first, then by address. */
  list(): Route[] {
    const indexed = [...(this.#byLength?.values() ?? [])].flatMap((table) => [...table.values()].flat());
    return [...(this.#routes ?? indexed)].sort(
      (a, b) => a.network - b.network || a.bits - b.bits || (a.metric ?? 0) - (b.metric ?? 0),
    );
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

function metric(route: Route): number {
  return route.metric ?? 0;
}

function sameNetwork(a: Route, b: Route): boolean {
  return a.bits === b.bits && a.network === b.network;
}
