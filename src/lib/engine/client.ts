import type { Answers, FromWorker, Query, ToWorker } from '../../session/protocol.ts';

/** The part of a `Worker` that is used, so that tests can stand in for one. */
export interface WorkerLike {
  postMessage(message: ToWorker): void;
  terminate(): void;
  addEventListener(type: 'message', listener: (event: { data: FromWorker }) => void): void;
  addEventListener(type: 'error', listener: (event: { message?: string; preventDefault?(): void }) => void): void;
  addEventListener(type: 'messageerror', listener: (event: unknown) => void): void;
}

/** The engine can't answer any more: it crashed or was stopped. */
export class EngineStoppedError extends Error {
  override name = 'EngineStoppedError';
}

/** Real ms between two looks whether the engine still answers, and how many it may miss: a loop in the host can't be told from
 * a long piece of work, so it gets time. */
const heartbeat = 4_000;
const missable = 5;

type QueryOf<K extends Query['kind']> = Extract<Query, { kind: K }>;
type Told = Exclude<FromWorker, { type: 'answer' | 'pong' }>;

/** Talks with one engine worker: pairs answers with queries and hands on everything else. */
export class EngineClient {
  readonly #worker: WorkerLike;
  readonly #listener: (message: Told) => void;
  readonly #waiting = new Map<number, { resolve(answer: unknown): void; reject(error: Error): void }>();
  readonly #beats: ReturnType<typeof setInterval>;
  #nextId = 1;
  #stopped = false;
  #missed = 0;

  constructor(worker: WorkerLike, listener: (message: Told) => void) {
    this.#worker = worker;
    this.#listener = listener;
    worker.addEventListener('message', ({ data }) => this.#receive(data));
    worker.addEventListener('error', (event) => {
      event.preventDefault?.();
      this.#receive({ type: 'crash', message: event.message ?? 'the engine could not be loaded' });
    });
    worker.addEventListener('messageerror', () =>
      this.#receive({ type: 'crash', message: 'a message from the engine could not be read' }),
    );
    this.#beats = setInterval(() => this.#beat(), heartbeat);
  }

  post(message: ToWorker): void {
    if (!this.#stopped) this.#worker.postMessage(message);
  }

  /** @throws EngineStoppedError, or an Error with the engine's text when it refuses the query. */
  query<K extends Query['kind']>(query: QueryOf<K>): Promise<Answers[K]> {
    if (this.#stopped) return Promise.reject(new EngineStoppedError('the engine has stopped'));
    const id = this.#nextId++;
    return new Promise<Answers[K]>((resolve, reject) => {
      this.#waiting.set(id, { resolve: (answer) => resolve(answer as Answers[K]), reject });
      this.#worker.postMessage({ type: 'query', id, query });
    });
  }

  /** Ends the worker; every waiting query fails. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#beats);
    this.#worker.terminate();
    for (const { reject } of this.#waiting.values()) reject(new EngineStoppedError('the engine has stopped'));
    this.#waiting.clear();
  }

  #beat(): void {
    if (this.#missed++ >= missable) {
      const seconds = (heartbeat * missable) / 1000;
      return this.#receive({ type: 'crash', message: `the engine has not answered for ${seconds} seconds` });
    }
    this.#worker.postMessage({ type: 'ping' });
  }

  #receive(message: FromWorker): void {
    if (this.#stopped) return;
    this.#missed = 0;
    if (message.type === 'pong') return;
    if (message.type === 'answer') {
      const waiting = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      if (message.error === undefined) waiting?.resolve(message.answer);
      else waiting?.reject(new Error(message.error));
      return;
    }
    if (message.type === 'crash') this.stop();
    this.#listener(message);
  }
}
