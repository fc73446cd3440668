import { WebSocketConnection } from '../../../network/websocket.ts';
import type { Process } from '../../../process/index.ts';
import { Cancelled, concatBytes, Pipe, toBytes, type ByteReader, type ByteWriter } from '../../../world/index.ts';
import { encodeBase64 } from '../client/base64.ts';
import type { Query, RestClient } from '../client/rest.ts';
import { CommandError, NotSimulated, SilentExit } from '../framework/errors.ts';
import type { Status } from '../framework/status.ts';

/** Streams into Pods: the remote command protocol over WebSocket, as `exec`, `attach` and `cp` use it. */

const remoteCommand = 'v5.channel.k8s.io';

/** The first byte of each message says what it is. */
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;

/** Opens a stream. @throws StatusError with what the server says, CommandError if it has none to offer */
export async function openStream(
  process: Process,
  client: RestClient,
  path: string,
  query: Query,
  what: string,
  protocol = remoteCommand,
): Promise<WebSocketConnection> {
  const random = process.world.random.stream('kubectl websocket');
  const response = await client.request({
    method: 'GET',
    path,
    query,
    headers: {
      connection: 'Upgrade',
      upgrade: 'websocket',
      'sec-websocket-key': encodeBase64(random.bytes(16)),
      'sec-websocket-protocol': protocol,
      'sec-websocket-version': '13',
    },
  });
  if (response.status !== 101 || !response.upgrade) {
    if (!(response.body instanceof Uint8Array)) response.body.close();
    throw new NotSimulated(`kubectl ${what}`);
  }
  const { queue } = process.world;
  const [toServer, toClient] = [new Pipe(queue), new Pipe(queue)];
  const connection = { reader: toServer.reader, writer: toClient.writer };
  response
    .upgrade(connection, process.cancel)
    .finally(() => toClient.writer.close())
    .catch(() => {});
  return new WebSocketConnection({ reader: toClient.reader, writer: toServer.writer }, () => random.bytes(4));
}

export interface StreamOptions {
  /** Sends this process's stdin. */
  stdin: boolean;
  tty: boolean;
  /** Tells a wrong size first, so that the program draws its screen anew. */
  redraw?: boolean;
  /** Says nothing about an exit status. */
  quiet?: boolean;
  /** Instead of the process's own. */
  streams?: { stdin?: ByteReader; stdout: ByteWriter; stderr: ByteWriter };
}

/**
 * Copies between a stream and this process until the remote command has ended.
 * @throws SilentExit with its exit status, CommandError if it could not be run
 */
export async function runStream(
  process: Process,
  socket: WebSocketConnection,
  { stdin, tty, redraw = false, quiet = false, streams = process }: StreamOptions,
): Promise<void> {
  const terminal = tty ? process.tty : undefined;
  const ended = process.cancel.child();
  const undo: (() => void)[] = [];
  if (terminal) {
    terminal.setRaw(true);
    undo.push(() => terminal.setRaw(false));
    const resize = () => void socket.send(resizeMessage(terminal.columns, terminal.rows)).catch(() => {});
    if (redraw) await socket.send(resizeMessage(terminal.columns + 1, terminal.rows + 1));
    resize();
    undo.push(process.onSignal('SIGWINCH', resize));
  }
  try {
    if (stdin) void sendInput(streams.stdin ?? process.stdin, socket, ended).catch(() => {});
    const status = await receiveOutput(process, socket, streams);
    if (!status || status.status === 'Success') return;
    const exit = status.details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message;
    if (status.reason !== 'NonZeroExitCode' || exit === undefined) throw new CommandError(status.message ?? '');
    if (!quiet) await process.printError(`command terminated with exit code ${exit}\n`);
    throw new SilentExit(Number(exit));
  } finally {
    ended.cancel(new Cancelled('the remote command has ended'));
    for (const back of undo) back();
  }
}

function resizeMessage(width: number, height: number): Uint8Array {
  return concatBytes([Uint8Array.of(channels.resize), toBytes(`{"Width":${width},"Height":${height}}\n`)]);
}

async function sendInput(stdin: ByteReader, socket: WebSocketConnection, ended: Process['cancel']): Promise<void> {
  for (;;) {
    const chunk = await stdin.read(ended);
    if (!chunk) break;
    await socket.send(concatBytes([Uint8Array.of(channels.stdin), chunk]));
  }
  await socket.send(Uint8Array.of(channels.close, channels.stdin));
}

/** How the command ended; undefined if the connection broke off. */
async function receiveOutput(
  process: Process,
  socket: WebSocketConnection,
  streams: { stdout: ByteWriter; stderr: ByteWriter },
): Promise<Status | undefined> {
  for (;;) {
    const message = await socket.receive(process.cancel);
    if (!message) return undefined;
    const data = message.subarray(1);
    if (message[0] === channels.stdout) await streams.stdout.write(data, process.cancel);
    else if (message[0] === channels.stderr) await streams.stderr.write(data, process.cancel);
    else if (message[0] === channels.error) {
      const status = JSON.parse(new TextDecoder().decode(data)) as Status;
      await socket.close();
      return status;
    }
  }
}

/** Whether a TTY can be used, and a complaint if it was wanted in vain. */
export function usableTty(
  process: Process,
  wanted: { stdin: boolean; tty: boolean },
): { tty: boolean; complaint: string } {
  if (!wanted.tty || !wanted.stdin) return { tty: false, complaint: '' };
  if (process.isatty.stdin && process.tty) return { tty: true, complaint: '' };
  return { tty: false, complaint: 'Unable to use a TTY - input is not a terminal or the right kind of file\n' };
}
