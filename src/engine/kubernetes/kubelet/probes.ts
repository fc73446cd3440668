import { isReader, type HttpRequest, type HttpResponse, type Network } from '../../network/index.ts';
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

/** Watchers of the network may leave the kubelet's own connections out. */
const asProbe = { probe: true } as const;

const succeeded: ProbeOutcome = { result: 'success', output: '' };

/** Runs a probe's action once; gives the outcome itself when it takes no time. */
export function runProbe(probe: Probe, target: ProbeTarget): ProbeOutcome | Promise<ProbeOutcome> {
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

const requests = new WeakMap<HttpGet, { host: string; port: number; request: HttpRequest }>();

/** The request of a probe: the same object each time, by which servers may know that nothing in it has changed. */
function probeRequest(get: HttpGet, host: string, port: number, path: string, address: string): HttpRequest {
  const known = requests.get(get);
  if (known?.host === host && known.port === port) return known.request;
  const headers: Record<string, string> = {
    host: `${host}:${port}`,
    'user-agent': 'kube-probe/1.35',
    accept: '*/*',
    connection: 'close',
  };
  for (const header of get.httpHeaders ?? []) headers[header.name.toLowerCase()] = header.value;
  const request = Object.freeze({ method: 'GET', path, headers: Object.freeze(headers), peer: { address } });
  requests.set(get, { host, port, request });
  return request;
}

/** An HTTP GET as the kubelet sends it, to `host` or the Pod. */
export function httpProbe(get: HttpGet, target: ProbeTarget, timeout: number): ProbeOutcome | Promise<ProbeOutcome> {
  const port = portOf(get.port, target.spec);
  if (port === undefined)
    return { result: 'error', output: `couldn't find port: ${JSON.stringify({ Type: 1, StrVal: get.port })}` };
  const host = get.host || target.podIP;
  const path = get.path?.startsWith('/') ? get.path : `/${get.path ?? ''}`;
  const connection = target.network.connect(target.from, host, port, asProbe);
  if (connection.outcome === 'refused')
    return getFailed(get, host, port, path, `dial tcp ${host}:${port}: connect: connection refused`);
  if (connection.outcome !== 'connected')
    return target.world.sleep(timeout).then(() => getFailed(get, host, port, path, tooLate));
  const { server } = connection.listener;
  connection.flow.close();
  if (!server.http) return getFailed(get, host, port, path, 'EOF');
  if (server.protocol === 'http' && get.scheme === 'HTTPS')
    return getFailed(get, host, port, path, 'http: server gave HTTP response to HTTPS client');
  const response = server.http(probeRequest(get, host, port, path, connection.flow.seenSource));
  if (!(response instanceof Promise)) return judge(response);
  const deadline = target.world.clock.now() + timeout;
  return response.then((late) =>
    target.world.clock.now() > deadline ? getFailed(get, host, port, path, tooLate) : judge(late),
  );
}

const tooLate = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';

function getFailed({ scheme }: HttpGet, host: string, port: number, path: string, text: string): ProbeOutcome {
  const url = `${(scheme ?? 'HTTP').toLowerCase()}://${host}:${port}${path}`;
  return { result: 'failure', output: `Get "${url}": ${text}` };
}

function judge({ status, body }: HttpResponse): ProbeOutcome {
  if (isReader(body)) body.close();
  if (status >= 200 && status < 400) return succeeded;
  return { result: 'failure', output: `HTTP probe failed with statuscode: ${status}` };
}

function tcpProbe(
  host: string,
  port: number | undefined,
  target: ProbeTarget,
  timeout: number,
): ProbeOutcome | Promise<ProbeOutcome> {
  if (port === undefined) return { result: 'error', output: "couldn't find port" };
  const { outcome } = target.network.connect(target.from, host, port, asProbe);
  if (outcome === 'connected') return succeeded;
  if (outcome === 'refused')
    return { result: 'failure', output: `dial tcp ${host}:${port}: connect: connection refused` };
  const timedOut: ProbeOutcome = { result: 'failure', output: `dial tcp ${host}:${port}: i/o timeout` };
  return target.world.sleep(timeout).then(() => timedOut);
}

function grpcProbe(port: number, target: ProbeTarget, timeout: number): ProbeOutcome {
  const { outcome } = target.network.connect(target.from, target.podIP, port, asProbe);
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
  readonly #run: () => ProbeOutcome | Promise<ProbeOutcome>;
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
    run: () => ProbeOutcome | Promise<ProbeOutcome>;
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

  readonly #onTime = () => this.#fire();

  #schedule(delay: number): void {
    this.#timer?.cancel();
    this.#timer = this.#world.queue.wakeAfter(delay, this.#onTime);
  }

  /** @returns false if the outcome is known already, so that no async function goes on */
  #fire(): void | false {
    this.#timer = undefined;
    this.#waiting = !this.#active();
    if (this.#waiting) return false;
    const outcome = this.#run();
    if (outcome instanceof Promise) return void outcome.then((later) => this.#finished(later));
    this.#finished(outcome);
    return false;
  }

  #finished(outcome: ProbeOutcome): void {
    if (this.#stopped) return;
    this.#schedule((this.#probe.periodSeconds ?? 10) * 1000);
    this.#handle(outcome);
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
