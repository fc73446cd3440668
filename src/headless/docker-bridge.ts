import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex as NodeDuplex } from 'node:stream';
import { isReader, type HttpHandler, type HttpRequest } from '../engine/network/index.ts';
import { Cancellation, Channel, type Duplex, type World } from '../engine/world/index.ts';
import type { Pacer } from '../session/pacer.ts';

export interface DockerBridge {
  /** For DOCKER_HOST. */
  readonly url: string;
  close(): void;
}

/** Serves the Docker Engine API on loopback over plain HTTP, hijacked connections included, for the real docker client. */
export async function serveDocker(
  handler: HttpHandler,
  world: World,
  pacer: Pacer,
  port: number,
): Promise<DockerBridge> {
  const server = http.createServer({ keepAliveTimeout: 60_000 });
  const sockets = new Set<NodeDuplex>();
  server.on('connection', (socket) => {
    // Clients without input close their half right after the upgrade and go on reading.
    (socket as Socket & { allowHalfOpen: boolean }).allowHalfOpen = true;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('request', (message, response) => void answer(message, response, handler, pacer));
  server.on('upgrade', (message, socket, head) => void hijack(message, socket as Socket, head, handler, world, pacer));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function requestOf(message: IncomingMessage, body: Uint8Array | undefined, cancel: Cancellation): HttpRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return {
    method: message.method ?? 'GET',
    path: message.url ?? '/',
    headers,
    cancel,
    peer: {},
    ...(body ? { body } : {}),
  };
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  handler: HttpHandler,
  pacer: Pacer,
): Promise<void> {
  const cancel = new Cancellation();
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message) chunks.push(chunk as Buffer);
  } catch {
    return;
  }
  response.on('close', () => pacer.enqueue(() => cancel.cancel()));
  response.on('error', () => {});
  pacer.enqueue(() => {
    void (async () => {
      const result = await handler(requestOf(message, new Uint8Array(Buffer.concat(chunks)), cancel));
      response.writeHead(result.status, result.headers);
      if (!isReader(result.body)) return void response.end(result.body);
      response.flushHeaders();
      for (;;) {
        const chunk = await result.body.read(cancel).catch(() => undefined);
        if (!chunk || response.destroyed) break;
        response.write(chunk);
      }
      result.body.close();
      response.end();
    })().catch((error: unknown) => {
      process.stderr.write(`slipway: ${message.method} ${message.url}: ${(error as Error).stack}\n`);
      if (!response.headersSent) response.writeHead(500);
      response.end();
    });
  });
}

/** attach and exec: a request with a body of its own, then raw bytes both ways. */
async function hijack(
  message: IncomingMessage,
  socket: Socket,
  head: Buffer,
  handler: HttpHandler,
  world: World,
  pacer: Pacer,
): Promise<void> {
  const cancel = new Cancellation();
  const length = Number(message.headers['content-length'] ?? 0);
  let held = head;
  socket.on('error', () => {});
  while (held.length < length) {
    const chunk = await new Promise<Buffer | undefined>((resolve) => {
      socket.once('data', resolve);
      socket.once('close', () => resolve(undefined));
    });
    if (!chunk) return;
    held = Buffer.concat([held, chunk]);
  }
  const body = new Uint8Array(held.subarray(0, length));
  const rest = new Uint8Array(held.subarray(length));
  socket.on('close', () => pacer.enqueue(() => cancel.cancel()));
  pacer.enqueue(() => {
    void (async () => {
      const result = await handler(requestOf(message, body, cancel));
      const lines = Object.entries(result.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      const data = isReader(result.body) ? new Uint8Array() : result.body;
      if (!result.upgrade) lines.push(`content-length: ${data.length}\r\n`);
      socket.write(
        `HTTP/1.1 ${result.status} ${result.status === 101 ? 'UPGRADED' : 'Error'}\r\n${lines.join('')}\r\n`,
      );
      if (!result.upgrade) return void socket.end(data);
      const connection = connect(socket, rest, world, pacer);
      await result.upgrade(connection, cancel).catch(() => {});
      socket.end();
    })();
  });
}

function connect(socket: Socket, head: Uint8Array, world: World, pacer: Pacer): Duplex {
  const incoming = new Channel<Uint8Array>(world.queue);
  if (head.length > 0) incoming.send(head);
  socket.on('data', (chunk: Buffer) => pacer.enqueue(() => incoming.send(new Uint8Array(chunk))));
  socket.on('end', () => pacer.enqueue(() => incoming.close()));
  socket.resume();
  return {
    reader: { read: (cancel) => incoming.receive(cancel), close: () => incoming.close() },
    writer: {
      write: (data) => {
        socket.write(data);
        return Promise.resolve();
      },
      close: () => void socket.end(),
    },
  };
}
