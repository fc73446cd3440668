import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Network } from '../engine/network/index.ts';
import { createMachine, type User } from '../engine/process/index.ts';
import { Channel, FileSystem, toBytes, World, type ByteWriter } from '../engine/world/index.ts';
import { createHostFiles } from '../engine/shell/index.ts';
import { Pacer } from '../session/pacer.ts';
import { programs, tools } from '../session/programs.ts';
import { nodeHop } from './hop.ts';
import { nodeFetch } from './node-fetch.ts';

export interface KubectlOptions {
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  stdin: NodeJS.ReadableStream | undefined;
  stdout: (data: Uint8Array) => void;
  stderr: (data: Uint8Array) => void;
  /** Interrupts it, as Ctrl-C does. */
  signal?: AbortSignal;
}

/** Most files below the working directory that are taken along, and the bytes of one. */
const limits = { files: 2_000, size: 4 << 20 };

/**
 * Runs our kubectl on this machine, against a real server: real time, Node's sockets, and the files of the kubeconfig and
 * of the working directory, which are written back when it ends. @returns the exit status
 */
export async function runKubectl(args: readonly string[], options: KubectlOptions): Promise<number> {
  const world = new World({ seed: (Date.now() & 0xffff) + 1, epoch: Date.now() });
  const pacer = new Pacer(
    world.queue,
    {
      now: () => performance.now(),
      after: (ms, callback) => {
        const timer = setTimeout(callback, ms);
        return () => clearTimeout(timer);
      },
      hop: nodeHop,
    },
    1,
  );
  const home = options.env['HOME'] ?? '/root';
  const user: User = { name: 'user', uid: 1000, gid: 1000, home };
  const fs = new FileSystem({ now: () => world.clock.now() });
  createHostFiles(fs, {
    hostname: 'localhost',
    programs: [...tools.keys()],
    localPrograms: ['kubectl'],
    users: [user],
    cpus: 2,
  });
  const network = new Network(world);
  const net = network.addNamespace('host', ['192.168.1.20']);
  const machine = createMachine({ world, network, hostname: 'localhost', fs, net, programs, users: [user] });
  machine.fetch = nodeFetch(world, pacer);
  const kubeconfigs = (options.env['KUBECONFIG'] ?? path.join(home, '.kube/config')).split(':');
  takeAlong(fs, [...kubeconfigs, options.cwd]);
  const changed = new Set<string>();
  fs.watch((file) => changed.add(file));
  const input = new Channel<Uint8Array>(world.queue);
  const { stdin } = options;
  stdin?.on('data', (chunk: Buffer | string) => pacer.enqueue(() => input.send(toBytes(chunk as Uint8Array | string))));
  stdin?.on('end', () => pacer.enqueue(() => input.close()));
  if (!stdin) input.close();
  const writer = (write: (data: Uint8Array) => void): ByteWriter => ({
    write: (data) => {
      write(toBytes(data));
      return Promise.resolve();
    },
    close: () => {},
  });
  const env = Object.entries(options.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new Promise((resolve) => {
    pacer.enqueue(() => {
      const child = machine.processes.start(['kubectl', ...args], {
        user,
        cwd: options.cwd,
        env: new Map([...env, ['PATH', '/usr/local/bin:/usr/bin:/bin']]),
        stdin: { read: (cancel) => input.receive(cancel), close: () => input.close() },
        stdout: writer(options.stdout),
        stderr: writer(options.stderr),
        tty: false,
        group: 'new',
      });
      options.signal?.addEventListener('abort', () => pacer.enqueue(() => child.kill('SIGINT')));
      void child.wait().then((status) => {
        pacer.close();
        writeBack(fs, changed, [...kubeconfigs, options.cwd]);
        resolve(status);
      });
    });
    pacer.kick();
  });
}

function takeAlong(fs: FileSystem, places: readonly string[]): void {
  let left = limits.files;
  const take = (place: string) => {
    if (left <= 0 || !existsSync(place)) return;
    const stat = statSync(place);
    if (stat.isDirectory()) {
      fs.mkdir(place, { recursive: true });
      for (const name of readdirSync(place))
        if (name !== 'node_modules' && name !== '.git') take(path.join(place, name));
    } else if (stat.isFile() && stat.size <= limits.size) {
      left--;
      fs.mkdir(path.dirname(place), { recursive: true });
      fs.writeFile(place, new Uint8Array(readFileSync(place)), { mode: stat.mode & 0o777, uid: 1000, gid: 1000 });
    }
  };
  for (const place of places) take(path.resolve(place));
}

/** Only what lies below the places that were taken along. */
function writeBack(fs: FileSystem, changed: ReadonlySet<string>, places: readonly string[]): void {
  const roots = places.map((place) => path.resolve(place));
  for (const file of changed) {
    const node = fs.lookup(file);
    if (node?.type !== 'file' || !roots.some((root) => file === root || file.startsWith(`${root}/`))) continue;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, node.data, { mode: node.mode });
  }
}
