/** Answers of Docker's Engine API → what a picture of the host shows. Pure. */

export interface DockerAnswers {
  readonly containers: readonly Record<string, unknown>[];
  readonly networks: readonly Record<string, unknown>[];
  readonly images: readonly Record<string, unknown>[];
}

export type ContainerTone = 'created' | 'starting' | 'running' | 'healthy' | 'paused' | 'exited' | 'failing';

export interface ContainerView {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly command: string;
  /** `running`, `exited`, … */
  readonly state: string;
  readonly tone: ContainerTone;
  /** Of one that has ended. */
  readonly exitCode: number | undefined;
  /** Its networks, the one that it was started in first. */
  readonly networks: readonly { name: string; ip: string; aliases: readonly string[] }[];
  readonly mounts: readonly { kind: string; source: string; target: string; writable: boolean }[];
}

export interface LaneView {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly subnet: string;
  /** Containers in it find each other by name. */
  readonly resolvesNames: boolean;
  readonly internal: boolean;
  /** Ids of those drawn in it: it is their first network. */
  readonly containers: readonly string[];
}

/** A published port on the host's edge. */
export interface PortView {
  readonly container: string;
  /** Empty: on all addresses. */
  readonly address: string;
  readonly hostPort: number;
  readonly containerPort: number;
  readonly protocol: string;
}

export interface ImageView {
  readonly id: string;
  readonly names: readonly string[];
  /** Bytes. */
  readonly size: number;
  /** The lowest first; `shared`: another image has it, too. */
  readonly layers: readonly { digest: string; size: number; shared: boolean }[];
  readonly used: boolean;
}

export interface DockerTopology {
  readonly containers: readonly ContainerView[];
  readonly lanes: readonly LaneView[];
  readonly ports: readonly PortView[];
  readonly images: readonly ImageView[];
  /** Hosts that the images came from. */
  readonly registries: readonly { host: string; images: readonly string[] }[];
}

type Json = Record<string, unknown>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);

export function dockerTopology(answers: DockerAnswers): DockerTopology {
  const containers = answers.containers.map(containerView).sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    containers,
    lanes: lanesOf(answers.networks, containers),
    ports: answers.containers.flatMap(portsOf),
    images: imagesOf(answers.images, containers),
    registries: registriesOf(answers.images),
  };
}

function containerView(json: Json): ContainerView {
  const names = (json.Names as string[] | undefined) ?? [];
  const state = text(json.State);
  const status = text(json.Status);
  const code = /^(?:Exited|Restarting) \((\d+)\)/.exec(status)?.[1];
  const mode = text((json.HostConfig as Json | undefined)?.NetworkMode);
  const own = Object.entries(((json.NetworkSettings as Json | undefined)?.Networks ?? {}) as Record<string, Json>);
  const networks = own
    .map(([name, endpoint]) => ({
      name,
      ip: text(endpoint.IPAddress),
      aliases: (endpoint.Aliases ?? []) as string[],
    }))
    .sort((a, b) => Number(b.name === mode) - Number(a.name === mode) || (a.name < b.name ? -1 : 1));
  return {
    id: text(json.Id),
    name: (names.find((name) => name.lastIndexOf('/') === 0) ?? names[0] ?? text(json.Id).slice(0, 12)).replace(
      /^\//,
      '',
    ),
    image: text(json.Image),
    imageId: text(json.ImageID),
    command: text(json.Command),
    state,
    tone: toneOf(state, status, code),
    exitCode: code === undefined ? undefined : Number(code),
    networks,
    mounts: list(json.Mounts).map((mount) => ({
      kind: text(mount.Type),
      source: text(mount.Name) || text(mount.Source),
      target: text(mount.Destination),
      writable: mount.RW !== false,
    })),
  };
}

function toneOf(state: string, status: string, code: string | undefined): ContainerTone {
  if (status.includes('(unhealthy)')) return 'failing';
  if (status.includes('(healthy)')) return 'healthy';
  if (status.includes('(health: starting)')) return 'starting';
  switch (state) {
    case 'running':
      return 'running';
    case 'paused':
      return 'paused';
    case 'created':
      return 'created';
    case 'exited':
      return code === '0' ? 'exited' : 'failing';
    default:
      return 'failing';
  }
}

const predefined = ['bridge', 'host', 'none'];

/** The default bridge, the learner's networks by name, host and none; those of the last two only with containers. */
function lanesOf(networks: readonly Json[], containers: readonly ContainerView[]): LaneView[] {
  const rank = (name: string) => (name === 'bridge' ? 0 : name === 'host' ? 2 : name === 'none' ? 3 : 1);
  return networks
    .map((json): LaneView => {
      const name = text(json.Name);
      const [block] = list((json.IPAM as Json | undefined)?.Config);
      return {
        id: text(json.Id),
        name,
        driver: text(json.Driver),
        subnet: text(block?.Subnet),
        resolvesNames: !predefined.includes(name),
        internal: json.Internal === true,
        containers: containers.filter((each) => (each.networks[0]?.name ?? 'none') === name).map((each) => each.id),
      };
    })
    .filter((lane) => rank(lane.name) < 2 || lane.containers.length > 0)
    .sort((a, b) => rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1));
}

/** Published ports, IPv4 and IPv6 of the same number as one. */
function portsOf(json: Json): PortView[] {
  const ports = new Map<string, PortView>();
  for (const port of list(json.Ports)) {
    if (typeof port.PublicPort !== 'number') continue;
    const ip = text(port.IP);
    const address = ip === '0.0.0.0' || ip === '::' ? '' : ip;
    const view: PortView = {
      container: text(json.Id),
      address,
      hostPort: port.PublicPort,
      containerPort: Number(port.PrivatePort),
      protocol: text(port.Type),
    };
    ports.set(`${address} ${view.hostPort} ${view.protocol}`, view);
  }
  return [...ports.values()].sort((a, b) => a.hostPort - b.hostPort);
}

function imagesOf(images: readonly Json[], containers: readonly ContainerView[]): ImageView[] {
  const owners = new Map<string, number>();
  for (const image of images)
    for (const layer of list(image.Layers)) owners.set(text(layer.digest), (owners.get(text(layer.digest)) ?? 0) + 1);
  return images.map((image) => ({
    id: text(image.Id),
    names: ((image.RepoTags ?? []) as string[]).filter((name) => name !== '<none>:<none>'),
    size: Number(image.Size ?? 0),
    layers: list(image.Layers).map((layer) => ({
      digest: text(layer.digest),
      size: Number(layer.size ?? 0),
      shared: (owners.get(text(layer.digest)) ?? 0) > 1,
    })),
    used: containers.some((each) => each.imageId === image.Id),
  }));
}

/** The host part of an image's name, as the Engine reads it. */
export function registryOf(name: string): string {
  const first = name.split('/', 1)[0]!;
  return name.includes('/') && (/[.:]/.test(first) || first === 'localhost') ? first : 'docker.io';
}

function registriesOf(images: readonly Json[]): DockerTopology['registries'] {
  const found = new Map<string, string[]>([['docker.io', []]]);
  for (const image of images)
    for (const name of ((image.RepoDigests ?? []) as string[]).map((each) => each.split('@', 1)[0]!)) {
      const host = registryOf(name);
      const known = found.get(host) ?? [];
      if (!known.includes(name)) known.push(name);
      found.set(host, known);
    }
  return [...found].map(([host, names]) => ({ host, images: names.sort() }));
}
