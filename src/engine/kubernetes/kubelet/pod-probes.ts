import type { Pod } from '../types.ts';
import type { NodeContext } from './node-context.ts';
import { Prober } from './prober.ts';
import { ProbeWorker, type ProbeKind, type ProbeOutcome, type ProbeTarget } from './probes.ts';
import { isSidecar, type ContainerRecord, type ContainerSpec, type Probe } from './types.ts';

/** What the probes of a Pod need of its worker. */
export interface ProbedPod {
  readonly pod: Pod;
  readonly podIP: string | undefined;
  specOf(record: ContainerRecord): ContainerSpec | undefined;
  target(record: ContainerRecord, spec: ContainerSpec): ProbeTarget;
  /** A probe has not succeeded; `text` is the Event's. */
  unhealthy(record: ContainerRecord, text: string): void;
  /** A container has become ready or not, has started, or is given up. */
  changed(kind: ProbeKind, success: boolean, record: ContainerRecord): void;
}

/** The probe workers of one Pod's containers (package k8s.io/kubernetes/pkg/kubelet/prober). */
export class PodProbes {
  readonly #node: NodeContext;
  readonly #owner: ProbedPod;
  readonly #workers = new Map<string, ProbeWorker[]>();

  constructor(node: NodeContext, owner: ProbedPod) {
    this.#node = node;
    this.#owner = owner;
  }

  /** Gives a running container its workers, unless it has them. */
  watch(record: ContainerRecord): void {
    const { current } = record;
    if (current?.state !== 'running' || this.#workers.has(record.name)) return;
    const spec = this.#owner.specOf(record);
    if (!spec || record.kind === 'ephemeral' || (record.kind === 'init' && !isSidecar(spec))) return;
    const probes: readonly [ProbeKind, Probe | undefined][] = [
      ['Startup', spec.startupProbe],
      ['Liveness', spec.livenessProbe],
      ['Readiness', spec.readinessProbe],
    ];
    const workers: ProbeWorker[] = [];
    for (const [kind, probe] of probes) {
      if (!probe) continue;
      const prober = new Prober(probe);
      workers.push(
        new ProbeWorker({
          kind,
          world: this.#node.world,
          probe,
          startedAt: current.startedAt!,
          run: () => this.#run(kind, probe, prober, record, spec),
          active: () => kind === 'Startup' || record.started,
          onOutcome: (_, outcome) => this.#unhealthy(kind, outcome, record),
          onResult: (_, success) => this.#result(kind, success, record, spec),
        }),
      );
    }
    if (workers.length > 0) this.#workers.set(record.name, workers);
  }

  /** Ends the workers of one container, or of all. */
  stop(name?: string): void {
    for (const [container, workers] of this.#workers) {
      if (name !== undefined && container !== name) continue;
      for (const worker of workers) worker.stop();
      this.#workers.delete(container);
    }
  }

  /** While a Pod ends only its readiness still matters. */
  stopAllButReadiness(): void {
    for (const workers of this.#workers.values())
      for (const worker of workers) if (worker.kind !== 'Readiness') worker.stop();
  }

  #run(
    kind: ProbeKind,
    probe: Probe,
    prober: Prober,
    record: ContainerRecord,
    spec: ContainerSpec,
  ): ProbeOutcome | Promise<ProbeOutcome> {
    const { pod, podIP } = this.#owner;
    if (this.#node.testHooks && pod.metadata.annotations?.[`oracle.fail/${kind.toLowerCase()}`] === 'true') {
      if (!probe.tcpSocket) return failure(probe.httpGet ? 'HTTP probe failed with statuscode: 500' : '');
      return failure(`dial tcp ${probe.tcpSocket.host || podIP}:${probe.tcpSocket.port}: connect: connection refused`);
    }
    const container = record.current;
    if (container?.state !== 'running') return failure('container is not running');
    const known = prober.again(this.#node.network, container);
    return known ?? prober.run(this.#owner.target(record, spec));
  }

  #unhealthy(kind: ProbeKind, outcome: ProbeOutcome, record: ContainerRecord): void {
    if (record.current?.state !== 'running') return;
    const what = outcome.result === 'error' ? 'errored and resulted in unknown state' : 'failed';
    this.#owner.unhealthy(record, `${kind} probe ${what}: ${outcome.output}`);
  }

  #result(kind: ProbeKind, success: boolean, record: ContainerRecord, spec: ContainerSpec): void {
    if (record.current?.state !== 'running') return;
    if (kind === 'Readiness') {
      if (record.ready === success) return;
      record.ready = success;
    } else if (success) {
      if (kind !== 'Startup' || record.started) return;
      record.started = true;
      record.ready = !spec.readinessProbe;
      for (const worker of this.#workers.get(record.name) ?? []) worker.trigger();
    }
    this.#owner.changed(kind, success, record);
  }

  snapshot(): unknown {
    return [...this.#workers].map(([name, workers]) => [name, workers.map((w) => w.snapshot())]);
  }
}

function failure(output: string): ProbeOutcome {
  return { result: 'failure', output };
}
