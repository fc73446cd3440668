import type { World } from '../../world/index.ts';
import type { DockerContainer } from '../containers/container.ts';
import type { DockerEngine } from '../engine.ts';
import { badRequest, conflict, EngineError, forbidden, notFound, serverError } from '../errors.ts';
import { Filters, untilTime } from '../filters.ts';
import { empty, json, readJson, type Json, type Route } from '../router.ts';
import type { DockerNetworkDriver } from './driver.ts';
import { AddressPool, contains, formatIp, freePool, overlaps, parseIp, parseSubnet, type Subnet } from './ipam.ts';
import { DockerNetwork, type Endpoint, type IpamBlock } from './network.ts';

const notManager =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

/** The Engine's networks: bridge, host and none are always there. */
export class DockerNetworks {
  readonly #engine: DockerEngine;
  readonly #byId = new Map<string, DockerNetwork>();
  readonly driver: DockerNetworkDriver;

  constructor(engine: DockerEngine, driver: DockerNetworkDriver) {
    this.#engine = engine;
    this.driver = driver;
    const random = engine.world.random.stream('docker networks');
    const created = engine.world.clock.now();
    const bridge = new DockerNetwork({
      id: random.hex(64),
      name: 'bridge',
      driver: 'bridge',
      created,
      ipamOptions: null,
      pool: new AddressPool(freePool([])),
      options: {
        'com.docker.network.bridge.default_bridge': 'true',
        'com.docker.network.bridge.enable_icc': 'true',
        'com.docker.network.bridge.enable_ip_masquerade': 'true',
        'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
        'com.docker.network.bridge.name': 'docker0',
        'com.docker.network.driver.mtu': '1500',
      },
    });
    driver.createBridge(bridge);
    this.#byId.set(bridge.id, bridge);
    for (const [name, kind] of [
      ['host', 'host'],
      ['none', 'null'],
    ] as const) {
      const network = new DockerNetwork({ id: random.hex(64), name, driver: kind, created, ipamOptions: null });
      this.#byId.set(network.id, network);
    }
  }

  get world(): World {
    return this.#engine.world;
  }

