import type { IPod } from 'kubernetes-models/v1/Pod';
import {
  baseName,
  Collector,
  FsError,
  parentPath,
  readerOf,
  readTar,
  resolvePath,
  writeTar,
  type ByteReader,
  type ByteWriter,
  type FileSystem,
  type TarEntry,
} from '../../../world/index.ts';
import { live, wellKnown } from '../describe/describer.ts';
import type { Command, CompletionContext, Context, Offer } from '../framework/command.ts';
import { namesOf } from '../framework/completion.ts';
import { completeFiles } from '../framework/files-completion.ts';
import { CommandError, SilentExit } from '../framework/errors.ts';
import { defaultContainer } from '../workloads/containers.ts';
import { openStream, runStream } from '../workloads/upgrade.ts';

interface FileSpec {
  namespace: string;
  pod: string;
  path: string;
}

export const cp: Command = {
  use: 'cp <file-spec-src> <file-spec-dest>',
  short: 'Copy files and directories to and from containers',
  long: 'Copies files between this machine and a container, as tar does on both sides: the container must have a tar.',
  examples: `# /tmp/foo to /tmp/bar of the pod some-pod in namespace some-namespace
kubectl cp /tmp/foo some-namespace/some-pod:/tmp/bar

# /tmp/foo of a pod to /tmp/bar here
kubectl cp some-namespace/some-pod:/tmp/foo /tmp/bar

# A directory
kubectl cp /tmp/foo_dir some-pod:/tmp/bar_dir

# To a certain container
kubectl cp /tmp/foo some-pod:/tmp/bar -c specific-container`,
  flags: [
    { name: 'container', shorthand: 'c', type: 'string', usage: 'The container to use.' },
    { name: 'no-preserve', type: 'bool', usage: "Don't keep owner and permissions of the files" },
    {
      name: 'retries',
      type: 'int',
      default: 0,
      usage: 'How often a copy from a container is taken up again after a failure; negative for without end.',
    },
  ],
  complete,
  async run(context) {
    const { args } = context;
    if (args.length !== 2) throw new CommandError('source and destination are required');
    const source = parse(context, args[0]!);
    const target = parse(context, args[1]!);
    if (source.pod !== '' && target.pod !== '')
      throw new CommandError('one of src or dest must be a local file specification');
    if (source.path === '' || target.path === '') throw new CommandError('filepath can not be empty');
    if (source.pod !== '') return copyFromPod(context, source, target.path);
    if (target.pod !== '') return copyToPod(context, source.path, target);
    throw new CommandError('one of src or dest must be a remote file specification');
  },
};

/** The first file: NAMESPACE/, POD: or a local path. */
async function complete(context: CompletionContext): Promise<Offer> {
  const { args, word, process } = context;
  const end = { noSpace: true, files: true };
  if (args.length > 0 || /^[/.~]/.test(word) || word.includes(':')) return { values: [], ...end };
  const slash = word.indexOf('/');
  if (slash > 0) {
    const namespace = word.slice(0, slash);
    const pods = await namesOf(context, 'pod', word.slice(slash + 1), namespace);
    return { values: pods.map((pod) => `${namespace}/${pod}:`), ...end };
  }
  const namespaces = await namesOf(context, 'namespace', word);
  const pods = await namesOf(context, 'pod', word);
  const remote = [...namespaces.map((name) => `${name}/`), ...pods.map((name) => `${name}:`)];
  if (word === '') return { values: [...remote, './', '/'], ...end };
  return { values: remote.length > 0 ? [...remote, ...completeFiles(process, word)] : [], ...end };
}

/** `[NAMESPACE/]POD:PATH`, or a local path. @throws CommandError */
function parse({ factory }: Context, text: string): FileSpec {
  const format = 'filespec must match the canonical format: [[namespace/]pod:]file/path';
  const colon = text.indexOf(':');
  if (colon === 0) throw new CommandError(format);
  if (colon < 0) return { namespace: '', pod: '', path: text };
  const parts = text.slice(0, colon).split('/');
  const path = text.slice(colon + 1);
  if (parts.length === 1) return { namespace: factory.namespace().namespace, pod: parts[0]!, path };
  if (parts.length === 2) return { namespace: parts[0]!, pod: parts[1]!, path };
  throw new CommandError(format);
}

/** `/a/./b/../c/` as path.Clean leaves it. */
function clean(path: string): string {
  const absolute = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !absolute) parts.push(part);
  }
  return (absolute ? '/' : '') + parts.join('/') || '.';
}

function directoryOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at < 0 ? '.' : at === 0 ? '/' : path.slice(0, at);
}

/** Runs a program in the container. @throws SilentExit, CommandError, StatusError */
async function execute(
  context: Context,
  { namespace, pod: name }: FileSpec,
  command: readonly string[],
  stdin: ByteReader | undefined,
  /** Where the program's complaints go; undefined for nowhere, and then nothing is said at all. */
  complaints: ByteWriter | undefined,
): Promise<Uint8Array> {
  const quiet = complaints === undefined;
  const { factory, flags, process } = context;
  const pod = live<IPod>(await factory.client().get(wellKnown.pods, namespace, name));
  const { phase } = pod.status;
  if (phase === 'Succeeded' || phase === 'Failed')
    throw new CommandError(`cannot exec into a container in a completed pod; current phase is ${phase}`);
  const container = flags.string('container') || (await defaultContainer(context, pod, quiet)).name;
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/exec`;
  const query = { container, command, stdin: stdin ? true : undefined, stdout: true, stderr: true };
  const socket = await openStream(process, factory.client(), path, query, 'cp');
  const stdout = new Collector();
  const streams = { ...(stdin ? { stdin } : {}), stdout, stderr: complaints ?? new Collector() };
  await runStream(process, socket, { stdin: stdin !== undefined, tty: false, streams, quiet });
  return stdout.bytes();
}

// ---- to a Pod ------------------------------------------------------------------------------------------------------

async function copyToPod(context: Context, source: string, target: FileSpec): Promise<void> {
  const { process, flags } = context;
  const local = process.path(source);
  if (!process.machine.fs.exists(local)) throw new CommandError(`${source} doesn't exist in local filesystem`);
  let path = clean(target.path);
  // An existing directory takes the file into itself.
  if (await isDirectory(context, target)) path = clean(`${path}/${baseName(local)}`);
  const archive = writeTar(
    archiveOf(process.machine.fs, local, path === '/' ? '/' : path.slice(path.lastIndexOf('/') + 1)),
  );
  const options = flags.bool('no-preserve') ? ['--no-same-permissions', '--no-same-owner', '-xmf', '-'] : ['-xmf', '-'];
  await execute(context, target, ['tar', ...options, '-C', directoryOf(path)], readerOf(archive), process.stderr);
}

