import type { IPod } from 'kubernetes-models/v1/Pod';
import { AddressInUse, type Listener } from '../../../network/index.ts';
import { SpdyConnection } from '../../../network/spdy.ts';
import {
  Deferred,
  readAll,
  type ByteReader,
  type ByteWriter,
  type Cancellation,
  type Duplex,
} from '../../../world/index.ts';
import type { Live } from '../describe/describer.ts';
import type { Context } from '../framework/command.ts';
import { CommandError } from '../framework/errors.ts';
import { klogLine } from '../framework/klog.ts';
import { openStream } from './upgrade.ts';

/** Ports of this machine that lead into a Pod (k8s.io/client-go/tools/portforward). */

export interface ForwardedPort {
  /** 0: any free one. */
  local: number;
  remote: number;
}

export interface ListenAddress {
  address: string;
  family: 'tcp4' | 'tcp6';
  /** Whether all such addresses must be free, or one is enough. */
  mode: 'all' | 'any';
}

const protocol = 'SPDY/3.1+portforward.k8s.io';

/** The addresses that `--address` means. @throws CommandError */
export function listenAddresses(given: readonly string[]): ListenAddress[] {
  const found = new Map<string, ListenAddress>();
  for (const text of given) {
    if (text === 'localhost') {
      // Either of them will do.
      found.set('127.0.0.1', found.get('127.0.0.1') ?? { address: '127.0.0.1', family: 'tcp4', mode: 'all' });
      found.set('::1', found.get('::1') ?? { address: '::1', family: 'tcp6', mode: 'all' });
    } else if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text)) found.set(text, { address: text, family: 'tcp4', mode: 'any' });
    else if (/^[0-9a-fA-F:]*:[0-9a-fA-F:.]*$/.test(text))
      found.set(text, { address: text, family: 'tcp6', mode: 'any' });
    else throw new CommandError(`${text} is not a valid IP`);
  }
  return [...found.values()];
}

/** Forwards until Ctrl-C. @throws CommandError when no port can be opened, or the Pod is lost */
export async function forward(
  context: Context,
  pod: Live<IPod>,
  addresses: readonly ListenAddress[],
  ports: readonly ForwardedPort[],
): Promise<void> {
  const { process, factory } = context;
  const { world } = process;
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/portforward`;
  const socket = await openStream(process, factory.client(), path, {}, 'port-forward', protocol);
  const bytes: Duplex = {
    reader: { read: (cancel) => socket.receive(cancel), close: () => {} },
    writer: {
      write: (data) => socket.send(typeof data === 'string' ? new TextEncoder().encode(data) : data),
      close: () => void socket.close().catch(() => {}),
    },
  };
  const connection = new SpdyConnection(world, bytes, 'client');
  const over = new Deferred<'interrupted' | 'lost'>(world.queue);
  const forwarder = new Forwarder(context, connection, process.cancel);
  void connection
    .run(process.cancel)
    .catch(() => {})
    .then(() => over.resolve('lost'));
  const forget = process.onSignal('SIGINT', () => over.resolve('interrupted'));
  const listeners: Listener[] = [];
  try {
    for (const port of ports) listeners.push(...(await listen(context, addresses, port, forwarder)));
    if (listeners.length === 0) {
      const list = ports.map(({ local, remote }) => `{${local} ${remote}}`).join(' ');
      throw new CommandError(`unable to listen on any of the requested ports: [${list}]`);
    }
    if ((await over.wait(process.cancel)) === 'lost') throw new CommandError('lost connection to pod');
  } finally {
    forget();
    for (const listener of listeners) listener.close();
    connection.close();
  }
}

/** Opens one port on all addresses; says what it has opened, or why it could not. */
async function listen(
  context: Context,
  addresses: readonly ListenAddress[],
  port: ForwardedPort,
  forwarder: Forwarder,
): Promise<Listener[]> {
  const { process } = context;
  const { net } = process.machine;
  const local = port.local || net.ephemeralPort();
  const opened: Listener[] = [];
  const problems: { mode: string; text: string }[] = [];
  const successes = new Set<string>();
  const lines: string[] = [];
  for (const { address, family, mode } of addresses) {
    const shown = family === 'tcp6' ? `[${address}]` : address;
    const fail = (why: string) =>
      problems.push({
        mode,
        text: `unable to create listener: Error listen ${family} ${shown}:${local}: bind: ${why}`,
      });
    if (local < 1024 && process.user.uid !== 0) {
      fail('permission denied');
      continue;
    }
    try {
      // The loopback of both families is one here.
      const isSecondLoopback = address === '::1' && opened.some((other) => other.address === '127.0.0.1');
      const owner = { pid: process.pid, name: 'kubectl' };
      const server = forwarder.server(local, port.remote);
      if (!isSecondLoopback) opened.push(net.listen(local, server, address === '::1' ? '127.0.0.1' : address, owner));
      successes.add(mode);
      lines.push(`Forwarding from ${shown}:${local} -> ${port.remote}\n`);
    } catch (error) {
      if (!(error instanceof AddressInUse)) throw error;
      fail('address already in use');
    }
  }
  const failsAll = problems.some((p) => p.mode === 'all') && !successes.has('all');
  if (lines.length > 0) await context.out(lines.join(''));
  if (!failsAll && !problems.some((p) => p.mode === 'any')) return opened;
  const list = problems.map((p) => p.text).join(' ');
  await context.err(
    `Unable to listen on port ${port.local}: Listeners failed to create with the following errors: [${list}]\n`,
  );
  for (const listener of opened) listener.close();
  return [];
}

/** Carries connections to local ports over one connection to the Pod. */
class Forwarder {
  readonly #context: Context;
  readonly #connection: SpdyConnection;
  readonly #cancel: Cancellation;
  #requests = 0;

  constructor(context: Context, connection: SpdyConnection, cancel: Cancellation) {
    this.#context = context;
    this.#connection = connection;
    this.#cancel = cancel;
  }

  server(local: number, remote: number) {
    return {
      protocol: 'tcp' as const,
      accept: async (client: Duplex) => {
        const stream = await this.#open(local, remote);
        await Promise.all([this.#copy(client.reader, stream.writer), this.#copy(stream.reader, client.writer)]);
      },
    };
  }

  async #open(local: number, remote: number): Promise<Duplex> {
    const { process } = this.#context;
    await process.print(`Handling connection for ${local}\n`);
    const headers = { port: String(remote), requestid: String(this.#requests++) };
    const errors = await this.#connection.open({ streamtype: 'error', ...headers });
    // Nothing is written to it.
    errors.writer.close();
    void this.#watch(errors.reader, local, remote).catch(() => {});
    return this.#connection.open({ streamtype: 'data', ...headers });
  }

  /** A failure in the Pod ends it all, as newer clients do it. */
  async #watch(reader: ByteReader, local: number, remote: number): Promise<void> {
    const text = new TextDecoder().decode(await readAll(reader, this.#cancel));
    if (text === '') return;
    const { process } = this.#context;
    const error = `an error occurred forwarding ${local} -> ${remote}: ${text}`;
    await process.printError(
      klogLine(process, 'E', 'portforward.go:424', `"Unhandled Error" err=${JSON.stringify(error)}`),
    );
    this.#connection.close();
  }

  async #copy(from: ByteReader, to: ByteWriter): Promise<void> {
    try {
      for (let data = await from.read(this.#cancel); data; data = await from.read(this.#cancel)) await to.write(data);
    } catch {
      // One side has gone; the other is told below.
    } finally {
      to.close();
    }
  }
}