  list(): DockerNetwork[] {
    return [...this.#byId.values()];
  }

  lookup(name: string): DockerNetwork | undefined {
    const all = this.list();
    const exact = this.#byId.get(name) ?? all.find((network) => network.name === name);
    if (exact) return exact;
    const fitting = /^[a-f0-9]+$/.test(name) ? all.filter((network) => network.id.startsWith(name)) : [];
    return fitting.length === 1 ? fitting[0] : undefined;
  }

  /** @throws EngineError 404 `network x not found` */
  find(name: string): DockerNetwork {
    const network = this.lookup(name);
    if (!network) throw notFound(`network ${name} not found`);
    return network;
  }

  /** Takes over a network whose bridge is there already. */
  adopt(network: DockerNetwork): void {
    this.#byId.set(network.id, network);
  }

  /** @throws EngineError for a name that is taken, a subnet that overlaps, a driver that isn't there */
  create(request: Json): DockerNetwork {
    const name = String(request.Name ?? '');
    const driver = String(request.Driver || 'bridge');
    if (name.trim() === '' || /^\s|\s$/.test(name)) throw badRequest('invalid network name: name is empty');
    if (['bridge', 'host', 'none'].includes(name))
      throw forbidden(`operation is not permitted on predefined ${name} network`);
    if (this.list().some((network) => network.name === name))
      throw conflict(`network with name ${name} already exists`);
    const ipam = (request.IPAM ?? {}) as { Config?: IpamBlock[] | null; Options?: Record<string, string> | null };
    const blocks = ipam.Config ?? [];
    const problems = blocks.flatMap(checkBlock);
    if (problems.length > 0) throw badRequest(`invalid network config:\n${problems.join('\n')}`);
    if (driver === 'overlay') throw new EngineError(503, notManager);
    if (driver === 'host' || driver === 'null') throw forbidden(`only one instance of "${driver}" network is allowed`);
    if (driver === 'macvlan' || driver === 'ipvlan') throw new EngineError(501, 'operation not supported');
    if (driver !== 'bridge') throw notFound(`plugin "${driver}" not found`);
    const taken = this.list().flatMap((network) => (network.pool ? [network.pool.subnet] : []));
    const [block] = blocks;
    const wanted = block?.Subnet ? parseSubnet(block.Subnet)! : undefined;
    if (wanted && taken.some((other) => overlaps(wanted, other)))
      throw forbidden('invalid pool request: Pool overlaps with other one on this address space');
    const subnet = wanted ?? freePool([...taken, ...this.#engine.foreignSubnets]);
    const range = block?.IPRange ? parseSubnet(block.IPRange)! : undefined;
    const pool = new AddressPool(subnet, block?.Gateway ? parseIp(block.Gateway) : undefined, range ?? subnet);
    for (const address of Object.values(block?.AuxiliaryAddresses ?? {})) pool.reserve(parseIp(address) ?? 0);
    const network = new DockerNetwork({
      id: this.world.random.stream('docker networks').hex(64),
      name,
      driver,
      created: this.world.clock.now(),
      internal: Boolean(request.Internal),
      attachable: Boolean(request.Attachable),
      options: (request.Options ?? {}) as Record<string, string>,
      labels: (request.Labels ?? {}) as Record<string, string>,
      ipamOptions: (ipam.Options ?? {}) as Record<string, string>,
      pool,
      userSubnet: wanted !== undefined,
      ...(wanted ? { blocks: [{ ...block!, Gateway: block!.Gateway ?? formatIp(pool.gateway) }] } : {}),
    });
    this.driver.createBridge(network);
    this.#byId.set(network.id, network);
    this.#event(network, 'create');
    return network;
  }

  /** @throws EngineError 403 for one that is predefined or in use */
  remove(network: DockerNetwork): void {
    if (network.predefined) throw forbidden(`${network.name} is a pre-defined network and cannot be removed`);
    const users = this.members(network);
    if (users.length > 0) {
      const list = users.map(
        ({ container, endpoint }) => `name:"${container.name}" id:"${endpoint.endpointId.slice(0, 12)}"`,
      );
      throw forbidden(
        `error while removing network: network ${network.name} has active endpoints (${list.join(', ')})`,
      );
    }
    this.driver.removeBridge(network);
    this.#byId.delete(network.id);
    this.#event(network, 'destroy');
  }

  /** Running containers in it. */
  members(network: DockerNetwork): { container: DockerContainer; endpoint: Endpoint }[] {
    return this.#engine.containers.list().flatMap((container) => {
      const endpoint = container.endpoints.get(network.name);
      return endpoint && endpoint.endpointId !== '' ? [{ container, endpoint }] : [];
    });
  }

  json(network: DockerNetwork, withContainers = true): Json {
    const containers: Json = {};
    if (withContainers)
      for (const { container, endpoint } of this.members(network).sort((a, b) =>
        a.container.id < b.container.id ? -1 : 1,
      ))
        containers[container.id] = {
          Name: container.name,
          EndpointID: endpoint.endpointId,
          MacAddress: endpoint.mac,
          IPv4Address: endpoint.ip === '' ? '' : `${endpoint.ip}/${network.bits}`,
          IPv6Address: '',
        };
    return network.json(containers);
  }

  #event(network: DockerNetwork, action: string, attributes: Record<string, string> = {}): void {
    this.#engine.events.emit('network', action, network.id, {
      name: network.name,
      type: network.driver,
      ...attributes,
    });
  }

  /** Puts an endpoint into the network and gives it an address. */
  attach(container: DockerContainer, endpoint: Endpoint): void {
    const network = this.find(endpoint.networkName);
    endpoint.networkId = network.id;
    endpoint.endpointId = this.world.random.stream('docker networks').hex(64);
    if (network.pool) {
      const wanted = endpoint.ipamConfig?.IPv4Address;
      const ip = network.pool.allocate(wanted ? parseIp(wanted) : undefined);
      endpoint.ip = formatIp(ip);
      endpoint.mac = endpoint.wantedMac || this.#newMac();
      this.driver.connect(container.namespace!, network, endpoint.ip, endpoint.mac);
    }
    this.#event(network, 'connect', { container: container.id });
  }

  #newMac(): string {
    const bytes = this.world.random.stream('docker networks').bytes(6);
    bytes[0] = (bytes[0]! & 0xfe) | 0x02;
    return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
  }

  detach(container: DockerContainer, endpoint: Endpoint): void {
    if (endpoint.endpointId === '') return;
    const network = this.lookup(endpoint.networkName);
    if (network?.pool && endpoint.ip !== '') {
      network.pool.release(parseIp(endpoint.ip)!);
      this.driver.disconnect(container.namespace!, network, endpoint.ip);
    }
    endpoint.endpointId = '';
    endpoint.ip = '';
    endpoint.mac = '';
    if (network) this.#event(network, 'disconnect', { container: container.id });
  }

  /** @throws EngineError for an address that isn't possible there */
  checkEndpoint(network: DockerNetwork, wantedIp: string | undefined, prefix: string): void {
    if (!wantedIp) return;
    const fail = (reason: string) => badRequest(`${prefix}invalid endpoint settings:\n${reason}`);
    const ip = parseIp(wantedIp);
    if (ip === undefined) throw fail(`invalid IPv4 address: ${wantedIp}`);
    if (!network.userDefined) throw fail('user specified IP address is supported on user defined networks only');
    if (!network.userSubnet)
      throw fail(
        'user specified IP address is supported only when connecting to networks with user configured subnets',
      );
    if (!contains(network.pool!.subnet, ip))
      throw fail(`no configured subnet or ip-range contain the IP address ${wantedIp}`);
  }

  snapshot(): unknown {
    return this.list().map((network) => this.json(network));
  }
}

