import { describe, expect, test } from 'vitest';
import { Network } from '../network/index.ts';
import type { Program } from '../process/index.ts';
import { servers, systemServers } from '../programs/servers/index.ts';
import { pump, World } from '../world/index.ts';
import { catalogue } from './catalogue/registry.ts';
import { Container, ImageStore, parseReference, PullError, Registries, type ContainerOptions } from './index.ts';

const hop = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('image references', () => {
  test.each([
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.27', 'docker.io/library/nginx:1.27'],
    ['hashicorp/http-echo', 'docker.io/hashicorp/http-echo:latest'],
    ['index.docker.io/library/redis:7', 'docker.io/library/redis:7'],
    ['localhost:5000/app', 'localhost:5000/app:latest'],
    ['registry.k8s.io/pause:3.10.1', 'registry.k8s.io/pause:3.10.1'],
    [`nginx@sha256:${'a'.repeat(64)}`, `docker.io/library/nginx@sha256:${'a'.repeat(64)}`],
  ])('%s is %s', (text, canonical) => expect(parseReference(text).canonical).toBe(canonical));

  test.each([
    ['', 'invalid reference format'],
    ['NGINX', 'invalid reference format: repository name (library/NGINX) must be lowercase'],
    ['nginx:', 'invalid reference format'],
    ['ngin x', 'invalid reference format'],
    ['a'.repeat(64), `invalid repository name (${'a'.repeat(64)}), cannot specify 64-byte hexadecimal strings`],
  ])('%s is none', (text, message) => expect(() => parseReference(text)).toThrow(message));
});

describe('registries', () => {
  const registries = new Registries();
  const resolve = (name: string) => registries.resolve(parseReference(name));

  test.each([
    'nginx:1.14.2',
    'nginx:1.27-alpine',
    'nginx:alpine',
    'nginx:stable',
    'nginx:1',
    'busybox:1.28',
    'redis:7.4-alpine',
    'postgres:16',
  ])('have %s', (name) => expect(resolve(name).digest).toMatch(/^sha256:[0-9a-f]{64}$/));

  test('give tags of the same release the same image', () => {
    expect(resolve('nginx:1.27')).toBe(resolve('nginx:1.27.5'));
    expect(resolve('nginx:1.27').digest).not.toBe(resolve('nginx:1.27.4').digest);
    expect(resolve('nginx').digest).toBe(resolve('nginx:mainline').digest);
  });

  test.each([
    ['nginx:doesnotexist', 'docker.io/library/nginx:doesnotexist: not found'],
    ['nginx:1.161', 'docker.io/library/nginx:1.161: not found'],
    ['nosuchthing', 'pull access denied, repository does not exist or may require authorization'],
    ['registry.k8s.io/nope:1', 'registry.k8s.io/nope:1: not found'],
    ['nowhere.example.com/app', 'dial tcp: lookup nowhere.example.com: no such host'],
  ])('lack %s', (name, message) => {
    expect(() => resolve(name)).toThrow(PullError);
    expect(() => resolve(name)).toThrow(message);
  });

  test('have only file trees that can be built, with a program for what they run', () => {
    for (const repository of catalogue) {
      const image = repository.image('latest')!;
      expect(image.rootfs().entries.size, repository.name).toBeGreaterThan(0);
      // hello-world is a program of 10 kB and nothing else.
      expect(image.size, repository.name).toBeGreaterThan(1_000);
    }
  });
});

test('a pull takes the time of the layers that are missing', async () => {
  const world = new World({ seed: 1, epoch: 0 });
  const store = new ImageStore(world, new Registries());
  const took: number[] = [];
  void (async () => {
    for (const name of ['nginx:1.27', 'nginx:1.26', 'nginx:1.27.5']) {
      const from = world.queue.now;
      await store.pull(parseReference(name));
      took.push(world.queue.now - from);
    }
  })();
  await pump(world.queue, hop);
  expect(took[0]).toBeGreaterThan(took[1]!);
  expect(took[0]).toBeLessThan(2000);
  expect(took[2]).toBe(120);
  expect(store.list()[0]!.tags).toEqual(['docker.io/library/nginx:1.27', 'docker.io/library/nginx:1.27.5']);
});

