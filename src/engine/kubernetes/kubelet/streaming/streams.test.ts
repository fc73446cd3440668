import { beforeEach, expect, test } from 'vitest';
import { WebSocketConnection } from '../../../network/websocket.ts';
import { Cancellation, concatBytes, Pipe, toBytes } from '../../../world/index.ts';
import { decodeBase64, encodeBase64 } from './base64.ts';
import { administrator, TestCluster } from '../cluster.test-support.ts';

/** A client of a streaming subresource, over WebSocket. */
class Client {
  readonly cluster: TestCluster;
  readonly received: Record<number, string> = {};
  readonly cancel = new Cancellation();
  ended = false;
  #socket!: WebSocketConnection;
  readonly #text: boolean;

  constructor(cluster: TestCluster, text = false) {
    this.cluster = cluster;
    this.#text = text;
  }

  static async open(cluster: TestCluster, path: string, protocol = 'v5.channel.k8s.io'): Promise<Client> {
    const headers = {
      upgrade: 'websocket',
      connection: 'Upgrade',
      'sec-websocket-key': 'x',
      'sec-websocket-protocol': protocol,
    };
    const url = `/api/v1/namespaces/default/pods/${path}`;
    const response = await cluster.cluster.handle({ method: 'GET', path: url, headers, peer: administrator });
    expect(response.status, new TextDecoder().decode(response.body as Uint8Array)).toBe(101);
    const client = new Client(cluster, protocol.includes('base64'));
    const { queue } = cluster.world;
    const [up, down] = [new Pipe(queue), new Pipe(queue)];
    void response.upgrade!({ reader: up.reader, writer: down.writer }, client.cancel).catch(() => {});
    client.#socket = new WebSocketConnection({ reader: down.reader, writer: up.writer }, () =>
      Uint8Array.of(1, 2, 3, 4),
    );
    void client.#receive();
    await cluster.run(100);
    return client;
  }

  async #receive(): Promise<void> {
    for (;;) {
      const message = await this.#socket.receive();
      if (!message) break;
      const text = new TextDecoder('latin1').decode(message.subarray(1));
      const channel = this.#text ? message[0]! - 0x30 : message[0]!;
      this.received[channel] =
        (this.received[channel] ?? '') + (this.#text ? new TextDecoder().decode(decodeBase64(text)) : text);
    }
    this.ended = true;
  }

  async send(channel: number, data: string): Promise<void> {
    if (this.#text) await this.#socket.sendText(toBytes(`${channel}${encodeBase64(toBytes(data))}`));
    else await this.#socket.send(concatBytes([Uint8Array.of(channel), toBytes(data)]));
    await this.cluster.run(500);
  }
}

let cluster: TestCluster;

beforeEach(() => {
  cluster = new TestCluster();
});

async function pod(
  name: string,
  container: Record<string, unknown>,
  spec: Record<string, unknown> = {},
): Promise<void> {
  const c = { name: 'c', image: 'busybox:1.36', ...container };
  cluster.pod(name, { nodeName: 'kind-worker', containers: [c], ...spec });
  await cluster.until(() => cluster.ready(name));
}

test('a terminal is shared: what is written since one came, for all who are there', async () => {
  await pod('tty', { stdin: true, tty: true });
  const first = await Client.open(cluster, 'tty/attach?stdin=true&stdout=true&tty=true');
  expect(first.received[1]).toBe('');
  await first.send(0, 'echo one\r');
  const second = await Client.open(cluster, 'tty/attach?stdin=true&stdout=true&tty=true');
  await second.send(0, 'echo two\r');
  expect(first.received[1]).toMatch(/one\r\n.*two\r\n/s);
  expect(second.received[1]).not.toContain('one\r\n');
  expect(second.received[1]).toContain('two\r\n');
  first.cancel.cancel();
  await second.send(0, 'exit 3\r');
  expect(second.received[3]).toBe('{"metadata":{},"status":"Success"}');
  expect(second.ended).toBe(true);
  expect(cluster.container('tty').exitCode).toBe(3);
});

test('resizing tells the program', async () => {
  await pod('tty', { stdin: true, tty: true });
  const client = await Client.open(cluster, 'tty/attach?stdin=true&stdout=true&tty=true');
  await client.send(4, '{"Width":100,"Height":30}');
  expect(cluster.container('tty').io.tty).toMatchObject({ columns: 100, rows: 30 });
});

test('stdinOnce closes standard input with the first client, and its output goes on', async () => {
  await pod(
    'once',
    { stdin: true, stdinOnce: true, command: ['sh', '-c', 'cat; sleep 2; echo end'] },
    { restartPolicy: 'Never' },
  );
  const client = await Client.open(cluster, 'once/attach?stdin=true&stdout=true&stderr=true');
  await client.send(0, 'in\n');
  await client.send(255, '\0');
  await cluster.run(3000);
  expect(client.received[1]).toBe('in\nend\n');
  expect(client.ended).toBe(true);
});