function checkBlock(block: IpamBlock): string[] {
  const problems: string[] = [];
  const subnet: Subnet | undefined = block.Subnet ? parseSubnet(block.Subnet) : undefined;
  if (block.Subnet && !subnet) return [`invalid subnet ${block.Subnet}: invalid CIDR block notation`];
  if (!block.Subnet) return block.Gateway || block.IPRange ? ['invalid subnet : invalid CIDR block notation'] : [];
  if (block.IPRange) {
    const range = parseSubnet(block.IPRange);
    if (!range) problems.push(`invalid ip-range ${block.IPRange}: invalid CIDR block notation`);
    else if (subnet && !contains(subnet, range.base))
      problems.push(`invalid ip-range ${block.IPRange}: parent subnet is ${block.Subnet}`);
  }
  if (block.Gateway) {
    const gateway = parseIp(block.Gateway);
    if (gateway === undefined) problems.push(`invalid gateway ${block.Gateway}: invalid address`);
    else if (subnet && !contains(subnet, gateway))
      problems.push(`invalid gateway ${block.Gateway}: parent subnet is ${block.Subnet}`);
  }
  return problems;
}

/** What a client asks of an endpoint. */
export function endpointOf(networkName: string, settings: Json | null | undefined, connectedLater: boolean): Endpoint {
  const config = (settings ?? {}) as {
    IPAMConfig?: { IPv4Address?: string } | null;
    Aliases?: string[] | null;
    Links?: string[] | null;
    MacAddress?: string;
    DriverOpts?: Record<string, string> | null;
  };
  return {
    networkName,
    networkId: '',
    endpointId: '',
    ip: '',
    mac: '',
    aliases: config.Aliases ?? [],
    links: config.Links ?? [],
    ipamConfig: config.IPAMConfig ?? null,
    driverOpts: config.DriverOpts ?? null,
    connectedLater,
    wantedMac: config.MacAddress ?? '',
  };
}

const listFilters = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'];

