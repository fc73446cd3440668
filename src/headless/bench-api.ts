import v8 from 'node:v8';
import vm from 'node:vm';
import { createApiServer, type ApiServer } from '../engine/kubernetes/apiserver/server.ts';
import { isReader } from '../engine/network/index.ts';
import { pump, World, type ByteReader } from '../engine/world/index.ts';
import { nodeHop } from './hop.ts';

/** What the API server costs its clients: many objects, many watchers. */
export interface ApiFigures {
  /** A list of all Pods, the answer's bytes included (ms): the first one, and one of many. */
  firstListMs: number;
  listMs: number;
  /** From a write to the moment when the last watcher has read it (ms). */
  fanOutMs: number;
  /** Heap that an object takes, against its JSON. */
  memoryRatio: number;
}

const objects = 5_000;
const watchers = 20;
const path = '/api/v1/namespaces/default/pods';

export async function measureApi(): Promise<ApiFigures> {
  const world = new World({ seed: 1, epoch: 1_750_000_000_000 });
  const server = createApiServer({ world });
  await send(world, server, 'POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'default' } });
  const before = heap();
  for (let i = 0; i < objects; i++) await send(world, server, 'POST', path, pod(i));
  const used = heap() - before;
  const started = performance.now();
  const list = await send(world, server, 'GET', path);
  const firstListMs = performance.now() - started;
  const jsonLength = (list.body as Uint8Array).length;
  const listMs = await median(9, () => timed(async () => void (await send(world, server, 'GET', path))));

  const streams: ByteReader[] = [];
  for (let i = 0; i < watchers; i++) {
    const { body } = await send(world, server, 'GET', `${path}?watch=1&resourceVersion=${server.core.store.revision}`);
    if (isReader(body)) streams.push(body);
  }
  let n = 0;
  const fanOutMs = await median(51, () =>
    timed(async () => {
      const read = Promise.all(streams.map((stream) => stream.read()));
      const patch = { metadata: { labels: { n: String(n++) } } };
      await send(world, server, 'PATCH', `${path}/p${n}`, patch, 'application/merge-patch+json');
      await finish(world, read);
    }),
  );
  return { firstListMs, listMs, fanOutMs, memoryRatio: used / jsonLength };
}

function pod(i: number): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `p${i}`, labels: { app: `a${i % 100}`, tier: 'web' } },
    spec: {
      containers: [
        {
          name: 'web',
          image: `nginx:1.${i % 30}`,
          ports: [{ containerPort: 80 }],
          resources: { requests: { cpu: '100m', memory: '64Mi' } },
        },
      ],
    },
  };
}

async function send(
  world: World,
  server: ApiServer,
  method: string,
  at: string,
  body?: object,
  type = 'application/json',
): Promise<Awaited<ReturnType<ApiServer['handle']>>> {
  const headers = { accept: 'application/json', 'content-type': type, 'user-agent': 'bench/1.0' };
  const bytes = body && new TextEncoder().encode(JSON.stringify(body));
  const response = await finish(
    world,
    Promise.resolve(server.handle({ method, path: at, headers, ...(bytes && { body: bytes }) })),
  );
  if (response.status >= 300) throw new Error(new TextDecoder().decode(response.body as Uint8Array));
  return response;
}

async function finish<T>(world: World, promise: Promise<T>): Promise<T> {
  let over = false;
  void promise.finally(() => (over = true));
  for (let i = 0; i < 5 && !over; i++) await Promise.resolve();
  while (!over) await pump(world.queue, nodeHop, { until: world.queue.now });
  return promise;
}

/** Bytes that are in use after a collection. */
function heap(): number {
  v8.setFlagsFromString('--expose-gc');
  const collect = vm.runInNewContext('gc') as () => void;
  collect();
  return process.memoryUsage().heapUsed;
}

async function timed(action: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

async function median(runs: number, measure: () => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let i = 0; i < runs; i++) values.push(await measure());
  return values.sort((a, b) => a - b)[Math.floor(runs / 2)]!;
}
