import { createCluster } from '../engine/kubernetes/cluster.ts';
import { refs, type Deployment, type Draft } from '../engine/kubernetes/types.ts';
import { Network } from '../engine/network/index.ts';
import { pump, World } from '../engine/world/index.ts';
import { measureApi } from './bench-api.ts';
import { dockerBuildCached, dockerPs } from './bench-docker.ts';
import { kubectlLatencies } from './bench-kubectl.ts';
import { programs } from '../session/programs.ts';
import { Session } from '../session/session.ts';
import { headlessEpoch, ScriptRunner } from './runner.ts';
import { networkCosts } from './bench-network.ts';
import { nodeHop } from './hop.ts';

export interface Measurement {
  name: string;
  value: number;
  unit: string;
  bar?: string;
}

/** Median of several runs. */
async function median(runs: number, measure: () => Promise<number> | number): Promise<number> {
  const values: number[] = [];
  for (let i = 0; i < runs; i++) values.push(await measure());
  return values.sort((a, b) => a - b)[Math.floor(runs / 2)]!;
}

/** The engine's part of the benchmarks. @param full also what takes minutes */
export async function engineBenchmarks(full: boolean): Promise<Measurement[]> {
  const results: Measurement[] = [];
  const add = (name: string, value: number, unit: string, bar?: string) => results.push({ name, value, unit, bar });
  const spec = { preset: 'kind-4', seed: 1, epoch: headlessEpoch };
  add(
    'boot of kind-4',
    await median(9, () => timed(() => void new Session(spec, nodeHop).room.furnish())),
    'ms',
    '≤ 50 ms',
  );
  add('kubectl get pods, 10 Pods, typed to printed', await getPods(), 'ms', '≤ 5 ms');
  add('docker ps, 50 containers, typed to printed', await dockerPs(), 'ms', '≤ 5 ms');
  add('docker build, 10 instructions, all cached', await dockerBuildCached(), 'ms', '≤ 20 ms');
  const { p50, p99 } = await kubectlLatencies();
  add('kubectl get, describe and apply with 200 Pods, p50', p50, 'ms', '≤ 5 ms');
  add('kubectl get, describe and apply with 200 Pods, p99', p99, 'ms', '≤ 25 ms');
  const first = await rollOut(1_000, 20);
  add('the first Deployment of 1000 replicas in a process, which compiles as it goes', first.ms, 'ms');
  const perPod = new Map<number, number>();
  for (const replicas of [1_000, 100]) {
    const ms = await median(5, () => rollOut(replicas, 20).then((r) => r.ms));
    perPod.set(replicas, ms / replicas);
    const bar = replicas === 1_000 ? '≤ 500 ms' : undefined;
    add(`Deployment of ${replicas} replicas on 20 nodes, applied to all Ready`, ms, 'ms', bar);
  }
  add('cost per Pod, 1,000 against 100', perPod.get(1_000)! / perPod.get(100)!, '×', '0.8 to 1.2');
  if (full) {
    const { ms, heapMb } = await rollOut(10_000, 200);
    add('10,000 Pods on 200 nodes', ms, 'ms');
    add('10,000 Pods on 200 nodes, against 1,000 on 20', ms / (perPod.get(1_000)! * 1_000), '×', '≤ 12 ×');
    add('cost per Pod, 10,000 against 100', ms / 10_000 / perPod.get(100)!, '×', '0.8 to 1.2');
    add('10,000 Pods on 200 nodes, heap', heapMb, 'MB', '≤ 600 MB');
  }
  const api = await measureApi();
  add('list of 5,000 Pods as JSON, through the API', api.listMs, 'ms', '≤ 30 ms');
  add('list of 5,000 Pods, the first one', api.firstListMs, 'ms');
  add('a write until the last of 20 watchers of 5,000 Pods has read it', api.fanOutMs, 'ms', '≤ 5 ms');
  add('memory of a Pod in the API server, against its JSON', api.memoryRatio, '×', '≤ 2 ×');
  add('an hour of 1,000 Pods with readiness probes', await idleHour(), 'ms', '≤ 2000 ms');
  const network = await networkCosts();
  add('100,000 HTTP requests through a Service', network.requests, 'ms', '≤ 2000 ms');
  add('rules of 1,000 Services with 10 endpoints each', network.rules, 'ms', '≤ 200 ms');
  add('one endpoint changed among them', network.change, 'ms', '≤ 2 ms');
  add('replay of half an hour with 100 command lines', await replayHalfHour(), 'ms', '≤ 1000 ms');
  return results;
}

