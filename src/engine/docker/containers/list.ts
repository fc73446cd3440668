import { perlRegex } from '../../regex/linear.ts';
import { humanDuration } from '../../world/index.ts';
import type { DockerEngine } from '../engine.ts';
import { badRequest, EngineError } from '../errors.ts';
import { Filters, untilTime } from '../filters.ts';
import { splitPort } from '../networks/ports.ts';
import { json, type Json, type RouteRequest } from '../router.ts';
import type { DockerContainer } from './container.ts';
import { layerSize, networksJson } from './inspect.ts';

const accepted = [
  'ancestor', 'before', 'exited', 'expose', 'health', 'id', 'is-task', 'isolation', 'label', 'name', 'network', 'publish',
  'since', 'status', 'volume',
]; // prettier-ignore
const states = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'];

/** The text of STATUS. */
export function statusText(container: DockerContainer): string {
  const now = container.now();
  const since = (time: number | undefined) => humanDuration(now - (time ?? now));
  switch (container.status) {
    case 'created':
      return 'Created';
    case 'dead':
      return 'Dead';
    case 'removing':
      return 'Removal In Progress';
    case 'restarting':
      return `Restarting (${container.exitCode}) ${since(container.finishedAt)} ago`;
    case 'exited':
      return `Exited (${container.exitCode}) ${since(container.finishedAt)} ago`;
    case 'paused':
      return `Up ${since(container.startedAt)} (Paused)`;
    case 'running': {
      const { health } = container;
      const suffix = !health ? '' : health.status === 'starting' ? ' (health: starting)' : ` (${health.status})`;
      return `Up ${since(container.startedAt)}${suffix}`;
    }
  }
}

/** `GET /containers/json`: newest first. @throws EngineError 400 for a bad filter, 404 for bounds that aren't there */
export function listContainers(engine: DockerEngine, request: RouteRequest) {
  const { query } = request;
  const filters = Filters.parse(query.get('filters'), accepted);
  for (const state of filters.get('status'))
    if (!states.includes(state))
      throw badRequest(
        `invalid filter 'status=${state}': invalid value for state (${state}): must be one of ${states.join(', ')}`,
      );
  const exitCodes = filters.get('exited').map((text) => {
    if (!/^[+-]?\d+$/.test(text))
      throw badRequest(`invalid filter 'exited=${text}': strconv.Atoi: parsing "${text}": invalid syntax`);
    return Number(text);
  });
  for (const health of filters.get('health'))
    if (!['none', 'starting', 'healthy', 'unhealthy'].includes(health))
      throw badRequest(
        `invalid filter 'health=${health}': invalid value for health (${health}): must be one of none, starting, healthy, unhealthy`,
      );
  const limit = query.int('limit') ?? 0;
  const all =
    query.bool('all') ||
    limit > 0 ||
    ['status', 'exited', 'before', 'since'].some((name) => filters.has(name)) ||
    false;
  const everything = engine.containers.list();
  const position = (name: 'before' | 'since') =>
    filters.get(name).map((wanted) => everything.indexOf(engine.containers.find(wanted)));
  const before = Math.min(...position('before'), Infinity);
  const since = Math.max(...position('since'), -Infinity);
  const ancestors = ancestorsOf(engine, filters);
  const chosen = everything.filter((container, i) => {
    if (!all && !container.running && !container.restarting) return false;
    if (i >= before || i <= since) return false;
    if (exitCodes.length > 0 && !(container.status === 'exited' && exitCodes.includes(container.exitCode)))
      return false;
    return (
      filters.exact('status', container.status) &&
      filters.exact('health', container.health?.status ?? 'none') &&
      (!filters.has('id') || filters.get('id').some((id) => container.id.startsWith(id) || id === container.name)) &&
      (!filters.has('name') || filters.get('name').some((name) => nameFits(name, container.name))) &&
      filters.labels('label', container.config.Labels) &&
      (!ancestors || ancestors.has(container.imageId)) &&
      (!filters.has('network') || filters.get('network').some((network) => inNetwork(container, network))) &&
      (!filters.has('volume') ||
        filters
          .get('volume')
          .some((volume) =>
            container.mounts.some((m) => m.Name === volume || m.Source === volume || m.Destination === volume),
          )) &&
      (!filters.has('publish') || filters.get('publish').some((port) => publishes(container, port))) &&
      (!filters.has('expose') || filters.get('expose').some((port) => exposes(container, port)))
    );
  });
  chosen.reverse();
  const rows = limit > 0 ? chosen.slice(0, limit) : chosen;
  return json(rows.map((container) => summary(engine, container, query.bool('size'))));
}

