import type { RunQueue, Timer } from '../../world/index.ts';
import type { Pod } from '../types.ts';
import type { ClusterEvent } from './framework.ts';

/** A Pod that waits for a node. */
export interface QueuedPod {
  pod: Pod;
  /** Attempts made so far. */
  attempts: number;
  /** Virtual ms at which it was put where it is. */
  since: number;
  /** Plug-ins whose refusal the last attempt ended with. */
  rejectedBy: ReadonlySet<string>;
  gated: boolean;
}

/** Back-off (ms) after a failed attempt: doubled each time from the first to the last. */
const initialBackoff = 1000;
const maxBackoff = 10_000;
/** Pods that no event helped for this long are tried anyway, looked for this often (ms). */
const maxUnschedulable = 5 * 60_000;
const flushPeriod = 30_000;

/**
 * The scheduling queue (pkg/scheduler/backend/queue): Pods ready to be tried, by priority and then by time; Pods that back
 * off, which are tried early if nothing else waits; and Pods that wait for an event which may help them.
 */
export class SchedulingQueue {
  readonly #queue: RunQueue;
  readonly #ready: () => void;
  readonly #mayHelp: (event: ClusterEvent, waiting: QueuedPod) => boolean;
  readonly #active = new PodHeap();
  readonly #backoff = new Map<string, QueuedPod>();
  readonly #unschedulable = new Map<string, QueuedPod>();
  readonly #retries = new Map<string, Timer>();
  #flush: Timer | undefined;

  /**
   * @param ready called when there is something to pop.
   * @param mayHelp whether an event may make the Pod schedulable.
   */
  constructor(queue: RunQueue, ready: () => void, mayHelp: (event: ClusterEvent, waiting: QueuedPod) => boolean) {
    this.#queue = queue;
    this.#ready = ready;
    this.#mayHelp = mayHelp;
  }

  get empty(): boolean {
    return this.#active.size === 0 && this.#backoff.size === 0;
  }

