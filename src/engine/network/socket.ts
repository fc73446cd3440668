import type { Cancellation, Duplex } from '../world/index.ts';
import type { HttpHandler, HttpRequest, Peer } from './http.ts';

/**
 * What answers on a listening socket: `http` for clients that speak HTTP, `accept` for those that send bytes,
 * `datagram` on UDP sockets. Peers are those that the server sees: addresses may have been translated on the way.
 */
export interface Server {
  protocol: 'http' | 'https' | 'tcp' | 'udp';
  http?: HttpHandler;
  /**
   * For a request that has just been answered and will come again as the same object: how to answer it once more, if
   * that is worth knowing. It does all that `http` would do but make the response.
   */
  repeat?: (request: HttpRequest) => Repeat | undefined;
  /** Takes a connection as bytes; `openConnection` (connection.ts) makes one. */
  accept?: (connection: Duplex, peer: Peer | undefined, cancel: Cancellation) => Promise<void> | void;
  /** The reply to a datagram, or nothing. */
  datagram?: (data: Datagram, peer: Peer) => Datagram | undefined | Promise<Datagram | undefined>;
  /** What a gRPC server's health service (grpc.health.v1) says of a service; '' is the server as a whole. */
  grpcHealth?: (service: string) => 'SERVING' | 'NOT_SERVING' | undefined;
  /** The certificate that a TLS server shows; by default it is valid for every name. */
  certificate?: ServerCertificate;
  /** The one for clients that ask for a server of that name (SNI); by default `certificate`. */
  certificateFor?: (serverName: string) => ServerCertificate | undefined;
}

/** What a client sees of a server's certificate. */
export interface ServerCertificate {
  readonly names: readonly string[];
  readonly issuer: string;
  readonly subject?: string;
  /** Unix ms. */
  readonly notBefore?: number;
  readonly notAfter?: number;
  /** Its issuer is among those that clients come with. */
  readonly trusted?: boolean;
}

/** Answers once more; false if the answer may be another one now: then nothing has been done. */
export type Repeat = () => boolean;

/** What a UDP packet carries: bytes, or a message that needs no encoding here. */
export type Datagram = Uint8Array | { readonly type: string };

export interface Listener {
  readonly address: string;
  readonly port: number;
  readonly server: Server;
  /** Who opened it, for `ss -p`. */
  readonly owner: { readonly pid: number; readonly name: string } | undefined;
  close(): void;
}

export class AddressInUse extends Error {
  override name = 'AddressInUse';
  readonly code = 'EADDRINUSE';
  constructor(address: string, port: number) {
    super(`listen tcp ${address}:${port}: bind: address already in use`);
  }
}
