import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { isReader, type HttpResponse } from '../engine/network/index.ts';
import { ConnectionError, type FetchRequest } from '../engine/process/index.ts';
import {
  Channel,
  Deferred,
  readAll,
  type ByteReader,
  type Cancellation,
  type Duplex,
  type World,
} from '../engine/world/index.ts';
import type { Pacer } from '../session/pacer.ts';

/** Requests of simulated programs to real servers: over Node's sockets, with answers handed in through the run queue. */
export function nodeFetch(world: World, pacer: Pacer): (url: string, request: FetchRequest) => Promise<HttpResponse> {
  return async (url, request) => {
    const { method, headers, cancel, tls } = request;
    const body = isReader(request.body) ? await readAll(request.body, cancel) : request.body;
    const answered = new Deferred<HttpResponse>(world.queue);
    const later = (action: () => void) => pacer.enqueue(action);
    const sent = (url.startsWith('https:') ? https : http).request(url, {
      method,
      headers: { ...headers, ...(body ? { 'content-length': String(body.length) } : {}) },
      ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls?.certificate === undefined ? {} : { cert: tls.certificate, key: tls.key }),
      ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
      rejectUnauthorized: !tls?.insecure,
      agent: false,
    });
    cancel?.onCancel(() => sent.destroy());
    sent.on('response', (message) =>
      later(() => {
        const response = {
          status: message.statusCode ?? 0,
          headers: headersOf(message),
          body: bodyOf(message, world, later),
        };
        answered.resolve(response);
      }),
    );
    sent.on('upgrade', (message, socket, head) => {
      const incoming = receive(socket, head, world, later);
      later(() => {
        const upgrade = (connection: Duplex, gone: Cancellation) => splice(socket, incoming, connection, gone, world);
        answered.resolve({ status: 101, headers: headersOf(message), body: new Uint8Array(), upgrade });
      });
    });
    sent.on('error', (error: NodeJS.ErrnoException) => later(() => answered.reject(connectionError(error, url))));
    sent.end(body);
    return answered.wait(cancel);
  };
}

type Later = (action: () => void) => void;

function headersOf(message: http.IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  return headers;
}

function bodyOf(message: http.IncomingMessage, world: World, later: Later): ByteReader {
  const chunks = new Channel<Uint8Array>(world.queue);
  message.on('data', (chunk: Buffer) => later(() => chunks.send(new Uint8Array(chunk))));
  message.on('close', () => later(() => chunks.close()));
  message.on('error', () => later(() => chunks.close()));
  return {
    read: (cancel) => chunks.receive(cancel),
    close: () => {
      chunks.close();
      message.destroy();
    },
  };
}

/** Listens to a socket at once: nothing that comes before somebody reads is lost. */
function receive(socket: NodeJS.EventEmitter, head: Buffer, world: World, later: Later): Channel<Uint8Array> {
  const incoming = new Channel<Uint8Array>(world.queue);
  if (head.length > 0) incoming.send(new Uint8Array(head));
  socket.on('data', (chunk: Buffer) => later(() => incoming.send(new Uint8Array(chunk))));
  socket.on('close', () => later(() => incoming.close()));
  socket.on('error', () => later(() => incoming.close()));
  return incoming;
}

/** Carries bytes both ways between the upgraded socket and the program's end, until the server ends it. */
async function splice(
  socket: NodeJS.WritableStream & Pick<Socket, 'destroy'>,
  incoming: Channel<Uint8Array>,
  connection: Duplex,
  cancel: Cancellation,
  world: World,
): Promise<void> {
  cancel.onCancel(() => socket.destroy());
  const outgoing = async () => {
    for (let data = await connection.reader.read(cancel); data; data = await connection.reader.read(cancel))
      socket.write(data);
    socket.end();
  };
  world.queue.wake(() => void outgoing().catch(() => {}));
  for (let data = await incoming.receive(cancel); data; data = await incoming.receive(cancel))
    await connection.writer.write(data, cancel);
}

function connectionError(error: NodeJS.ErrnoException, url: string): ConnectionError {
  const { host, hostname } = new URL(url);
  switch (error.code) {
    case 'ECONNREFUSED':
      return new ConnectionError('ECONNREFUSED', `dial tcp ${host}: connect: connection refused`);
    case 'ENOTFOUND':
      return new ConnectionError('ENOTFOUND', `dial tcp: lookup ${hostname}: no such host`);
    case 'ECONNRESET':
      return new ConnectionError('ECONNRESET', 'EOF');
    default:
      return new ConnectionError('ECONNREFUSED', error.message);
  }
}
