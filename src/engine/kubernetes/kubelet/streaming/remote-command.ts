import type { SpdyConnection, SpdyStream } from '../../../network/spdy.ts';
import { WebSocketConnection } from '../../../network/websocket.ts';
import {
  concatBytes,
  Pipe,
  toBytes,
  type ByteReader,
  type ByteWriter,
  type Cancellation,
  type Duplex,
  type World,
} from '../../../world/index.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { nowhere, spdyOver, type Agreement, type Offered } from './upgrade.ts';

/** The protocols of `exec` and `attach`: v1 to v5, over WebSocket and SPDY (k8s.io/kubelet/pkg/cri/streaming/remotecommand). */
export const remoteCommandProtocols: Offered = {
  websocket: [
    'v5.channel.k8s.io',
    'v4.channel.k8s.io',
    'v4.base64.channel.k8s.io',
    'channel.k8s.io',
    'base64.channel.k8s.io',
  ],
  spdy: ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'v2.channel.k8s.io', 'channel.k8s.io'],
};

/** Which streams a client asks for. */
export interface WantedStreams {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

export interface CommandStatus {
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: { causes: { reason: string; message: string }[] };
  code?: number;
}

/** The streams between one client and one command. */
export interface RemoteStreams {
  /** What the client types or sends; ends when it has no more. */
  readonly stdin: ByteReader;
  readonly stdout: ByteWriter;
  readonly stderr: ByteWriter;
  /** Is told the size of the client's terminal, now and when it changes. */
  onResize: (rows: number, columns: number) => void;
  /** Tells how the command ended, and closes the connection. */
  end(status: CommandStatus): Promise<void>;
}

/** Opens the streams on a connection; undefined when the client leaves before that. */
export function openRemoteStreams(
  world: World,
  agreement: Agreement,
  connection: Duplex,
  wanted: WantedStreams,
  cancel: Cancellation,
): Promise<RemoteStreams | undefined> {
  if (agreement.transport === 'websocket')
    return WebSocketStreams.open(world, agreement.protocol, connection, wanted, cancel);
  return SpdyStreams.open(spdyOver(world, agreement, connection), agreement.protocol, wanted, cancel);
}

/** Before v4 the error stream has the text of an error, and nothing of an exit status. */
function statusText(protocol: string, status: CommandStatus): string {
  const version = Number(/^v(\d)\./.exec(protocol)?.[1] ?? 1);
  if (version >= 4) return JSON.stringify({ metadata: {}, ...status });
  return status.status === 'Success' ? '' : (status.message ?? '');
}

function readSize(data: Uint8Array): [rows: number, columns: number] {
  const text = new TextDecoder().decode(data);
  const number = (name: string) => Number(new RegExp(`"${name}":\\s*(\\d+)`, 'i').exec(text)?.[1] ?? 0);
  const [rows, columns] = [number('Height'), number('Width')];
  // A terminal without a size is as large as programs take it to be.
  return [rows || 24, columns || 80];
}

/** Channels of the WebSocket protocol: the first byte (or character) of each message. */
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

class WebSocketStreams implements RemoteStreams {
  readonly stdin: ByteReader;
  readonly stdout: ByteWriter;
  readonly stderr: ByteWriter;
  onResize: (rows: number, columns: number) => void = () => {};
  readonly #socket: WebSocketConnection;
  readonly #protocol: string;
  readonly #base64: boolean;
  readonly #input: Pipe;

  static async open(
    world: World,
    protocol: string,
    connection: Duplex,
    wanted: WantedStreams,
    cancel: Cancellation,
  ): Promise<RemoteStreams> {
    const streams = new WebSocketStreams(world, protocol, new WebSocketConnection(connection), wanted);
    // An empty message on the lowest channel tells the client that the connection stands.
    const lowest = wanted.stdout ? channels.stdout : wanted.stderr && !wanted.tty ? channels.stderr : channels.error;
    await streams.#send(lowest, new Uint8Array());
    void streams.#receive(cancel).catch(() => {});
    return streams;
  }

