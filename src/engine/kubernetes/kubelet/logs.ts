import type { ContainerLog, LogLine } from '../../runtime/index.ts';
import { Signal, toBytes, concatBytes, type ByteReader, type Cancellation, type World } from '../../world/index.ts';
import { badRequest, notFound } from '../apiserver/errors.ts';
import type { PodLogOptions, PodLogs } from '../apiserver/subresources/streams.ts';
import type { Pod } from '../types.ts';
import type { Kubelet } from './kubelet.ts';
import type { ContainerRecord } from './types.ts';

/** Container logs as the kubelet serves them to the API server, for all nodes of a cluster. */
export function podLogs(world: World, kubelets: ReadonlyMap<string, Kubelet>): PodLogs {
  return {
    read(pod, options, cancel) {
      const node = pod.spec.nodeName;
      // A Pod that has no node yet has no log either.
      if (!node) return new Uint8Array();
      const kubelet = kubelets.get(node);
      if (!kubelet) throw notFound({ group: '', resource: 'nodes' }, node);
      if (!kubelet.running) throw unreachable(kubelet, pod, options);
      const record = kubelet.worker(pod)?.records.get(options.container);
      return readLog(world, logOf(pod, record, options), options, cancel);
    },
  };
}

function unreachable(kubelet: Kubelet, pod: Pod, { container }: PodLogOptions) {
  const { namespace, name } = pod.metadata;
  const address = `${kubelet.ip}:10250`;
  return badRequest(
    `Get "https://${address}/containerLogs/${namespace}/${name}/${container}": dial tcp ${address}: connect: no route to host`,
  );
}

/** The log that is meant, going by the reported status, or upstream's words for why there is none (validateContainerLogStatus). */
function logOf(pod: Pod, record: ContainerRecord | undefined, { container, previous }: PodLogOptions): ContainerLog {
  const where = `container "${container}" in pod "${pod.metadata.name}"`;
  const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } = pod.status;
  const status = [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].find(
    (s) => s.name === container,
  );
  if (!status) throw badRequest(`${where} is not available`);
  const { state = {}, lastState = {} } = status;
  const logWith = (id: string | undefined) =>
    [record?.current, record?.previous].find((c) => c && `containerd://${c.id}` === id)?.log;
  let log: ContainerLog | undefined;
  if (previous) {
    log = logWith(lastState.terminated?.containerID);
    if (!log) throw badRequest(`previous terminated ${where} not found`);
  } else if (state.running) log = logWith(status.containerID);
  else if (state.terminated) log = logWith(state.terminated.containerID);
  else if (lastState.terminated) log = logWith(lastState.terminated.containerID);
  else throw badRequest(`${where} is waiting to start: ${waitingText(state.waiting?.reason)}`);
  if (!log) throw badRequest(`unable to retrieve container logs for ${status.containerID ?? ''}`);
  return log;
}

function waitingText(reason: string | undefined): string {
  if (reason === 'ErrImagePull') return "image can't be pulled";
  if (reason === 'ImagePullBackOff') return 'trying and failing to pull image';
  return reason ?? '';
}

function readLog(
  world: World,
  log: ContainerLog,
  options: PodLogOptions,
  cancel?: Cancellation,
): ByteReader | Uint8Array {
  const since = sinceMs(world, options);
  const all = log.lines().filter((line) => line.time >= since);
  const first = options.tailLines === undefined ? all : options.tailLines === 0 ? [] : all.slice(-options.tailLines);
  const budget = { left: options.limitBytes ?? Infinity };
  const head = render(first, options, budget);
  if (!options.follow || log.closed) return head;
  return new LogFollower(world, log, options, budget, head, cancel);
}

function sinceMs(world: World, { sinceSeconds, sinceTime }: PodLogOptions): number {
  if (sinceTime !== undefined) return Date.parse(sinceTime);
  return sinceSeconds === undefined ? -Infinity : world.clock.now() - sinceSeconds * 1000;
}

function render(lines: readonly LogLine[], { timestamps }: PodLogOptions, budget: { left: number }): Uint8Array {
  const chunks: Uint8Array[] = [];
  for (const line of lines) {
    const bytes = timestamps ? concatBytes([toBytes(`${nanoTimestamp(line.time)} `), line.data]) : line.data;
    const part = bytes.length > budget.left ? bytes.subarray(0, budget.left) : bytes;
    budget.left -= part.length;
    if (part.length > 0) chunks.push(part);
    if (budget.left <= 0) break;
  }
  return concatBytes(chunks);
}

/** `2026-11-22T18:26:40.337639905Z`: always nine digits. */
function nanoTimestamp(unixMs: number): string {
  const ms = Math.floor(unixMs);
  const nanos = String(Math.floor((unixMs - ms) * 1e6)).padStart(6, '0');
  return `${new Date(ms).toISOString().slice(0, -1)}${nanos}Z`;
}

/** Goes on with what the container writes, until it ends or the client goes away. */
class LogFollower implements ByteReader {
  readonly #log: ContainerLog;
  readonly #options: PodLogOptions;
  readonly #budget: { left: number };
  readonly #news: Signal;
  readonly #cancel: Cancellation | undefined;
  readonly #undo: () => void;
  #head: Uint8Array | undefined;
  #position: number;
  #closed = false;

  constructor(
    world: World,
    log: ContainerLog,
    options: PodLogOptions,
    budget: { left: number },
    head: Uint8Array,
    cancel: Cancellation | undefined,
  ) {
    this.#log = log;
    this.#options = options;
    this.#budget = budget;
    this.#head = head;
    this.#position = log.end;
    this.#news = new Signal(world.queue);
    this.#cancel = cancel;
    this.#undo = log.onChange(() => this.#news.notify());
  }

  async read(cancel?: Cancellation): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#closed || this.#cancel?.cancelled || this.#budget.left <= 0) break;
      if (this.#head && this.#head.length > 0) {
        const head = this.#head;
        this.#head = undefined;
        return head;
      }
      const lines = this.#log.lines(this.#position);
      this.#position = this.#log.end;
      const bytes = render(lines, this.#options, this.#budget);
      if (bytes.length > 0) return bytes;
      if (this.#log.closed) break;
      await this.#news.wait(cancel ?? this.#cancel);
    }
    this.close();
    return undefined;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#undo();
    this.#news.notify();
  }
}
