import type { DockerEngine } from '../engine.ts';
import { badRequest, conflict, EngineError, notFound } from '../errors.ts';
import { configJson, healthJson } from '../images/details.ts';
import { endpointOf } from '../networks/networks.ts';
import type { Json } from '../router.ts';
import { DockerContainer } from './container.ts';
import { hostConfigOf, type ContainerConfig, type HealthConfig, type HostConfig } from './config.ts';
import { resolveMounts } from './mounts.ts';
import { checkSecurityOptions, lackingCapabilities } from './privileges.ts';

/** `POST /containers/create`. @throws EngineError 400, 404, 409 */
export function createContainer(
  engine: DockerEngine,
  wantedName: string,
  body: Json,
): { container: DockerContainer; warnings: string[] } {
  const { containers, images, world } = engine;
  if (wantedName !== '') {
    const bare = wantedName.replace(/^\//, '');
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(bare)) containers.checkName(wantedName);
  }
  const imageName = String(body.Image ?? '');
  const stored = images.lookup(imageName);
  if (!stored) {
    const error = images.missing(imageName);
    throw error.status === 404 ? notFound(error.message) : error;
  }
  const hostConfig = hostConfigOf((body.HostConfig ?? {}) as Partial<HostConfig>);
  const config = mergeConfig(body, stored.image.config);
  const argv = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
  if (argv.length === 0) throw badRequest('no command specified');
  const warnings = checkHostConfig(hostConfig);
  lackingCapabilities(hostConfig);
  checkSecurityOptions((hostConfig.SecurityOpt as string[] | null) ?? []);
  checkHealth(config.Healthcheck);
  if (config.WorkingDir !== '' && !config.WorkingDir.startsWith('/'))
    throw badRequest(`the working directory '${config.WorkingDir}' is invalid, it needs to be an absolute path`);
  if (wantedName !== '') containers.checkName(wantedName);
  const name = wantedName === '' ? containers.newName() : wantedName.replace(/^\//, '');
  const id = world.random.stream('docker containers').hex(64);
  const hostMode = hostConfig.NetworkMode === 'host';
  if (hostMode) config.Hostname ||= engine.host.hostname;
  else if (!hostConfig.NetworkMode.startsWith('container:')) config.Hostname ||= id.slice(0, 12);
  const container = new DockerContainer({ world, id, name, config, hostConfig, stored, argv });
  planNetworks(engine, container, (body.NetworkingConfig ?? {}) as Json);
  planLinks(engine, container);
  resolveMounts(engine, container);
  containers.add(container);
  engine.events.emit('container', 'create', id, container.attributes);
  return { container, warnings };
}

/** runconfig.Merge: what the client says, with the image's values where it says nothing. */
function mergeConfig(body: Json, image: DockerContainer['image']['config']): ContainerConfig {
  const given = body as Partial<ContainerConfig>;
  const own = configJson(image) as unknown as ContainerConfig;
  const env = [...(given.Env ?? [])];
  const named = new Set(env.map((entry) => entry.split('=', 1)[0]));
  for (const entry of own.Env) if (!named.has(entry.split('=', 1)[0])) env.push(entry);
  let { Entrypoint: entrypoint = null, Cmd: cmd = null } = given;
  if (cmd && cmd.length === 0) cmd = null;
  if (!entrypoint || entrypoint.length === 0) {
    cmd ??= own.Cmd;
    entrypoint = entrypoint === null || entrypoint.length > 0 ? own.Entrypoint : null;
  } else if (entrypoint.length === 1 && entrypoint[0] === '') entrypoint = null;
  const exposed = { ...given.ExposedPorts, ...own.ExposedPorts };
  for (const key of Object.keys(((body.HostConfig ?? {}) as Partial<HostConfig>).PortBindings ?? {}))
    exposed[key] ??= {};
  const volumes = { ...given.Volumes, ...own.Volumes };
  const health = mergeHealth(
    given.Healthcheck,
    image.healthcheck ? (healthJson(image.healthcheck) as HealthConfig) : undefined,
  );
  return {
    Hostname: given.Hostname ?? '',
    Domainname: given.Domainname ?? '',
    User: given.User || own.User || '',
    AttachStdin: given.AttachStdin ?? false,
    AttachStdout: given.AttachStdout ?? false,
    AttachStderr: given.AttachStderr ?? false,
    ...(Object.keys(exposed).length > 0 ? { ExposedPorts: exposed } : {}),
    Tty: given.Tty ?? false,
    OpenStdin: given.OpenStdin ?? false,
    StdinOnce: given.StdinOnce ?? false,
    Env: env,
    Cmd: cmd,
    ...(health ? { Healthcheck: health } : {}),
    Image: given.Image ?? '',
    Volumes: Object.keys(volumes).length > 0 ? volumes : null,
    WorkingDir: given.WorkingDir || own.WorkingDir || '',
    Entrypoint: entrypoint,
    ...(given.NetworkDisabled ? { NetworkDisabled: true } : {}),
    OnBuild: null,
    Labels: Object.fromEntries(Object.entries({ ...own.Labels, ...given.Labels }).sort(([a], [b]) => (a < b ? -1 : 1))),
    ...(given.StopSignal || own.StopSignal ? { StopSignal: given.StopSignal || own.StopSignal } : {}),
    ...(given.StopTimeout === undefined || given.StopTimeout === null ? {} : { StopTimeout: given.StopTimeout }),
    ...(own.Shell ? { Shell: own.Shell } : {}),
  };
}

function mergeHealth(given: HealthConfig | undefined, image: HealthConfig | undefined): HealthConfig | undefined {
  if (!given) return image;
  if (!image) return given.Test && given.Test.length > 0 ? given : Object.keys(given).length > 0 ? given : undefined;
  return {
    ...image,
    ...Object.fromEntries(
      Object.entries(given).filter(([, value]) => value && !(Array.isArray(value) && value.length === 0)),
    ),
  };
}

function checkHealth(health: HealthConfig | undefined): void {
  if (!health) return;
  for (const [field, text] of [
    ['Interval', 'interval'],
    ['Timeout', 'timeout'],
    ['StartPeriod', 'start period'],
  ] as const) {
    const value = health[field];
    if (value && value < 1e6)
      throw badRequest(`${text === 'start period' ? 'StartPeriod' : field} in Healthcheck cannot be less than 1ms`);
  }
  if ((health.Retries ?? 0) < 0) throw badRequest('Retries in Healthcheck cannot be negative');
}

const restartPolicies = ['no', 'always', 'on-failure', 'unless-stopped'];

function checkHostConfig(host: HostConfig): string[] {
  const warnings: string[] = [];
  const { Name, MaximumRetryCount } = host.RestartPolicy;
  if (!restartPolicies.includes(Name))
    throw badRequest(
      `invalid restart policy: unknown policy '${Name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
    );
  if (MaximumRetryCount !== 0 && Name !== 'on-failure')
    throw badRequest("invalid restart policy: maximum retry count can only be used with 'on-failure'");
  if (host.AutoRemove && Name !== 'no') throw badRequest("can't create 'AutoRemove' container with restart policy");
  if (host.Memory > 0 && host.Memory < 6 * 1024 * 1024) throw badRequest('Minimum memory limit allowed is 6MB');
  if (host.MemorySwap > 0 && host.MemorySwap < host.Memory)
    throw badRequest('Minimum memoryswap limit should be larger than memory limit, see usage');
  if (host.NanoCpus > 8e9) throw badRequest('range of CPUs is from 0.01 to 8.00, as there are only 8 CPUs available');
  if (host.NanoCpus > 0 && (host.CpuPeriod > 0 || host.CpuQuota > 0))
    throw badRequest('Conflicting options: Nano CPUs and CPU Period cannot both be set');
  if (!logDrivers.has(host.LogConfig.Type))
    throw new EngineError(500, `logger: no log driver named '${host.LogConfig.Type}' is registered`);
  return warnings;
}

const logDrivers = new Set([
  'json-file',
  'local',
  'none',
  'syslog',
  'journald',
  'gelf',
  'fluentd',
  'awslogs',
  'splunk',
  'gcplogs',
  'etwlogs',
]);

function planNetworks(engine: DockerEngine, container: DockerContainer, networking: Json): void {
  const { hostConfig } = container;
  const mode = hostConfig.NetworkMode;
  const asked = (networking.EndpointsConfig ?? {}) as Record<string, Json | null>;
  const wanted = Object.fromEntries(
    Object.entries(asked).map(([key, value]) => [key === 'default' ? 'bridge' : key, value]),
  );
  if (mode.startsWith('container:')) {
    if (Object.keys(hostConfig.PortBindings).length > 0 || hostConfig.PublishAllPorts)
      throw badRequest('conflicting options: port publishing and the container type network mode');
    if (container.config.Hostname !== '') throw badRequest('conflicting options: hostname and the network mode');
    return;
  }
  const known = engine.networks.lookup(mode);
  const name = known?.name ?? mode;
  const all = new Map<string, Json | null>([[name, wanted[mode] ?? wanted[name] ?? null]]);
  for (const [key, settings] of Object.entries(wanted)) {
    const network = engine.networks.lookup(key)?.name ?? key;
    if (!all.has(network)) all.set(network, settings);
  }
  for (const [key, settings] of all) {
    const network = engine.networks.lookup(key);
    const endpoint = endpointOf(key, settings, false);
    if (network && endpoint.aliases.length > 0 && !network.userDefined)
      throw badRequest(
        `invalid config for network ${key}: invalid endpoint settings:\nnetwork-scoped aliases are only supported for user-defined networks`,
      );
    if (network)
      engine.networks.checkEndpoint(network, endpoint.ipamConfig?.IPv4Address, `invalid config for network ${key}: `);
    container.endpoints.set(key, endpoint);
  }
}

function planLinks(engine: DockerEngine, container: DockerContainer): void {
  for (const link of container.hostConfig.Links ?? []) {
    const [name = '', alias = name] = link.split(':');
    let target: DockerContainer;
    try {
      target = engine.containers.find(name);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      throw badRequest(`could not get container for ${name}: ${error.message}`);
    }
    if (target.hostConfig.NetworkMode === 'host')
      throw badRequest(
        "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
      );
    container.links.push({ alias: alias.replace(/^\//, ''), container: target });
  }
}

export { conflict };
