import { signalNumbers, type SignalName } from '../../../process/index.ts';
import type { Cancellation, Duplex } from '../../../world/index.ts';
import type { Context } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { demultiplex } from './frames.ts';

/** @throws CliError when a terminal was asked for and there is none */
export function requireTerminal({ process }: Context, tty: boolean, interactive: boolean): void {
  if (tty && interactive && !process.isatty.stdin) throw new CliError('the input device is not a TTY');
}

/** Copies between the terminal (or pipes) and a connection that was taken over, until the far end closes. */
export async function copyStreams(
  context: Context,
  connection: Duplex & { close(): void },
  options: { tty: boolean; stdin: boolean; stdout?: boolean; stderr?: boolean },
): Promise<void> {
  const { process } = context;
  const raw = options.tty && process.isatty.stdin && options.stdin ? process.tty : undefined;
  if (raw) raw.raw = true;
  const input = process.cancel.child();
  try {
    if (options.stdin) void copyInput(context, connection, input);
    else connection.writer.close();
    if (options.tty) {
      for (;;) {
        const data = await connection.reader.read(process.cancel);
        if (!data) break;
        await process.stdout.write(data, process.cancel);
      }
    } else
      await demultiplex(
        connection.reader,
        async (stream, data) => {
          if (stream === 'stdout' && options.stdout !== false) await process.stdout.write(data, process.cancel);
          if (stream === 'stderr' && options.stderr !== false) await process.stderr.write(data, process.cancel);
        },
        process.cancel,
      );
  } finally {
    input.cancel();
    if (raw) raw.raw = false;
  }
}

async function copyInput({ process }: Context, connection: Duplex, cancel: Cancellation): Promise<void> {
  try {
    for (;;) {
      const data = await process.stdin.read(cancel);
      if (!data) break;
      await connection.writer.write(data, cancel);
    }
  } catch {
    // The other side has gone, or we have: nothing more to send.
  }
  connection.writer.close();
}

const forwarded: readonly SignalName[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'];

/** Hands signals on to the container, as `--sig-proxy` does. Returns how to stop. */
export function proxySignals({ process, client }: Context, container: string): () => void {
  const undo = forwarded.map((signal) =>
    process.onSignal(signal, () => {
      void client
        .request('POST', `/containers/${container}/kill`, { query: { signal: signal.slice(3) } })
        .catch(() => {});
    }),
  );
  return () => undo.forEach((stop) => stop());
}

/** Tells the Engine how large the terminal is, now and whenever it changes. */
export function watchSize({ process, client }: Context, path: string): () => void {
  const { tty } = process;
  if (!tty) return () => {};
  const send = () => void client.request('POST', path, { query: { h: tty.rows, w: tty.columns } }).catch(() => {});
  send();
  return process.onSignal('SIGWINCH', send);
}

export { signalNumbers };
