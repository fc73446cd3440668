import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex as NodeDuplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import protobuf from '../engine/kubernetes/schema/generated/protobuf-fields.json' with { type: 'json' };
import { isReader, type HttpHandler, type HttpRequest } from '../engine/network/index.ts';
import { Cancellation, Channel, type ByteReader, type Duplex, type World } from '../engine/world/index.ts';
import { Pacer } from '../session/pacer.ts';
import { createRoom, type Room } from '../session/room.ts';
import { caCertificate, serverCertificate, serverKey } from '../session/certificates.ts';
import { kubeconfigText } from '../session/kubeconfig.ts';
import { serveDocker } from './docker-bridge.ts';
import { nodeHop } from './hop.ts';

export interface ServeOptions {
  preset: string;
  seed: number;
  /** 0: any free port. */
  kubePort: number;
  dockerPort?: number;
  /** Virtual ms per real ms. */
  speed: number;
  /** Where the kubeconfig is written; by default not at all. */
  kubeconfig?: string;
  files?: Record<string, string>;
  testHooks?: boolean;
  /** API versions that are off by default and shall be served, as kube-apiserver's `--runtime-config` names them. */
  runtimeConfig?: Readonly<Record<string, boolean>>;
}

export interface Bridge {
  readonly room: Room;
  readonly kubeUrl: string;
  readonly kubeconfig: string;
  /** Of the Docker Engine, if it is served. */
  readonly dockerUrl: string | undefined;
  readonly description: string;
  /** Does something to the world between two slices. */
  act(action: () => void): Promise<void>;
  close(): Promise<void>;
}

/** Serves a room's API server on loopback over HTTPS, for real clients. Virtual time follows real time. */
export async function serve(options: ServeOptions): Promise<Bridge> {
  const room = createRoom({
    preset: options.preset,
    seed: options.seed,
    epoch: Date.now(),
    files: options.files,
    testHooks: options.testHooks ?? false,
    ...(options.runtimeConfig && { runtimeConfig: options.runtimeConfig }),
  });
  const { cluster, docker } = room;
  if (options.dockerPort !== undefined && !docker)
    throw new Error(`preset ${options.preset} has no Docker Engine to serve`);
  if (!cluster && options.dockerPort === undefined) throw new Error(`preset ${options.preset} has no cluster to serve`);
  cluster?.serveRealClients({ protobuf });
  const pacer = new Pacer(
    room.world.queue,
    {
      now: () => performance.now(),
      after: (ms, callback) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
      hop: nodeHop,
    },
    options.speed,
  );
  const handler: HttpHandler = cluster?.handle ?? (() => ({ status: 404, headers: {}, body: new Uint8Array() }));
  const server = https.createServer({
    key: serverKey,
    cert: serverCertificate,
    ca: caCertificate,
    requestCert: true,
    rejectUnauthorized: false,
    allowHalfOpen: true,
  } as https.ServerOptions);
  const act = (action: () => void) =>
    new Promise<void>((resolve, reject) =>
      pacer.enqueue(() => {
        try {
          action();
          resolve();
        } catch (error) {
          reject(error as Error);
        }
      }),
    );
  server.on('request', (request, response) => void answer(request, response, handler, room.world, pacer));
  // The server forgets connections that have been upgraded, and those whose TLS handshake is not over.
  const sockets = new Set<NodeDuplex>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => void takeOver(request, socket, head, handler, room.world, pacer));
  server.on('tlsClientError', () => {});
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.kubePort, '127.0.0.1', resolve);
  });
  const kubeUrl = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const kubeconfig = kubeconfigText(kubeUrl, cluster?.contextName ?? 'none', { tokenUser: true });
  if (options.kubeconfig) writeFileSync(options.kubeconfig, kubeconfig, { mode: 0o600 });
  const dockerBridge =
    options.dockerPort === undefined
      ? undefined
      : await serveDocker(docker!.handle, room.world, pacer, options.dockerPort);
  pacer.kick();
  const where = options.kubeconfig ? `kubeconfig: ${options.kubeconfig}\n` : '';
  return {
    room,
    kubeUrl,
    kubeconfig,
    dockerUrl: dockerBridge?.url,
    description:
      (cluster ? `Kubernetes API: ${kubeUrl}\n${where}` : '') +
      (dockerBridge ? `Docker Engine API: ${dockerBridge.url}\n` : ''),
    act,
    close: () =>
      new Promise((resolve) => {
        dockerBridge?.close();
        pacer.close();
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

async function readBody(message: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return new Uint8Array(Buffer.concat(chunks));
}

function toRequest(message: IncomingMessage, body: Uint8Array | undefined, cancel: Cancellation): HttpRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return { method: message.method ?? 'GET', path: message.url ?? '/', headers, body, cancel, peer: peerOf(message) };
}

function peerOf(message: IncomingMessage): HttpRequest['peer'] {
  const socket = message.socket as TLSSocket;
  const subject = socket.authorized ? socket.getPeerCertificate().subject : undefined;
  if (!subject?.CN) return { address: socket.remoteAddress };
  const organizations = subject.O === undefined ? [] : ([] as string[]).concat(subject.O);
  return { address: socket.remoteAddress, certificate: { commonName: String(subject.CN), organizations } };
}

async function answer(
  message: IncomingMessage,
  response: ServerResponse,
  handler: HttpHandler,
  world: World,
  pacer: Pacer,
): Promise<void> {
  const cancel = new Cancellation();
  let body: Uint8Array;
  try {
    body = await readBody(message);
  } catch {
    return;
  }
  response.on('close', () => pacer.enqueue(() => cancel.cancel()));
  response.on('error', () => {});
  pacer.enqueue(() => {
    void (async () => {
      const result = await handler(toRequest(message, body, cancel));
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

/** Hands an upgraded connection (WebSocket, SPDY, raw) to the handler's `upgrade`. */
async function takeOver(
  message: IncomingMessage,
  socket: NodeDuplex,
  head: Buffer,
  handler: HttpHandler,
  world: World,
  pacer: Pacer,
): Promise<void> {
  const cancel = new Cancellation();
  socket.on('error', () => {});
  socket.on('close', () => pacer.enqueue(() => cancel.cancel()));
  pacer.enqueue(() => {
    void (async () => {
      const result = await handler(toRequest(message, undefined, cancel));
      const lines = Object.entries(result.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(
        `HTTP/1.1 ${result.status} ${result.status === 101 ? 'Switching Protocols' : 'Error'}\r\n${lines.join('')}\r\n`,
      );
      if (!result.upgrade) {
        if (!isReader(result.body)) socket.write(result.body);
        return void socket.end();
      }
      const connection = adaptSocket(socket as Socket, head, world, pacer);
      await result.upgrade(connection, cancel).catch(() => {});
      socket.end();
    })();
  });
}

function adaptSocket(socket: Socket, head: Buffer, world: World, pacer: Pacer): Duplex {
  const incoming = new Channel<Uint8Array>(world.queue);
  if (head.length > 0) incoming.send(new Uint8Array(head));
  socket.on('data', (chunk: Buffer) => pacer.enqueue(() => incoming.send(new Uint8Array(chunk))));
  socket.on('end', () => pacer.enqueue(() => incoming.close()));
  const reader: ByteReader = { read: (cancel) => incoming.receive(cancel), close: () => incoming.close() };
  return {
    reader,
    writer: {
      write: (data) => {
        socket.write(data);
        return Promise.resolve();
      },
      close: () => void socket.end(),
    },
  };
}
