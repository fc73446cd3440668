import { isReader, type HttpHandler, type HttpRequest, type HttpResponse } from '../../network/http.ts';
import type { Process, Program } from '../../process/index.ts';
import type { ByteReader, World } from '../../world/index.ts';
import type { ApiServer } from '../apiserver/server.ts';
import type { ControllersHandle } from '../controllers/index.ts';
import type { Scheduler } from '../scheduler/index.ts';

/** Ms until a started kube-apiserver has read its store and answers. */
const apiServerStart = 3000;
/** Ms until a lock is free whose holder has gone without a word (`--leader-elect-lease-duration`). */
const leaseDuration = 15_000;
/** How often (ms) components that wait for the API server ask again. */
const retryPeriod = 1000;

type Component = 'kube-apiserver' | 'kube-controller-manager' | 'kube-scheduler';
/** Programs that a control plane consists of, apart from etcd. */
export const controlPlaneComponents: readonly Component[] = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
];

export interface ControlPlaneOptions {
  world: World;
  server: ApiServer;
  startControllers: () => ControllersHandle;
  startScheduler: () => Scheduler;
}

/**
 * What the static Pods of a control plane's node do. A new cluster has it running; from then on its processes decide: where
 * kube-apiserver ends, nothing is answered and nothing written, and where the others end, nobody acts.
 */
export class ControlPlane {
  readonly #options: ControlPlaneOptions;
  readonly #running = new Set<Component>(controlPlaneComponents);
  /** The process that does a component's work now; undefined until the first has begun. */
  readonly #process = new Map<Component, Process>();
  readonly #listeners = new Set<(up: boolean) => void>();
  readonly #streams = new Set<ByteReader>();
  #controllers: ControllersHandle | undefined;
  #scheduler: Scheduler | undefined;

  /** @param name tells the control planes of a world apart */
  constructor(name: string, options: ControlPlaneOptions) {
    this.#options = options;
    options.world.registerState(`control-plane/${name}`, () => [...this.#running].sort());
  }

  /** Everything runs from the beginning. */
  start(): void {
    this.#controllers = this.#options.startControllers();
    this.#scheduler = this.#options.startScheduler();
  }

  get controllers(): ControllersHandle {
    return this.#controllers!;
  }

  /** The scheduler that runs, or ran last. */
  get scheduler(): Scheduler {
    return this.#scheduler!;
  }

  /** The API server answers. */
  get up(): boolean {
    return this.#running.has('kube-apiserver');
  }

  /** Calls back when the API server begins or ceases to answer. */
  onChange(listener: (up: boolean) => void): void {
    this.#listeners.add(listener);
  }

  /** The API server's door: while it is down, nobody opens. */
  readonly handle: HttpHandler = (request: HttpRequest): HttpResponse | Promise<HttpResponse> => {
    if (!this.up) return { status: 503, headers: { 'content-type': 'text/plain' }, body: new Uint8Array() };
    const response = this.#options.server.handle(request);
    return response instanceof Promise ? response.then((late) => this.#opened(late)) : this.#opened(response);
  };

  /** Watches end with the server. */
  #opened(response: HttpResponse): HttpResponse {
    const { body } = response;
    if (!isReader(body)) return response;
    const reader: ByteReader = {
      read: (cancel) => body.read(cancel),
      close: () => {
        this.#streams.delete(reader);
        body.close();
      },
    };
    this.#streams.add(reader);
    return { ...response, body: reader };
  }

  /** The component's program, which does the component's work as long as it runs. */
  program(name: Component, program: Program): Program {
    const run: Program = async (process) => {
      // The first process finds everything as it would have left it.
      if (this.#process.has(name)) void this.#begin(name, process);
      this.#process.set(name, process);
      try {
        return await program(process);
      } finally {
        if (this.#process.get(name) === process) this.#end(name);
      }
    };
    return Object.assign(run, program);
  }

  /** The machine lost its power. */
  powerOff(): void {
    for (const name of controlPlaneComponents) {
      // Whoever comes next is not the first.
      if (!this.#process.has(name)) this.#process.set(name, gone);
      this.#end(name);
    }
  }

  async #begin(name: Component, process: Process): Promise<void> {
    const { world } = this.#options;
    const current = () => this.#process.get(name) === process;
    await world.sleep(name === 'kube-apiserver' ? apiServerStart : leaseDuration);
    while (current() && name !== 'kube-apiserver' && !this.up) await world.sleep(retryPeriod);
    if (!current() || this.#running.has(name)) return;
    this.#running.add(name);
    if (name === 'kube-controller-manager') this.controllers.start();
    else if (name === 'kube-scheduler') this.#scheduler = this.#options.startScheduler();
    else this.#tell(true);
  }

  #end(name: Component): void {
    this.#process.set(name, gone);
    if (!this.#running.delete(name)) return;
    if (name === 'kube-controller-manager') this.controllers.stop();
    else if (name === 'kube-scheduler') this.scheduler.stop();
    else {
      for (const stream of [...this.#streams]) stream.close();
      this.#tell(false);
    }
  }

  #tell(up: boolean): void {
    this.#options.server.core.available = up;
    for (const listener of this.#listeners) listener(up);
  }
}

/** Stands for no process at all. */
const gone = {} as Process;