function nameFits(pattern: string, name: string): boolean {
  if (name.includes(pattern)) return true;
  try {
    const regex = perlRegex(pattern);
    return regex.exec(name) !== null || regex.exec(`/${name}`) !== null;
  } catch {
    return false;
  }
}

function inNetwork(container: DockerContainer, network: string): boolean {
  for (const endpoint of container.endpoints.values())
    if (
      endpoint.networkName === network ||
      (endpoint.networkId !== '' && endpoint.networkId.startsWith(network) && network.length > 2)
    )
      return true;
  return false;
}

function ancestorsOf(engine: DockerEngine, filters: Filters): Set<string> | undefined {
  if (!filters.has('ancestor')) return undefined;
  const ids = new Set<string>();
  for (const name of filters.get('ancestor')) {
    const stored = engine.images.lookup(name);
    if (!stored) continue;
    ids.add(stored.image.id);
    // Images built on it count, too.
    const layers = stored.details.layers;
    for (const other of engine.images.list())
      if (
        layers.length > 0 &&
        layers.every((layer, i) => other.details.layers[i]?.diffId === layer.diffId) &&
        other.parent !== ''
      )
        ids.add(other.image.id);
  }
  return ids;
}

function portRange(text: string): { first: number; last: number; protocol: string } {
  const { protocol } = splitPort(text);
  const [first = '', last = first] = text.split('/')[0]!.split('-');
  return { first: Number(first), last: Number(last), protocol };
}

function publishes(container: DockerContainer, text: string): boolean {
  const { first, last, protocol } = portRange(text);
  return container.published.some((p) => p.hostPort >= first && p.hostPort <= last && p.protocol === protocol);
}

function exposes(container: DockerContainer, text: string): boolean {
  const { first, last, protocol } = portRange(text);
  return Object.keys(container.config.ExposedPorts ?? {}).some((key) => {
    const own = splitPort(key);
    return own.port >= first && own.port <= last && own.protocol === protocol;
  });
}

export function commandText(argv: readonly string[]): string {
  return argv.map((arg, i) => (i > 0 && arg.includes(' ') ? `'${arg}'` : arg)).join(' ');
}

function ports(container: DockerContainer): Json[] {
  if (!container.running) return [];
  const rows: Json[] = container.published.map((p) => ({
    IP: p.hostIp,
    PrivatePort: p.containerPort,
    PublicPort: p.hostPort,
    Type: p.protocol,
  }));
  for (const key of Object.keys(container.config.ExposedPorts ?? {})) {
    const { port, protocol } = splitPort(key);
    if (container.endpoints.has('host')) continue;
    if (!container.published.some((p) => p.containerPort === port && p.protocol === protocol))
      rows.push({ PrivatePort: port, Type: protocol });
  }
  return rows;
}

function summary(engine: DockerEngine, container: DockerContainer, size: boolean): Json {
  const { config, stored } = container;
  const named = engine.images.lookup(config.Image);
  return {
    Id: container.id,
    Names: [`/${container.name}`, ...linkNames(engine, container)],
    Image: named === stored || (named && named.image.id === container.imageId) ? config.Image : container.imageId,
    ImageID: container.imageId,
    Command: commandText(container.argv),
    Created: Math.floor(container.created / 1000),
    Ports: ports(container),
    ...(size ? { SizeRw: layerSize(container), SizeRootFs: stored.details.size + layerSize(container) } : {}),
    Labels: config.Labels,
    State: container.status,
    Status: statusText(container),
    HostConfig: { NetworkMode: container.hostConfig.NetworkMode },
    NetworkSettings: { Networks: networksJson(engine, container) },
    Mounts: container.mounts.filter((mount) => mount.Type !== 'tmpfs'),
  };
}

function linkNames(engine: DockerEngine, container: DockerContainer): string[] {
  return engine.containers
    .list()
    .flatMap((other) =>
      other.links.filter((link) => link.container === container).map((link) => `/${other.name}/${link.alias}`),
    );
}

/** `POST /containers/prune`. */
export function prunable(engine: DockerEngine, request: RouteRequest): DockerContainer[] {
  const filters = Filters.parse(request.query.get('filters'), ['label', 'label!', 'until']);
  const until = Math.min(...filters.get('until').map((text) => untilTime(text, engine.world.clock.now())), Infinity);
  return engine.containers
    .list()
    .filter(
      (container) =>
        !container.running &&
        !container.restarting &&
        container.created < until &&
        filters.labels('label', container.config.Labels) &&
        filters.withoutLabels('label!', container.config.Labels),
    );
}

export { EngineError };
