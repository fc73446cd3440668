import { parseIp, type HttpHandler, type HttpRequest, type Network } from '../network/index.ts';
import type { Machine, Program } from '../process/index.ts';
import type { Registries } from '../runtime/index.ts';
import type { FileSystem, World } from '../world/index.ts';
import { BuildCache } from './builder/cache.ts';
import { buildRoutes } from './builder/routes.ts';
import { archiveRoutes } from './containers/archive.ts';
import { Attachments } from './containers/attach.ts';
import type { DockerContainer } from './containers/container.ts';
import { Containers } from './containers/containers.ts';
import { execRoutes, Execs } from './containers/exec.ts';
import { containerRoutes } from './containers/routes.ts';
import { hostsText, resolvText } from './containers/etc.ts';
import { badRequest, EngineError, notFound } from './errors.ts';
import { Events } from './events.ts';
import { HostDirectories } from './host-files.ts';
import { RegistryClient } from './images/registries.ts';
import { imageRoutes } from './images/routes.ts';
import { DockerImages, reference } from './images/store.ts';
import type { DockerNetworkDriver } from './networks/driver.ts';
import type { Subnet } from './networks/ipam.ts';
import { DockerNetworks, networkRoutes } from './networks/networks.ts';
import { PortAllocator } from './networks/ports.ts';
import { bridgeDriver } from './networks/bridge-driver.ts';
import { errorResponse, Router, URLQuery, type Route } from './router.ts';
import { components } from './system/info.ts';
import { systemRoutes } from './system/routes.ts';
import { volumeRoutes, Volumes } from './volumes/volumes.ts';

export interface DockerEngineOptions {
  world: World;
  network: Network;
  /** The machine that it runs on. */
  host: Machine;
  /** What executable files of images run. */
  programs: ReadonlyMap<string, Program>;
  registries: Registries;
  driver?: DockerNetworkDriver;
  memoryBytes?: number;
}

/** Whether a machine has a way to the Internet: a default route over a link that is up, where it has links at all. */
function isOnline({ net }: Machine): boolean {
  const links = [...net.interfaces.values()].filter((each) => each.kind === 'veth' || each.kind === 'ethernet');
  if (links.length === 0) return true;
  const device = net.route(parseIp('8.8.8.8'))?.device;
  return device !== undefined && net.interfaces.get(device)!.up;
}

/** Where clients on the host find it. */
export const dockerSocket = '/var/run/docker.sock';

/** A Docker Engine: its state, and the HTTP API through which alone it is used. */
export class DockerEngine {
  readonly world: World;
  readonly network: Network;
  readonly host: Machine;
  readonly programs: ReadonlyMap<string, Program>;
  readonly id: string;
  readonly memoryBytes: number;
  readonly events: Events;
  readonly images: DockerImages;
  readonly registry: RegistryClient;
  readonly containers: Containers;
  readonly networks: DockerNetworks;
  readonly volumes: Volumes;
  readonly ports = new PortAllocator();
  readonly attachments: Attachments;
  readonly execs: Execs;
  readonly buildCache: BuildCache;
  /** Of the classic builder: which image an instruction made of another one. */
  readonly classicCache = new Map<string, string>();
  /** Subnets that other programs of the host use. */
  foreignSubnets: readonly Subnet[] = [];
  readonly #directories: HostDirectories;
  readonly #router: Router;
  #pid: number;

