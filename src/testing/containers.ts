import { Network } from '../engine/network/index.ts';
import type { Program } from '../engine/process/index.ts';
import { networkTools } from '../engine/programs/net/index.ts';
import { textTools } from '../engine/programs/index.ts';
import { servers, systemServers } from '../engine/programs/servers/index.ts';
import { Container, parseReference, Registries, type ContainerOptions } from '../engine/runtime/index.ts';
import { createShells } from '../engine/shell/index.ts';
import { Collector, FileSystem, pump, readerOf, World } from '../engine/world/index.ts';

/** Helpers for tests of images: containers on one network that know each other's names. */

const hop = () => new Promise<void>((resolve) => void setImmediate(resolve));

const programs: ReadonlyMap<string, Program> = new Map([
  ...textTools,
  ...createShells(),
  ...networkTools,
  ...systemServers,
  ...servers,
]);

export interface TestContainer {
  container: Container;
  address: string;
  logs(): string;
}

export class ContainerRoom {
  readonly world = new World({ seed: 1, epoch: Date.UTC(2026, 0, 15, 10, 30, 0) });
  readonly network = new Network(this.world);
  readonly registries = new Registries();
  readonly #hosts = new Map<string, string>();
  #next = 2;

  /** Starts a container of an image of the catalogue. */
  run(
    name: string,
    image: string,
    options: Partial<Omit<ContainerOptions, 'env'>> & { env?: Record<string, string>; files?: never } = {},
    files: Record<string, string> = {},
  ): TestContainer {
    const address = `10.0.0.${this.#next++}`;
    this.#hosts.set(name, address);
    const { env, ...rest } = options;
    const container = new Container({
      world: this.world,
      network: this.network,
      programs,
      id: name,
      image: this.registries.resolve(parseReference(image)),
      hostname: name,
      net: this.network.addNamespace(`${name}-${address}`, [address]),
      env: new Map(Object.entries(env ?? {})),
      ...rest,
    });
    for (const [path, text] of Object.entries(files)) {
      container.machine.fs.mkdir(path.replace(/\/[^/]*$/, '') || '/', { recursive: true });
      container.machine.fs.writeFile(path, text);
    }
    container.start();
    return {
      container,
      address,
      logs: () => [...container.log.lines()].map((e) => new TextDecoder().decode(e.data)).join(''),
    };
  }

  /** A volume for `mounts`. */
  volume(): FileSystem {
    return new FileSystem({ now: () => this.world.clock.now() });
  }

  /** Lets virtual time pass. */
  async pass(ms: number): Promise<void> {
    let passed = false;
    void this.world.sleep(ms).then(() => (passed = true));
    await pump(this.world.queue, hop, { stop: () => passed });
  }

  /** Waits until a container has ended. */
  async ended({ container }: TestContainer, limit = 600_000): Promise<number | undefined> {
    await pump(this.world.queue, hop, {
      stop: () => container.state === 'exited',
      until: this.world.queue.now + limit,
    });
    return container.exitCode;
  }

  /** Runs a command in a container until it ends. */
  async exec(
    { container }: TestContainer,
    argv: readonly string[] | string,
    stdin = '',
  ): Promise<{ exit: number | undefined; stdout: string; stderr: string }> {
    const hosts = [...this.#hosts].map(([name, address]) => `${address}\t${name}\n`).join('');
    container.machine.fs.writeFile('/etc/hosts', `127.0.0.1\tlocalhost\n${hosts}`);
    const [stdout, stderr] = [new Collector(), new Collector()];
    const command = typeof argv === 'string' ? ['sh', '-c', argv] : argv;
    const child = container.exec(command, { stdin: readerOf(stdin), stdout, stderr });
    await pump(this.world.queue, hop, {
      stop: () => child.status !== undefined,
      until: this.world.queue.now + 600_000,
    });
    return { exit: child.status, stdout: stdout.text(), stderr: stderr.text() };
  }
}
