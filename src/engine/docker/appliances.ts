import type { Machine, MachineProcesses, SpawnOptions, ChildProcess } from '../process/index.ts';
import { SpawnError } from '../process/index.ts';
import { defineImage, RuntimeError, type Image } from '../runtime/index.ts';
import { hostConfigOf } from './containers/config.ts';
import { DockerContainer } from './containers/container.ts';
import type { DockerEngine } from './engine.ts';
import { reference } from './images/store.ts';
import { AddressPool, parseIp, parseSubnet } from './networks/ipam.ts';
import { DockerNetwork } from './networks/network.ts';
import { endpointOf } from './networks/networks.ts';

/** A whole machine that is a container to this Engine: a node of a kind cluster. */
export interface Appliance {
  readonly machine: Machine;
  readonly on: boolean;
  power(on: boolean): void;
}

export interface ApplianceOptions {
  name: string;
  /** `kindest/node:v1.35.0`. */
  image: string;
  appliance: Appliance;
  network: string;
  ip: string;
  argv: readonly string[];
  labels: Record<string, string>;
}

/** A network that others have built, with containers that others run: the Engine shows them, starts and stops them. */
export function adoptNetwork(engine: DockerEngine, name: string, subnet: string): void {
  engine.networks.adopt(
    new DockerNetwork({
      id: engine.world.random.stream('docker networks').hex(64),
      name,
      driver: 'bridge',
      created: engine.world.clock.now(),
      pool: new AddressPool(parseSubnet(subnet)!),
    }),
  );
}

/** Makes a machine a container. */
export function adoptContainer(engine: DockerEngine, options: ApplianceOptions): void {
  const { world } = engine;
  const image = applianceImage(options.image, options.argv);
  const stored = engine.images.add(image);
  engine.images.tag(stored, reference(options.image), false);
  const id = world.random.stream('docker containers').hex(64);
  const container = new DockerContainer({
    world,
    id,
    name: options.name,
    config: {
      Hostname: options.name,
      Domainname: '',
      User: '',
      AttachStdin: false,
      AttachStdout: false,
      AttachStderr: false,
      Tty: true,
      OpenStdin: false,
      StdinOnce: false,
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'container=docker'],
      Cmd: null,
      Image: options.image,
      Volumes: null,
      WorkingDir: '/',
      Entrypoint: [...options.argv],
      OnBuild: null,
      Labels: options.labels,
      StopSignal: 'SIGRTMIN+3',
    },
    hostConfig: hostConfigOf({
      NetworkMode: options.network,
      Privileged: true,
      RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 1 },
    }),
    stored,
    argv: options.argv,
  });
  container.appliance = options.appliance;
  container.namespace = options.appliance.machine.net;
  const network = engine.networks.find(options.network);
  network.pool?.reserve(parseIp(options.ip)!);
  const endpoint = endpointOf(options.network, null, false);
  endpoint.networkId = network.id;
  endpoint.endpointId = world.random.stream('docker networks').hex(64);
  endpoint.ip = options.ip;
  container.endpoints.set(options.network, endpoint);
  container.startedAt = world.clock.now();
  container.hostPid = engine.nextPid();
  engine.containers.add(container);
}

const known = new Map<string, Image>();

function applianceImage(name: string, argv: readonly string[]): Image {
  let image = known.get(name);
  if (!image) {
    const { repository, tag } = reference(name);
    image = defineImage(`${repository} ${tag}`, {
      layers: [{ key: name, size: 402_000_000 }],
      config: { entrypoint: argv, env: {} },
      rootfs: () => ({ type: 'directory', entries: new Map(), mode: 0o755, uid: 0, gid: 0, mtime: 0 }),
    });
    known.set(name, image);
  }
  return image;
}

/** Runs programs on the machine as the runtime does in a container. */
export function applianceRuntime({ machine }: Appliance): {
  machine: Machine & { processes: MachineProcesses };
  exec(argv: readonly string[], options: SpawnOptions): ChildProcess;
} {
  const own = machine as Machine & { processes: MachineProcesses };
  return {
    machine: own,
    exec: (argv, options) => {
      try {
        return own.processes.start(argv, { ...options, env: options.env ?? new Map(), group: 'new' });
      } catch (error) {
        if (!(error instanceof SpawnError)) throw error;
        const reason = error.code === 'ENOENT' ? 'executable file not found in $PATH' : 'permission denied';
        const detail = `exec: ${JSON.stringify(argv[0])}: ${reason}`;
        throw new RuntimeError(
          `OCI runtime exec failed: exec failed: unable to start container process: ${detail}`,
          detail,
        );
      }
    },
  };
}
