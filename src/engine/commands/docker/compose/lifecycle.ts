import { CliError, DaemonError } from '../framework/errors.ts';
import type { ContainerRow } from '../container/list-format.ts';
import { configHash, containerName, createBody, imageName } from './create.ts';
import { containersOf, label, nameOf, numberOf, serviceOf, type ComposeContext } from './framework.ts';
import { buildServices, imageId, pullService } from './images.ts';
import { order } from './project/load.ts';
import type { Project, Service } from './project/types.ts';

export interface CreateOptions {
  services: readonly string[];
  build?: boolean;
  noBuild?: boolean;
  forceRecreate?: boolean;
  noRecreate?: boolean;
  pull?: string;
  scale?: ReadonlyMap<string, number>;
  noDeps?: boolean;
  removeOrphans?: boolean;
}

/** Services that a command is about, in the order of their dependencies. @throws CliError */
export function chosenServices(project: Project, names: readonly string[], dependencies = true): Service[] {
  for (const name of names) {
    const disabled = project.disabled[name];
    if (disabled) project.services[name] = disabled;
    if (!project.services[name]) throw new CliError(`no such service: ${name}`);
  }
  const all = order(project, names.length > 0 ? names : undefined);
  return dependencies ? all : all.filter(({ name }) => names.length === 0 || names.includes(name));
}

/** Makes sure of images, networks, volumes and containers. @throws CliError */
export async function createProject(context: ComposeContext, project: Project, options: CreateOptions): Promise<Service[]> {
  const services = chosenServices(project, options.services, !options.noDeps);
  await ensureImages(context, project, services, options);
  await ensureNetworks(context, project, services);
  await ensureVolumes(context, project, services);
  const present = await containersOf(context, project.name);
  const orphans = present.filter((row) => !project.services[serviceOf(row)] && !project.disabled[serviceOf(row)]);
  if (orphans.length > 0) {
    if (options.removeOrphans) for (const row of orphans) await stopAndRemove(context, row);
    else
      await context.err(
        `time="${new Date(context.process.world.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z')}" level=warning msg="Found orphan containers ([${orphans.map(nameOf).join(' ')}]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up."\n`,
      );
  }
  for (const service of services) await ensureContainers(context, project, service, present, options);
  return services;
} // prettier-ignore

export async function ensureImages(context: ComposeContext, project: Project, services: readonly Service[], options: CreateOptions): Promise<void> {
  const toBuild: Service[] = [];
  for (const service of services) {
    const known = await imageId(context, imageName(project, service));
    const policy = options.pull ?? service.pull_policy ?? 'missing';
    if (service.build && (options.build || (known === undefined && !options.noBuild))) toBuild.push(service);
    else if (policy === 'always' && !service.build) await pullService(context, project, service);
    else if (known === undefined) {
      if (service.build) throw new CliError(`Error response from daemon: No such image: ${imageName(project, service)}:latest`);
      if (policy === 'never') throw new CliError(`Error response from daemon: No such image: ${service.image}`);
      await pullService(context, project, service);
    }
  }
  await buildServices(context, project, toBuild);
} // prettier-ignore

export async function ensureNetworks(context: ComposeContext, project: Project, services: readonly Service[]): Promise<void> {
  const { client, progress } = context;
  const used = new Set(services.flatMap((service) => Object.keys(service.networks ?? {})));
  for (const [key, network] of Object.entries(project.networks)) {
    if (!used.has(key)) continue;
    try {
      await client.json('GET', `/networks/${encodeURIComponent(network.name)}`);
      continue;
    } catch (error) {
      if (!(error instanceof DaemonError) || error.status !== 404) throw error;
    }
    if (network.external) throw new CliError(`network ${network.name} declared as external, but could not be found`);
    const id = `Network ${network.name}`;
    await progress.working(id, 'Creating');
    try {
      await client.json('POST', '/networks/create', {
        body: {
          Name: network.name,
          Driver: network.driver ?? 'bridge',
          Internal: network.internal ?? false,
          Attachable: network.attachable ?? false,
          Options: network.driver_opts ?? {},
          Labels: { ...network.labels, [label.network]: key, [label.project]: project.name, [label.version]: '2.40.3' },
          ...(network.ipam ? { IPAM: { Driver: network.ipam.driver ?? 'default', Config: (network.ipam.config ?? []).map((c) => ({ Subnet: c.subnet, Gateway: c.gateway, IPRange: c.ip_range })) } } : {}),
        },
      });
    } catch (error) {
      if (error instanceof DaemonError) {
        await progress.error(id, 'Error');
        throw new CliError(`failed to create network ${network.name}: ${error.message}`);
      }
      throw error;
    }
    await progress.done(id, 'Created');
  }
} // prettier-ignore

