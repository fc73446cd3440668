import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { openConnection } from '../../../network/connection.ts';
import type { Network, NetworkNamespace } from '../../../network/network.ts';
import type { SpdyConnection, SpdyStream } from '../../../network/spdy.ts';
import { WebSocketConnection } from '../../../network/websocket.ts';
import {
  concatBytes,
  toBytes,
  type ByteReader,
  type ByteWriter,
  type Cancellation,
  type Duplex,
  type World,
} from '../../../world/index.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import type { Offered } from './upgrade.ts';

/** Forwarding of ports, as k8s.io/kubelet/pkg/cri/streaming/portforward speaks it. */
export const portForwardProtocols: Offered = {
  websocket: ['v4.channel.k8s.io', 'v4.base64.channel.k8s.io', 'portforward.k8s.io'],
  spdy: ['portforward.k8s.io'],
};

/** Where forwarded connections go: the network of one Pod. */
export interface ForwardTarget {
  world: World;
  network: Network;
  net: NetworkNamespace;
}

/** Connects to a port on the Pod's own localhost. @returns the connection, or why there is none */
function dial({ world, network, net }: ForwardTarget, port: number, cancel: Cancellation): Duplex | string {
  const result = network.connect(net, '127.0.0.1', port);
  const { sandbox, namespace } = sandboxNames(net.name);
  const prefix =
    `error forwarding port ${port} to pod ${sandbox}, uid : failed to execute portforward in network namespace ` +
    `"/var/run/netns/${namespace}": `;
  const refused = `dial tcp4 127.0.0.1:${port}: connect: connection refused IPv6 dial tcp6 [::1]:${port}: connect: connection refused`;
  if (result.outcome !== 'connected')
    return `${prefix}failed to connect to localhost:${port} inside namespace "${sandbox}", IPv4: ${refused} `;
  const { listener, flow } = result;
  const connection = openConnection(world, listener.server, flow.peer, cancel);
  if (connection) return connection;
  return `${prefix}slipway: bytes of ${listener.server.protocol} on port ${port} are not simulated`;
}

/** What containerd would have called the sandbox and its network namespace: the same for the same sandbox. */
function sandboxNames(name: string): { sandbox: string; namespace: string } {
  const sandbox = bytesToHex(sha256(utf8ToBytes(name)));
  const h = bytesToHex(sha256(utf8ToBytes(`cni ${name}`)));
  const uuid = `${h.slice(0, 8)}-${h.slice(8, 12)}-4${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20, 32)}`;
  return { sandbox, namespace: `cni-${uuid}` };
}

async function copy(from: ByteReader, to: ByteWriter, cancel: Cancellation): Promise<void> {
  try {
    for (let data = await from.read(cancel); data; data = await from.read(cancel)) await to.write(data, cancel);
  } catch {
    // The other side has gone: so does this one.
  } finally {
    to.close();
  }
}

/** Each connection of the client is a pair of streams, one for data and one for an error, with the same request id. */
export async function forwardOverSpdy(
  target: ForwardTarget,
  connection: SpdyConnection,
  cancel: Cancellation,
): Promise<void> {
  void connection.run(cancel).catch(() => {});
  const waiting = new Map<string, Partial<Record<string, SpdyStream>>>();
  for (let stream = await connection.accept(cancel); stream; stream = await connection.accept(cancel)) {
    const { headers } = stream;
    // Old clients name no request: the error stream comes first, and the data stream has the next number.
    const type = headers['streamtype'] ?? '';
    const id = headers['requestid'] ?? String(type === 'error' ? stream.id : stream.id - 2);
    const pair = waiting.get(id) ?? {};
    pair[type] = stream;
    waiting.set(id, pair);
    const { data, error } = pair;
    if (!data || !error) continue;
    waiting.delete(id);
    const port = Number(headers['port'] ?? '');
    void forwardOne(target, port, data, error, cancel).finally(() => {
      connection.forget(data);
      connection.forget(error);
    });
  }
}

async function forwardOne(
  target: ForwardTarget,
  port: number,
  data: SpdyStream,
  error: SpdyStream,
  cancel: Cancellation,
): Promise<void> {
  const remote = dial(target, port, cancel);
  if (typeof remote === 'string') {
    await error.writer.write(remote).catch(() => {});
    error.writer.close();
    data.writer.close();
    return;
  }
  await Promise.all([copy(data.reader, remote.writer, cancel), copy(remote.reader, data.writer, cancel)]);
  error.writer.close();
}

/** The older protocol: ports are in the query, and channels 2n and 2n+1 are data and error of the nth. */
export async function forwardOverWebSocket(
  target: ForwardTarget,
  protocol: string,
  ports: readonly number[],
  connection: Duplex,
  cancel: Cancellation,
): Promise<void> {
  const socket = new WebSocketConnection(connection);
  const isText = protocol.includes('base64');
  const send = (channel: number, data: Uint8Array) =>
    isText
      ? socket.sendText(toBytes(`${channel}${encodeBase64(data)}`))
      : socket.send(concatBytes([Uint8Array.of(channel), data]));
  const remotes: (Duplex | undefined)[] = [];
  let open = ports.length;
  for (const [i, port] of ports.entries()) {
    const littleEndian = Uint8Array.of(port & 255, port >> 8);
    await send(2 * i, littleEndian);
    await send(2 * i + 1, littleEndian);
    const remote = dial(target, port, cancel);
    if (typeof remote === 'string') {
      await send(2 * i + 1, toBytes(remote));
      open--;
      continue;
    }
    remotes[i] = remote;
    const back: ByteWriter = {
      write: (data) => send(2 * i, toBytes(data)),
      close: () => {
        if (--open === 0) void socket.close().catch(() => {});
      },
    };
    void copy(remote.reader, back, cancel);
  }
  if (open === 0) return socket.close();
  for (let message = await socket.receive(cancel); message; message = await socket.receive(cancel)) {
    const channel = isText ? message[0]! - 0x30 : message[0]!;
    const data = isText ? decodeBase64(new TextDecoder().decode(message.subarray(1))) : message.subarray(1);
    if (channel % 2 === 0) await remotes[channel / 2]?.writer.write(data, cancel).catch(() => {});
  }
  for (const remote of remotes) remote?.writer.close();
}
