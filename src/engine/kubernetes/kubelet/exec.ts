import type { HttpRequest, HttpResponse } from '../../network/index.ts';
import { websocketAccept, WebSocketConnection } from '../../network/websocket.ts';
import { Tty, type ChildProcess } from '../../process/index.ts';
import { RuntimeError, type Container as RuntimeContainer } from '../../runtime/index.ts';
import {
  concatBytes,
  Pipe,
  toBytes,
  type ByteWriter,
  type Cancellation,
  type Duplex,
  type World,
} from '../../world/index.ts';
import { badRequest, internalError, notSimulated } from '../apiserver/errors.ts';
import type { Query } from '../apiserver/request-info.ts';
import { containerOf, type PodStreams } from '../apiserver/subresources/streams.ts';
import type { Pod } from '../types.ts';
import type { Kubelet } from './kubelet.ts';

/** Channels of the remote command protocol: the first byte of each message. */
const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const;
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

/** `pods/exec` over WebSocket, protocol v5 or v4, for all nodes of a cluster. */
export function podStreams(world: World, kubelets: ReadonlyMap<string, Kubelet>): PodStreams {
  return {
    exec(pod, query, request) {
      const container = findContainer(pod, query, kubelets);
      const command = query.all('command');
      if (command.length === 0) throw badRequest('you must specify at least 1 command for the container');
      const protocol = handshake(request);
      return upgradeTo(request, protocol, (connection, cancel) => {
        const session = new ExecSession(world, container, new WebSocketConnection(connection), query);
        return session.run(command, cancel);
      });
    },
  };
}

function findContainer(pod: Pod, query: Query, kubelets: ReadonlyMap<string, Kubelet>): RuntimeContainer {
  const name = containerOf(pod, query.get('container'));
  const node = pod.spec.nodeName;
  if (!node) throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
  const kubelet = kubelets.get(node);
  const container = kubelet?.running ? kubelet.worker(pod)?.records.get(name)?.current : undefined;
  if (kubelet && !kubelet.running)
    throw internalError(`error dialing backend: dial tcp ${kubelet.ip}:10250: connect: no route to host`);
  if (container?.state !== 'running')
    throw internalError(`unable to upgrade connection: container not found ("${name}")`);
  return container;
}

/** The protocol both ends know. @throws ApiError if the client doesn't speak WebSocket */
function handshake(request: HttpRequest): string {
  if (!/websocket/i.test(request.headers['upgrade'] ?? '')) {
    if (request.headers['upgrade']) throw notSimulated(`streaming over ${request.headers['upgrade']}`);
    throw badRequest('Upgrade request required');
  }
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim());
  const protocol = protocols.find((p) => offered.includes(p));
  if (!protocol) throw badRequest(`unable to upgrade: none of the protocols [${offered.join(' ')}] is supported`);
  return protocol;
}

function upgradeTo(
  request: HttpRequest,
  protocol: string,
  upgrade: NonNullable<HttpResponse['upgrade']>,
): HttpResponse {
  return {
    status: 101,
    headers: {
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-accept': websocketAccept(request.headers['sec-websocket-key'] ?? ''),
      'sec-websocket-protocol': protocol,
    },
    body: new Uint8Array(),
    upgrade: (connection: Duplex, cancel: Cancellation) => upgrade(connection, cancel),
  };
}

/** One command that runs for a client. */
class ExecSession {
  readonly #world: World;
  readonly #container: RuntimeContainer;
  readonly #socket: WebSocketConnection;
  readonly #query: Query;
  readonly #input: Pipe;
  #tty: Tty | undefined;

  constructor(world: World, container: RuntimeContainer, socket: WebSocketConnection, query: Query) {
    this.#world = world;
    this.#container = container;
    this.#socket = socket;
    this.#query = query;
    this.#input = new Pipe(world.queue);
  }

  async run(command: readonly string[], cancel: Cancellation): Promise<void> {
    let child: ChildProcess;
    try {
      child = this.#start(command);
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      const id = this.#world.random.stream('exec').hex(64);
      const text = `error executing command in container: failed to exec in container: failed to start exec "${id}": ${error.message}`;
      return this.#end({
        status: 'Failure',
        message: `Internal error occurred: ${text}`,
        reason: 'InternalError',
        code: 500,
      });
    }
    const gone = cancel.onCancel(() => child.kill('SIGKILL'));
    void this.#receive(cancel).catch(() => {});
    const status = await child.wait();
    gone();
    if (cancel.cancelled) return;
    if (status === 0) return this.#end({ status: 'Success' });
    const message = `command terminated with non-zero exit code: exit status ${status}`;
    const causes = [{ reason: 'ExitCode', message: String(status) }];
    return this.#end({ status: 'Failure', message, reason: 'NonZeroExitCode', details: { causes } });
  }

  #start(command: readonly string[]): ChildProcess {
    const wants = (stream: string) => this.#query.bool(stream);
    if (!wants('stdin')) this.#input.writer.close();
    if (!wants('tty'))
      return this.#container.exec(command, {
        stdin: this.#input.reader,
        stdout: this.#writer(channels.stdout, wants('stdout')),
        stderr: this.#writer(channels.stderr, wants('stderr')),
      });
    const out = this.#writer(channels.stdout, true);
    const tty = new Tty(this.#world, '/dev/pts/0', (bytes) => void out.write(bytes));
    this.#tty = tty;
    const { processes } = this.#container.machine;
    tty.onSignal = (group, signal) => void processes.signal(-group, signal);
    const child = this.#container.exec(command, {
      tty,
      stdin: tty.reader,
      stdout: tty.writer,
      stderr: tty.writer,
      isatty: { stdin: true, stdout: true, stderr: true },
      group: 'new',
    });
    tty.foregroundGroup = child.group;
    return child;
  }

  #writer(channel: number, wanted: boolean): ByteWriter {
    return {
      write: (data) =>
        wanted ? this.#socket.send(concatBytes([Uint8Array.of(channel), toBytes(data)])) : Promise.resolve(),
      close: () => {},
    };
  }

  async #receive(cancel: Cancellation): Promise<void> {
    for (;;) {
      const message = await this.#socket.receive(cancel);
      if (!message) break;
      const data = message.subarray(1);
      if (message[0] === channels.stdin) {
        if (this.#tty) this.#tty.input(data);
        else await this.#input.writer.write(data, cancel);
      } else if (message[0] === channels.close && data[0] === channels.stdin) this.#input.writer.close();
      else if (message[0] === channels.resize) this.#resize(data);
    }
    this.#input.writer.close();
  }

  #resize(data: Uint8Array): void {
    const size = /"Width":\s*(\d+).*"Height":\s*(\d+)/.exec(new TextDecoder().decode(data));
    if (size) this.#tty?.resize(Number(size[2]), Number(size[1]));
  }

  async #end(status: Record<string, unknown>): Promise<void> {
    const text = JSON.stringify({ metadata: {}, ...status });
    await this.#socket.send(concatBytes([Uint8Array.of(channels.error), toBytes(text)]));
    await this.#socket.close();
  }
}
