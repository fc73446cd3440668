import type { Network, NetworkNamespace } from '../../network/index.ts';
import type { Container as RuntimeContainer } from '../../runtime/index.ts';
import type { Timer, World } from '../../world/index.ts';
import type { ContainerSpec, Probe } from './types.ts';

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

/** Watchers of the network may leave the kubelet's own connections out. */
export const asProbe = { probe: true } as const;

export const succeeded: ProbeOutcome = { result: 'success', output: '' };

/** The number of a port given by number or by name; undefined if the container has no port of that name. */
export function portOf(port: string | number | undefined, spec: ContainerSpec): number | undefined {
  if (typeof port === 'number') return port;
  const named = spec.ports?.find((p) => p.name === port)?.containerPort;
  return named ?? (/^\d+$/.test(port ?? '') ? Number(port) : undefined);
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
