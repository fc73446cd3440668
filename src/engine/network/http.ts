import type { ByteReader, Cancellation, Duplex } from '../world/index.ts';

/**
 * HTTP as the engine speaks it: the one boundary through which API server, Docker Engine and web programs are reached.
 * fetch, Node sockets and hijacked connections are adapters at the edge (src/headless, src/session).
 */
export interface HttpRequest {
  /** Upper-case method. */
  method: string;
  /** Path with query, percent-encoded, as on the request line. */
  path: string;
  /** Lower-case names. Several values of one name are joined with `, `. */
  headers: Record<string, string>;
  body?: Uint8Array | ByteReader;
  /** Fires when the client goes away. */
  cancel?: Cancellation;
  peer?: Peer;
}

/** What the transport knows of the client. */
export interface Peer {
  address?: string;
  port?: number;
  /** The server's own end of the connection. */
  localAddress?: string;
  /** Subject of a verified client certificate. */
  certificate?: { commonName: string; organizations: readonly string[] };
}

export interface HttpResponse {
  status: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** Whole, or a stream that the receiver closes when it has enough. */
  body: Uint8Array | ByteReader;
  /** With status 101 only: takes over the connection, and ends when the returned promise does. */
  upgrade?: (connection: Duplex, cancel: Cancellation) => Promise<void>;
}

/** Answers a request, at once or later. Never throws for bad input: errors are responses. */
export type HttpHandler = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

export function isReader(body: Uint8Array | ByteReader | undefined): body is ByteReader {
  return body !== undefined && !(body instanceof Uint8Array);
}
