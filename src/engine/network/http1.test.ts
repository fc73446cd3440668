import { expect, test } from 'vitest';
import { Cancellation, pump, readAll, readerOf, toBytes, World } from '../world/index.ts';
import { connectedPair, openConnection } from './connection.ts';
import type { HttpRequest } from './http.ts';
import { requestHttp1, serveHttp1 } from './http1.ts';

async function run<T>(world: World, work: Promise<T>): Promise<T> {
  let done = false;
  void work.finally(() => (done = true)).catch(() => {});
  await pump(world.queue, () => new Promise((resolve) => setImmediate(resolve)), { stop: () => done });
  return work;
}

test('requests and responses survive the way over bytes', async () => {
  const world = new World({ seed: 1, epoch: 0 });
  const seen: HttpRequest[] = [];
  const http = (request: HttpRequest) => {
    seen.push(request);
    return { status: 201, headers: { 'x-a': 'b' }, body: readerOf(`echo ${request.path}`) };
  };
  const connection = openConnection(world, { protocol: 'http', http })!;
  const answer = await run(
    world,
    (async () => {
      const response = await requestHttp1(connection, {
        method: 'POST',
        path: '/x?y=1',
        headers: { host: 'h' },
        body: toBytes('data'),
      });
      return { ...response, text: new TextDecoder().decode(await readAll(response.body as never)) };
    })(),
  );
  expect(answer).toMatchObject({ status: 201, text: 'echo /x?y=1', headers: { 'x-a': 'b' } });
  expect(new TextDecoder().decode(seen[0]!.body as Uint8Array)).toBe('data');
});

test('a connection serves several requests, and says 400 to what is no request', async () => {
  const world = new World({ seed: 1, epoch: 0 });
  const [client, server] = connectedPair(world);
  void serveHttp1(server, ({ path }) => ({ status: 200, headers: {}, body: toBytes(path) }), {
    cancel: new Cancellation(),
  });
  const text = await run(
    world,
    (async () => {
      await client.writer.write('GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\n\r\nnonsense\r\n');
      return new TextDecoder().decode(await readAll(client.reader));
    })(),
  );
  expect(text).toBe(
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n/aHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n/b' +
      'HTTP/1.1 400 Bad Request\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n400 Bad Request',
  );
});
