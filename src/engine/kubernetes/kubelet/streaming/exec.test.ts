import { expect, test } from 'vitest';
import { websocketAccept, WebSocketConnection } from '../../../network/websocket.ts';
import { Cancellation, concatBytes, Pipe, toBytes } from '../../../world/index.ts';
import { administrator, TestCluster } from '../cluster.test-support.ts';

test('websocketAccept answers the key of RFC 6455', () => {
  expect(websocketAccept('dGhlIHNhbXBsZSBub25jZQ==')).toBe('s3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

/** Runs a command in Pod `web` as kubectl does; gives what came on each channel. */
async function exec(cluster: TestCluster, command: readonly string[], input?: string): Promise<Record<number, string>> {
  const query = [...command.map((c) => `command=${encodeURIComponent(c)}`), 'stdout=true', 'stderr=true'];
  if (input !== undefined) query.push('stdin=true');
  const path = `/api/v1/namespaces/default/pods/web/exec?${query.join('&')}`;
  const headers = {
    upgrade: 'websocket',
    connection: 'Upgrade',
    'sec-websocket-key': 'x',
    'sec-websocket-protocol': 'v5.channel.k8s.io',
  };
  const response = await cluster.cluster.handle({ method: 'GET', path, headers, peer: administrator });
  expect(response.status).toBe(101);
  const queue = cluster.world.queue;
  const [up, down] = [new Pipe(queue), new Pipe(queue)];
  void response.upgrade!({ reader: up.reader, writer: down.writer }, new Cancellation());
  const socket = new WebSocketConnection({ reader: down.reader, writer: up.writer }, () => Uint8Array.of(1, 2, 3, 4));
  const received: Record<number, string> = {};
  void (async () => {
    if (input !== undefined) {
      await socket.send(concatBytes([Uint8Array.of(0), toBytes(input)]));
      await socket.send(Uint8Array.of(255, 0));
    }
    for (;;) {
      const message = await socket.receive();
      if (!message) return;
      received[message[0]!] = (received[message[0]!] ?? '') + new TextDecoder().decode(message.subarray(1));
    }
  })();
  await cluster.run(1000);
  return received;
}

test('exec runs a command, carries its streams and tells its status', async () => {
  const cluster = new TestCluster();
  cluster.pod('web', { nodeName: 'kind-worker', containers: [{ name: 'c', image: 'nginx:1.27' }] });
  await cluster.until(() => cluster.ready('web'));
  expect(await exec(cluster, ['echo', 'hello', 'there'])).toEqual({
    1: 'hello there\n',
    3: '{"metadata":{},"status":"Success"}',
  });
  const failed = await exec(cluster, ['false']);
  expect(JSON.parse(failed[3]!)).toMatchObject({
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: '1' }] },
  });
  const missing = await exec(cluster, ['nope']);
  expect(missing[3]).toMatch(
    /exec failed: unable to start container process: exec: \\"nope\\": executable file not found in \$PATH/,
  );
});
