import { AddressInUse } from '../../network/index.ts';
import { signalNumbers, type SignalName } from '../../process/index.ts';
import { Container, RuntimeError } from '../../runtime/index.ts';
import { latency } from '../../world/index.ts';
import type { DockerEngine } from '../engine.ts';
import { badRequest, conflict, EngineError, notFound, notModified, serverError } from '../errors.ts';
import type { DockerContainer } from './container.ts';
import { startHealthChecks, stopHealthChecks } from './health.ts';
import { hostFiles } from './etc.ts';
import { runtimeMounts } from './mounts.ts';
import { lackingCapabilities, resourceLimits } from './privileges.ts';
import { connectNetworks, disconnectNetworks } from './networking.ts';

const taskPrefix =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: ' +
  'unable to start container process: error during container init: ';

/** runc's words for a program that can't be executed, with what containerd adds. */
export function ociText(detail: string): string {
  return detail.endsWith(': is a directory') ? `${detail}: unknown: permission denied` : `${detail}: unknown`;
}

/** `POST /containers/{id}/start`. @throws EngineError 304 when it runs already; 4xx, 5xx when it can't */
export async function startContainer(engine: DockerEngine, container: DockerContainer): Promise<void> {
  if (container.paused) throw conflict('cannot start a paused container, try unpause instead');
  if (container.running) throw notModified();
  if (container.dead || container.removing) throw conflict('container is marked for removal and cannot be started');
  if (container.appliance) return powerOn(engine, container);
  container.restartTimer?.cancel();
  container.restarting = false;
  container.stoppedByHand = false;
  await engine.world.sleep(latency.containerCreate);
  await launch(engine, container);
}

async function launch(engine: DockerEngine, container: DockerContainer): Promise<void> {
  const { world } = engine;
  container.error = '';
  try {
    checkDevices(engine, container);
    connectNetworks(engine, container);
    const runtime = makeRuntime(engine, container);
    container.log.reopen();
    engine.attachments.begin(container, runtime);
    container.runtime = runtime;
    runtime.onExit(() => exited(engine, container, runtime));
    await world.sleep(latency.containerStart);
    runtime.start();
    engine.attachments.started();
  } catch (error) {
    container.runtime = undefined;
    disconnectNetworks(engine, container);
    const failure = startFailure(error);
    container.error = failure.message;
    container.exitCode = /executable file not found|no such file or directory/.test(failure.message)
      ? 127
      : /permission denied|is a directory/.test(failure.message)
        ? 126
        : 128;
    engine.attachments.end(container);
    container.exits++;
    container.changed.notify();
    if (container.hostConfig.AutoRemove) removeContainer(engine, container, { force: true, volumes: true });
    throw failure;
  }
  container.startedAt = world.clock.now();
  container.exitCode = 0;
  container.oomKilled = false;
  container.paused = false;
  container.runs++;
  container.hostPid = engine.nextPid();
  engine.events.emit('container', 'start', container.id, container.attributes);
  startHealthChecks(engine, container);
  container.changed.notify();
}

/** @throws EngineError for a device that the host doesn't have */
function checkDevices(engine: DockerEngine, { hostConfig }: DockerContainer): void {
  for (const { PathOnHost: path } of (hostConfig.Devices ?? []) as { PathOnHost: string }[])
    if (!engine.host.fs.exists(path))
      throw serverError(
        `error gathering device information while adding custom device "${path}": no such file or directory`,
      );
}

function startFailure(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  if (error instanceof RuntimeError) {
    if (error.detail.startsWith('exec:')) return badRequest(taskPrefix + ociText(error.detail));
    if (/^unable to find (user|group)/.test(error.message)) return badRequest(error.message);
    return serverError(
      error.message.replace('failed to create containerd task', 'failed to create task for container') + ': unknown',
    );
  }
  if (error instanceof AddressInUse) return serverError(error.message);
  throw error;
}