export function networkRoutes(engine: DockerEngine): Route[] {
  const { networks } = engine;
  return [
    {
      method: 'GET',
      pattern: '/networks',
      handle: ({ query }) => {
        const filters = Filters.parse(query.get('filters'), listFilters);
        const dangling = filters.bool('dangling');
        for (const type of filters.get('type'))
          if (type !== 'custom' && type !== 'builtin') throw badRequest(`invalid filter: 'type'='${type}'`);
        const found = networks
          .list()
          .filter(
            (network) =>
              filters.exact('driver', network.driver) &&
              filters.exact('scope', 'local') &&
              filters.match('name', network.name) &&
              (!filters.has('id') || filters.get('id').some((id) => network.id.startsWith(id))) &&
              filters.labels('label', network.labels) &&
              filters.exact('type', network.predefined ? 'builtin' : 'custom') &&
              (dangling === undefined || dangling === (!network.predefined && networks.members(network).length === 0)),
          );
        return json(found.map((network) => networks.json(network, false)));
      },
    },
    {
      method: 'POST',
      pattern: '/networks/create',
      handle: async (request) => json({ Id: networks.create(await readJson(request)).id, Warning: '' }, 201),
    },
    {
      method: 'POST',
      pattern: '/networks/prune',
      handle: ({ query }) => {
        const filters = Filters.parse(query.get('filters'), ['label', 'label!', 'until']);
        const until = Math.min(
          ...filters.get('until').map((text) => untilTime(text, engine.world.clock.now())),
          Infinity,
        );
        const deleted: string[] = [];
        for (const network of networks.list()) {
          if (network.predefined || networks.members(network).length > 0 || network.created >= until) continue;
          if (!filters.labels('label', network.labels) || !filters.withoutLabels('label!', network.labels)) continue;
          networks.remove(network);
          deleted.push(network.name);
        }
        return json({ NetworksDeleted: deleted.length > 0 ? deleted : null });
      },
    },
    {
      method: 'POST',
      pattern: '/networks/{id}/connect',
      handle: async (request) => {
        const body = await readJson(request);
        const network = networks.find(request.params.id!);
        const container = engine.containers.find(String(body.Container ?? ''));
        connect(engine, network, container, (body.EndpointConfig ?? {}) as Json);
        return empty(200);
      },
    },
    {
      method: 'POST',
      pattern: '/networks/{id}/disconnect',
      handle: async (request) => {
        const body = await readJson(request);
        const network = networks.find(request.params.id!);
        const container = engine.containers.find(String(body.Container ?? ''));
        const endpoint = container.endpoints.get(network.name);
        if (!endpoint) throw forbidden(`container ${container.id} is not connected to network ${network.name}`);
        networks.detach(container, endpoint);
        container.endpoints.delete(network.name);
        engine.updateNames(container);
        return empty(200);
      },
    },
    {
      method: 'GET',
      pattern: '/networks/{id}',
      handle: ({ params }) => json(networks.json(networks.find(params.id!))),
    },
    {
      method: 'DELETE',
      pattern: '/networks/{id}',
      handle: ({ params }) => {
        networks.remove(networks.find(params.id!));
        return empty();
      },
    },
  ];
}

function connect(engine: DockerEngine, network: DockerNetwork, container: DockerContainer, settings: Json): void {
  const { networks } = engine;
  if (container.endpoints.has(network.name))
    throw forbidden(`endpoint with name ${container.name} already exists in network ${network.name}`);
  if (network.name === 'host' || container.endpoints.has('host'))
    throw forbidden(
      network.name === 'host'
        ? 'container cannot be connected to host network'
        : 'container cannot be disconnected from host network or connected to host network',
    );
  const endpoint = endpointOf(network.name, settings, true);
  networks.checkEndpoint(network, endpoint.ipamConfig?.IPv4Address, '');
  container.endpoints.delete('none');
  container.endpoints.set(network.name, endpoint);
  endpoint.networkId = network.id;
  if (!container.running) return;
  try {
    networks.attach(container, endpoint);
  } catch (error) {
    container.endpoints.delete(network.name);
    throw error instanceof EngineError ? error : serverError(String(error));
  }
  engine.updateNames(container);
}
