import type { Protocol } from './netfilter/rule.ts';

/** The kernel's layer-4 load balancer: virtual servers and the real ones behind them. */

export const schedulers = ['rr', 'wrr', 'lc', 'wlc', 'sh', 'dh', 'sed', 'nq', 'mh'] as const;
export type Scheduler = (typeof schedulers)[number];

export interface RealServer {
  readonly ip: number;
  readonly port: number;
  weight: number;
  active: number;
  inactive: number;
}

export interface VirtualServer {
  readonly protocol: Protocol;
  readonly ip: number;
  readonly port: number;
  scheduler: Scheduler;
  /** Seconds for which a client stays with its real server. */
  persistent: number | undefined;
  servers: RealServer[];
  /** Where rr and wrr go on. */
  cursor: number;
  weightLeft: number;
  readonly stickiness: Map<number, { server: RealServer; until: number }>;
}

export class Ipvs {
  #servers: Map<string, VirtualServer> | undefined;
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get empty(): boolean {
    return !this.#servers?.size;
  }

  find(protocol: Protocol, ip: number, port: number): VirtualServer | undefined {
    return this.#servers?.get(keyOf(protocol, ip, port));
  }

  list(): VirtualServer[] {
    return [...(this.#servers?.values() ?? [])].sort(
      (a, b) => (a.protocol < b.protocol ? -1 : a.protocol > b.protocol ? 1 : 0) || a.ip - b.ip || a.port - b.port,
    );
  }

  /** Adds or changes a virtual server; real servers that stay keep their connections. */
  set(
    protocol: Protocol,
    ip: number,
    port: number,
    options: {
      scheduler: Scheduler;
      persistent?: number;
      servers: readonly { ip: number; port: number; weight: number }[];
    },
  ): void {
    const key = keyOf(protocol, ip, port);
    const all = (this.#servers ??= new Map<string, VirtualServer>());
    const old = all.get(key);
    const servers = options.servers.map(
      (wanted): RealServer =>
        old?.servers.find((s) => s.ip === wanted.ip && s.port === wanted.port) ?? { ...wanted, active: 0, inactive: 0 },
    );
    const { scheduler, persistent } = options;
    if (old) Object.assign(old, { scheduler, persistent, servers });
    else
      all.set(key, {
        protocol, ip, port, scheduler, persistent, servers, cursor: -1, weightLeft: 0, stickiness: new Map(),
      }); // prettier-ignore
    this.#changed();
  }

  remove(protocol: Protocol, ip: number, port: number): void {
    if (this.#servers?.delete(keyOf(protocol, ip, port))) this.#changed();
  }

  clear(): void {
    if (this.empty) return;
    this.#servers = undefined;
    this.#changed();
  }
}

function keyOf(protocol: Protocol, ip: number, port: number): string {
  return `${protocol} ${ip} ${port}`;
}

/** Index of the real server for a new connection, or -1 if none takes any. Moves the scheduler on. */
export function schedule(virtual: VirtualServer, source: number, now: number): number {
  const { servers, persistent, stickiness } = virtual;
  if (persistent !== undefined) {
    const known = stickiness.get(source);
    const at = known && known.until > now ? servers.indexOf(known.server) : -1;
    if (at >= 0) return at;
  }
  const picked = pick(virtual, source);
  if (picked >= 0 && persistent !== undefined)
    stickiness.set(source, { server: servers[picked]!, until: now + persistent * 1000 });
  return picked;
}

function pick(virtual: VirtualServer, source: number): number {
  const { servers } = virtual;
  const n = servers.length;
  if (n === 0 || servers.every((s) => s.weight <= 0)) return -1;
  switch (virtual.scheduler) {
    case 'sh':
    case 'mh':
    case 'dh': {
      const hash = Math.imul(virtual.scheduler === 'dh' ? virtual.ip : source, 2654435761) >>> 0;
      for (let i = 0; i < n; i++) if (servers[(hash + i) % n]!.weight > 0) return (hash + i) % n;
      return -1;
    }
    case 'lc':
    case 'wlc':
    case 'sed':
    case 'nq': {
      const weighted = virtual.scheduler !== 'lc';
      let best = -1;
      let least = Infinity;
      servers.forEach((s, i) => {
        if (s.weight <= 0) return;
        // As the kernel does it: an active connection counts as much as 256 inactive ones.
        const overhead = (s.active * 256 + s.inactive) / (weighted ? s.weight : 1);
        if (overhead < least) [best, least] = [i, overhead];
      });
      return best;
    }
    case 'wrr': {
      if (virtual.weightLeft > 0 && (servers[virtual.cursor]?.weight ?? 0) > 0) {
        virtual.weightLeft--;
        return virtual.cursor;
      }
      const at = next(virtual);
      virtual.weightLeft = servers[at]!.weight - 1;
      return at;
    }
    default:
      return next(virtual);
  }
}

function next(virtual: VirtualServer): number {
  const n = virtual.servers.length;
  for (let i = 1; i <= n; i++) {
    const at = (virtual.cursor + i + n) % n;
    if (virtual.servers[at]!.weight <= 0) continue;
    virtual.cursor = at;
    return at;
  }
  return -1;
}
