import { RuntimeError, type Container as RuntimeContainer } from '../../runtime/index.ts';
import { Collector } from '../../world/index.ts';
import { HttpProbe } from './http-probe.ts';
import type { ProbeTarget } from './probes.ts';
import type { LifecycleHandler } from './types.ts';

/** A lifecycle hook that failed; `message` is the event's. */
export class HookError extends Error {
  override name = 'HookError';
}

/** Runs a postStart or preStop hook, for `timeoutMs` at most. @throws HookError */
export async function runHook(
  kind: 'PostStart' | 'PreStop',
  handler: LifecycleHandler,
  target: ProbeTarget,
  timeoutMs: number,
): Promise<void> {
  const { world, container } = target;
  const sleep = (handler as { sleep?: { seconds: number } }).sleep;
  if (sleep) return world.sleep(Math.min(sleep.seconds * 1000, timeoutMs));
  if (handler.exec) return execHook(kind, handler.exec.command ?? [], container, target, timeoutMs);
  if (handler.httpGet) {
    const outcome = await new HttpProbe(handler.httpGet, timeoutMs).run(target);
    if (outcome.result !== 'success') throw new HookError(`${kind}Hook failed: ${outcome.output}`);
  }
}

async function execHook(
  kind: string,
  command: readonly string[],
  container: RuntimeContainer,
  { world }: ProbeTarget,
  timeoutMs: number,
): Promise<void> {
  const output = new Collector();
  let status: number;
  try {
    const child = container.exec(command, { stdout: output, stderr: output });
    const timer = world.queue.after(timeoutMs, () => child.kill('SIGKILL'));
    status = await child.wait();
    timer.cancel();
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    throw new HookError(
      `${kind}Hook failed: rpc error: code = Unknown desc = failed to exec in container: ${error.message}`,
    );
  }
  if (status !== 0)
    throw new HookError(
      `${kind}Hook failed: command '${command.join(' ')}' exited with ${status}: ${output.text()}, message: ${JSON.stringify(output.text())}`,
    );
}
