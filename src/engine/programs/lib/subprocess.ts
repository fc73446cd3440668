import { Descriptor, SpawnError, type ChildProcess, type Process } from '../../process/index.ts';
import { Pipe, type ByteReader, type ByteWriter, type Cancellation } from '../../world/index.ts';

/** Commands that tools start themselves: awk's pipes, `system`, xargs, find -exec, timeout, … */

export interface RunningCommand {
  readonly stdin: ByteWriter;
  wait(cancel?: Cancellation): Promise<number>;
}

/** Runs a line with `sh -c`, its input fed through `stdin` unless it inherits ours. @throws SpawnError */
export function runCommandLine(process: Process, line: string, { inheritInput = false } = {}): RunningCommand {
  const pipe = new Pipe(process.world.queue);
  const child = process.spawn(
    ['sh', '-c', line],
    inheritInput ? {} : { stdin: Descriptor.of({ reader: pipe.reader }) },
  );
  return { stdin: pipe.writer, wait: (cancel) => child.wait(cancel) };
}

/** The output of a line run with `sh -c`. @throws SpawnError */
export function captureCommand(process: Process, line: string): ByteReader {
  const pipe = new Pipe(process.world.queue);
  process.spawn(['sh', '-c', line], { stdout: Descriptor.of({ writer: pipe.writer }) });
  return pipe.reader;
}

/**
 * Runs a program and waits; says why it could not be started as `NAME: 'x': No such file or directory`.
 * @returns its status, or 126 or 127
 */
export async function runProgram(
  process: Process,
  name: string,
  argv: readonly string[],
  options: Parameters<Process['spawn']>[1] = {},
): Promise<number> {
  let child: ChildProcess;
  try {
    child = process.spawn(argv, options);
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error;
    await process.printError(
      error.message.startsWith('slipway: ')
        ? `${error.message}\n`
        : `${name}: ${quote(name, argv[0]!)}: ${spawnText(error)}\n`,
    );
    return error.message.startsWith('slipway: ') ? 1 : error.status;
  }
  const forward = process.onSignal('SIGTERM', () => child.kill('SIGTERM'));
  try {
    return await child.wait(process.cancel);
  } finally {
    forward();
  }
}

function quote(name: string, program: string): string {
  if (name === 'timeout') return `failed to run command '${program}'`;
  if (name === 'nohup') return `failed to run command '${program}'`;
  if (name === 'env') return `'${program}'`;
  return program;
}

function spawnText(error: SpawnError): string {
  return error.code === 'ENOENT'
    ? 'No such file or directory'
    : error.code === 'EISDIR'
      ? 'Permission denied'
      : error.message;
}