function makeRuntime(engine: DockerEngine, container: DockerContainer): Container {
  const { config, hostConfig } = container;
  const environment = new Map([
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['HOSTNAME', config.Hostname || sharedHostname(engine, container)],
  ]);
  if (config.Tty) environment.set('TERM', 'xterm');
  for (const link of container.links) {
    const port = Object.keys(link.container.config.ExposedPorts ?? {})[0];
    if (port)
      environment.set(
        `${link.alias.toUpperCase()}_PORT`,
        `${port.split('/')[1]}://${link.container.endpoints.get('bridge')?.ip ?? ''}:${port.split('/')[0]}`,
      );
  }
  for (const entry of config.Env) {
    const at = entry.indexOf('=');
    if (at >= 0) environment.set(entry.slice(0, at), entry.slice(at + 1));
    else environment.delete(entry);
  }
  const joined = hostConfig.PidMode.startsWith('container:')
    ? engine.containers.find(hostConfig.PidMode.slice('container:'.length)).runtime
    : undefined;
  const [entrypoint, cmd] = hostConfig.Init ? [['/sbin/docker-init', '--'], container.argv] : [container.argv, []];
  const cpus =
    hostConfig.NanoCpus > 0
      ? hostConfig.NanoCpus / 1e9
      : hostConfig.CpuQuota > 0
        ? hostConfig.CpuQuota / (hostConfig.CpuPeriod || 100_000)
        : undefined;
  if (hostConfig.Init) engine.provideInit(container);
  return new Container({
    world: engine.world,
    network: engine.network,
    programs: engine.programs,
    id: container.id,
    image: container.image,
    hostname: config.Hostname || sharedHostname(engine, container),
    net: container.namespace!,
    entrypoint,
    cmd,
    environment,
    workingDir: config.WorkingDir || '/',
    user: config.User,
    mounts: [...hostFiles(engine, container), ...runtimeMounts(engine, container, engine.world)],
    readOnlyRoot: hostConfig.ReadonlyRootfs,
    lacks: lackingCapabilities(hostConfig),
    groups: hostConfig.GroupAdd ?? [],
    resources: resourceLimits(hostConfig),
    ...(hostConfig.PidsLimit !== null && hostConfig.PidsLimit > 0 ? { maxProcesses: hostConfig.PidsLimit } : {}),
    streams: { tty: config.Tty, openStdin: config.OpenStdin, stdinOnce: config.StdinOnce },
    files: container.files,
    log: container.log,
    limits: {
      ...(hostConfig.Memory > 0 ? { memory: hostConfig.Memory } : {}),
      ...(cpus === undefined ? {} : { cpus }),
      cpuShares: hostConfig.CpuShares || 1024,
    },
    oom: 'process',
    ...(joined ? { pids: joined.machine.processes.pids } : {}),
  } as ConstructorParameters<typeof Container>[0]);
}

function sharedHostname(engine: DockerEngine, container: DockerContainer): string {
  const mode = container.hostConfig.NetworkMode;
  if (mode === 'host') return engine.host.hostname;
  if (mode.startsWith('container:')) return engine.containers.find(mode.slice('container:'.length)).config.Hostname;
  return container.short;
}

const minRestartDelay = 100;
const maxRestartDelay = 60_000;

function exited(engine: DockerEngine, container: DockerContainer, runtime: Container): void {
  if (container.runtime !== runtime) return;
  const { world } = engine;
  container.paused = false;
  container.oomKilled = runtime.oomKilled;
  container.exitCode = runtime.exitCode ?? 0;
  container.finishedAt = world.clock.now();
  stopHealthChecks(container);
  disconnectNetworks(engine, container);
  engine.execs.containerEnded(container);
  const ran = container.finishedAt - (container.startedAt ?? 0);
  if (container.oomKilled) engine.events.emit('container', 'oom', container.id, container.attributes);
  engine.events.emit('container', 'die', container.id, {
    ...container.attributes,
    execDuration: String(Math.floor(ran / 1000)),
    exitCode: String(container.exitCode),
  });
  engine.attachments.end(container);
  container.exits++;
  if (wantsRestart(container)) {
    container.restartDelay =
      ran >= 10_000 || container.restartDelay === 0
        ? minRestartDelay
        : Math.min(maxRestartDelay, container.restartDelay * 2);
    container.restarting = true;
    container.restartTimer = world.queue.after(container.restartDelay, () => {
      container.restarting = false;
      container.restartCount++;
      void launch(engine, container).catch(() => {});
    });
  } else container.restartDelay = 0;
  container.changed.notify();
  if (container.hostConfig.AutoRemove && !container.restarting && !container.removing)
    removeContainer(engine, container, { force: true, volumes: true });
}

