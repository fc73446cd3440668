import { createMachine, SpawnError, type User } from '../../process/index.ts';
import { findUser, RuntimeError } from '../../runtime/index.ts';
import {
  FileSystem,
  latency,
  parentPath,
  resolvePath,
  toBytes,
  type Cancellation,
  type DirectoryNode,
  type FileNode,
  type Node,
} from '../../world/index.ts';
import { formatIp } from '../networks/ipam.ts';
import type { DockerEngine } from '../engine.ts';

/** Files that only this command sees: a directory, or a single file. */
export type SandboxMount = { path: string } & ({ fs: FileSystem; readOnly?: boolean } | { node: FileNode });

export interface SandboxRun {
  root: DirectoryNode;
  argv: readonly string[];
  env: ReadonlyMap<string, string>;
  cwd: string;
  user: string;
  network: 'default' | 'none' | 'host';
  mounts: readonly SandboxMount[];
  output(stream: 'stdout' | 'stderr', text: string): Promise<void>;
  cancel?: Cancellation | undefined;
}

/** Why a command of a build could not be started. */
export class SandboxError extends Error {
  override name = 'SandboxError';
  /** runc said it on the output of the command. */
  readonly logged: boolean;
  constructor(message: string, logged: boolean) {
    super(message);
    this.logged = logged;
  }
}

const engineFiles = ['hosts', 'hostname', 'resolv.conf'];

/** Runs a command on a stage's files. @returns its exit status and the files after it @throws SandboxError */
export async function runInSandbox(
  engine: DockerEngine,
  run: SandboxRun,
): Promise<{ status: number; root: DirectoryNode }> {
  const { world } = engine;
  const id = world.random.stream('docker builder').hex(64);
  const fs = new FileSystem({ now: () => world.clock.now(), root: run.root });
  let user: User;
  try {
    user = findUser(fs, run.user);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    throw new SandboxError(error.message, false);
  }
  if (!fs.exists(run.cwd)) fs.mkdir(run.cwd, { recursive: true });
  const before = fs.lookup('/etc');
  const had = new Map(before?.type === 'directory' ? before.entries : []);
  const hostname = 'buildkitsandbox';
  if (!fs.exists('/etc')) fs.mkdir('/etc');
  const now = world.clock.now();
  const etc = (name: string, text: string) => {
    const node: FileNode = { type: 'file', data: toBytes(text), mode: 0o644, uid: 0, gid: 0, mtime: now };
    return { path: `/etc/${name}`, node };
  };
  const inHost = run.network === 'host';
  const namespace = inHost ? engine.host.net : engine.networks.driver.createNamespace(id);
  const bridge = run.network === 'default' ? engine.networks.lookup('bridge') : undefined;
  const ip = bridge?.pool?.allocate(undefined);
  if (bridge && ip !== undefined)
    engine.networks.driver.connect(
      namespace,
      bridge,
      formatIp(ip),
      `02:42:${world.random
        .stream('docker builder')
        .hex(8)
        .replace(/(..)(?=.)/g, '$1:')}`,
    );
  const resolv =
    inHost && engine.host.fs.exists('/etc/resolv.conf')
      ? engine.host.fs.readText('/etc/resolv.conf')
      : 'nameserver 8.8.8.8\nnameserver 8.8.4.4\n';
  fs.putNodes([
    etc('hosts', `127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.0.1\t${hostname}\n`),
    etc('hostname', `${hostname}\n`),
    etc('resolv.conf', resolv),
  ]);
  const hidden = new Map<string, Node | undefined>();
  for (const mount of run.mounts) {
    if ('node' in mount) {
      hidden.set(mount.path, fs.lookup(mount.path, false));
      if (!fs.exists(parentPath(mount.path))) fs.mkdir(parentPath(mount.path), { recursive: true });
      fs.putNode(mount.path, mount.node);
      continue;
    }
    if (!fs.exists(mount.path)) fs.mkdir(mount.path, { recursive: true });
    fs.mount(mount.path, mount.fs, mount.readOnly ? { readOnly: true } : {});
  }
  const machine = createMachine({
    world,
    network: engine.network,
    hostname,
    fs,
    net: namespace,
    programs: engine.programs,
    users: user.uid === 0 ? [] : [user],
    container: true,
  });
  const writer = (stream: 'stdout' | 'stderr') => ({
    write: (data: Uint8Array | string) =>
      run.output(stream, typeof data === 'string' ? data : new TextDecoder().decode(data)),
    close: () => {},
  });
  try {
    await world.sleep(latency.containerStart, run.cancel);
    const env = new Map(run.env);
    if (!env.has('HOME')) env.set('HOME', user.home);
    const options = {
      cwd: run.cwd,
      env,
      user,
      group: 'new' as const,
      stdout: writer('stdout'),
      stderr: writer('stderr'),
      tty: false as const,
    };
    let status: number;
    try {
      const found = machine.processes.resolve(run.argv, run.cwd, env, user);
      const child = machine.processes.run(found.program, found.argv, undefined, options);
      try {
        status = await child.wait(run.cancel);
      } catch (error) {
        child.kill('SIGKILL');
        throw error;
      }
    } catch (error) {
      if (!(error instanceof SpawnError)) throw error;
      throw new SandboxError(failure(run.argv[0] ?? '', error), true);
    }
    for (const [path, node] of hidden) {
      if (node) fs.putNode(path, node);
      else if (fs.exists(path)) fs.remove(path);
    }
    return { status, root: withoutEngineFiles(fs.root, had) };
  } finally {
    for (const mount of run.mounts) if ('fs' in mount) fs.unmount(mount.path);
    if (bridge && ip !== undefined) {
      bridge.pool!.release(ip);
      engine.networks.driver.disconnect(namespace, bridge, formatIp(ip));
    }
    if (!inHost) engine.networks.driver.removeNamespace(namespace);
  }
}

function failure(name: string, error: SpawnError): string {
  const quoted = JSON.stringify(name);
  const detail =
    error.code === 'ENOENT'
      ? name.includes('/')
        ? `exec: ${quoted}: stat ${resolvePath('/', name)}: no such file or directory`
        : `exec: ${quoted}: executable file not found in $PATH`
      : error.code === 'EISDIR'
        ? `exec: ${quoted}: is a directory`
        : error.code === 'ENOEXEC'
          ? `exec ${resolvePath('/', name)}: exec format error`
          : `exec: ${quoted}: permission denied`;
  return `runc run failed: unable to start container process: error during container init: ${detail}`;
}

/** What the builder itself put into /etc is no part of a layer. */
function withoutEngineFiles(root: DirectoryNode, had: ReadonlyMap<string, Node>): DirectoryNode {
  const etc = root.entries.get('etc');
  if (etc?.type !== 'directory') return root;
  const entries = new Map(etc.entries);
  for (const name of engineFiles) {
    const old = had.get(name);
    if (old) entries.set(name, old);
    else entries.delete(name);
  }
  return { ...root, entries: new Map([...root.entries, ['etc', { ...etc, entries }]]) };
}
