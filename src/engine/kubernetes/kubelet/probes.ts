import { isReader, type Network } from '../../network/index.ts';
import type { NetworkNamespace } from '../../network/index.ts';
import { RuntimeError, type Container as RuntimeContainer } from '../../runtime/index.ts';
import { Collector, type Timer, type World } from '../../world/index.ts';
import type { ContainerSpec, LifecycleHandler, Probe } from './types.ts';

export type ProbeKind = 'Startup' | 'Liveness' | 'Readiness';

export interface ProbeOutcome {
  result: 'success' | 'failure' | 'error';
  output: string;
}

export interface ProbeTarget {
  world: World;
  network: Network;
  /** Where the kubelet's own connections come from. */
  from: NetworkNamespace;
  podIP: string;
  container: RuntimeContainer;
  spec: ContainerSpec;
}

type HttpGet = NonNullable<LifecycleHandler['httpGet']>;

/** Runs a probe's action once. */
export async function runProbe(probe: Probe, target: ProbeTarget): Promise<ProbeOutcome> {
  const timeout = (probe.timeoutSeconds ?? 1) * 1000;
  if (probe.exec) return execProbe(probe.exec.command ?? [], target, timeout);
  if (probe.httpGet) return httpProbe(probe.httpGet, target, timeout);
  if (probe.tcpSocket)
    return tcpProbe(probe.tcpSocket.host || target.podIP, portOf(probe.tcpSocket.port, target.spec), target, timeout);
  if (probe.grpc) return grpcProbe(probe.grpc.port, target, timeout);
  return { result: 'error', output: 'missing probe handler for container' };
}

async function execProbe(command: readonly string[], target: ProbeTarget, timeout: number): Promise<ProbeOutcome> {
  const output = new Collector();
  try {
    const child = target.container.exec(command, { stdout: output, stderr: output });
    let timedOut = false;
    const timer = target.world.queue.after(timeout, () => {
      timedOut = true;
      child.kill('SIGKILL');
    });
    const status = await child.wait();
    timer.cancel();
    if (timedOut)
      return {
        result: 'failure',
        output: `command timed out: "${command.join(' ')}" timed out after ${timeout / 1000}s`,
      };
    return { result: status === 0 ? 'success' : 'failure', output: output.text().slice(0, 10 * 1024) };
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const id = target.container.id;
    return {
      result: 'error',
      output: `rpc error: code = Unknown desc = failed to exec in container: failed to start exec "${id}": ${error.message}`,
    };
  }
}

/** The number of a port given by number or by name; undefined if the container has no port of that name. */
export function portOf(port: string | number | undefined, spec: ContainerSpec): number | undefined {
  if (typeof port === 'number') return port;
  const named = spec.ports?.find((p) => p.name === port)?.containerPort;
  return named ?? (/^\d+$/.test(port ?? '') ? Number(port) : undefined);
}

/** An HTTP GET as the kubelet sends it, to `host` or the Pod. */
export async function httpProbe(get: HttpGet, target: ProbeTarget, timeout: number): Promise<ProbeOutcome> {
  const port = portOf(get.port, target.spec);
  if (port === undefined)
    return { result: 'error', output: `couldn't find port: ${JSON.stringify({ Type: 1, StrVal: get.port })}` };
  const host = get.host || target.podIP;
  const path = get.path ?? '/';
  const scheme = (get.scheme ?? 'HTTP').toLowerCase();
  const url = `${scheme}://${host}:${port}${path.startsWith('/') ? path : `/${path}`}`;
  const failed = (text: string): ProbeOutcome => ({ result: 'failure', output: `Get "${url}": ${text}` });
  const connection = target.network.connect(target.from, host, port);
  if (connection.outcome === 'refused') return failed(`dial tcp ${host}:${port}: connect: connection refused`);
  if (connection.outcome !== 'connected') {
    await target.world.sleep(timeout);
    return failed('context deadline exceeded (Client.Timeout exceeded while awaiting headers)');
  }
  const { server } = connection.listener;
  if (!server.http) return failed('EOF');
  if (server.protocol === 'http' && scheme === 'https')
    return failed('http: server gave HTTP response to HTTPS client');
  const headers: Record<string, string> = {
    host: `${host}:${port}`,
    'user-agent': 'kube-probe/1.35',
    accept: '*/*',
    connection: 'close',
  };
  for (const header of get.httpHeaders ?? []) headers[header.name.toLowerCase()] = header.value;
  const peer = { address: [...target.from.addresses][0] };
  const started = target.world.clock.now();
  const response = await server.http({ method: 'GET', path: path.startsWith('/') ? path : `/${path}`, headers, peer });
  if (target.world.clock.now() - started > timeout)
    return failed('context deadline exceeded (Client.Timeout exceeded while awaiting headers)');
  if (isReader(response.body)) response.body.close();
  if (response.status >= 200 && response.status < 400) return { result: 'success', output: '' };
  return { result: 'failure', output: `HTTP probe failed with statuscode: ${response.status}` };
}