describe('a container', () => {
  const sleep: Program = async (p) => (await p.sleep(Number(p.argv[1]) * 1000), 0);
  const polite: Program = async (p) => {
    p.onSignal('SIGTERM', () => void p.print('bye\n').then(() => p.cancel.cancel()));
    await p.sleep(1e6);
    return 0;
  };
  const pass = async (world: World, ms: number) => {
    const until = world.queue.now + ms;
    await pump(world.queue, hop, { until });
    world.queue.advanceTo(until);
  };
  const make = (options: Partial<ContainerOptions>, image = 'busybox:1.36') => {
    const world = new World({ seed: 1, epoch: 1_763_835_000_000 });
    const network = new Network(world);
    const net = network.addNamespace('c', ['10.0.0.2']);
    const container = new Container({
      world,
      network,
      programs: new Map([...systemServers, ...servers, ['sleep', sleep], ['yes', polite]]),
      id: 'abc',
      image: new Registries().resolve(parseReference(image)),
      hostname: 'box',
      net,
      ...options,
    });
    return {
      world,
      network,
      net,
      container,
      run: (ms: number) => pass(world, ms),
    };
  };

  test('whose PID 1 ignores SIGTERM is killed after the grace period', async () => {
    const { container, run } = make({ cmd: ['sleep', '1000'] });
    container.start();
    await run(100);
    container.stop(3000);
    await run(2000);
    expect(container.state).toBe('running');
    await run(2000);
    expect([container.state, container.exitCode, container.reason]).toEqual(['exited', 137, 'Error']);
  });

  test('says why it can not start', () => {
    const { container } = make({ cmd: ['nope'] });
    expect(() => container.start()).toThrow(/exec: "nope": executable file not found in \$PATH$/);
    expect([container.state, container.exitCode, container.reason]).toEqual(['exited', 128, 'StartError']);
  });

  test('that runs out of memory is marked so', async () => {
    const { container, run } = make({ cmd: ['sleep', '1000'] });
    container.start();
    await run(10);
    container.oomKill();
    await run(10);
    expect([container.exitCode, container.reason]).toEqual([137, 'OOMKilled']);
  });

  test('keeps whole lines, and what was left when it ended', () => {
    const { container } = make({});
    container.log.append('stdout', 'one\ntw', 1);
    container.log.append('stdout', 'o\nrest', 2);
    const lines = () => container.log.lines().map((l) => `${l.time} ${new TextDecoder().decode(l.data)}`);
    expect(lines()).toEqual(['1 one\n', '2 two\n']);
    container.log.close(3);
    expect(lines()).toEqual(['1 one\n', '2 two\n', '3 rest']);
  });

  test('with nginx serves its files, logs, and stops at once', async () => {
    const { container, net, network, run } = make({}, 'nginx:1.27.3');
    container.start();
    await run(10);
    const connection = network.connect(net, '10.0.0.2', 80);
    if (connection.outcome !== 'connected') throw new Error(connection.outcome);
    const get = async (path: string) =>
      connection.listener.server.http!({ method: 'GET', path, headers: { host: 'box', 'user-agent': 'test' } });
    const page = await get('/');
    expect([page.status, page.headers['server'], page.headers['content-type']]).toEqual([
      200,
      'nginx/1.27.3',
      'text/html',
    ]);
    expect(new TextDecoder().decode(page.body as Uint8Array)).toContain('Welcome to nginx!');
    expect((await get('/none')).status).toBe(404);
    const log = container.log.lines().map((l) => new TextDecoder().decode(l.data));
    expect(log[0]).toMatch(/^\/docker-entrypoint\.sh: /);
    expect(log.join('')).toContain('start worker process 29');
    expect(log.at(-1)).toMatch(/"GET \/none HTTP\/1\.1" 404 \d+ "-" "test" "-"\n$/);
    container.stop(30_000);
    await run(10);
    expect([container.state, container.exitCode]).toEqual(['exited', 0]);
  });

  test('reads nginx configuration that was changed, and refuses what is wrong in it', async () => {
    const { container, net, network, run } = make({}, 'nginx:1.27');
    const conf = '/etc/nginx/conf.d/default.conf';
    container.machine.fs.writeFile(conf, 'server { listen 8080; location /hi { return 200 "hello $arg_name"; } }');
    container.start();
    await run(10);
    const connection = network.connect(net, '127.0.0.1', 8080);
    if (connection.outcome !== 'connected') throw new Error(connection.outcome);
    const answer = await connection.listener.server.http!({ method: 'GET', path: '/hi?name=you', headers: {} });
    expect(new TextDecoder().decode(answer.body as Uint8Array)).toBe('hello you');
    container.machine.fs.writeFile(conf, 'server { listen 80 }');
    const child = container.exec(['nginx', '-t']);
    await run(10);
    expect(child.status).toBe(1);
  });
});
