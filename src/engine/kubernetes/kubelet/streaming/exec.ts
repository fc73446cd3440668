import { Tty, type ChildProcess } from '../../../process/index.ts';
import { RuntimeError, type Container } from '../../../runtime/index.ts';
import type { Cancellation, World } from '../../../world/index.ts';
import type { CommandStatus, RemoteStreams, WantedStreams } from './remote-command.ts';

/** Runs a command in a container for a client. It goes on running when the client leaves, as under containerd. */
export async function runExec(
  world: World,
  container: Container,
  command: readonly string[],
  streams: RemoteStreams,
  wanted: WantedStreams,
  cancel: Cancellation,
): Promise<void> {
  let child: ChildProcess;
  try {
    child = start(world, container, command, streams, wanted, cancel);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    const id = world.random.stream('exec').hex(64);
    const text = `error executing command in container: failed to exec in container: failed to start exec "${id}": ${error.message}`;
    const message = `Internal error occurred: ${text}`;
    return streams.end({
      status: 'Failure',
      message,
      reason: 'InternalError',
      details: { causes: [{ reason: '', message: text }] },
      code: 500,
    });
  }
  const status = await child.wait(cancel);
  await streams.end(exitStatus(status));
}

function exitStatus(status: number): CommandStatus {
  if (status === 0) return { status: 'Success' };
  return {
    status: 'Failure',
    message: `command terminated with non-zero exit code: exit status ${status}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: String(status) }] },
  };
}

function start(
  world: World,
  container: Container,
  command: readonly string[],
  streams: RemoteStreams,
  wanted: WantedStreams,
  cancel: Cancellation,
): ChildProcess {
  if (!wanted.tty)
    return container.exec(command, {
      ...(wanted.stdin ? { stdin: streams.stdin } : {}),
      stdout: streams.stdout,
      stderr: streams.stderr,
    });
  const tty = new Tty(world, container.nextTerminal(), (bytes) => void streams.stdout.write(bytes).catch(() => {}));
  const { processes } = container.machine;
  tty.onSignal = (group, signal) => void processes.signal(-group, signal);
  streams.onResize = (rows, columns) => tty.resize(rows, columns);
  const child = container.exec(command, {
    tty,
    stdin: tty.reader,
    stdout: tty.writer,
    stderr: tty.writer,
    isatty: { stdin: true, stdout: true, stderr: true },
    group: 'new',
  });
  tty.foregroundGroup = child.group;
  if (wanted.stdin) void type(streams, tty, cancel).catch(() => {});
  return child;
}

/** Keys go to the terminal as they come. */
async function type({ stdin }: RemoteStreams, tty: Tty, cancel: Cancellation): Promise<void> {
  for (let keys = await stdin.read(cancel); keys; keys = await stdin.read(cancel)) tty.input(keys);
}

/**
 * Joins a client to the first process of a container, until that has ended or, when the client's input ends without
 * closing the container's, until then (containerd's attach).
 */
export async function runAttach(
  container: Container,
  streams: RemoteStreams,
  wanted: WantedStreams,
  cancel: Cancellation,
): Promise<void> {
  const { io } = container;
  const leave = io.attach({ stdout: streams.stdout, stderr: streams.stderr });
  if (io.tty) streams.onResize = (rows, columns) => io.tty!.resize(rows, columns);
  const gone = cancel.child();
  container.onExit(() => gone.cancel());
  try {
    if (!(wanted.stdin && io.takesInput)) return await ended(container, gone);
    for (let data = await streams.stdin.read(gone); data; data = await streams.stdin.read(gone))
      await io.input(data, gone);
    if (io.stdinOnce && !io.tty) io.closeInput();
    if (io.stdinOnce) await ended(container, gone);
  } catch (error) {
    if (!gone.cancelled) throw error;
  } finally {
    leave();
    if (!cancel.cancelled) await streams.end({ status: 'Success' });
  }
}

async function ended(container: Container, gone: Cancellation): Promise<void> {
  if (container.state === 'running') await container.wait(gone);
}
