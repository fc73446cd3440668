import type { Cancellation, Duplex, World } from '../world/index.ts';
import type { HttpHandler, Peer } from './http.ts';

/**
 * Addresses and who listens on them. Every host and every container (Pod) has a namespace; sockets listen in it.
 */
export class NetworkNamespace {
  readonly name: string;
  readonly addresses = new Set<string>();
  /** Few, so that a list serves best. */
  #listeners: readonly Listener[] = [];
  up = true;
  /** Test hook: a port that is taken can be opened again; the first one answers. */
  sharesPorts = false;

  constructor(name: string) {
    this.name = name;
  }

  /**
   * Opens a listening socket.
   * @param address '' or '0.0.0.0' for every address of the namespace.
   * @throws AddressInUse
   */
  listen(port: number, server: Server, address = '0.0.0.0'): Listener {
    const taken = this.#listeners.some((other) => other.port === port && other.address === address);
    if (taken && !this.sharesPorts) throw new AddressInUse(address, port);
    const listener: Listener = {
      address,
      port,
      server,
      close: () => {
        this.#listeners = this.#listeners.filter((other) => other !== listener);
      },
    };
    if (!taken) this.#listeners = [...this.#listeners, listener];
    return listener;
  }

  /** The socket that answers at an address of this namespace. */
  listenerAt(address: string, port: number): Listener | undefined {
    let anywhere: Listener | undefined;
    for (const listener of this.#listeners) {
      if (listener.port !== port) continue;
      if (listener.address === address) return listener;
      if (listener.address === '0.0.0.0') anywhere = listener;
    }
    return anywhere;
  }

  listeners(): Listener[] {
    return [...this.#listeners];
  }
}

/** What answers on a listening socket. `http` is used by clients that speak HTTP; a `banner` by plain TCP ones. */
export interface Server {
  protocol: 'http' | 'https' | 'tcp';
  http?: HttpHandler;
  /** Takes a connection as bytes; `openConnection` (connection.ts) makes one. */
  accept?: (connection: Duplex, peer: Peer | undefined, cancel: Cancellation) => Promise<void> | void;
}

export interface Listener {
  readonly address: string;
  readonly port: number;
  readonly server: Server;
  close(): void;
}

export class AddressInUse extends Error {
  override name = 'AddressInUse';
  readonly code = 'EADDRINUSE';
  constructor(address: string, port: number) {
    super(`listen tcp ${address}:${port}: bind: address already in use`);
  }
}

/** Outcome of a TCP connection attempt. */
export type ConnectResult =
  | { outcome: 'connected'; listener: Listener; namespace: NetworkNamespace }
  | { outcome: 'refused' }
  | { outcome: 'timeout' }
  | { outcome: 'no-route' };

/** All namespaces of the machine room and the ways between them. */
export class Network {
  readonly world: World;
  readonly #namespaces = new Map<string, NetworkNamespace>();
  readonly #byAddress = new Map<string, NetworkNamespace>();
  readonly #names = new Map<string, string>();

  constructor(world: World) {
    this.world = world;
    world.registerState('network', () => ({
      addresses: [...this.#byAddress].map(([address, ns]) => [address, ns.name, ns.up]).sort(),
      listeners: [...this.#namespaces.values()].map((ns) => [
        ns.name,
        ns
          .listeners()
          .map((l) => `${l.address}:${l.port}`)
          .sort(),
      ]),
    }));
  }

  addNamespace(name: string, addresses: readonly string[] = []): NetworkNamespace {
    if (this.#namespaces.has(name)) throw new Error(`network namespace ${name} exists`);
    const namespace = new NetworkNamespace(name);
    this.#namespaces.set(name, namespace);
    for (const address of addresses) this.assign(namespace, address);
    return namespace;
  }

  removeNamespace(namespace: NetworkNamespace): void {
    this.#namespaces.delete(namespace.name);
    for (const address of namespace.addresses) this.#byAddress.delete(address);
  }

  assign(namespace: NetworkNamespace, address: string): void {
    namespace.addresses.add(address);
    this.#byAddress.set(address, namespace);
  }

  release(namespace: NetworkNamespace, address: string): void {
    namespace.addresses.delete(address);
    this.#byAddress.delete(address);
  }

  /** Gives `hostname` an address for everybody, as an entry in every hosts file would. */
  addName(hostname: string, address: string): void {
    this.#names.set(hostname, address);
  }

  resolve(hostname: string): string | undefined {
    if (/^\d+\.\d+\.\d+\.\d+$/.test(hostname)) return hostname;
    if (hostname === 'localhost') return '127.0.0.1';
    return this.#names.get(hostname);
  }

  /** Tries to open a TCP connection. Takes no time itself; callers charge `latency.networkHop`. */
  connect(from: NetworkNamespace, address: string, port: number): ConnectResult {
    const target = address.startsWith('127.') ? from : this.#byAddress.get(address);
    if (!target) return { outcome: 'no-route' };
    if (!target.up || !from.up) return { outcome: 'timeout' };
    const listener = target.listenerAt(address, port);
    return listener ? { outcome: 'connected', listener, namespace: target } : { outcome: 'refused' };
  }
}
