import type { Network } from '../../network/index.ts';
import { RuntimeError, type Container as RuntimeContainer } from '../../runtime/index.ts';
import { Collector } from '../../world/index.ts';
import { HttpProbe } from './http-probe.ts';
import { asProbe, portOf, succeeded, type ProbeOutcome, type ProbeTarget } from './probes.ts';
import type { Probe } from './types.ts';

/** Does what a probe of one container says. */
export class Prober {
  readonly #probe: Probe;
  readonly #timeout: number;
  readonly #http: HttpProbe | undefined;

  constructor(probe: Probe) {
    this.#probe = probe;
    this.#timeout = (probe.timeoutSeconds ?? 1) * 1000;
    if (probe.httpGet && !probe.exec) this.#http = new HttpProbe(probe.httpGet, this.#timeout);
  }

  /** Runs the probe's action once; gives the outcome itself when it takes no time. */
  run(target: ProbeTarget): ProbeOutcome | Promise<ProbeOutcome> {
    const { exec, tcpSocket, grpc } = this.#probe;
    const timeout = this.#timeout;
    if (exec) return execProbe(exec.command ?? [], target, timeout);
    if (this.#http) return this.#http.run(target);
    if (tcpSocket)
      return tcpProbe(tcpSocket.host || target.podIP, portOf(tcpSocket.port, target.spec), target, timeout);
    if (grpc) return grpcProbe(grpc.port, grpc.service ?? '', target, timeout);
    return { result: 'error', output: 'missing probe handler for container' };
  }

  /** The outcome, when it is known to be that of before; see `HttpProbe`. */
  again(network: Network, container: RuntimeContainer): ProbeOutcome | undefined {
    return this.#http?.again(network, container);
  }
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

function grpcProbe(port: number, service: string, target: ProbeTarget, timeout: number): ProbeOutcome {
  const connected = target.network.connect(target.from, target.podIP, port, asProbe);
  const { outcome } = connected;
  const health = connected.outcome === 'connected' ? connected.listener.server.grpcHealth : undefined;
  if (health) {
    const status = health(service);
    if (status === 'SERVING') return succeeded;
    const output =
      status === undefined
        ? 'error: health rpc failed: rpc error: code = NotFound desc = unknown service'
        : `service unhealthy (responded with "${status}")`;
    return { result: 'failure', output };
  }
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
