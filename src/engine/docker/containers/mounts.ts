import type { Mount } from '../../runtime/index.ts';
import { FileSystem, normalizePath, type DirectoryNode, type Node, type World } from '../../world/index.ts';
import type { DockerEngine } from '../engine.ts';
import { badRequest } from '../errors.ts';
import type { DockerContainer } from './container.ts';
import type { MountPoint } from './config.ts';

const modes = /^(ro|rw|z|Z|nocopy|consistent|cached|delegated|r?private|r?shared|r?slave)$/;

interface Wanted {
  point: MountPoint;
  copy: boolean;
  options?: Record<string, string>;
}

/** Works out what is mounted where, and makes the volumes for it. @throws EngineError 400, 404 */
export function resolveMounts(engine: DockerEngine, container: DockerContainer): void {
  const wanted = new Map<string, Wanted>();
  const add = (mount: Wanted, explicit: boolean) => {
    const { Destination } = mount.point;
    if (wanted.has(Destination)) {
      if (explicit) throw badRequest(`Duplicate mount point: ${Destination}`);
      return;
    }
    wanted.set(Destination, mount);
  };
  const { hostConfig, config } = container;
  const shared = new Map<string, Wanted>();
  for (const source of hostConfig.VolumesFrom ?? []) {
    const [name = '', mode = ''] = source.split(':');
    for (const point of engine.containers.find(name).mounts)
      shared.set(point.Destination, {
        point: { ...point, ...(mode === 'ro' ? { RW: false, Mode: 'ro' } : {}) },
        copy: false,
      });
  }
  for (const bind of hostConfig.Binds ?? []) add(parseBind(engine, bind), true);
  for (const mount of hostConfig.Mounts ?? []) add(parseMount(engine, mount), true);
  for (const [path, options] of Object.entries(hostConfig.Tmpfs ?? {}))
    add(
      {
        point: {
          Type: 'tmpfs',
          Source: '',
          Destination: normalizePath(path),
          Mode: options,
          RW: !options.split(',').includes('ro'),
          Propagation: '',
        },
        copy: false,
      },
      true,
    );
  for (const [path, mount] of shared) if (!wanted.has(path)) wanted.set(path, mount);
  for (const path of Object.keys(config.Volumes ?? {})) {
    const destination = normalizePath(path);
    if (!path.startsWith('/')) throw badRequest(`invalid volume specification: '${path}'`);
    if (wanted.has(destination)) continue;
    const volume = engine.volumes.create('');
    wanted.set(destination, { point: volumePoint(engine, volume.name, destination, '', true), copy: true });
  }
  container.mounts = [];
  for (const { point, copy } of wanted.values()) {
    if (point.Type === 'volume' && copy) copyUp(engine, container, point);
    container.mounts.push(point);
  }
  container.mounts.sort((a, b) => (a.Destination < b.Destination ? -1 : 1));
}

function volumePoint(engine: DockerEngine, name: string, destination: string, mode: string, rw: boolean): MountPoint {
  return {
    Type: 'volume',
    Name: name,
    Source: engine.volumes.mountpoint(engine.volumes.find(name)),
    Destination: destination,
    Driver: 'local',
    Mode: mode,
    RW: rw,
    Propagation: '',
  };
}

/** `[SOURCE:]TARGET[:MODE]`. */
function parseBind(engine: DockerEngine, spec: string): Wanted {
  const parts = spec.split(':');
  const invalid = () => badRequest(`invalid volume specification: '${spec}'`);
  if (parts.length < 2 || parts.length > 3 || parts[0] === '') throw invalid();
  const [source = '', target = '', mode = ''] = parts;
  if (!target.startsWith('/'))
    throw badRequest(
      `invalid volume specification: '${spec}': invalid mount config for type "${source.startsWith('/') ? 'bind' : 'volume'}": invalid mount path: '${target}' mount path must be absolute`,
    );
  const destination = normalizePath(target);
  if (destination === '/')
    throw badRequest(
      `invalid volume specification: '${spec}': invalid mount config for type "${source.startsWith('/') ? 'bind' : 'volume'}": invalid specification: destination can't be '/'`,
    );
  const words = mode === '' ? [] : mode.split(',');
  if (words.some((word) => !modes.test(word))) throw badRequest(`invalid mode: ${mode}`);
  const rw = !words.includes('ro');
  if (!source.startsWith('/')) {
    const volume = engine.volumes.create(source);
    // Volumes are labelled for SELinux unless the user says how.
    return {
      point: volumePoint(engine, volume.name, destination, mode === '' ? 'z' : mode, rw),
      copy: !words.includes('nocopy'),
    };
  }
  const path = normalizePath(source);
  const { fs } = engine.host;
  if (!fs.exists(path)) fs.mkdir(path, { recursive: true });
  return {
    point: {
      Type: 'bind',
      Source: path,
      Destination: destination,
      Mode: mode,
      RW: rw,
      Propagation: words.find((w) => /^r?(private|shared|slave)$/.test(w)) ?? 'rprivate',
    },
    copy: false,
  };
}