function wantsRestart({ hostConfig, exitCode, restartCount, stoppedByHand, removing }: DockerContainer): boolean {
  if (stoppedByHand || removing) return false;
  const { Name, MaximumRetryCount } = hostConfig.RestartPolicy;
  if (Name === 'always' || Name === 'unless-stopped') return true;
  return Name === 'on-failure' && exitCode !== 0 && (MaximumRetryCount === 0 || restartCount < MaximumRetryCount);
}

/** Waits for the end of the run it is in. */
export async function waitForExit(container: DockerContainer): Promise<void> {
  while (container.running) await container.changed.wait();
}

async function powerOn(engine: DockerEngine, container: DockerContainer): Promise<void> {
  await engine.world.sleep(latency.containerStart);
  container.appliance!.power(true);
  container.startedAt = engine.world.clock.now();
  container.exitCode = 0;
  container.runs++;
  engine.events.emit('container', 'start', container.id, container.attributes);
  container.changed.notify();
}

async function powerOff(engine: DockerEngine, container: DockerContainer, exitCode: number): Promise<void> {
  await engine.world.sleep(500);
  container.appliance!.power(false);
  container.finishedAt = engine.world.clock.now();
  container.exitCode = exitCode;
  container.exits++;
  engine.events.emit('container', 'die', container.id, { ...container.attributes, exitCode: String(exitCode) });
  engine.events.emit('container', 'stop', container.id, container.attributes);
  container.changed.notify();
}

function refuseAppliance(container: DockerContainer, what: string): void {
  if (container.appliance) throw new EngineError(501, `slipway: ${what} the nodes of a cluster is not simulated`);
}

/** The signal a text names: `TERM`, `SIGTERM`, `15`. */
export function parseSignal(text: string): SignalName | undefined {
  if (/^\d+$/.test(text)) {
    const found = Object.entries(signalNumbers).find(([, number]) => number === Number(text));
    return found?.[0] as SignalName | undefined;
  }
  const name = text.toUpperCase().startsWith('SIG') ? text.toUpperCase() : `SIG${text.toUpperCase()}`;
  return Object.hasOwn(signalNumbers, name) ? (name as SignalName) : undefined;
}

/** Signals that exist but that the simulation has no use for. */
const otherSignals = new Set([
  'SIGILL',
  'SIGTRAP',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGSTKFLT',
  'SIGURG',
  'SIGXCPU',
  'SIGXFSZ',
  'SIGVTALRM',
  'SIGPROF',
  'SIGIO',
  'SIGPWR',
  'SIGSYS',
]);

/** `POST /containers/{id}/stop`. @throws EngineError 304 when it doesn't run, 400 for no signal */
export async function stopContainer(
  engine: DockerEngine,
  container: DockerContainer,
  seconds: number | undefined,
  signal: string,
): Promise<void> {
  const chosen = signal === '' ? undefined : parseSignal(signal);
  if (signal !== '' && !chosen) throw badRequest(`invalid signal: ${signal}`);
  container.stoppedByHand = true;
  if (container.restarting) {
    container.restartTimer?.cancel();
    container.restarting = false;
    container.changed.notify();
  }
  if (!container.running) throw notModified();
  if (container.appliance) return powerOff(engine, container, 130);
  if (container.paused) resume(container);
  const grace = seconds ?? container.config.StopTimeout ?? 10;
  const stopSignal = chosen ?? parseSignal(container.config.StopSignal ?? '') ?? 'SIGTERM';
  engine.events.emit('container', 'kill', container.id, {
    ...container.attributes,
    signal: String(signalNumbers[stopSignal]),
  });
  const { runtime } = container;
  if (grace < 0) runtime!.kill(stopSignal);
  else runtime!.stop(grace * 1000, stopSignal);
  await waitForExit(container);
  engine.events.emit('container', 'stop', container.id, container.attributes);
}

export async function restartContainer(
  engine: DockerEngine,
  container: DockerContainer,
  seconds: number | undefined,
  signal: string,
): Promise<void> {
  try {
    await stopContainer(engine, container, seconds, signal);
  } catch (error) {
    if (!(error instanceof EngineError) || error.status !== 304) throw error;
  }
  if (container.removed) return;
  await startContainer(engine, container);
  engine.events.emit('container', 'restart', container.id, container.attributes);
}

