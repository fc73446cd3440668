import { Cancellation, Cancelled } from '../world/index.ts';
import { ShellError } from './errors.ts';
import type { Shell } from './shell.ts';

/** Input of `read`: takes from a descriptor exactly what it needs and gives the rest back. */
export class LineInput {
  readonly #shell: Shell;
  readonly #fd: number;
  timedOut = false;

  constructor(shell: Shell, fd: number) {
    this.#shell = shell;
    this.#fd = fd;
  }

  /** The next line without its newline; undefined at the end of input (a last line without newline counts). */
  async line(): Promise<string | undefined> {
    const { text, ended } = await this.until('\n');
    return ended && text === '' ? undefined : text;
  }

  /**
   * Reads up to a delimiter (one character, `` for NUL), or `limit` characters.
   * @param seconds gives up then, keeping what came
   */
  async until(
    delimiter: string,
    { limit = Infinity, seconds }: { limit?: number; seconds?: number } = {},
  ): Promise<{ text: string; ended: boolean }> {
    const descriptor = this.#shell.fds.get(this.#fd);
    if (!descriptor?.readable) throw new ShellError(`read: ${this.#fd}: invalid file descriptor: Bad file descriptor`);
    const cancel = this.#cancellation(seconds);
    const stop = (delimiter || '\0').charCodeAt(0);
    let bytes: number[] = [];
    try {
      for (;;) {
        const chunk = await descriptor.read(cancel.cancellation);
        if (!chunk) return { text: decode(bytes), ended: true };
        const at = chunk.indexOf(stop);
        const taken = at < 0 ? chunk : chunk.subarray(0, at);
        const rest = at < 0 ? new Uint8Array() : chunk.subarray(at + 1);
        bytes = bytes.concat([...taken]);
        const text = decode(bytes);
        if ([...text].length >= limit) {
          const kept = [...text].slice(0, limit).join('');
          const surplus = new TextEncoder().encode([...text].slice(limit).join(''));
          const tail = at < 0 ? rest : chunk.subarray(at);
          descriptor.unread(Uint8Array.from([...surplus, ...tail]));
          return { text: kept, ended: false };
        }
        if (at >= 0) {
          descriptor.unread(rest);
          return { text, ended: false };
        }
      }
    } catch (error) {
      if (!(error instanceof Cancelled) || !cancel.timedOut()) throw error;
      this.timedOut = true;
      return { text: decode(bytes), ended: true };
    } finally {
      cancel.done();
    }
  }

  #cancellation(seconds: number | undefined) {
    const { interrupt, world } = this.#shell;
    if (seconds === undefined) return { cancellation: interrupt, timedOut: () => false, done: () => {} };
    const cancellation = new Cancellation();
    const forget = interrupt.onCancel((reason) => cancellation.cancel(reason));
    let expired = false;
    const timer = world.queue.after(seconds * 1000, () => {
      expired = true;
      cancellation.cancel(new Cancelled('timed out'));
    });
    const done = () => {
      timer.cancel();
      forget();
    };
    return { cancellation, timedOut: () => expired, done };
  }
}

function decode(bytes: readonly number[]): string {
  return new TextDecoder().decode(Uint8Array.from(bytes));
}
