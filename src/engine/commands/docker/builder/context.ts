import { gunzipSync } from 'fflate';
import type { Process } from '../../../process/index.ts';
import {
  applyTarEntries,
  FsError,
  IgnorePatterns,
  readAll,
  readTar,
  tarOf,
  TarError,
  toBytes,
  type DirectoryNode,
  type FileNode,
  type Node,
} from '../../../world/index.ts';
import { CliError } from '../framework/errors.ts';

/** What a build reads on the client's side. */
export interface BuildContext {
  /** Without what .dockerignore leaves out. */
  files: DirectoryNode;
  /** As messages name it. */
  dockerfileName: string;
  dockerfile: Uint8Array | undefined;
  ignore: Uint8Array | undefined;
}

const emptyDirectory: DirectoryNode = { type: 'directory', entries: new Map(), mode: 0o755, uid: 0, gid: 0, mtime: 0 };

export function isRemote(path: string): boolean {
  return /^(https?:\/\/|git:\/\/|git@|github\.com\/)/.test(path);
}

/** @throws CliError */
export async function readContext(process: Process, path: string, file: string): Promise<BuildContext> {
  if (path === '-') return fromStdin(process, file);
  const { fs } = process.machine;
  const absolute = process.path(path);
  const root = fs.lookup(absolute);
  if (root?.type !== 'directory')
    throw new CliError(`unable to prepare context: path ${JSON.stringify(path)} not found`);
  const fileAt = (name: string): Uint8Array | undefined => {
    try {
      return fs.lookup(name)?.type === 'file' ? fs.readFile(name) : undefined;
    } catch (error) {
      if (error instanceof FsError) return undefined;
      throw error;
    }
  };
  let dockerfile: Uint8Array | undefined;
  let dockerfileName = 'Dockerfile';
  let specific: Uint8Array | undefined;
  if (file === '-') dockerfile = await readAll(process.stdin, process.cancel);
  else {
    let at = file === '' ? `${absolute}/Dockerfile` : process.path(file);
    if (file === '' && !fs.exists(at) && fs.exists(`${absolute}/dockerfile`)) at = `${absolute}/dockerfile`;
    dockerfileName = file === '' ? 'Dockerfile' : at.slice(at.lastIndexOf('/') + 1);
    dockerfile = fileAt(at);
    specific = fileAt(`${at}.dockerignore`);
  }
  const ignore = specific ?? fileAt(`${absolute}/.dockerignore`);
  const files = ignore ? new IgnorePatterns(new TextDecoder().decode(ignore)).filter(root) : root;
  return { files, dockerfileName, dockerfile, ignore };
}

async function fromStdin(process: Process, file: string): Promise<BuildContext> {
  if (file === '-') throw new CliError("invalid argument: can't use stdin for both build context and dockerfile");
  let data = await readAll(process.stdin, process.cancel);
  if (data[0] === 0x1f && data[1] === 0x8b)
    try {
      data = gunzipSync(data);
    } catch {
      throw new CliError('unable to prepare context: gzip: invalid header');
    }
  const isTar = data.length >= 512 && new TextDecoder().decode(data.subarray(257, 262)) === 'ustar';
  if (!isTar) return { files: emptyDirectory, dockerfileName: 'Dockerfile', dockerfile: data, ignore: undefined };
  let files: DirectoryNode;
  try {
    files = applyTarEntries(readTar(data));
  } catch (error) {
    if (!(error instanceof TarError)) throw error;
    throw new CliError(`unable to prepare context: ${error.message}`);
  }
  const name = file || 'Dockerfile';
  let node: Node | undefined = files;
  for (const part of name.split('/')) node = node?.type === 'directory' ? node.entries.get(part) : undefined;
  const ignored = files.entries.get('.dockerignore');
  const ignore = ignored?.type === 'file' ? ignored.data : undefined;
  return {
    files: ignore ? new IgnorePatterns(new TextDecoder().decode(ignore)).filter(files) : files,
    dockerfileName: name.slice(name.lastIndexOf('/') + 1),
    dockerfile: node?.type === 'file' ? node.data : undefined,
    ignore,
  };
}

const fileNode = (data: Uint8Array | string): FileNode => ({
  type: 'file',
  data: toBytes(data),
  mode: 0o600,
  uid: 0,
  gid: 0,
  mtime: 0,
});

/** The archive that a build with BuildKit's progress is given. */
export function sessionArchive(context: BuildContext, secrets: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const dir = (entries: [string, Node][]): DirectoryNode => ({ ...emptyDirectory, entries: new Map(entries) });
  const definition: [string, Node][] = [];
  if (context.dockerfile) definition.push(['Dockerfile', fileNode(context.dockerfile)]);
  if (context.ignore) definition.push(['.dockerignore', fileNode(context.ignore)]);
  return tarOf(
    '',
    dir([
      ['context', context.files],
      ['dockerfile', dir(definition)],
      ['secrets', dir([...secrets].map(([id, data]) => [encodeURIComponent(id), fileNode(data)]))],
    ]),
  );
}