export async function ensureVolumes(context: ComposeContext, project: Project, services: readonly Service[]): Promise<void> {
  const { client, progress } = context;
  const used = new Set(services.flatMap((service) => (service.volumes ?? []).map((mount) => mount.source ?? '')));
  for (const [key, volume] of Object.entries(project.volumes)) {
    if (!used.has(key)) continue;
    try {
      await client.json('GET', `/volumes/${encodeURIComponent(volume.name)}`);
      continue;
    } catch (error) {
      if (!(error instanceof DaemonError) || error.status !== 404) throw error;
    }
    if (volume.external) throw new CliError(`external volume ${JSON.stringify(volume.name)} not found`);
    await progress.working(`Volume ${volume.name}`, 'Creating');
    await client.json('POST', '/volumes/create', {
      body: { Name: volume.name, Driver: volume.driver ?? 'local', DriverOpts: volume.driver_opts ?? {}, Labels: { ...volume.labels, [label.volume]: key, [label.project]: project.name, [label.version]: '2.40.3' } },
    });
    await progress.done(`Volume ${volume.name}`, 'Created');
  }
} // prettier-ignore

function wantedCount(service: Service, options: CreateOptions): number {
  return options.scale?.get(service.name) ?? Number(service.scale ?? service.deploy?.replicas ?? 1);
}

async function ensureContainers(context: ComposeContext, project: Project, service: Service, present: readonly ContainerRow[], options: CreateOptions): Promise<void> {
  const { progress } = context;
  const own = present.filter((row) => serviceOf(row) === service.name);
  const count = wantedCount(service, options);
  if (count > 1 && service.container_name)
    throw new CliError(`WARNING: The ${JSON.stringify(service.name)} service is using the custom container name ${JSON.stringify(service.container_name)}. Docker requires each container to have a unique name. Remove the custom name to scale the service`.replace('WARNING: ', ''));
  const hash = configHash(service);
  const id = await imageId(context, imageName(project, service));
  for (const row of own.slice(count)) await stopAndRemove(context, row);
  for (const row of own.slice(0, count)) {
    const same = row.Labels?.[label.hash] === hash && row.ImageID === id;
    if (options.noRecreate || (same && !options.forceRecreate)) {
      if (row.State === 'running') await progress.done(`Container ${nameOf(row)}`, 'Running');
      continue;
    }
    const name = `Container ${nameOf(row)}`;
    await progress.working(name, 'Recreate');
    if (row.State === 'running') await context.client.request('POST', `/containers/${row.Id}/stop`);
    await context.client.request('DELETE', `/containers/${row.Id}`, { query: { force: true } });
    await createOne(context, project, service, numberOf(row), id);
    await progress.done(name, 'Recreated');
  }
  const numbers = new Set(own.map(numberOf));
  for (let missing = count - Math.min(own.length, count), number = 1; missing > 0; number++) {
    if (numbers.has(number)) continue;
    missing--;
    const name = `Container ${containerName(project, service, number)}`;
    await progress.working(name, 'Creating');
    try {
      await createOne(context, project, service, number, id);
    } catch (error) {
      if (error instanceof DaemonError) await progress.error(name, error.message, 'Error');
      throw error;
    }
    await progress.done(name, 'Created');
  }
} // prettier-ignore

async function createOne(context: ComposeContext, project: Project, service: Service, number: number, id: string | undefined): Promise<void> {
  await context.client.json('POST', '/containers/create', {
    query: { name: containerName(project, service, number) },
    body: createBody(project, service, { number, ...(id === undefined ? {} : { imageId: id }) }),
  });
} // prettier-ignore

