import type { HttpRequest, HttpResponse } from '../../../network/http.ts';
import { websocketAccept, WebSocketConnection } from '../../../network/websocket.ts';
import { SpdyConnection } from '../../../network/spdy.ts';
import type { ByteWriter, Cancellation, Duplex, World } from '../../../world/index.ts';
import { badRequest } from '../../apiserver/errors.ts';

/** What client and server have agreed on for a streaming connection. */
export type Agreement =
  | { transport: 'websocket'; protocol: string }
  | { transport: 'spdy'; protocol: string }
  /** SPDY frames in WebSocket messages (KEP-4006). */
  | { transport: 'tunnel'; protocol: string };

/** Subprotocols of the WebSocket that carry SPDY: the prefix before the streaming protocol's own name. */
const tunnelPrefix = 'SPDY/3.1+';

export interface Offered {
  /** WebSocket subprotocols in the server's order. */
  websocket: readonly string[];
  /** `X-Stream-Protocol-Version`s in the server's order. */
  spdy: readonly string[];
}

function list(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Agrees on a protocol with a client that asks for a streaming connection. @throws ApiError */
export function negotiateUpgrade(request: HttpRequest, offered: Offered): Agreement {
  const { headers } = request;
  const upgrade = headers['upgrade'] ?? '';
  const asksUpgrade = /upgrade/i.test(headers['connection'] ?? '');
  if (/websocket/i.test(upgrade)) {
    const wanted = list(headers['sec-websocket-protocol']);
    const tunnel = offered.spdy.find((protocol) => wanted.includes(tunnelPrefix + protocol));
    if (tunnel !== undefined) return { transport: 'tunnel', protocol: tunnel };
    if (wanted.length === 0) return { transport: 'websocket', protocol: '' };
    const protocol = wanted.find((name) => offered.websocket.includes(name));
    if (protocol === undefined)
      throw badRequest(`unable to upgrade: none of the protocols [${wanted.join(' ')}] is supported`);
    return { transport: 'websocket', protocol };
  }
  if (!asksUpgrade || !/^spdy\/3\.1$/i.test(upgrade))
    throw badRequest(`unable to upgrade: missing upgrade headers in request: ${goHeaders(headers)}`);
  const wanted = list(headers['x-stream-protocol-version']);
  // Clients of Kubernetes 1.0 name none.
  if (wanted.length === 0) return { transport: 'spdy', protocol: '' };
  const protocol = offered.spdy.find((name) => wanted.includes(name));
  if (protocol === undefined)
    throw badRequest(
      `unable to negotiate protocol: client supports [${wanted.join(' ')}], server accepts [${offered.spdy.join(' ')}]`,
    );
  return { transport: 'spdy', protocol };
}

/** Go's `%#v` of the headers that matter. */
function goHeaders(headers: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(headers)
    .map(([name, value]) => [name.replace(/(^|-)[a-z]/g, (c) => c.toUpperCase()), value] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `http.Header{${pairs.map(([name, value]) => `${JSON.stringify(name)}:[]string{${JSON.stringify(value)}}`).join(', ')}}`;
}

/** The response that switches protocols, and then runs `serve` on the connection. */
export function upgradeResponse(
  request: HttpRequest,
  agreement: Agreement,
  serve: (connection: Duplex, cancel: Cancellation) => Promise<void>,
): HttpResponse {
  const { transport, protocol } = agreement;
  const headers: Record<string, string> =
    transport === 'spdy'
      ? { upgrade: 'SPDY/3.1', connection: 'Upgrade', ...(protocol && { 'x-stream-protocol-version': protocol }) }
      : {
          upgrade: 'websocket',
          connection: 'Upgrade',
          'sec-websocket-accept': websocketAccept(request.headers['sec-websocket-key'] ?? ''),
          ...(protocol && { 'sec-websocket-protocol': transport === 'tunnel' ? tunnelPrefix + protocol : protocol }),
        };
  return { status: 101, headers, body: new Uint8Array(), upgrade: serve };
}

/** SPDY on a connection, directly or in WebSocket messages. */
export function spdyOver(world: World, agreement: Agreement, connection: Duplex): SpdyConnection {
  const bytes = agreement.transport === 'tunnel' ? messagesAsBytes(new WebSocketConnection(connection)) : connection;
  return new SpdyConnection(world, bytes, 'server');
}

/** A WebSocket whose messages are pieces of one byte stream. */
function messagesAsBytes(socket: WebSocketConnection): Duplex {
  return {
    reader: { read: (cancel) => socket.receive(cancel), close: () => {} },
    writer: {
      write: (data) => socket.send(typeof data === 'string' ? new TextEncoder().encode(data) : data),
      close: () => void socket.close().catch(() => {}),
    },
  };
}

export const nowhere: ByteWriter = { write: () => Promise.resolve(), close: () => {} };
