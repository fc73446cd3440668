import { isReader, type HttpRequest } from '../../network/http.ts';
import { World, type ByteReader } from '../../world/index.ts';
import { createApiServer, type ApiServer, type ApiServerOptions } from './server.ts';

/** Drives a server's `handle` in tests, the way a client on the network would. */
export class TestApi {
  readonly world: World;
  readonly server: ApiServer;
  /** Streams that `lines` found at their end. */
  readonly ended = new WeakSet<ByteReader>();
  /** Reads of streams that had nothing to say yet. */
  readonly #reading = new WeakMap<ByteReader, Reading>();

  constructor(options: Partial<ApiServerOptions> = {}) {
    this.world = options.world ?? new World({ seed: 1, epoch: 1_750_000_000_000 });
    this.server = createApiServer({ world: this.world, ...options });
  }

  async request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<TestResponse> {
    const request: HttpRequest = {
      method,
      path,
      headers: {
        accept: 'application/json',
        'user-agent': 'test/1.0',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && {
        body:
          body instanceof Uint8Array
            ? body
            : new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
      }),
    };
    const response = await this.#finish(Promise.resolve(this.server.handle(request)));
    const text = isReader(response.body) ? '' : new TextDecoder().decode(response.body);
    const stream = isReader(response.body) ? response.body : undefined;
    return { status: response.status, headers: response.headers, text, json: parsed(text), stream };
  }

  get(path: string, headers?: Record<string, string>): Promise<TestResponse> {
    return this.request('GET', path, undefined, headers);
  }

  /** What a stream has to say now, as JSON lines; none if it is silent. */
  async lines(stream: ByteReader): Promise<any[]> {
    let reading = this.#reading.get(stream);
    if (!reading) {
      const begun: Reading = { over: false, chunk: undefined };
      void stream.read().then((chunk) => Object.assign(begun, { over: true, chunk }));
      this.#reading.set(stream, (reading = begun));
    }
    await this.settle();
    if (reading.over) this.#reading.delete(stream);
    if (reading.over && !reading.chunk) this.ended.add(stream);
    const { chunk } = reading;
    const text = new TextDecoder().decode(chunk ?? new Uint8Array(0)).trim();
    return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as unknown);
  }

  /** Runs everything that is due without letting much time pass. */
  async settle(ms = 0): Promise<void> {
    const until = this.world.queue.now + ms;
    // Time passes although nothing happens.
    if (ms > 0) this.world.queue.at(until, () => {});
    for (;;) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.world.queue.run({ until }) !== 'drain') return;
    }
  }

  async #finish<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    void promise.then(
      () => (done = true),
      () => (done = true),
    );
    for (let i = 0; !done && i < 1000; i++) await this.settle(100);
    return promise;
  }
}

interface Reading {
  over: boolean;
  chunk: Uint8Array | undefined;
}

export interface TestResponse {
  status: number;
  headers: Record<string, string>;
  text: string;
  json: any;
  stream: ByteReader | undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
