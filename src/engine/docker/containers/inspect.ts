import type { DockerEngine } from '../engine.ts';
import { graphDriver } from '../images/inspect.ts';
import { portMap } from '../networks/ports.ts';
import type { Json } from '../router.ts';
import { rfc3339Nano } from '../time.ts';
import { changedFiles } from '../../runtime/index.ts';
import type { Node } from '../../world/index.ts';
import type { DockerContainer } from './container.ts';

/** `GET /containers/{id}/json`. */
export function inspectContainer(engine: DockerEngine, container: DockerContainer, size = false): Json {
  const { id, config, hostConfig } = container;
  const directory = `/var/lib/docker/containers/${id}`;
  const started = container.startedAt !== undefined;
  return {
    Id: id,
    Created: rfc3339Nano(container.created),
    Path: container.argv[0],
    Args: container.argv.slice(1),
    State: container.stateJson(),
    Image: container.imageId,
    ResolvConfPath: started ? `${directory}/resolv.conf` : '',
    HostnamePath: started ? `${directory}/hostname` : '',
    HostsPath: started ? `${directory}/hosts` : '',
    LogPath: started && hostConfig.LogConfig.Type === 'json-file' ? `${directory}/${id}-json.log` : '',
    Name: `/${container.name}`,
    RestartCount: container.restartCount,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: container.execIds.length > 0 ? container.execIds : null,
    HostConfig: hostConfig,
    GraphDriver: graphDriver(container.stored.details.layers, id),
    ...(size ? { SizeRw: layerSize(container), SizeRootFs: container.stored.details.size + layerSize(container) } : {}),
    Mounts: container.mounts.filter((mount) => mount.Type !== 'tmpfs'),
    Config: config,
    NetworkSettings: networkSettings(engine, container),
  };
}

function networkSettings(engine: DockerEngine, container: DockerContainer): Json {
  const bridge = container.endpoints.get('bridge');
  const network = engine.networks.lookup('bridge')!;
  const connected = bridge !== undefined && bridge.ip !== '';
  return {
    Bridge: '',
    SandboxID: container.sandboxId,
    SandboxKey:
      container.sandboxId === ''
        ? ''
        : `/var/run/docker/netns/${container.hostConfig.NetworkMode === 'host' ? 'default' : container.sandboxId.slice(0, 12)}`,
    Ports: portMap(container),
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: connected ? bridge.endpointId : '',
    Gateway: connected ? network.gateway : '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    IPAddress: connected ? bridge.ip : '',
    IPPrefixLen: connected ? network.bits : 0,
    IPv6Gateway: '',
    MacAddress: connected ? bridge.mac : '',
    Networks: networksJson(engine, container),
  };
}

/** `NetworkSettings.Networks`. */
export function networksJson(engine: DockerEngine, container: DockerContainer): Json {
  const all: Json = {};
  for (const endpoint of [...container.endpoints.values()].sort((a, b) => (a.networkName < b.networkName ? -1 : 1))) {
    const network = engine.networks.lookup(endpoint.networkName);
    const up = endpoint.ip !== '' && network !== undefined;
    const custom = network?.userDefined ?? false;
    const empty = endpoint.connectedLater;
    all[endpoint.networkName] = {
      IPAMConfig: endpoint.ipamConfig ?? (empty ? {} : null),
      Links: endpoint.links.length > 0 ? endpoint.links : null,
      Aliases: endpoint.aliases.length > 0 ? endpoint.aliases : empty ? [] : null,
      MacAddress: endpoint.mac,
      DriverOpts: endpoint.driverOpts ?? (empty ? {} : null),
      GwPriority: 0,
      NetworkID: endpoint.networkId || (network?.id ?? ''),
      EndpointID: endpoint.endpointId,
      Gateway: up ? network.gateway : '',
      IPAddress: endpoint.ip,
      IPPrefixLen: up ? network.bits : 0,
      IPv6Gateway: '',
      GlobalIPv6Address: '',
      GlobalIPv6PrefixLen: 0,
      DNSNames: custom && (up || endpoint.endpointId !== '') ? dnsNames(container, endpoint.aliases) : null,
    };
  }
  return all;
}

/** What a container is called in a network with name resolution. */
export function dnsNames(container: DockerContainer, aliases: readonly string[]): string[] {
  const names = [container.name, ...aliases, container.short];
  if (container.config.Hostname !== '' && container.config.Hostname !== container.short)
    names.push(container.config.Hostname);
  return [...new Set(names)];
}

const engineFiles = new Set(['/etc/hosts', '/etc/hostname', '/etc/resolv.conf', '/sbin/docker-init']);

/** What a container has changed, by path; null where something was removed. */
export function layerChanges(container: DockerContainer): Record<string, Node | null> {
  const changes = changedFiles(container.image.rootfs(), container.files.root) as Record<string, Node | null>;
  const mounted = container.mounts.map((mount) => mount.Destination);
  return Object.fromEntries(
    Object.entries(changes).filter(
      ([path, node]) =>
        !engineFiles.has(path) && !(mounted.includes(path) && node?.type === 'directory' && node.entries.size === 0),
    ),
  );
}

/** Bytes in a container's own layer. */
export function layerSize(container: DockerContainer): number {
  const bytes = (node: Node): number =>
    node.type === 'file'
      ? node.data.length
      : node.type === 'directory'
        ? [...node.entries.values()].reduce((sum, child) => sum + bytes(child), 0)
        : 0;
  let size = 0;
  for (const node of Object.values(layerChanges(container))) if (node) size += bytes(node);
  return size;
}

export interface Change {
  Path: string;
  /** 0 modified, 1 added, 2 deleted. */
  Kind: 0 | 1 | 2;
}

/** `GET /containers/{id}/changes`: directories on the way are modified. */
export function containerChanges(container: DockerContainer): Change[] {
  const before = container.image.rootfs();
  const lookup = (path: string): Node | undefined => {
    let at: Node | undefined = before;
    for (const part of path.split('/').filter(Boolean))
      at = at?.type === 'directory' ? at.entries.get(part) : undefined;
    return at;
  };
  const changes = new Map<string, 0 | 1 | 2>();
  const add = (path: string, node: Node) => {
    changes.set(path, 1);
    if (node.type === 'directory') for (const [name, child] of node.entries) add(`${path}/${name}`, child);
  };
  const mountPoints = container.mounts
    .map((mount) => mount.Destination)
    .filter((path) => !lookup(path) && container.startedAt !== undefined);
  const all: [string, Node | null][] = [...Object.entries(layerChanges(container))];
  for (const path of mountPoints) {
    const node = container.files.root;
    if (!all.some(([own]) => own === path || path.startsWith(`${own}/`)))
      all.push([path, { ...node, entries: new Map() }]);
  }
  for (const [path, node] of all) {
    const parts = path.split('/').slice(1, -1);
    parts.reduce((above, part) => {
      const at = `${above}/${part}`;
      if (!changes.has(at)) changes.set(at, lookup(at) ? 0 : 1);
      return at;
    }, '');
    if (node === null) changes.set(path, 2);
    else if (lookup(path)) changes.set(path, 0);
    else add(path, node);
  }
  return [...changes].map(([Path, Kind]) => ({ Path, Kind })).sort((a, b) => (a.Path < b.Path ? -1 : 1));
}