test('without stdinOnce standard input stays open, and the client that has no more is let go', async () => {
  await pod('open', { stdin: true, command: ['cat'] });
  const client = await Client.open(cluster, 'open/attach?stdin=true&stdout=true&stderr=true');
  await client.send(0, 'in\n');
  await client.send(255, '\0');
  expect(client.received[1]).toBe('in\n');
  expect(client.ended).toBe(true);
  expect(cluster.container('open').state).toBe('running');
});

test('a command goes on when its client leaves', async () => {
  await pod('box', { command: ['sleep', '1000'] });
  const client = await Client.open(cluster, 'box/exec?command=sleep&command=500&stdout=true');
  client.cancel.cancel();
  await cluster.run(100);
  expect(
    cluster
      .container('box')
      .machine.processes.list()
      .map((p) => p.argv.join(' ')),
  ).toContain('sleep 500');
});

test.each([
  ['channel.k8s.io', 'command terminated with non-zero exit code: exit status 1'],
  ['v4.base64.channel.k8s.io', '"reason":"ExitCode"'],
])('protocol %s', async (protocol, error) => {
  await pod('box', { command: ['sleep', '1000'] });
  const query = 'box/exec?command=sh&command=-c&command=echo%20out;false&stdout=true';
  const client = await Client.open(cluster, query, protocol);
  await cluster.run(500);
  expect(client.received[1]).toBe('out\n');
  expect(client.received[3]).toContain(error);
});

test('ports are forwarded over the older WebSocket protocol, too', async () => {
  await pod('web', { image: 'nginx:1.27' });
  const client = await Client.open(cluster, 'web/portforward?ports=80&ports=81', 'v4.channel.k8s.io');
  expect([client.received[0], client.received[1]]).toEqual(['P\0', 'P\0']);
  expect(client.received[3]).toMatch(
    /^Q\0error forwarding port 81 to pod [0-9a-f]{64}, uid : failed to execute portforward/,
  );
  await client.send(0, 'GET / HTTP/1.0\r\n\r\n');
  expect(client.received[0]).toMatch(/^P\0HTTP\/1\.1 200 OK\r\n.*Welcome to nginx!/s);
});

test('processes of one Pod see each other if it says so', async () => {
  cluster.pod('shared', {
    nodeName: 'kind-worker',
    shareProcessNamespace: true,
    containers: [
      { name: 'a', image: 'nginx:1.27' },
      { name: 'b', image: 'busybox:1.36', command: ['sleep', '1000'] },
    ],
  });
  await cluster.until(() => cluster.ready('shared'));
  const names = cluster
    .container('shared')
    .machine.processes.list()
    .map((p) => p.argv[0]);
  expect(names).toEqual(expect.arrayContaining(['/pause', 'sleep']));
});

async function get(path: string): Promise<{ status: number; text: string; location?: string }> {
  const answer = cluster.cluster.handle({ method: 'GET', path, headers: {}, peer: administrator });
  await cluster.run(200);
  const { status, headers, body } = await answer;
  const location = headers['location'];
  return { status, text: new TextDecoder().decode(body as Uint8Array), ...(location ? { location } : {}) };
}

test('proxies lead to Pods, Services and kubelets, or say why not', async () => {
  await pod('web', { image: 'nginx:1.27', ports: [{ containerPort: 80 }] });
  const pods = '/api/v1/namespaces/default/pods';
  expect((await get(`${pods}/web/proxy/`)).text).toContain('Welcome to nginx!');
  expect(await get(`${pods}/web/proxy?a=b`)).toMatchObject({ status: 301, location: `${pods}/web/proxy/?a=b` });
  const refused = await get(`${pods}/http:web:81/proxy/`);
  expect(refused.status).toBe(503);
  expect(JSON.parse(refused.text)).toMatchObject({
    reason: 'ServiceUnavailable',
    message: expect.stringMatching(
      /^error trying to reach service: dial tcp 10\.244\.\d+\.\d+:81: connect: connection refused$/,
    ),
  });
  expect((await get(`${pods}/ftp:web:81/proxy/`)).text).toContain('invalid pod request');
  expect((await get('/api/v1/nodes/kind-worker/proxy/healthz')).text).toBe('ok');
  const services = '/api/v1/namespaces/default/services';
  expect((await get(`${services}/nope/proxy/`)).text).toContain('services \\"nope\\" not found');
  expect((await get('/api/v1/namespaces/kube-system/services/kube-dns:99/proxy/')).text).toContain(
    'no service port 99 found for service \\"kube-dns\\"',
  );
});