function parseMount(engine: DockerEngine, mount: NonNullable<DockerContainer['hostConfig']['Mounts']>[number]): Wanted {
  const { Type, Source = '', Target = '', ReadOnly = false } = mount;
  const fail = (reason: string) => badRequest(`invalid mount config for type "${Type}": ${reason}`);
  if (!['bind', 'volume', 'tmpfs', 'npipe', 'cluster', 'image'].includes(Type))
    throw badRequest(`mount type unknown: "${Type}"`);
  if (Target === '') throw fail('field Target must not be empty');
  if (!Target.startsWith('/')) throw fail(`invalid mount path: '${Target}' mount path must be absolute`);
  const destination = normalizePath(Target);
  if (destination === '/') throw fail("invalid specification: destination can't be '/'");
  const base = { Destination: destination, Mode: '', RW: !ReadOnly };
  switch (Type) {
    case 'bind': {
      if (Source === '') throw fail('field Source must not be empty');
      if (!Source.startsWith('/')) throw fail(`invalid mount path: '${Source}' mount path must be absolute`);
      const path = normalizePath(Source);
      if (!engine.host.fs.exists(path)) {
        if (!mount.BindOptions?.CreateMountpoint) throw fail(`bind source path does not exist: ${path}`);
        engine.host.fs.mkdir(path, { recursive: true });
      }
      return {
        point: { Type: 'bind', Source: path, ...base, Propagation: mount.BindOptions?.Propagation || 'rprivate' },
        copy: false,
      };
    }
    case 'volume': {
      const volume = engine.volumes.create(Source, { labels: mount.VolumeOptions?.Labels ?? null });
      return {
        point: volumePoint(engine, volume.name, destination, 'z', !ReadOnly),
        copy: !mount.VolumeOptions?.NoCopy,
      };
    }
    case 'tmpfs':
      if (Source !== '') throw fail('field Source must not be specified');
      return { point: { Type: 'tmpfs', Source: '', ...base, Propagation: '' }, copy: false };
    default:
      throw badRequest(`slipway: mounts of type ${Type} are not simulated`);
  }
}

/** An empty volume begins with what the image has at its place. */
function copyUp(engine: DockerEngine, container: DockerContainer, point: MountPoint): void {
  const volume = engine.volumes.get(point.Name!);
  if (!volume || volume.files.root.entries.size > 0) return;
  const node = container.files.lookup(point.Destination);
  if (node?.type !== 'directory') return;
  volume.files.putNode('/', node);
}

/** What the runtime mounts when the container starts. */
export function runtimeMounts(engine: DockerEngine, container: DockerContainer, world: World): Mount[] {
  const mounts: Mount[] = [];
  for (const point of container.mounts) {
    const path = point.Destination;
    const readOnly = !point.RW;
    if (point.Type === 'volume') {
      const volume = engine.volumes.get(point.Name!);
      if (volume) mounts.push({ path, fs: volume.files, readOnly });
    } else if (point.Type === 'tmpfs')
      mounts.push({
        path,
        fs: new FileSystem({ now: () => world.clock.now(), root: emptyTmpfs(world) }),
        readOnly,
        tmpfs: true,
      });
    else mounts.push(bindMount(engine, point));
  }
  return mounts;
}

function emptyTmpfs(world: World): DirectoryNode {
  return { type: 'directory', entries: new Map(), mode: 0o1777, uid: 0, gid: 0, mtime: world.clock.now() };
}

function bindMount(engine: DockerEngine, point: MountPoint): Mount {
  const { fs } = engine.host;
  const node = fs.lookup(point.Source) as Node | undefined;
  if (node && node.type !== 'directory')
    return { path: point.Destination, node, ...(point.RW ? {} : { readOnly: true }) };
  return { path: point.Destination, fs: engine.hostDirectory(point.Source), readOnly: !point.RW };
}