  /** A new Pod. One with scheduling gates waits until they are gone. */
  add(pod: Pod): void {
    if (this.#find(pod.metadata.uid)) return this.update(pod, pod);
    const gated = isGated(pod);
    const waiting: QueuedPod = { pod, attempts: 0, since: this.#queue.now, rejectedBy: new Set(), gated };
    if (gated) this.#unschedulable.set(pod.metadata.uid, waiting);
    else this.#activate(waiting);
  }

  /** A waiting Pod changed; if that may help, it is tried again. */
  update(pod: Pod, previous: Pod): void {
    const { uid } = pod.metadata;
    const waiting = this.#find(uid);
    if (!waiting) return this.add(pod);
    waiting.pod = pod;
    if (!this.#unschedulable.has(uid)) return;
    const released = waiting.gated && !isGated(pod);
    if (released) waiting.gated = false;
    const helped = !waiting.gated && this.#mayHelp({ type: 'PodUpdate', pod, previous }, waiting);
    if (!released && !helped) return;
    this.#unschedulable.delete(uid);
    this.#requeue(waiting);
  }

  delete(uid: string): void {
    this.#active.delete(uid);
    this.#backoff.delete(uid);
    this.#unschedulable.delete(uid);
    this.#retries.get(uid)?.cancel();
    this.#retries.delete(uid);
  }

  /** Takes the Pod to try next. */
  pop(): QueuedPod | undefined {
    const now = this.#queue.now;
    for (const [uid, waiting] of this.#backoff) {
      if (backoffEnd(waiting) > now) continue;
      this.#backoff.delete(uid);
      this.#active.push(waiting);
    }
    const next = this.#active.pop() ?? this.#firstInBackoff();
    if (next) next.attempts++;
    return next;
  }

  /** Puts a Pod back that fits nowhere now; it waits for an event. */
  addUnschedulable(waiting: QueuedPod, rejectedBy: ReadonlySet<string>): void {
    waiting.rejectedBy = rejectedBy;
    waiting.since = this.#queue.now;
    this.#unschedulable.set(waiting.pod.metadata.uid, waiting);
    this.#flush ??= this.#queue.after(flushPeriod, () => this.#flushLeftovers());
  }

  /** Puts a Pod back after an error; it is tried again when its back-off ends. */
  retry(waiting: QueuedPod): void {
    waiting.since = this.#queue.now;
    const { uid } = waiting.pod.metadata;
    const timer = this.#queue.at(backoffEnd(waiting), () => {
      this.#retries.delete(uid);
      this.#activate(waiting);
    });
    this.#retries.set(uid, timer);
  }

  /** Something happened: Pods that it may help are tried again. */
  notify(event: ClusterEvent): void {
    for (const [uid, waiting] of this.#unschedulable) {
      if (waiting.gated || !this.#mayHelp(event, waiting)) continue;
      this.#unschedulable.delete(uid);
      this.#requeue(waiting);
    }
  }

  stop(): void {
    this.#flush?.cancel();
    for (const timer of this.#retries.values()) timer.cancel();
  }

  snapshot(): unknown {
    const show = ({ pod, attempts, since, rejectedBy }: QueuedPod) => [
      pod.metadata.uid,
      attempts,
      since,
      [...rejectedBy].sort(),
    ];
    return {
      active: this.#active.items().map(show),
      backoff: [...this.#backoff.values()].map(show),
      unschedulable: [...this.#unschedulable.values()].map(show),
      retries: [...this.#retries].map(([uid, timer]) => [uid, timer.due]),
    };
  }

  #find(uid: string): QueuedPod | undefined {
    return this.#active.get(uid) ?? this.#backoff.get(uid) ?? this.#unschedulable.get(uid);
  }

  #requeue(waiting: QueuedPod): void {
    if (waiting.attempts > 0 && backoffEnd(waiting) > this.#queue.now) {
      this.#backoff.set(waiting.pod.metadata.uid, waiting);
      this.#ready();
    } else {
      this.#activate(waiting);
    }
  }

  #activate(waiting: QueuedPod): void {
    waiting.since = this.#queue.now;
    this.#active.push(waiting);
    this.#ready();
  }

  #firstInBackoff(): QueuedPod | undefined {
    let first: QueuedPod | undefined;
    for (const waiting of this.#backoff.values()) {
      if (!first || backoffEnd(waiting) < backoffEnd(first)) first = waiting;
    }
    if (first) this.#backoff.delete(first.pod.metadata.uid);
    return first;
  }

  #flushLeftovers(): void {
    this.#flush = undefined;
    const now = this.#queue.now;
    for (const [uid, waiting] of this.#unschedulable) {
      if (waiting.gated || now - waiting.since <= maxUnschedulable) continue;
      this.#unschedulable.delete(uid);
      this.#requeue(waiting);
    }
    const left = [...this.#unschedulable.values()].some(({ gated }) => !gated);
    if (left) this.#flush = this.#queue.after(flushPeriod, () => this.#flushLeftovers());
  }
}

function isGated(pod: Pod): boolean {
  return (pod.spec.schedulingGates ?? []).length > 0;
}

function backoffEnd({ since, attempts }: QueuedPod): number {
  return since + Math.min(initialBackoff * 2 ** Math.max(0, attempts - 1), maxBackoff);
}

/** Binary heap by priority (highest first), then time, then order of arrival. */
class PodHeap {
  readonly #items: HeapEntry[] = [];
  readonly #uids = new Map<string, QueuedPod>();
  #order = 0;

  get size(): number {
    return this.#uids.size;
  }

  get(uid: string): QueuedPod | undefined {
    return this.#uids.get(uid);
  }

  items(): QueuedPod[] {
    return [...this.#uids.values()];
  }

  /** The entry stays in the heap and is passed over when it surfaces. */
  delete(uid: string): void {
    this.#uids.delete(uid);
  }

  push(waiting: QueuedPod): void {
    const { uid } = waiting.pod.metadata;
    if (this.#uids.has(uid)) return;
    this.#uids.set(uid, waiting);
    const items = this.#items;
    const entry = { waiting, priority: waiting.pod.spec.priority ?? 0, order: this.#order++ };
    let i = items.push(entry) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!before(entry, items[parent]!)) break;
      items[i] = items[parent]!;
      i = parent;
    }
    items[i] = entry;
  }

  pop(): QueuedPod | undefined {
    for (;;) {
      const first = this.#items[0];
      if (!first) return undefined;
      this.#removeFirst();
      const { uid } = first.waiting.pod.metadata;
      if (this.#uids.get(uid) !== first.waiting) continue;
      this.#uids.delete(uid);
      return first.waiting;
    }
  }

  #removeFirst(): void {
    const items = this.#items;
    const last = items.pop()!;
    if (items.length === 0) return;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && before(items[child + 1]!, items[child]!)) child++;
      if (!before(items[child]!, last)) break;
      items[i] = items[child]!;
      i = child;
    }
    items[i] = last;
  }
}

interface HeapEntry {
  waiting: QueuedPod;
  priority: number;
  order: number;
}

function before(a: HeapEntry, b: HeapEntry): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.waiting.since !== b.waiting.since) return a.waiting.since < b.waiting.since;
  return a.order < b.order;
}
