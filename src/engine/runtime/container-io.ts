import { Tty, type SignalName, type SpawnOptions } from '../process/index.ts';
import { Pipe, toBytes, type ByteWriter, type Cancellation, type World } from '../world/index.ts';
import type { ContainerLog } from './log.ts';

/** How a container's first process is connected: Docker's `-i`, `-t` and Kubernetes' `stdin`, `stdinOnce`, `tty`. */
export interface ContainerStreams {
  /** Give PID 1 a terminal. */
  tty?: boolean;
  /** Keep standard input open even if nobody is attached; without it PID 1 reads the end of file. */
  openStdin?: boolean;
  /** Close standard input when the first client that brought input has no more. */
  stdinOnce?: boolean;
}

/** Where a client that is attached gets what the container writes from now on. */
export interface AttachedOutput {
  stdout?: ByteWriter;
  stderr?: ByteWriter;
}

const written = Promise.resolve();

/** The streams of PID 1: what it writes goes to the log and to whoever is attached; several clients may be. */
export class ContainerIO {
  readonly tty: Tty | undefined;
  readonly stdinOnce: boolean;
  readonly #input: Pipe | undefined;
  /** Few containers have any. */
  #attached: Set<AttachedOutput> | undefined;
  readonly #world: World;
  readonly #log: ContainerLog;
  #closed = false;

  constructor(world: World, log: ContainerLog, streams: ContainerStreams) {
    this.#world = world;
    this.#log = log;
    this.stdinOnce = streams.stdinOnce ?? false;
    if (streams.tty) this.tty = new Tty(world, '/dev/pts/0', (bytes) => this.#emit('stdout', bytes));
    if (streams.openStdin) this.#input = new Pipe(world.queue);
  }

  /** What to start PID 1 with. */
  spawnOptions(signal: (group: number, signal: SignalName) => void): SpawnOptions {
    if (this.tty) {
      this.tty.onSignal = signal;
      return {
        tty: this.tty,
        stdin: this.tty.reader,
        stdout: this.tty.writer,
        stderr: this.tty.writer,
        isatty: { stdin: true, stdout: true, stderr: true },
      };
    }
    const writer = (stream: 'stdout' | 'stderr'): ByteWriter => ({
      write: (data) => {
        this.#emit(stream, data);
        return written;
      },
      writeTimed: (text) => {
        if (this.#attached && this.#attached.size > 0) return false;
        this.#log.append(stream, text, this.#world.clock.now());
        return true;
      },
      close: () => {},
    });
    return { stdin: this.#input?.reader, stdout: writer('stdout'), stderr: writer('stderr') };
  }

  #emit(stream: 'stdout' | 'stderr', data: Uint8Array | string): void {
    this.#log.append(stream, data, this.#world.clock.now());
    if (!this.#attached || this.#attached.size === 0) return;
    const bytes = toBytes(data);
    for (const output of this.#attached) void output[stream]?.write(bytes).catch(() => {});
  }

  /** Whether input goes anywhere. */
  get takesInput(): boolean {
    return this.#input !== undefined && !this.#closed;
  }

  /** Adds a client for what is written from now on. Returns how it leaves. */
  attach(output: AttachedOutput): () => void {
    const attached = (this.#attached ??= new Set());
    attached.add(output);
    return () => void attached.delete(output);
  }

  /** Input of an attached client; dropped if standard input isn't open. */
  async input(data: Uint8Array, cancel?: Cancellation): Promise<void> {
    if (!this.takesInput) return;
    if (this.tty) this.tty.input(data);
    else await this.#input!.writer.write(data, cancel);
  }

  /** PID 1 reads the end of file. */
  closeInput(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#input?.writer.close();
  }

  /** PID 1 has ended: attached clients have seen everything. */
  end(): void {
    this.closeInput();
    this.#attached = undefined;
  }
}