async function timed(action: () => void | Promise<void>): Promise<number> {
  const started = performance.now();
  await action();
  return performance.now() - started;
}

async function getPods(): Promise<number> {
  const runner = new ScriptRunner({ preset: 'kind-4', files: {} });
  await runner.step({
    cmd: 'kubectl create deployment web --image=nginx:1.27 --replicas=10; kubectl rollout status deploy/web',
  });
  for (let i = 0; i < 20; i++) await runner.step({ cmd: 'kubectl get pods' });
  return median(51, () => timed(async () => void (await runner.step({ cmd: 'kubectl get pods' }))));
}

/** @param probe the containers' readiness probe */
export async function rollOut(
  replicas: number,
  nodes: number,
  probe?: { httpGet: { port: number } },
): Promise<{ ms: number; heapMb: number; world: World }> {
  const world = new World({ seed: 1, epoch: headlessEpoch });
  const network = new Network(world);
  const capacity = { cpu: '64', memory: '256Gi', pods: '250', 'ephemeral-storage': '500Gi' };
  const cluster = createCluster({
    world,
    network,
    name: 'bench',
    programs,
    nodes: [
      { name: 'control-plane', ip: '172.18.0.2', role: 'control-plane' },
      ...Array.from({ length: nodes }, (_, i) => ({
        name: `worker-${i + 1}`,
        ip: `172.18.${1 + Math.floor(i / 200)}.${3 + (i % 200)}`,
        role: 'worker' as const,
        capacity,
      })),
    ],
  });
  await pump(world.queue, nodeHop, { until: 5_000 });
  const deployments = cluster.client({ manager: 'bench' }).resource(refs.deployments);
  const draft = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [{ name: 'nginx', image: 'nginx:1.27', ...(probe ? { readinessProbe: probe } : undefined) }],
        },
      },
    },
  } as unknown as Draft<Deployment>;
  const started = performance.now();
  deployments.create(draft);
  const ready = () => deployments.get('default', 'web')?.status.readyReplicas === replicas;
  const began = world.queue.now;
  for (let i = 1; i < 2_000 && !ready(); i++) await pump(world.queue, nodeHop, { until: began + i * 500 });
  const ms = performance.now() - started;
  if (!ready())
    throw new Error(`only ${deployments.get('default', 'web')?.status.readyReplicas} of ${replicas} became ready`);
  return { ms, heapMb: process.memoryUsage().heapUsed / 1e6, world };
}

/** What an hour costs in which nothing happens but heartbeats and 360,000 probes. */
export async function idleHour(): Promise<number> {
  const { world } = await rollOut(1_000, 20, { httpGet: { port: 80 } });
  const until = world.queue.now + 3_600_000;
  return timed(async () => void (await pump(world.queue, nodeHop, { until })));
}

async function replayHalfHour(): Promise<number> {
  const spec = { preset: 'kind-4', seed: 1, epoch: headlessEpoch };
  const session = new Session(spec, nodeHop);
  session.apply({ kind: 'terminal', terminal: 't1', host: session.room.workstation.name, rows: 24, columns: 80 });
  const lines = [
    'kubectl create deployment web --image=nginx:1.27 --replicas=3',
    'kubectl get pods -o wide',
    'kubectl scale deploy/web --replicas=5',
    'kubectl describe deploy web | tail -n 5',
    'kubectl delete deploy web',
  ];
  for (let i = 0; i < 100; i++) {
    session.apply({ kind: 'keys', terminal: 't1', data: `${lines[i % lines.length]}\r` });
    await pump(session.queue, nodeHop, { until: session.queue.now + 18_000 });
  }
  const end = { t: session.queue.now, step: session.queue.steps };
  return median(3, () => timed(async () => new Session(spec, nodeHop).replay(session.inputs, end)));
}
