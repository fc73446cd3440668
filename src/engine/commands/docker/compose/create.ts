import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { parseMemory } from '../../../world/index.ts';
import { parseDuration } from '../../kubectl/framework/values.ts';
import { CliError } from '../framework/errors.ts';
import { composeVersion, label } from './framework.ts';
import type { Project, Service } from './project/types.ts';

/** What a container's settings depend on: another hash means that it is made anew. */
export function configHash(service: Service): string {
  const { build: _, depends_on: __, scale: ___, profiles: ____, ...rest } = service;
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(rest))));
}

export function imageName(project: Project, service: Service): string {
  return service.image ?? `${project.name}-${service.name}`;
}

const nanos = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  try {
    return parseDuration(text) * 1e6;
  } catch {
    throw new CliError(`invalid duration: ${JSON.stringify(text)}`);
  }
};

export interface Override {
  number: number;
  oneoff?: boolean;
  command?: readonly string[];
  entrypoint?: readonly string[];
  environment?: readonly string[];
  tty?: boolean;
  stdin?: boolean;
  ports?: boolean;
  user?: string;
  workingDir?: string;
  remove?: boolean;
  imageId?: string;
  volumes?: readonly string[];
  publish?: readonly string[];
}

/** The body of `POST /containers/create` for a service. @throws CliError */
export function createBody(project: Project, service: Service, options: Override): Record<string, unknown> {
  const labels: Record<string, string> = {
    ...service.labels,
    [label.hash]: configHash(service),
    [label.number]: String(options.number),
    [label.depends]: Object.entries(service.depends_on ?? {})
      .map(([name, { condition, restart }]) => `${name}:${condition}:${restart ?? false}`)
      .join(','),
    [label.image]: options.imageId ?? '',
    [label.oneoff]: options.oneoff ? 'True' : 'False',
    [label.project]: project.name,
    [label.files]: project.files.join(','),
    [label.directory]: project.workingDirectory,
    [label.service]: service.name,
    [label.version]: composeVersion,
  };
  const environment = Object.entries(service.environment ?? {})
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key}=${value}`);
  const own = new Set((options.environment ?? []).map((entry) => entry.split('=', 1)[0]));
  const exposed: Record<string, unknown> = {};
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {};
  for (const port of service.expose ?? []) exposed[port.includes('/') ? port : `${port}/tcp`] = {};
  if (options.ports !== false)
    for (const { target, published, protocol, host_ip: ip } of service.ports ?? []) {
      exposed[`${target}/${protocol}`] = {};
      (bindings[`${target}/${protocol}`] ??= []).push({ HostIp: ip ?? '', HostPort: published ?? '' });
    }
  for (const spec of options.publish ?? []) {
    const [host = '', target = ''] = spec.split(':');
    exposed[`${target}/tcp`] = {};
    (bindings[`${target}/tcp`] ??= []).push({ HostIp: '', HostPort: host });
  }
  const binds: string[] = [...(options.volumes ?? [])];
  const mounts: Record<string, unknown>[] = [];
  const anonymous: Record<string, unknown> = {};
  const tmpfs: Record<string, string> = {};
  for (const mount of service.volumes ?? []) {
    const mode = mount.read_only ? 'ro' : 'rw';
    if (mount.type === 'tmpfs') tmpfs[mount.target] = '';
    else if (mount.type === 'bind') binds.push(`${mount.source}:${mount.target}:${mode}`);
    else if (mount.source) binds.push(`${project.volumes[mount.source]?.name ?? mount.source}:${mount.target}:${mode}`);
    else anonymous[mount.target] = {};
  }
  for (const kind of ['secrets', 'configs'] as const)
    for (const { source, target } of service[kind] ?? []) {
      const file = project[kind][source]?.file;
      if (!file) throw new CliError(`slipway: ${kind} that are no files are not simulated`);
      const place = kind === 'secrets' ? (target?.startsWith('/') ? target : `/run/secrets/${target ?? source}`) : (target ?? `/${source}`);
      binds.push(`${file}:${place}:ro`);
    }
  for (const path of service.tmpfs ?? []) {
    const [where = '', settings = ''] = path.split(':');
    tmpfs[where] = settings;
  }
  const networks = Object.keys(service.networks ?? {});
  const nameOf = (key: string) => project.networks[key]?.name ?? key;
  const first = networks[0];
  const mode = service.network_mode ?? (first === undefined ? 'none' : nameOf(first));
  const endpoints = Object.fromEntries(
    networks.map((key) => {
      const settings = service.networks?.[key];
      return [
        nameOf(key),
        {
          Aliases: [...new Set([...(options.oneoff ? [] : [containerName(project, service, options.number)]), ...(options.oneoff ? [] : [service.name]), ...(settings?.aliases ?? [])])],
          ...(settings?.ipv4_address ? { IPAMConfig: { IPv4Address: settings.ipv4_address } } : {}),
        },
      ];
    }),
  );
  const limits = service.deploy?.resources?.limits;
  const memory = limits?.memory ?? service.mem_limit;
  const cpus = limits?.cpus ?? service.cpus;
  const [policy = 'no', retries] = (service.restart ?? 'no').split(':');
  const health = service.healthcheck;
  const stop = nanos(service.stop_grace_period);
  return {
    Image: imageName(project, service),
    ...(options.entrypoint ? { Entrypoint: options.entrypoint } : service.entrypoint ? { Entrypoint: service.entrypoint } : {}),
    ...(options.command && options.command.length > 0 ? { Cmd: options.command } : service.command ? { Cmd: service.command } : {}),
    Env: [...environment.filter((entry) => !own.has(entry.split('=', 1)[0])), ...(options.environment ?? [])],
    Labels: labels,
    ...(service.hostname ? { Hostname: service.hostname } : {}),
    User: options.user ?? service.user ?? '',
    WorkingDir: options.workingDir ?? service.working_dir ?? '',
    Tty: options.tty ?? service.tty ?? false,
    OpenStdin: options.stdin ?? service.stdin_open ?? false,
    StdinOnce: options.stdin ?? false,
    AttachStdin: options.stdin ?? false,
    AttachStdout: true,
    AttachStderr: true,
    ExposedPorts: exposed,
    Volumes: anonymous,
    ...(service.stop_signal ? { StopSignal: service.stop_signal } : {}),
    ...(stop === undefined ? {} : { StopTimeout: Math.round(stop / 1e9) }),
    ...(health
      ? {
          Healthcheck: health.disable
            ? { Test: ['NONE'] }
            : {
                ...(health.test ? { Test: health.test } : {}),
                ...(health.interval ? { Interval: nanos(health.interval) } : {}),
                ...(health.timeout ? { Timeout: nanos(health.timeout) } : {}),
                ...(health.start_period ? { StartPeriod: nanos(health.start_period) } : {}),
                ...(health.start_interval ? { StartInterval: nanos(health.start_interval) } : {}),
                ...(health.retries === undefined ? {} : { Retries: Number(health.retries) }),
              },
        }
      : {}),
    HostConfig: {
      Binds: binds.length > 0 ? binds : null,
      ...(mounts.length > 0 ? { Mounts: mounts } : {}),
      ...(Object.keys(tmpfs).length > 0 ? { Tmpfs: tmpfs } : {}),
      NetworkMode: mode,
      PortBindings: bindings,
      RestartPolicy: options.oneoff ? { Name: 'no' } : { Name: policy, MaximumRetryCount: Number(retries ?? 0) },
      AutoRemove: options.remove ?? false,
      ReadonlyRootfs: service.read_only ?? false,
      Privileged: service.privileged ?? false,
      ...(service.init === undefined ? {} : { Init: service.init }),
      ExtraHosts: (service.extra_hosts ?? []).map((entry) => entry.replace('=', ':')),
      CapAdd: service.cap_add ?? null,
      CapDrop: service.cap_drop ?? null,
      Dns: service.dns ?? [],
      ...(memory === undefined ? {} : { Memory: parseMemory(String(memory)) }),
      ...(cpus === undefined ? {} : { NanoCpus: Math.round(Number(cpus) * 1e9) }),
    },
    NetworkingConfig: { EndpointsConfig: endpoints },
  };
} // prettier-ignore

export function containerName(project: Project, service: Service, number: number): string {
  return service.container_name ?? `${project.name}-${service.name}-${number}`;
}