/** `POST /containers/{id}/kill`; SIGKILL waits for the end. */
export async function killContainer(engine: DockerEngine, name: string, signal: string): Promise<void> {
  const prefix = `cannot kill container: ${name}: `;
  let container: DockerContainer;
  try {
    container = engine.containers.find(name);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new EngineError(error.status, prefix + error.message);
  }
  const chosen = parseSignal(signal || 'SIGKILL');
  const upper = signal.toUpperCase().startsWith('SIG') ? signal.toUpperCase() : `SIG${signal.toUpperCase()}`;
  if (!chosen && !otherSignals.has(upper)) throw badRequest(`${prefix}invalid signal: ${signal}`);
  if (!container.running) throw conflict(`${prefix}container ${container.id} is not running`);
  if (container.appliance) return powerOff(engine, container, 137);
  if (chosen === 'SIGKILL' || chosen === parseSignal(container.config.StopSignal ?? '') || chosen === 'SIGTERM')
    container.stoppedByHand = true;
  if (container.paused && chosen === 'SIGKILL') resume(container);
  engine.events.emit('container', 'kill', container.id, {
    ...container.attributes,
    signal: String(chosen ? signalNumbers[chosen] : 0),
  });
  if (chosen) container.runtime!.kill(chosen);
  if (chosen === 'SIGKILL') await waitForExit(container);
}

export function pauseContainer(engine: DockerEngine, container: DockerContainer): void {
  refuseAppliance(container, 'pausing');
  if (!container.running) throw conflict(`container ${container.id} is not running`);
  if (container.paused) throw conflict(`Container ${container.id} is already paused`);
  signalAll(container, 'SIGSTOP');
  container.paused = true;
  engine.events.emit('container', 'pause', container.id, container.attributes);
}

export function unpauseContainer(engine: DockerEngine, container: DockerContainer): void {
  if (!container.running || !container.paused) throw serverError(`Container ${container.id} is not paused`);
  resume(container);
  engine.events.emit('container', 'unpause', container.id, container.attributes);
}

function resume(container: DockerContainer): void {
  container.paused = false;
  signalAll(container, 'SIGCONT');
}

/** The freezer stops processes without a signal: those that handle SIGCONT don't notice. */
function signalAll(container: DockerContainer, signal: 'SIGSTOP' | 'SIGCONT'): void {
  const { processes } = container.runtime!.machine;
  for (const { pid } of processes.list()) processes.signalFromOutside(pid, signal);
}

export interface RemoveOptions {
  force: boolean;
  volumes: boolean;
}

/** Takes a container away. @throws EngineError 409 while it runs, unless by force */
export function removeContainer(
  engine: DockerEngine,
  container: DockerContainer,
  { force, volumes }: RemoveOptions,
): void {
  if (container.removed) return;
  refuseAppliance(container, 'removing');
  if ((container.running || container.restarting) && !force) {
    const state = container.paused
      ? 'container is paused and must be unpaused first'
      : container.restarting
        ? 'container is restarting: stop the container before removing or force remove'
        : 'container is running: stop the container before removing or force remove';
    throw conflict(`cannot remove container "${container.name}": ${state}`);
  }
  container.removing = true;
  container.restartTimer?.cancel();
  container.restarting = false;
  const { runtime } = container;
  if (container.running && runtime) {
    if (container.paused) resume(container);
    container.stoppedByHand = true;
    engine.events.emit('container', 'kill', container.id, { ...container.attributes, signal: '9' });
    runtime.kill('SIGKILL');
  }
  const finish = () => {
    if (container.removed) return;
    container.removed = true;
    engine.containers.delete(container);
    for (const mount of container.mounts) {
      const volume = mount.Type === 'volume' ? engine.volumes.get(mount.Name!) : undefined;
      if (volume && volumes && engine.volumes.anonymous(volume) && engine.volumes.users(volume).length === 0)
        engine.volumes.remove(volume);
    }
    engine.events.emit('container', 'destroy', container.id, container.attributes);
    container.changed.notify();
  };
  if (container.running && runtime) runtime.onExit(finish);
  else finish();
}

export { notFound };