async function tcpProbe(
  host: string,
  port: number | undefined,
  target: ProbeTarget,
  timeout: number,
): Promise<ProbeOutcome> {
  if (port === undefined) return { result: 'error', output: "couldn't find port" };
  const { outcome } = target.network.connect(target.from, host, port);
  if (outcome === 'connected') return { result: 'success', output: '' };
  if (outcome === 'refused')
    return { result: 'failure', output: `dial tcp ${host}:${port}: connect: connection refused` };
  await target.world.sleep(timeout);
  return { result: 'failure', output: `dial tcp ${host}:${port}: i/o timeout` };
}

async function grpcProbe(port: number, target: ProbeTarget, timeout: number): Promise<ProbeOutcome> {
  const { outcome } = target.network.connect(target.from, target.podIP, port);
  const address = `${target.podIP}:${port}`;
  const seconds = `${timeout / 1000}s`;
  if (outcome === 'connected')
    return {
      result: 'failure',
      output: 'error: this server does not implement the grpc health protocol (grpc.health.v1.Health)',
    };
  return {
    result: 'failure',
    output: `timeout: failed to connect service "${address}" within ${seconds}: context deadline exceeded`,
  };
}

/** A probe of a running container: fires on its period and tells when its result changes. */
export class ProbeWorker {
  readonly kind: ProbeKind;
  readonly #world: World;
  readonly #probe: Probe;
  readonly #run: () => Promise<ProbeOutcome>;
  readonly #onResult: (kind: ProbeKind, success: boolean, outcome: ProbeOutcome) => void;
  readonly #onOutcome: (kind: ProbeKind, outcome: ProbeOutcome) => void;
  /** Not while the startup probe hasn't succeeded. */
  readonly #active: () => boolean;
  #timer: Timer | undefined;
  /** Waits for the startup probe to succeed. */
  #waiting = false;
  #stopped = false;
  #last: boolean | undefined;
  #runs = 0;

  constructor(options: {
    kind: ProbeKind;
    world: World;
    probe: Probe;
    /** Unix ms at which the container started. */
    startedAt: number;
    run: () => Promise<ProbeOutcome>;
    active: () => boolean;
    onOutcome: (kind: ProbeKind, outcome: ProbeOutcome) => void;
    onResult: (kind: ProbeKind, success: boolean, outcome: ProbeOutcome) => void;
  }) {
    this.kind = options.kind;
    this.#world = options.world;
    this.#probe = options.probe;
    this.#run = options.run;
    this.#active = options.active;
    this.#onOutcome = options.onOutcome;
    this.#onResult = options.onResult;
    const ready = options.startedAt + (this.#probe.initialDelaySeconds ?? 0) * 1000;
    this.#schedule(Math.max(0, ready - this.#world.clock.now()));
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Looks again now: the startup probe has just succeeded. */
  trigger(): void {
    if (!this.#stopped && this.#waiting) this.#schedule(0);
  }

  #schedule(delay: number): void {
    this.#timer?.cancel();
    this.#timer = this.#world.queue.wakeAfter(delay, () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    const period = (this.#probe.periodSeconds ?? 10) * 1000;
    this.#waiting = !this.#active();
    if (this.#waiting) return;
    void this.#run().then((outcome) => {
      if (this.#stopped) return;
      this.#schedule(period);
      this.#handle(outcome);
    });
  }

  #handle(outcome: ProbeOutcome): void {
    if (outcome.result !== 'success') this.#onOutcome(this.kind, outcome);
    if (outcome.result === 'error') return;
    const success = outcome.result === 'success';
    this.#runs = this.#last === success ? this.#runs + 1 : 1;
    this.#last = success;
    const threshold = success ? (this.#probe.successThreshold ?? 1) : (this.#probe.failureThreshold ?? 3);
    if (this.#runs < threshold) return;
    this.#onResult(this.kind, success, outcome);
    // A failed liveness or startup probe ends the container: its next life has a worker of its own.
    if ((this.kind === 'Liveness' || this.kind === 'Startup') && !success) this.stop();
    if (this.kind === 'Startup' && success) this.stop();
  }

  snapshot(): unknown {
    return [this.kind, this.#last, this.#runs];
  }
}
