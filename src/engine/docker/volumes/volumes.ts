import { directorySize, FileSystem, type World } from '../../world/index.ts';
import type { DockerEngine } from '../engine.ts';
import { badRequest, conflict, notFound } from '../errors.ts';
import { Filters } from '../filters.ts';
import { empty, json, readJson, type Json, type Route } from '../router.ts';
import { rfc3339Nano } from '../time.ts';

export const volumesDirectory = '/var/lib/docker/volumes';
const anonymousLabel = 'com.docker.volume.anonymous';

export interface Volume {
  readonly name: string;
  readonly created: number;
  readonly labels: Record<string, string> | null;
  readonly options: Record<string, string> | null;
  readonly files: FileSystem;
}

/** Volumes of the local driver; the host sees their files below /var/lib/docker/volumes. */
export class Volumes {
  readonly #engine: DockerEngine;
  readonly #byName = new Map<string, Volume>();

  constructor(engine: DockerEngine) {
    this.#engine = engine;
  }

  get world(): World {
    return this.#engine.world;
  }

  list(): Volume[] {
    return [...this.#byName.values()];
  }

  get(name: string): Volume | undefined {
    return this.#byName.get(name);
  }

  /** @throws EngineError 404 `get x: no such volume` */
  find(name: string): Volume {
    const volume = this.#byName.get(name);
    if (!volume) throw notFound(`get ${name}: no such volume`);
    return volume;
  }

  anonymous(volume: Volume): boolean {
    return volume.labels !== null && Object.hasOwn(volume.labels, anonymousLabel);
  }

  mountpoint({ name }: Volume): string {
    return `${volumesDirectory}/${name}/_data`;
  }

  /** Makes a volume, or gives the one of that name. '' makes an anonymous one. @throws EngineError 400, 404 */
  create(
    name: string,
    options: { driver?: string; labels?: Record<string, string> | null; options?: Record<string, string> | null } = {},
  ): Volume {
    const driver = options.driver || 'local';
    const actual = name === '' ? this.world.random.stream('docker volumes').hex(64) : name;
    if (driver !== 'local')
      throw notFound(`create ${actual}: error looking up volume plugin ${driver}: plugin "${driver}" not found`);
    const present = this.#byName.get(actual);
    if (present) return present;
    if (actual.length < 2)
      throw badRequest(
        `create ${actual}: volume name is too short, names should be at least two alphanumeric characters`,
      );
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(actual))
      throw badRequest(
        `create ${actual}: "${actual}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
      );
    const given =
      options.options && Object.keys(options.options).length > 0
        ? Object.fromEntries(Object.entries(options.options).sort(([a], [b]) => (a < b ? -1 : 1)))
        : null;
    for (const key of Object.keys(given ?? {}))
      if (!['type', 'o', 'device', 'size'].includes(key))
        throw badRequest(`create ${actual}: invalid option: "${key}"`);
    const labels = { ...options.labels, ...(name === '' ? { [anonymousLabel]: '' } : {}) };
    const { world } = this;
    const volume: Volume = {
      name: actual,
      created: world.clock.now(),
      labels: Object.keys(labels).length > 0 ? labels : null,
      options: given,
      files: new FileSystem({ now: () => world.clock.now() }),
    };
    this.#byName.set(actual, volume);
    this.#engine.host.fs.mount(this.mountpoint(volume), volume.files);
    this.#engine.events.emit('volume', 'create', actual, { driver: 'local' });
    return volume;
  }

  /** Ids of the containers that use it. */
  users(volume: Volume): string[] {
    return this.#engine.containers
      .list()
      .filter((container) => container.mounts.some((mount) => mount.Type === 'volume' && mount.Name === volume.name))
      .map((container) => container.id);
  }

  /** @throws EngineError 409 while it is used */
  remove(volume: Volume): void {
    const users = this.users(volume);
    if (users.length > 0) throw conflict(`remove ${volume.name}: volume is in use - [${users.join(', ')}]`);
    this.#byName.delete(volume.name);
    const { fs } = this.#engine.host;
    fs.unmount(this.mountpoint(volume));
    const directory = `${volumesDirectory}/${volume.name}`;
    if (fs.exists(directory)) fs.remove(directory, { recursive: true });
    this.#engine.events.emit('volume', 'destroy', volume.name, { driver: 'local' });
  }

  json(volume: Volume, usage = false): Json {
    return {
      CreatedAt: rfc3339Nano(Math.floor(volume.created / 1000) * 1000),
      Driver: 'local',
      Labels: volume.labels,
      Mountpoint: this.mountpoint(volume),
      Name: volume.name,
      Options: volume.options,
      Scope: 'local',
      ...(usage ? { UsageData: { RefCount: this.users(volume).length, Size: directorySize(volume.files.root) } } : {}),
    };
  }

  snapshot(): unknown {
    return this.list().map((volume) => [this.json(volume), volume.files.digest()]);
  }
}

export function volumeRoutes(engine: DockerEngine): Route[] {
  const { volumes } = engine;
  return [
    {
      method: 'GET',
      pattern: '/volumes',
      handle: ({ query }) => {
        const filters = Filters.parse(query.get('filters'), ['dangling', 'driver', 'label', 'name']);
        const dangling = filters.bool('dangling');
        const found = volumes
          .list()
          .filter(
            (volume) =>
              filters.match('name', volume.name) &&
              filters.exact('driver', 'local') &&
              filters.labels('label', volume.labels) &&
              (dangling === undefined || dangling === (volumes.users(volume).length === 0)),
          );
        return json({ Volumes: found.map((volume) => volumes.json(volume)), Warnings: null });
      },
    },
    {
      method: 'POST',
      pattern: '/volumes/create',
      handle: async (request) => {
        const body = await readJson(request);
        const volume = volumes.create(String(body.Name ?? ''), {
          driver: String(body.Driver ?? ''),
          labels: (body.Labels ?? null) as Record<string, string> | null,
          options: (body.DriverOpts ?? null) as Record<string, string> | null,
        });
        return json(volumes.json(volume), 201);
      },
    },
    {
      method: 'POST',
      pattern: '/volumes/prune',
      handle: ({ query }) => {
        const filters = Filters.parse(query.get('filters'), ['all', 'label', 'label!']);
        const all = filters.bool('all') ?? false;
        const deleted: string[] = [];
        let reclaimed = 0;
        for (const volume of volumes.list()) {
          if ((!all && !volumes.anonymous(volume)) || volumes.users(volume).length > 0) continue;
          if (!filters.labels('label', volume.labels) || !filters.withoutLabels('label!', volume.labels)) continue;
          reclaimed += directorySize(volume.files.root);
          volumes.remove(volume);
          deleted.push(volume.name);
        }
        return json({ VolumesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: reclaimed });
      },
    },
    {
      method: 'GET',
      pattern: '/volumes/{name}',
      handle: ({ params }) => json(volumes.json(volumes.find(params.name!))),
    },
    {
      method: 'DELETE',
      pattern: '/volumes/{name}',
      handle: ({ params, query }) => {
        const volume = volumes.get(params.name!);
        if (volume) volumes.remove(volume);
        else if (!query.bool('force')) volumes.find(params.name!);
        return empty();
      },
    },
  ];
}