export async function stopAndRemove(context: ComposeContext, row: ContainerRow, timeout?: number, volumes = false): Promise<void> {
  const { client, progress } = context;
  const name = `Container ${nameOf(row)}`;
  await progress.working(name, 'Stopping');
  await client.request('POST', `/containers/${row.Id}/stop`, { query: { ...(timeout === undefined ? {} : { t: timeout }) } }).catch(ignoreGone);
  await progress.done(name, 'Stopped');
  await progress.working(name, 'Removing');
  await client.request('DELETE', `/containers/${row.Id}`, { query: { force: true, ...(volumes ? { v: true } : {}) } }).catch(ignoreGone);
  await progress.done(name, 'Removed');
} // prettier-ignore

/** 304: it is stopped already; 404: it is gone. */
export function ignoreGone(error: unknown): undefined {
  if (error instanceof DaemonError && (error.status === 304 || error.status === 404)) return undefined;
  throw error;
}

interface Inspected {
  State: { Status: string; ExitCode: number; Health?: { Status: string } };
}

/** Starts what is created and not running, after what it depends on. @throws CliError */
export async function startServices(context: ComposeContext, project: Project, services: readonly Service[], quiet = false): Promise<void> {
  const { client, progress } = context;
  const rows = await containersOf(context, project.name);
  for (const service of services) {
    await waitForDependencies(context, project, service, services);
    for (const row of rows) {
      if (serviceOf(row) !== service.name || row.State === 'running') continue;
      const name = `Container ${nameOf(row)}`;
      if (!quiet) await progress.working(name, 'Starting');
      try {
        await client.request('POST', `/containers/${row.Id}/start`);
      } catch (error) {
        if (error instanceof DaemonError && error.status !== 304 && !quiet) await progress.error(name, 'Error');
        if (error instanceof DaemonError && error.status === 304) continue;
        throw error;
      }
      if (!quiet) await progress.done(name, 'Started');
    }
  }
} // prettier-ignore

async function waitForDependencies(context: ComposeContext, project: Project, service: Service, services: readonly Service[]): Promise<void> {
  for (const [name, { condition }] of Object.entries(service.depends_on ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (condition === 'service_started' || !services.some((other) => other.name === name)) continue;
    for (const row of (await containersOf(context, project.name)).filter((r) => serviceOf(r) === name)) await waitFor(context, row, condition);
  }
} // prettier-ignore

/** Waits until a container is healthy, or has ended well. @throws CliError */
export async function waitFor(context: ComposeContext, row: ContainerRow, condition: string): Promise<void> {
  const { client, process, progress } = context;
  const name = nameOf(row);
  await progress.working(`Container ${name}`, 'Waiting');
  for (;;) {
    const { State: state } = await client.json<Inspected>('GET', `/containers/${row.Id}/json`);
    if (condition === 'service_completed_successfully') {
      if (state.Status === 'exited') {
        if (state.ExitCode === 0) return progress.done(`Container ${name}`, 'Exited');
        await progress.error(`Container ${name}`, `service ${JSON.stringify(serviceOf(row))} didn't complete successfully: exit ${state.ExitCode}`);
        throw new CliError(`service ${JSON.stringify(serviceOf(row))} didn't complete successfully: exit ${state.ExitCode}`);
      }
    } else {
      if (state.Health?.Status === 'healthy' || (condition === 'running_or_healthy' && !state.Health && state.Status === 'running'))
        return progress.done(`Container ${name}`, 'Healthy');
      if (!state.Health && condition === 'service_healthy') throw await failed(context, name, `container ${name} has no healthcheck configured`);
      if (state.Health?.Status === 'unhealthy') throw await failed(context, name, `dependency failed to start: container ${name} is unhealthy`);
      if (state.Status === 'exited') throw await failed(context, name, `dependency failed to start: container ${name} exited (${state.ExitCode})`);
    }
    await process.sleep(500);
  }
} // prettier-ignore

async function failed({ progress }: ComposeContext, name: string, message: string): Promise<CliError> {
  await progress.error(`Container ${name}`, 'Error');
  return new CliError(message);
}