  constructor(options: DockerEngineOptions) {
    const { world, network, host, programs, registries } = options;
    this.world = world;
    this.network = network;
    this.host = host;
    this.programs = programs;
    this.memoryBytes = options.memoryBytes ?? 16_541_626_368;
    this.id = world.random.stream('docker engine').uuid();
    this.#pid = 2000 + world.random.stream('docker engine').int(3000);
    this.events = new Events(world);
    this.images = new DockerImages(world);
    this.registry = new RegistryClient(
      world,
      registries,
      (address, port) => host.net.listenerAt(address, port) !== undefined,
      () => isOnline(host),
    );
    this.containers = new Containers(world);
    this.networks = new DockerNetworks(this, options.driver ?? bridgeDriver(network, host.net));
    this.volumes = new Volumes(this);
    this.attachments = new Attachments(world);
    this.execs = new Execs(this);
    this.buildCache = new BuildCache(world);
    this.images.inBuildCache = (digest) => this.buildCache.hasLayer(digest);
    this.#directories = new HostDirectories(world, host.fs);
    this.#router = new Router(this.#routes());
    world.registerState(`docker ${host.hostname}`, () => ({
      containers: this.containers.list().map((container) => container.snapshot()),
      images: this.images.snapshot(),
      networks: this.networks.snapshot(),
      volumes: this.volumes.snapshot(),
      ports: this.ports.snapshot(),
      registry: this.registry.snapshot(),
      events: this.events.snapshot(),
      buildCache: [this.buildCache.snapshot(), [...this.classicCache]],
      pid: this.#pid,
    }));
  }

  #routes(): Route[] {
    return [
      ...systemRoutes(this),
      ...containerRoutes(this),
      ...execRoutes(this),
      ...archiveRoutes(this),
      ...imageRoutes(this),
      ...networkRoutes(this),
      ...volumeRoutes(this),
      ...buildRoutes(this),
    ];
  }

  /** Puts an image here as if it had been pulled. @throws EngineError for one that no registry has */
  preload(name: string): void {
    const wanted = reference(name);
    const stored = this.images.add(this.registry.resolve(wanted, {}, false));
    if (!wanted.digest) this.images.tag(stored, wanted, false);
    this.images.addDigest(stored, wanted.repository);
  }

  /** A process id as the host counts them. */
  nextPid(): number {
    this.#pid += 1 + this.world.random.stream('docker engine').int(40);
    return this.#pid;
  }

  /** Files of a directory of the host, shared with containers. */
  hostDirectory(path: string): FileSystem {
    return this.#directories.at(path);
  }

  /** Puts the init program where `--init` expects it. */
  provideInit(container: DockerContainer): void {
    if (!container.files.exists('/sbin')) container.files.mkdir('/sbin', { recursive: true });
    container.files.writeFile('/sbin/docker-init', '', { mode: 0o755, program: 'docker-init' });
  }

  /** A running container is called otherwise, or is in other networks: its hosts file says so. */
  updateNames(container: DockerContainer): void {
    if (!container.running || container.appliance || container.hostConfig.NetworkMode === 'host') return;
    container.runtime!.machine.fs.writeFile('/etc/hosts', hostsText(this, container));
    container.runtime!.machine.fs.writeFile('/etc/resolv.conf', resolvText(this, container));
  }

  /** The Engine API. Never throws for bad input. */
  readonly handle: HttpHandler = async (request) => {
    try {
      return await this.#answer(request);
    } catch (error) {
      if (error instanceof EngineError) return errorResponse(error);
      throw error;
    }
  };

  async #answer(request: HttpRequest) {
    const [whole = '/', query = ''] = splitOnce(request.path, '?');
    const versioned = /^\/v(\d+)\.(\d+)(\/.*)$/.exec(whole);
    const path = versioned?.[3] ?? whole;
    if (versioned) {
      const minor = Number(versioned[2]);
      const given = `${versioned[1]}.${versioned[2]}`;
      if (Number(versioned[1]) !== 1 || minor > Number(components.api.split('.')[1]))
        throw badRequest(`client version ${given} is too new. Maximum supported API version is ${components.api}`);
      if (minor < Number(components.minimumApi.split('.')[1]))
        throw badRequest(
          `client version ${given} is too old. Minimum supported API version is ${components.minimumApi}, please upgrade your client to a newer version`,
        );
    }
    const route = this.#router.find(request.method, path);
    if (!route) throw notFound('page not found');
    return route.handle({ ...request, path, params: route.params, query: new URLQuery(query) });
  }
}

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}
