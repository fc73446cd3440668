import {
  FileSystem,
  parentPath,
  type DirectoryNode,
  type FileNode,
  type Node as FsNode,
  type World,
} from '../../world/index.ts';
import type { Mount } from '../../runtime/index.ts';
import { clusterOf, issueToken } from '../apiserver/service-account-tokens.ts';
import { refs, type ConfigMap, type KubeObject, type Pod, type ResourceRef } from '../types.ts';
import { decodeBase64, podField, resourceField, type EnvSources } from './env.ts';
import type { ContainerSpec, VolumeSpec } from './types.ts';

/** A volume can't be set up yet; `message` is the event's. */
export class MountError extends Error {
  override name = 'MountError';
}

/** First and longest wait between attempts to mount a volume, ms. */
const mountRetry = { first: 500, longest: 122_000 };

/** How long to wait after attempts that have failed, one after the other. */
export class MountBackoff {
  failures = 0;

  /** Ms until the next attempt, after one more that has failed. */
  next(): number {
    return Math.min(mountRetry.first * 2 ** this.failures++, mountRetry.longest);
  }
}

export interface VolumeContext extends EnvSources {
  world: World;
  /** The node's own files, for hostPath. */
  hostFs: FileSystem;
  /** Files of persistent volumes by name: they outlive Pods. */
  persistent: Map<string, FileSystem>;
}

interface ProjectedFile {
  path: string;
  mode: number;
  data: Uint8Array | (() => Uint8Array);
}

/** A Pod's volumes as file systems; those made of API objects follow them. */
export class PodVolumes {
  readonly #context: VolumeContext;
  readonly #volumes = new Map<string, FileSystem | FileNode>();
  /** Content of the API-backed volumes, to see what changed. */
  readonly #contents = new Map<string, readonly ProjectedFile[]>();

  constructor(context: VolumeContext) {
    this.#context = context;
  }

