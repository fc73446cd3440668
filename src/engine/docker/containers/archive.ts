import {
  baseName,
  encodeBase64,
  FileSystem,
  FsError,
  nodeOfTarEntry,
  parentPath,
  readTar,
  resolvePath,
  TarError,
  tarOf,
  type Node,
} from '../../world/index.ts';
import type { DockerEngine } from '../engine.ts';
import { badRequest, EngineError, notFound, serverError } from '../errors.ts';
import { empty, readBytes, type Route, type RouteRequest } from '../router.ts';
import { rfc3339Nano } from '../time.ts';
import type { DockerContainer } from './container.ts';
import { runtimeMounts } from './mounts.ts';

/** The container's files with its volumes, running or not. */
function filesOf(engine: DockerEngine, container: DockerContainer): FileSystem {
  if (container.appliance) return container.appliance.machine.fs;
  if (container.runtime) return container.runtime.machine.fs;
  for (const mount of runtimeMounts(engine, container, engine.world))
    if ('fs' in mount && !mount.tmpfs) container.files.mount(mount.path, mount.fs);
  return container.files;
}

/** Go's os.FileMode bits for what is not a plain file. */
const modeBits = { directory: 2 ** 31, symlink: 2 ** 27, device: 2 ** 26, file: 0 } as const;

function statHeader(name: string, node: Node): string {
  const stat = {
    name,
    size: node.type === 'file' ? node.data.length : node.type === 'directory' ? 4096 : 0,
    mode: modeBits[node.type] + (node.mode & 0o777),
    mtime: rfc3339Nano(node.mtime),
    linkTarget: node.type === 'symlink' ? node.target : '',
  };
  return encodeBase64(new TextEncoder().encode(JSON.stringify(stat)));
}

function locate(
  engine: DockerEngine,
  container: DockerContainer,
  request: RouteRequest,
): { fs: FileSystem; path: string; node: Node; name: string } {
  const asked = request.query.get('path');
  if (asked === '') throw badRequest('bad parameter: pathcannot be empty');
  const fs = filesOf(engine, container);
  const full = resolvePath('/', asked);
  const path = full.replace(/(.)\/$/, '$1');
  let node: Node | undefined;
  try {
    node = fs.lookup(path, asked.endsWith('/') || asked.endsWith('/.'));
  } catch (error) {
    if (!(error instanceof FsError)) throw error;
  }
  if (!node)
    throw notFound(
      `Could not find the file ${asked.startsWith('/') ? asked : `/${asked}`} in container ${request.params.id}`,
    );
  if ((asked.endsWith('/') || asked.endsWith('/.')) && node.type !== 'directory') throw badRequest('not a directory');
  return { fs, path, node, name: path === '/' ? '/' : baseName(path) };
}

/** The tree at a path with what is mounted in it. */
function withMounts(fs: FileSystem, path: string, node: Node): Node {
  if (node.type !== 'directory') return node;
  const prefix = path === '/' ? '/' : `${path}/`;
  const inner = [...fs.mounts].filter(([place]) => place === path || place.startsWith(prefix));
  if (inner.length === 0) return node;
  const copy = new FileSystem({ now: () => node.mtime, root: node });
  for (const [place, mounted] of inner) {
    const at = place === path ? '/' : `/${place.slice(prefix.length)}`;
    copy.mkdir(at, { recursive: true });
    copy.putNode(at, mounted.root);
  }
  return copy.root;
}

export function archiveRoutes(engine: DockerEngine): Route[] {
  const pattern = '/containers/{id}/archive';
  return [
    {
      method: 'HEAD',
      pattern,
      handle: (request) => {
        const { node, name } = locate(engine, engine.containers.find(request.params.id!), request);
        return { ...empty(200), headers: { 'x-docker-container-path-stat': statHeader(name, node) } };
      },
    },
    {
      method: 'GET',
      pattern,
      handle: (request) => {
        const { fs, path, node, name } = locate(engine, engine.containers.find(request.params.id!), request);
        engine.events.emit('container', 'archive-path', request.params.id!, {});
        const asked = request.query.get('path');
        const archiveName = /\/\.?$/.test(asked) && asked !== '/' ? `${name}` : name === '/' ? '' : name;
        return {
          status: 200,
          headers: { 'content-type': 'application/x-tar', 'x-docker-container-path-stat': statHeader(name, node) },
          body: tarOf(archiveName, withMounts(fs, path, node)),
        };
      },
    },
    { method: 'PUT', pattern, handle: (request) => putArchive(engine, request) },
    {
      method: 'GET',
      pattern: '/containers/{id}/export',
      handle: ({ params }) => {
        const container = engine.containers.find(params.id!);
        engine.events.emit('container', 'export', container.id, container.attributes);
        return {
          status: 200,
          headers: { 'content-type': 'application/octet-stream' },
          body: tarOf('', container.files.root),
        };
      },
    },
  ];
}

async function putArchive(engine: DockerEngine, request: RouteRequest) {
  const container = engine.containers.find(request.params.id!);
  const { fs, path, node } = locate(engine, container, request);
  const directory = node.type === 'symlink' ? fs.realpath(path) : path;
  if (fs.lookup(directory)?.type !== 'directory') throw badRequest('extraction point is not a directory');
  if (container.hostConfig.ReadonlyRootfs && !container.mounts.some((m) => directory.startsWith(m.Destination)))
    throw new EngineError(403, 'container rootfs is marked read-only');
  const strict = request.query.bool('noOverwriteDirNonDir');
  let entries;
  try {
    entries = readTar(await readBytes(request));
  } catch (error) {
    if (!(error instanceof TarError)) throw error;
    throw serverError(error.message);
  }
  for (const entry of entries) {
    const target = resolvePath(directory, entry.name).replace(/(.)\/$/, '$1');
    const present = fs.lookup(target, false);
    if (strict && present && (present.type === 'directory') !== (entry.type === 'directory'))
      throw badRequest(
        present.type === 'directory'
          ? `cannot overwrite directory "${target}" with non-directory "${directory}"`
          : `cannot overwrite non-directory "${target}" with directory "${directory}"`,
      );
    try {
      if (!fs.exists(parentPath(target))) fs.mkdir(parentPath(target), { recursive: true });
      if (entry.type === 'directory') {
        if (present?.type !== 'directory')
          fs.mkdir(target, { recursive: true, mode: entry.mode, uid: entry.uid, gid: entry.gid });
      } else {
        const made =
          entry.type === 'hardlink'
            ? fs.lookup(resolvePath(directory, entry.target ?? ''), false)
            : nodeOfTarEntry(entry);
        if (made) fs.putNode(target, made);
      }
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      throw serverError(`${target}: ${error.message.toLowerCase()}`);
    }
  }
  engine.events.emit('container', 'extract-to-dir', container.id, container.attributes);
  return empty(200);
}
