import type { Peer, Server } from '../../../network/index.ts';
import { openConnection } from '../../../network/connection.ts';
import type { Machine, Process } from '../../../process/index.ts';
import { Cancellation, Cancelled, LineReader, type Duplex } from '../../../world/index.ts';
import { addressOf, bytesTo, openTcp } from '../../net/lib.ts';

/** Byte connections of servers that are not web servers, over TCP and over Unix sockets. */

export type ConnectionHandler = (connection: Duplex, peer: Peer | undefined, cancel: Cancellation) => Promise<void>;

/** Who listens on which Unix socket of a machine. */
const unixSockets = new WeakMap<Machine, Map<string, Server>>();

/** A server's open connections: they end with its process, or when it says so. */
export class Connections {
  readonly #process: Process;
  readonly #open = new Set<Cancellation>();
  readonly #paths: string[] = [];
  readonly #forget: () => void;

  constructor(process: Process) {
    this.#process = process;
    this.#forget = process.cancel.onCancel(() => this.close());
  }

  get count(): number {
    return this.#open.size;
  }

  server(handler: ConnectionHandler): Server {
    return {
      protocol: 'tcp',
      accept: async (connection, peer) => {
        const cancel = new Cancellation();
        this.#open.add(cancel);
        try {
          await handler(connection, peer, cancel);
        } catch (error) {
          // The client went away, or the server did.
          if (!(error instanceof Cancelled) && (error as Error).name !== 'BrokenPipe') throw error;
        } finally {
          this.#open.delete(cancel);
          connection.writer.close();
        }
      },
    };
  }

  /** Listens on a Unix socket. */
  listenUnix(path: string, server: Server): void {
    const { machine } = this.#process;
    let sockets = unixSockets.get(machine);
    if (!sockets) unixSockets.set(machine, (sockets = new Map()));
    sockets.set(path, server);
    this.#paths.push(path);
  }

  /** Ends all connections. */
  close(): void {
    this.#forget();
    for (const path of this.#paths) unixSockets.get(this.#process.machine)?.delete(path);
    for (const cancel of [...this.#open]) cancel.cancel(new Cancelled('server closed'));
    this.#open.clear();
  }
}

export type OpenFailure = {
  /** What the name stands for. */
  address?: string;
  failure: 'unknown-host' | 'name-timeout' | 'refused' | 'timeout' | 'no-route' | 'no-socket';
};

/** Opens a connection to `host:port`, or to a Unix socket (a path). `limit`: virtual ms. */
export async function openBytes(
  process: Process,
  target: { host: string; port: number; limit?: number } | { path: string },
): Promise<{ connection: Duplex; address: string } | OpenFailure> {
  if ('path' in target) {
    const server = unixSockets.get(process.machine)?.get(target.path);
    const connection = server && openConnection(process.world, server, undefined, process.cancel);
    return connection ? { connection, address: '' } : { failure: 'no-socket' };
  }
  const found = await addressOf(process, target.host);
  if ('failure' in found) return { failure: found.failure === 'timeout' ? 'name-timeout' : 'unknown-host' };
  const opened = await openTcp(process, found.address, target.port, target.limit);
  if ('failure' in opened) return { failure: opened.failure, address: found.address };
  const connection = bytesTo(process, opened);
  return connection ? { connection, address: found.address } : { failure: 'refused' };
}

/** Messages as lines of JSON: what clients and servers of this simulation say behind the real greeting. */
export class Messages {
  readonly #connection: Duplex;
  readonly #lines: LineReader;
  readonly #cancel: Cancellation;

  constructor(connection: Duplex, cancel: Cancellation) {
    this.#connection = connection;
    this.#lines = new LineReader(connection.reader);
    this.#cancel = cancel;
  }

  /** The next message; undefined at the end, null for something that is none. */
  async receive(): Promise<Record<string, unknown> | undefined | null> {
    const line = await this.#lines.next(this.#cancel);
    if (line === undefined) return undefined;
    try {
      const message: unknown = JSON.parse(line);
      return typeof message === 'object' && message !== null ? (message as Record<string, unknown>) : null;
    } catch {
      return null;
    }
  }

  send(message: unknown): Promise<void> {
    return this.#connection.writer.write(`${JSON.stringify(message)}\n`, this.#cancel);
  }

  close(): void {
    this.#connection.writer.close();
    this.#connection.reader.close();
  }
}
