import type { HttpRequest, HttpResponse } from '../../network/index.ts';
import type { Container } from '../../runtime/index.ts';
import { Channel, Signal, type Duplex, type World } from '../../world/index.ts';
import { conflict } from '../errors.ts';
import { frame, hijack, type RouteRequest } from '../router.ts';
import type { DockerEngine } from '../engine.ts';
import type { DockerContainer } from './container.ts';

interface Client {
  stdout: boolean;
  stderr: boolean;
  out: Channel<Uint8Array>;
}

/** Clients that are attached to containers; they may come before the start. */
export class Attachments {
  readonly #world: World;
  readonly #clients = new Map<DockerContainer, Set<Client>>();
  readonly #begun: Signal;

  constructor(world: World) {
    this.#world = world;
    this.#begun = new Signal(world.queue);
  }

  /** A run begins: what it writes goes to the clients that wait for it. */
  begin(container: DockerContainer, runtime: Container): void {
    const send = (stream: 'stdout' | 'stderr') => ({
      write: (data: Uint8Array | string) => {
        const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
        for (const client of this.#clients.get(container) ?? [])
          if (client[stream]) client.out.send(container.config.Tty ? bytes : frame(stream, bytes));
        return Promise.resolve();
      },
      close: () => {},
    });
    runtime.io.attach({ stdout: send('stdout'), stderr: send('stderr') });
    this.#begun.notify();
  }

  /** The run is over: clients get the end of the stream. */
  end(container: DockerContainer): void {
    for (const client of this.#clients.get(container) ?? []) client.out.close();
    this.#clients.delete(container);
    this.#begun.notify();
  }

  /** `POST /containers/{id}/attach`. */
  attach(engine: DockerEngine, container: DockerContainer, request: RouteRequest): HttpResponse {
    const { query } = request;
    if (container.paused) throw conflict(`container ${container.name} is paused, unpause the container before attach`);
    if (container.restarting)
      throw conflict(`container ${container.name} is restarting, wait until the container is running`);
    const client: Client = {
      stdout: query.bool('stdout'),
      stderr: query.bool('stderr'),
      out: new Channel(this.#world.queue),
    };
    const past = query.bool('logs') ? container.log.lines() : [];
    const stream = query.bool('stream');
    if (stream) {
      let clients = this.#clients.get(container);
      if (!clients) this.#clients.set(container, (clients = new Set()));
      clients.add(client);
    }
    const serve = async (connection: Duplex, { cancel }: HttpRequest) => {
      for (const line of past)
        if (client[line.stream])
          await connection.writer.write(container.config.Tty ? line.data : frame(line.stream, line.data));
      if (!stream) return connection.writer.close();
      if (query.bool('stdin') && container.config.OpenStdin) void this.#input(container, connection, client, request);
      const leave = () => {
        this.#clients.get(container)?.delete(client);
        client.out.close();
      };
      cancel?.onCancel(leave);
      for (;;) {
        const data = await client.out.receive();
        if (!data) break;
        try {
          await connection.writer.write(data);
        } catch {
          leave();
        }
      }
      connection.writer.close();
    };
    engine.events.emit('container', 'attach', container.id, container.attributes);
    return hijack(container.config.Tty, serve, request);
  }

  async #input(container: DockerContainer, connection: Duplex, client: Client, request: RouteRequest): Promise<void> {
    const keys = detachKeys(request.query.get('detachKeys'));
    let seen = 0;
    for (;;) {
      const data = await connection.reader.read().catch(() => undefined);
      while (!container.running && !client.out.closed) await this.#begun.wait();
      if (client.out.closed) return;
      const io = container.runtime?.io;
      if (!data) {
        if (container.config.StdinOnce && !container.config.Tty) io?.closeInput();
        return;
      }
      if (!container.config.Tty || keys.length === 0) {
        await io?.input(data);
        continue;
      }
      const passed: number[] = [];
      for (const byte of data) {
        if (byte === keys[seen]) {
          if (++seen === keys.length) {
            if (passed.length > 0) await io?.input(Uint8Array.from(passed));
            this.#clients.get(container)?.delete(client);
            client.out.close();
            return;
          }
          continue;
        }
        passed.push(...keys.slice(0, seen), byte);
        seen = 0;
      }
      if (passed.length > 0) await io?.input(Uint8Array.from(passed));
    }
  }

  /** For `started`: wakes clients that wait with input. */
  started(): void {
    this.#begun.notify();
  }
}

/** Bytes of `ctrl-p,ctrl-q` (the default) and the like. */
export function detachKeys(text: string): number[] {
  if (text === '') return [16, 17];
  return text.split(',').map((key) => {
    const control = /^ctrl-([a-z@[\\\]^_])$/i.exec(key)?.[1];
    return control ? control.toUpperCase().charCodeAt(0) & 31 : key.charCodeAt(0);
  });
}