  private constructor(world: World, protocol: string, socket: WebSocketConnection, wanted: WantedStreams) {
    this.#socket = socket;
    this.#protocol = protocol;
    this.#base64 = protocol.includes('base64');
    this.#input = new Pipe(world.queue);
    this.stdin = this.#input.reader;
    if (!wanted.stdin) this.#input.writer.close();
    const writer = (channel: number): ByteWriter => ({
      write: (data) => this.#send(channel, toBytes(data)).catch(() => {}),
      close: () => {},
    });
    this.stdout = wanted.stdout ? writer(channels.stdout) : nowhere;
    this.stderr = wanted.stderr && !wanted.tty ? writer(channels.stderr) : nowhere;
  }

  #send(channel: number, data: Uint8Array): Promise<void> {
    if (this.#base64) return this.#socket.sendText(toBytes(`${channel}${encodeBase64(data)}`));
    return this.#socket.send(concatBytes([Uint8Array.of(channel), data]));
  }

  async #receive(cancel: Cancellation): Promise<void> {
    for (;;) {
      const message = await this.#socket.receive(cancel);
      if (!message) break;
      const channel = this.#base64 ? message[0]! - 0x30 : message[0];
      const data = this.#base64 ? decodeBase64(new TextDecoder().decode(message.subarray(1))) : message.subarray(1);
      if (channel === channels.stdin) await this.#input.writer.write(data, cancel);
      else if (channel === channels.close && data[0] === channels.stdin) this.#input.writer.close();
      else if (channel === channels.resize) this.onResize(...readSize(data));
    }
    this.#input.writer.close();
  }

  async end(status: CommandStatus): Promise<void> {
    const text = statusText(this.#protocol, status);
    if (text !== '') await this.#send(channels.error, toBytes(text));
    await this.#socket.close();
  }
}

class SpdyStreams implements RemoteStreams {
  readonly stdin: ByteReader;
  readonly stdout: ByteWriter;
  readonly stderr: ByteWriter;
  onResize: (rows: number, columns: number) => void = () => {};
  readonly #connection: SpdyConnection;
  readonly #protocol: string;
  readonly #error: SpdyStream | undefined;

  /** Waits until the client has opened the streams that it wants. */
  static async open(
    connection: SpdyConnection,
    protocol: string,
    wanted: WantedStreams,
    cancel: Cancellation,
  ): Promise<RemoteStreams | undefined> {
    void connection.run(cancel).catch(() => {});
    const resizes = wanted.tty && /^v[345]\./.test(protocol);
    const types = [
      'error',
      ...(wanted.stdin ? ['stdin'] : []),
      ...(wanted.stdout ? ['stdout'] : []),
      ...(wanted.stderr && !wanted.tty ? ['stderr'] : []),
      ...(resizes ? ['resize'] : []),
    ];
    const streams = new Map<string, SpdyStream>();
    while (streams.size < types.length) {
      const stream = await connection.accept(cancel);
      if (!stream) return undefined;
      streams.set(stream.headers['streamtype'] ?? '', stream);
    }
    return new SpdyStreams(connection, protocol, streams, cancel);
  }

  private constructor(
    connection: SpdyConnection,
    protocol: string,
    streams: ReadonlyMap<string, SpdyStream>,
    cancel: Cancellation,
  ) {
    this.#connection = connection;
    this.#protocol = protocol;
    this.#error = streams.get('error');
    this.stdin = streams.get('stdin')?.reader ?? { read: () => Promise.resolve(undefined), close: () => {} };
    this.stdout = streams.get('stdout')?.writer ?? nowhere;
    this.stderr = streams.get('stderr')?.writer ?? nowhere;
    const resize = streams.get('resize');
    if (resize) void this.#sizes(resize, cancel).catch(() => {});
  }

  async #sizes(stream: SpdyStream, cancel: Cancellation): Promise<void> {
    for (let data = await stream.reader.read(cancel); data; data = await stream.reader.read(cancel)) {
      this.onResize(...readSize(data));
    }
  }

  async end(status: CommandStatus): Promise<void> {
    const text = statusText(this.#protocol, status);
    if (text !== '') await this.#error?.writer.write(text);
    this.#error?.writer.close();
    this.stdout.close();
    this.stderr.close();
    this.#connection.close();
  }
}