async function isDirectory(context: Context, target: FileSpec): Promise<boolean> {
  try {
    await execute(context, target, ['test', '-d', clean(target.path)], undefined, undefined);
    return true;
  } catch (error) {
    if (context.process.cancel.cancelled) throw error;
    return false;
  }
}

/** Members for a file or a tree under another name; only empty directories are members themselves. */
function archiveOf(fs: FileSystem, path: string, name: string): TarEntry[] {
  const node = fs.lookup(path, false);
  if (!node) return [];
  const { mode, uid, gid, mtime } = node;
  const base = { name, mode, uid, gid, mtime };
  if (node.type === 'symlink') return [{ ...base, type: 'symlink', target: node.target }];
  if (node.type === 'file') {
    const pax = node.program === undefined ? {} : { pax: { 'SLIPWAY.program': node.program } };
    return [{ ...base, type: 'file', data: node.data, ...pax }];
  }
  if (node.type !== 'directory') return [];
  const names = fs.readdir(path).sort();
  if (names.length === 0) return [{ ...base, name: `${name}/`, type: 'directory' }];
  return names.flatMap((child) => archiveOf(fs, resolvePath(path, child), `${name}/${child}`));
}

// ---- from a Pod ----------------------------------------------------------------------------------------------------

async function copyFromPod(context: Context, source: FileSpec, target: string): Promise<void> {
  const retries = context.flags.int('retries');
  // The archive takes the stream's output, so what tar says goes to ours.
  const { stdout } = context.process;
  let archive: Uint8Array | undefined;
  for (let tries = 0; !archive; tries++) {
    try {
      archive = await execute(context, source, ['tar', 'cf', '-', source.path], undefined, stdout);
    } catch (error) {
      const again = retries < 0 || tries < retries;
      if (!again || !(error instanceof CommandError) || error instanceof SilentExit) throw error;
      await context.err(`Resuming copy at 0 bytes, retry ${tries + 1}/${retries} - ${error.message}\n`);
    }
  }
  await unpack(context, source, archive, clean(target));
}

/** Puts the members of an archive below a local path. Links are left out: they could lead elsewhere. */
async function unpack(context: Context, source: FileSpec, archive: Uint8Array, target: string): Promise<void> {
  const { fs } = context.process.machine;
  const prefix = stripShortcuts(clean(source.path.replace(/^\/+/, '').replace(/\/+$/, '')));
  let warned = false;
  for (const entry of readTar(archive)) {
    if (!entry.name.startsWith(prefix)) throw new CommandError('tar contents corrupted');
    const name = clean(`${target}/${entry.name.slice(prefix.length)}`);
    const path = context.process.path(name);
    const inside = context.process.path(target);
    if (path !== inside && !path.startsWith(`${inside === '/' ? '' : inside}/`)) {
      await context.err(`warning: file ${JSON.stringify(name)} is outside target destination, skipping\n`);
      continue;
    }
    if (entry.type === 'directory') {
      makeDirectory(context, path);
      continue;
    }
    makeDirectory(context, parentPath(path));
    if (entry.type === 'symlink') {
      const [file, link] = [JSON.stringify(name), JSON.stringify(entry.target ?? '')];
      const { namespace, pod } = source;
      const hint = ` (consider using "kubectl exec -n ${JSON.stringify(namespace)} ${JSON.stringify(pod)} -- tar cf - ${JSON.stringify(source.path)} | tar xf -")`;
      await context.err(`warning: skipping symlink: ${file} -> ${link}${warned ? '' : hint}\n`);
      warned = true;
      continue;
    }
    if (fs.lookup(path)?.type === 'directory') throw new CommandError(`open ${name}: is a directory`);
    writeLocal(context, name, path, entry);
  }
}

/** A path that leads out of the archive's top is one into it. */
function stripShortcuts(path: string): string {
  return path.replace(/^(?:\.\.\/)+/, '').replace(/^\.\.?$/, '');
}

function makeDirectory({ process }: Context, path: string): void {
  const { uid, gid } = process.user;
  if (process.machine.fs.lookup(path)?.type !== 'directory')
    process.machine.fs.mkdir(path, { recursive: true, mode: 0o755, uid, gid });
}

function writeLocal({ process }: Context, name: string, path: string, entry: TarEntry): void {
  const { uid, gid } = process.user;
  try {
    const program = entry.pax?.['SLIPWAY.program'];
    const mode = 0o666 & ~process.umask;
    process.machine.fs.writeFile(path, entry.data ?? new Uint8Array(), {
      mode,
      uid,
      gid,
      ...(program ? { program } : {}),
    });
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
    throw new CommandError(`open ${name}: ${error.message.toLowerCase()}`);
  }
}
