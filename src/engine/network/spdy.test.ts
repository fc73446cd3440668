import { constants, createDeflate, createInflate } from 'node:zlib';
import { expect, test } from 'vitest';
import { pump, readAll, World } from '../world/index.ts';
import { connectedPair } from './connection.ts';
import { SpdyConnection } from './spdy.ts';

async function run<T>(world: World, work: Promise<T>): Promise<T> {
  let done = false;
  void work.finally(() => (done = true)).catch(() => {});
  await pump(world.queue, () => new Promise((resolve) => setImmediate(resolve)), { stop: () => done });
  return work;
}

test('both ends open streams, send and end them', async () => {
  const world = new World({ seed: 1, epoch: 0 });
  const [a, b] = connectedPair(world);
  const client = new SpdyConnection(world, a, 'client');
  const server = new SpdyConnection(world, b, 'server');
  void client.run();
  void server.run();
  const got = await run(
    world,
    (async () => {
      const opened = await Promise.all([
        client.open({ streamType: 'error' }),
        client.open({ streamType: 'data', port: '80' }),
      ]);
      const first = (await server.accept())!;
      const second = (await server.accept())!;
      await opened[1]!.writer.write('question');
      opened[1]!.writer.close();
      await second.writer.write('answer');
      second.writer.close();
      const texts = await Promise.all([readAll(second.reader), readAll(opened[1]!.reader)]);
      client.close();
      return [first.headers, second.headers, ...texts.map((t) => new TextDecoder().decode(t)), await server.accept()];
    })(),
  );
  expect(got).toEqual([{ streamtype: 'error' }, { streamtype: 'data', port: '80' }, 'question', 'answer', undefined]);
});

/** The dictionary, as the words' own test: zlib accepts it only if its checksum is that of the header. */
test('header blocks that zlib has compressed with the dictionary are understood, one after the other', async () => {
  const world = new World({ seed: 1, epoch: 0 });
  const { spdyDictionary } = await import('./spdy.ts');
  const deflate = createDeflate({ dictionary: spdyDictionary });
  const block = (pairs: readonly string[]) =>
    new Promise<Buffer>((resolve) => {
      const chunks: Buffer[] = [];
      deflate.on('data', (chunk: Buffer) => chunks.push(chunk));
      const words = pairs.map((text) => Buffer.concat([Buffer.from([0, 0, 0, text.length]), Buffer.from(text)]));
      deflate.write(Buffer.concat([Buffer.from([0, 0, 0, pairs.length / 2]), ...words]));
      deflate.flush(constants.Z_SYNC_FLUSH, () => {
        deflate.removeAllListeners('data');
        resolve(Buffer.concat(chunks));
      });
    });
  const [a, b] = connectedPair(world);
  const server = new SpdyConnection(world, b, 'server');
  void server.run();
  for (const [id, name] of [
    [1, 'error'],
    [3, 'stdout'],
    [5, 'stdin'],
  ] as const) {
    const header = await block(['streamtype', name, 'content-length', '0']);
    const body = Buffer.concat([Buffer.from([0, 0, 0, id, 0, 0, 0, 0, 0, 0]), header]);
    const frame = Buffer.concat([
      Buffer.from([0x80, 3, 0, 1, 0, body.length >> 16, body.length >> 8, body.length & 255]),
      body,
    ]);
    void a.writer.write(new Uint8Array(frame));
    const stream = await run(world, server.accept());
    expect(stream?.headers).toEqual({ streamtype: name, 'content-length': '0' });
  }
  // What it answers is a zlib stream, too.
  const inflate = createInflate({ dictionary: spdyDictionary });
  const reply = await run(world, a.reader.read());
  const text = await new Promise<Buffer>((resolve, reject) => {
    inflate.once('data', resolve).once('error', reject);
    inflate.write(Buffer.from(reply!.subarray(12)));
  });
  expect([...text]).toEqual([0, 0, 0, 0]);
});