  /** Sets up what is missing. @throws MountError for the first volume that can't be */
  setUp(pod: Pod): void {
    for (const volume of pod.spec.volumes ?? []) {
      if (this.#volumes.has(volume.name)) continue;
      try {
        this.#volumes.set(volume.name, this.#make(pod, volume));
      } catch (error) {
        if (!(error instanceof MountError)) throw error;
        throw new MountError(`MountVolume.SetUp failed for volume "${volume.name}" : ${error.message}`);
      }
    }
  }

  /** Brings volumes made of ConfigMaps, Secrets and Pod fields up to date. @returns whether something changed */
  refresh(pod: Pod): boolean {
    let changed = false;
    for (const volume of pod.spec.volumes ?? []) {
      const fs = this.#volumes.get(volume.name);
      if (!(fs instanceof FileSystem) || !isApiBacked(volume)) continue;
      const before = this.#contents.get(volume.name) ?? [];
      let files: ProjectedFile[];
      try {
        files = this.#project(pod, volume);
      } catch (error) {
        if (error instanceof MountError) continue;
        throw error;
      }
      if (sameFiles(files, before)) continue;
      changed = true;
      this.#contents.set(volume.name, files);
      for (const name of fs.readdir('/')) fs.remove(`/${name}`, { recursive: true });
      const tree = atomicTree(files, this.#context.world.clock.now());
      for (const [name, node] of tree.entries) fs.putNode(`/${name}`, node);
    }
    return changed;
  }

  /** Whether a changed ConfigMap or Secret shows in one of the volumes. */
  uses(pod: Pod, kind: 'ConfigMap' | 'Secret', name: string): boolean {
    return (pod.spec.volumes ?? []).some((volume) => {
      const sources = volume.projected?.sources ?? [];
      if (kind === 'ConfigMap')
        return volume.configMap?.name === name || sources.some((s) => s.configMap?.name === name);
      return volume.secret?.secretName === name || sources.some((s) => s.secret?.name === name);
    });
  }

  /** Where a container sees which volume. @throws MountError */
  mountsOf(pod: Pod, container: ContainerSpec, expand: (text: string) => string): Mount[] {
    return (container.volumeMounts ?? []).map((mount): Mount => {
      const fs = this.#volumes.get(mount.name);
      if (!fs) throw new MountError(`volume "${mount.name}" is not mounted`);
      const readOnly = mount.readOnly ?? false;
      if (!(fs instanceof FileSystem)) return { path: mount.mountPath, node: fs, readOnly };
      const sub = mount.subPathExpr !== undefined ? expand(mount.subPathExpr) : mount.subPath;
      const tmpfs = pod.spec.volumes?.find((v) => v.name === mount.name)?.emptyDir?.medium === 'Memory';
      if (!sub) return { path: mount.mountPath, fs, readOnly, ...(tmpfs ? { tmpfs } : undefined) };
      const node = fs.lookup(`/${sub}`);
      if (node?.type === 'file') return { path: mount.mountPath, node, readOnly };
      return { path: mount.mountPath, fs: subDirectory(fs, `/${sub}`, this.#context.world), readOnly };
    });
  }

  /** The emptyDirs that have been made, by name. */
  emptyDirs(pod: Pod): { name: string; fs: FileSystem; memory: boolean; limit: string | undefined }[] {
    if (!pod.spec.volumes?.some((volume) => volume.emptyDir)) return [];
    return pod.spec.volumes.flatMap(({ name, emptyDir }) => {
      const fs = this.#volumes.get(name);
      if (!emptyDir || !(fs instanceof FileSystem)) return [];
      const limit = emptyDir.sizeLimit as string | undefined;
      return [{ name, fs, memory: emptyDir.medium === 'Memory', limit }];
    });
  }

  #make(pod: Pod, volume: VolumeSpec): FileSystem | FileNode {
    const now = () => this.#context.world.clock.now();
    if (isApiBacked(volume)) {
      const files = this.#project(pod, volume);
      this.#contents.set(volume.name, files);
      return new FileSystem({ now, root: atomicTree(files, now()) });
    }
    if (volume.hostPath) return this.#hostPath(volume.hostPath.path, volume.hostPath.type ?? '');
    if (volume.persistentVolumeClaim) return this.#claimed(pod, volume.persistentVolumeClaim.claimName);
    if (volume.ephemeral) return this.#claimed(pod, `${pod.metadata.name}-${volume.name}`);
    const root: DirectoryNode = { type: 'directory', mode: 0o777, uid: 0, gid: 0, mtime: now(), entries: new Map() };
    return new FileSystem({ now, root });
  }

  #hostPath(path: string, type: string): FileSystem | FileNode {
    const { hostFs, world } = this.#context;
    const found = hostFs.lookup(path);
    if (type === 'DirectoryOrCreate' && !found) hostFs.mkdir(path, { recursive: true });
    else if (type === 'Directory' && found?.type !== 'directory')
      throw new MountError('hostPath type check failed: ' + path + ' is not a directory');
    else if (type === 'File' && found?.type !== 'file')
      throw new MountError('hostPath type check failed: ' + path + ' is not a file');
    else if (type === '' && !found) hostFs.mkdir(path, { recursive: true });
    if (type === 'FileOrCreate' && !found) hostFs.writeFile(path, '');
    if (path === '/') return hostFs;
    const node = hostFs.lookup(path);
    return node?.type === 'file' ? node : subDirectory(hostFs, path, world);
  }

  #claimed(pod: Pod, claimName: string): FileSystem | FileNode {
    const { client, persistent, world } = this.#context;
    const claim = client.resource(claims).get(pod.metadata.namespace, claimName);
    if (!claim) throw new MountError(`persistentvolumeclaim "${claimName}" not found`);
    const volume = claim.spec?.volumeName;
    if (!volume) throw new MountError(`PVC ${pod.metadata.namespace}/${claimName} is not bound`);
    const source = client.resource(refs.persistentVolumes).get(undefined, volume)?.spec;
    if (source?.hostPath) return this.#hostPath(source.hostPath.path, source.hostPath.type ?? '');
    if (source?.local) return this.#hostPath(source.local.path, 'Directory');
    let fs = persistent.get(volume);
    if (!fs) persistent.set(volume, (fs = new FileSystem({ now: () => world.clock.now() })));
    return fs;
  }

  #project(pod: Pod, volume: VolumeSpec): ProjectedFile[] {
    if (volume.configMap) {
      const { name = '', items, optional, defaultMode = 0o644 } = volume.configMap;
      return this.#configMap(pod, name, items, optional, defaultMode);
    }
    if (volume.secret) {
      const { secretName = '', items, optional, defaultMode = 0o644 } = volume.secret;
      return this.#secret(pod, secretName, items, optional, defaultMode);
    }
    if (volume.downwardAPI)
      return this.#downward(pod, volume.downwardAPI.items, volume.downwardAPI.defaultMode ?? 0o644);
    const mode = volume.projected?.defaultMode ?? 0o644;
    const files: ProjectedFile[] = [];
    for (const source of volume.projected?.sources ?? []) {
      if (source.configMap)
        files.push(
          ...this.#configMap(pod, source.configMap.name ?? '', source.configMap.items, source.configMap.optional, mode),
        );
      if (source.secret)
        files.push(...this.#secret(pod, source.secret.name ?? '', source.secret.items, source.secret.optional, mode));
      if (source.downwardAPI) files.push(...this.#downward(pod, source.downwardAPI.items, mode));
      if (source.serviceAccountToken) {
        const { path, expirationSeconds = 3600 } = source.serviceAccountToken;
        files.push({ path, mode, data: this.#token(pod, expirationSeconds) });
      }
    }
    return files;
  }

  #token(pod: Pod, seconds: number): () => Uint8Array {
    const { client, world } = this.#context;
    const issued = world.clock.now();
    let token: Uint8Array | undefined;
    return () => {
      if (token) return token;
      const account = client
        .resource(refs.serviceAccounts)
        .get(pod.metadata.namespace, pod.spec.serviceAccountName ?? 'default');
      // A stream of its own: whether somebody reads the file must not shift other draws.
      const random = new TokenRandom(pod.metadata.uid);
      const text = account ? issueToken(clusterOf(client), random as never, account, [audience], issued, seconds) : '';
      return (token = new TextEncoder().encode(text));
    };
  }

  #configMap(pod: Pod, name: string, items: Items, optional: boolean | undefined, mode: number): ProjectedFile[] {
    const map = this.#context.client.resource(refs.configMaps).get(pod.metadata.namespace, name);
    if (!map && !optional) throw new MountError(`configmap "${name}" not found`);
    return selectKeys(
      map ? contentOf(map) : new Map(),
      items,
      optional,
      mode,
      `configmap references non-existent config key: `,
    );
  }

  #secret(pod: Pod, name: string, items: Items, optional: boolean | undefined, mode: number): ProjectedFile[] {
    const secret = this.#context.client.resource(refs.secrets).get(pod.metadata.namespace, name);
    if (!secret && !optional) throw new MountError(`secret "${name}" not found`);
    const data = new Map(Object.entries(secret?.data ?? {}).map(([key, value]) => [key, decodeBase64(value)]));
    return selectKeys(data, items, optional, mode, `references non-existent secret key: `);
  }

  #downward(pod: Pod, items: readonly DownwardItem[] | undefined, mode: number): ProjectedFile[] {
    const encoder = new TextEncoder();
    return (items ?? []).map((item) => {
      let text = '';
      if (item.fieldRef) text = podField(pod, item.fieldRef.fieldPath, this.#context);
      else if (item.resourceFieldRef) {
        const { containerName, resource, divisor } = item.resourceFieldRef;
        const container = pod.spec.containers.find((c) => c.name === containerName) as ContainerSpec | undefined;
        if (container)
          text = resourceField(container, resource, divisor as string | undefined, this.#context.node.allocatable);
      }
      return { path: item.path, mode: item.mode ?? mode, data: encoder.encode(text) };
    });
  }
}

const audience = 'https://kubernetes.default.svc.cluster.local';
const claims = {
  group: '',
  version: 'v1',
  resource: 'persistentvolumeclaims',
  kind: 'PersistentVolumeClaim',
  namespaced: true,
} as ResourceRef<KubeObject & { spec?: { volumeName?: string } }>;

type Items = readonly { key: string; path: string; mode?: number }[] | undefined;
type DownwardItem = NonNullable<NonNullable<VolumeSpec['downwardAPI']>['items']>[number];

/** A token's id, from the Pod's uid. */
class TokenRandom {
  readonly #uid: string;
  constructor(uid: string) {
    this.#uid = uid;
  }
  uuid(): string {
    return this.#uid;
  }
}

function isApiBacked(volume: VolumeSpec): boolean {
  return Boolean(volume.configMap ?? volume.secret ?? volume.projected ?? volume.downwardAPI);
}

const contents = new WeakMap<object, ReadonlyMap<string, Uint8Array>>();

/** What is in a ConfigMap, by key; the bytes are the same for all volumes made of it. */
function contentOf(map: ConfigMap): ReadonlyMap<string, Uint8Array> {
  let content = contents.get(map);
  if (!content) {
    const encoder = new TextEncoder();
    const made = new Map<string, Uint8Array>();
    for (const [key, value] of Object.entries(map.data ?? {})) made.set(key, encoder.encode(value));
    for (const [key, value] of Object.entries((map.binaryData ?? {}) as Record<string, string>))
      made.set(key, decodeBase64(value));
    contents.set(map, (content = made));
  }
  return content;
}

function selectKeys(
  data: ReadonlyMap<string, Uint8Array>,
  items: Items,
  optional: boolean | undefined,
  mode: number,
  missing: string,
): ProjectedFile[] {
  if (!items || items.length === 0) return [...data].map(([path, bytes]) => ({ path, mode, data: bytes }));
  const files: ProjectedFile[] = [];
  for (const { key, path, mode: own } of items) {
    const bytes = data.get(key);
    if (bytes) files.push({ path, mode: own ?? mode, data: bytes });
    else if (!optional) throw new MountError(missing + key);
  }
  return files;
}

/** Tokens aside, which renew themselves. */
function sameFiles(a: readonly ProjectedFile[], b: readonly ProjectedFile[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ path, mode, data }, i) => {
      const other = b[i]!;
      if (path !== other.path || mode !== other.mode) return false;
      if (typeof data === 'function' || typeof other.data === 'function') return typeof data === typeof other.data;
      return data === other.data || sameBytes(data, other.data);
    })
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The layout of upstream's atomic writer: a dated directory, `..data` linking to it, and a link for each file. */
function atomicTree(files: readonly ProjectedFile[], now: number): DirectoryNode {
  const attributes = { mode: 0o755, uid: 0, gid: 0, mtime: now };
  const dated = `..${new Date(now).toISOString().replace(/[-T:]/g, '_').replace('Z', '')}000000`;
  const content = new Map<string, FsNode>();
  const top = new Map<string, FsNode>();
  for (const file of files) {
    const parts = file.path.split('/').filter(Boolean);
    insert(content, parts, fileNode(file, now), attributes);
    const first = parts[0]!;
    top.set(first, { type: 'symlink', target: `..data/${first}`, ...attributes, mode: 0o777 });
  }
  top.set(dated, { type: 'directory', entries: content, ...attributes });
  top.set('..data', { type: 'symlink', target: dated, ...attributes, mode: 0o777 });
  return { type: 'directory', entries: top, ...attributes, mode: 0o777 };
}

function insert(
  into: Map<string, FsNode>,
  parts: readonly string[],
  node: FsNode,
  attributes: Omit<DirectoryNode, 'type' | 'entries'>,
): void {
  const [first, ...rest] = parts as [string, ...string[]];
  if (rest.length === 0) return void into.set(first, node);
  const existing = into.get(first);
  const entries = new Map(existing?.type === 'directory' ? existing.entries : []);
  insert(entries, rest, node, attributes);
  into.set(first, { type: 'directory', entries, ...attributes });
}

function fileNode({ mode, data }: ProjectedFile, now: number): FileNode {
  const attributes = { mode, uid: 0, gid: 0, mtime: now };
  if (typeof data !== 'function') return { type: 'file', data, ...attributes };
  return {
    type: 'file',
    get data() {
      return data();
    },
    ...attributes,
  };
}

/** A file system that starts as the content of a directory of `fs` and is shown there from now on, so both see changes. */
function subDirectory(fs: FileSystem, path: string, world: World): FileSystem {
  const clean = path.replace(/\/+$/, '') || '/';
  if (clean === '/') return fs;
  const mounted = fs.mounts.get(clean);
  if (mounted) return mounted;
  const node = fs.lookup(clean);
  const root = node?.type === 'directory' ? node : undefined;
  const inner = new FileSystem({ now: () => world.clock.now(), ...(root ? { root } : undefined) });
  if (!root) fs.mkdir(parentPath(clean), { recursive: true });
  fs.mount(clean, inner);
  return inner;
}
