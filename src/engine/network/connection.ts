import { Cancellation, Pipe, type Duplex, type World } from '../world/index.ts';
import { serveHttp1 } from './http1.ts';
import type { Peer } from './http.ts';
import type { Server } from './socket.ts';

/** Two ends of a connection: what one writes, the other reads. */
export function connectedPair(world: World): [Duplex, Duplex] {
  const [up, down] = [new Pipe(world.queue), new Pipe(world.queue)];
  return [
    { reader: down.reader, writer: up.writer },
    { reader: up.reader, writer: down.writer },
  ];
}

/**
 * The client's end of a byte connection to a server that listens: one that takes bytes, or HTTP with its messages as
 * bytes. Undefined for a server whose protocol has no bytes here.
 */
export function openConnection(
  world: World,
  server: Pick<Server, 'protocol' | 'http' | 'accept'>,
  peer?: Peer,
  cancel = new Cancellation(),
): Duplex | undefined {
  const { accept, http, protocol } = server;
  if (!accept && (!http || protocol !== 'http')) return undefined;
  const [client, remote] = connectedPair(world);
  const served = accept ? accept(remote, peer, cancel) : serveHttp1(remote, http!, { peer, cancel });
  void Promise.resolve(served)
    .catch(() => {})
    .finally(() => remote.writer.close());
  return client;
}
