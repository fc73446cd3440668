import { digestOf, type HistoryEntry, type Image, type ImageConfig } from '../../runtime/index.ts';

/** A layer with what only an unpacked one shows. */
export interface LayerDetails {
  digest: string;
  size: number;
  diffId: string;
  unpackedSize: number;
}

export interface ImageDetails {
  /** Unix ms. */
  created: number;
  layers: readonly LayerDetails[];
  history: readonly HistoryEntry[];
  /** Sum of the layers' unpacked sizes, as `docker images` shows it. */
  size: number;
}

const day = 86_400_000;

/**
 * When the catalogue's images were made: a date for what is no longer rebuilt, days before the world began for what is
 * rebuilt all the time.
 */
const ages: Readonly<Record<string, number | string>> = {
  'docker.io/library/nginx': 17,
  'docker.io/library/ubuntu': 24,
  'docker.io/library/alpine': 45,
  'docker.io/library/debian': 18,
  'docker.io/library/httpd': 18,
  'docker.io/library/redis': 12,
  'docker.io/library/mysql': 33,
  'docker.io/library/postgres': 20,
  'docker.io/library/node': 16,
  'docker.io/library/python': 16,
  'docker.io/library/hello-world': 400,
  'docker.io/traefik/whoami': 100,
  'docker.io/library/busybox': '2024-09-26T21:31:42Z',
  'docker.io/library/centos': '2021-09-15T18:20:05Z',
  'docker.io/library/nginx 1.14.2 ': '2019-03-26T23:14:52.227945Z',
};

function ageOf(key: string, epoch: number): number {
  const repository = key.split(' ', 1)[0]!;
  const known = ages[key] ?? ages[repository] ?? 90;
  if (typeof known === 'string') return Math.min(Date.parse(known), epoch - day);
  const [, version = ''] = key.split(' ');
  return Math.floor((epoch - (known + versionAge(repository, version)) * day) / day) * day + 12 * 3_600_000;
}

/** Old releases are older: an unrelated but fixed number of months for each step below the newest. */
function versionAge(repository: string, version: string): number {
  const newest: Readonly<Record<string, readonly number[]>> = {
    'docker.io/library/nginx': [1, 29],
    'docker.io/library/alpine': [3, 22],
    'docker.io/library/ubuntu': [24, 4],
  };
  const top = newest[repository];
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (!top || Number.isNaN(major) || Number.isNaN(minor)) return 0;
  const steps = repository.endsWith('ubuntu')
    ? (top[0]! - major) * 2
    : Math.max(0, top[1]! - minor) + (top[0]! - major) * 20;
  return Math.max(0, steps) * 190;
}

const known = new WeakMap<Image, Map<number, ImageDetails>>();

/** What `docker inspect` and `history` show of an image. @param epoch when the world began, Unix ms */
export function imageDetails(image: Image, epoch: number): ImageDetails {
  let byEpoch = known.get(image);
  if (!byEpoch) known.set(image, (byEpoch = new Map()));
  let details = byEpoch.get(epoch);
  if (!details) byEpoch.set(epoch, (details = workOut(image, epoch)));
  return details;
}

function workOut(image: Image, epoch: number): ImageDetails {
  const created = image.created ?? ageOf(image.key ?? '', epoch);
  const layers = image.layers.map(({ digest, size, diffId, unpackedSize }) => ({
    digest,
    size,
    diffId: diffId ?? digestOf(`diff ${digest}`),
    unpackedSize: unpackedSize ?? Math.round(size * (size < 2000 ? 1.4 : size < 5_000_000 ? 2.07 : 2.55)),
  }));
  return {
    created,
    layers,
    history: image.history ?? historyOf(image, created),
    size: layers.reduce((sum, layer) => sum + layer.unpackedSize, 0),
  };
}

/** How a catalogue image could have been built: its files first, then its configuration. */
function historyOf({ config, layers, key = '' }: Image, created: number): HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  const [repository = '', version = ''] = key.split(' ');
  const name = repository.slice(repository.lastIndexOf('/') + 1);
  const instruction = (text: string): void => {
    entries.push({ created, createdBy: text, emptyLayer: true, comment: 'buildkit.dockerfile.v0' });
  };
  layers.forEach((_, i) => {
    const createdBy =
      i === 0
        ? `ADD rootfs.tar.xz / # buildkit`
        : i === 1
          ? `RUN /bin/sh -c install ${name} ${version} # buildkit`
          : `COPY file-${i} / # buildkit`;
    entries.push({ created, createdBy, comment: 'buildkit.dockerfile.v0' });
  });
  for (const [variable, value] of Object.entries(config.env ?? {}))
    if (variable !== 'PATH') instruction(`ENV ${variable}=${value}`);
  for (const [label, value] of Object.entries(config.labels ?? {})) instruction(`LABEL ${label}=${value}`);
  if (config.exposedPorts?.length)
    instruction(`EXPOSE map[${config.exposedPorts.map((port) => `${port}:{}`).join(' ')}]`);
  if (config.volumes?.length) instruction(`VOLUME [${config.volumes.join(' ')}]`);
  if (config.workingDir) instruction(`WORKDIR ${config.workingDir}`);
  if (config.stopSignal) instruction(`STOPSIGNAL ${config.stopSignal}`);
  if (config.entrypoint?.length) instruction(`ENTRYPOINT ${JSON.stringify(config.entrypoint)}`);
  if (config.cmd?.length) instruction(`CMD ${JSON.stringify(config.cmd)}`);
  return entries;
}

/** An image's configuration as the API shows it: all fields, null where there is nothing. */
export function configJson(config: ImageConfig): Record<string, unknown> {
  const set = (list: readonly string[] | undefined) => Object.fromEntries((list ?? []).map((item) => [item, {}]));
  return {
    ...(config.exposedPorts?.length ? { ExposedPorts: set(config.exposedPorts) } : {}),
    Env: Object.entries(config.env ?? {}).map(([name, value]) => `${name}=${value}`),
    ...(config.argsEscaped ? { ArgsEscaped: true } : {}),
    Cmd: config.cmd && config.cmd.length > 0 ? config.cmd : null,
    ...(config.healthcheck ? { Healthcheck: healthJson(config.healthcheck) } : {}),
    Volumes: config.volumes?.length ? set(config.volumes) : null,
    WorkingDir: config.workingDir ?? '',
    Entrypoint: config.entrypoint && config.entrypoint.length > 0 ? config.entrypoint : null,
    OnBuild: config.onBuild?.length ? config.onBuild : null,
    Labels: config.labels && Object.keys(config.labels).length > 0 ? config.labels : null,
    User: config.user ?? '',
    ...(config.stopSignal ? { StopSignal: config.stopSignal } : {}),
    ...(config.shell?.length ? { Shell: config.shell } : {}),
  };
}

export function healthJson(check: NonNullable<ImageConfig['healthcheck']>): Record<string, unknown> {
  const nanos = (ms: number | undefined) => Math.round((ms ?? 0) * 1e6);
  return {
    Test: check.test,
    ...(check.interval ? { Interval: nanos(check.interval) } : {}),
    ...(check.timeout ? { Timeout: nanos(check.timeout) } : {}),
    ...(check.startPeriod ? { StartPeriod: nanos(check.startPeriod) } : {}),
    ...(check.startInterval ? { StartInterval: nanos(check.startInterval) } : {}),
    ...(check.retries ? { Retries: check.retries } : {}),
  };
}
