import { beforeEach, expect, test } from 'vitest';
import type { Completion } from '../../shell/completion.ts';
import { pump } from '../../world/index.ts';
import type { Process } from '../../process/index.ts';
import { createMachine } from '../../process/index.ts';
import { Network } from '../../network/index.ts';
import { Collector, FileSystem, readerOf, World } from '../../world/index.ts';
import { createApiServer } from '../../kubernetes/apiserver/server.ts';
import { completeKubectl } from './completion.ts';
import { kubectl } from './index.ts';

let complete: (line: string) => Promise<string[]>;

beforeEach(() => {
  const world = new World({ seed: 1, epoch: Date.UTC(2026, 0, 5) });
  const network = new Network(world);
  const net = network.addNamespace('laptop', ['127.0.0.1']);
  const api = createApiServer({
    world,
    tokens: new Map([['t', { name: 'admin', groups: ['system:masters', 'system:authenticated'] }]]) as never,
  });
  net.listen(6443, { protocol: 'https', http: (request) => api.handle(request) });
  const fs = new FileSystem({ now: () => world.clock.now() });
  fs.mkdir('/home/me/.kube', { recursive: true });
  fs.mkdir('/home/me/dir');
  fs.mkdir('/usr/bin', { recursive: true });
  fs.writeFile('/home/me/web.yaml', '');
  fs.writeFile(
    '/home/me/.kube/config',
    'clusters: [{name: c, cluster: {server: "https://127.0.0.1:6443"}}]\nusers: [{name: u, user: {token: t}}]\ncontexts: [{name: dev, context: {cluster: c, user: u}}]\ncurrent-context: dev\n',
  );
  let found: readonly Completion[] = [];
  let line = '';
  const programs = new Map([
    ['kubectl', kubectl],
    [
      'tab',
      async (process: Process) => {
        const words = line.split(' ');
        found = await completeKubectl({ words, index: words.length - 1, current: words.at(-1)!, process });
        return 0;
      },
    ],
  ]);
  for (const name of programs.keys()) fs.writeFile(`/usr/bin/${name}`, '', { mode: 0o755, program: name });
  const machine = createMachine({ world, network, hostname: 'laptop', fs, net, programs });
  complete = async (text) => {
    line = text;
    const child = machine.processes.start(['tab'], {
      cwd: '/home/me',
      env: new Map([
        ['HOME', '/home/me'],
        ['PATH', '/usr/bin'],
      ]),
      stdin: readerOf(''),
      stdout: new Collector(),
      stderr: new Collector(),
      tty: false,
    });
    await pump(world.queue, () => new Promise((resolve) => setImmediate(resolve)), {
      until: world.queue.now + 60_000,
      stop: () => child.status !== undefined,
    });
    return found.map((c) => (typeof c === 'string' ? c : c.value));
  };
});

test('commands and subcommands', async () => {
  expect(await complete('kubectl desc')).toEqual(['describe']);
  expect(await complete('kubectl rollout re')).toEqual(['restart', 'resume']);
  expect(await complete('kubectl -n kube-system rollout sta')).toEqual(['status']);
});

test('flags and their values', async () => {
  expect(await complete('kubectl get --outp')).toEqual(['--output', '--output-watch-events']);
  expect(await complete('kubectl get pods -o js')).toEqual(['json', 'jsonpath', 'jsonpath-as-json', 'jsonpath-file']);
  expect(await complete('kubectl get pods --output=y')).toEqual(['--output=yaml']);
  expect(await complete('kubectl get pods -n kube-s')).toEqual(['kube-system']);
  expect(await complete('kubectl --context d')).toEqual(['dev']);
  expect(await complete('kubectl apply -f ')).toEqual(['dir/', 'web.yaml']);
});

test('types, names and contexts', async () => {
  expect(await complete('kubectl get deploym')).toEqual(['deployments.apps']);
  expect(await complete('kubectl describe ns kube-p')).toEqual(['kube-public']);
  expect(await complete('kubectl describe svc/kub')).toEqual(['svc/kubernetes']);
  expect(await complete('kubectl config use-context ')).toEqual(['dev']);
});

test('without a server there is nothing to offer, and no error', async () => {
  expect(await complete('kubectl --server=https://127.0.0.1:1 get po')).toEqual([]);
});

test('required flags come first, types only where a command works on them', async () => {
  expect(await complete('kubectl create deployment -')).toEqual(['--image']);
  expect(await complete('kubectl scale ')).toEqual([
    '--replicas',
    'deployment',
    'replicaset',
    'replicationcontroller',
    'statefulset',
  ]);
  expect(await complete('kubectl logs sta')).toEqual(['statefulsets/']);
  expect(await complete('kubectl help rollout re')).toEqual(['restart', 'resume']);
});
