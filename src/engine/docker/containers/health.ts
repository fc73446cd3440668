import { concatBytes, toBytes } from '../../world/index.ts';
import type { DockerEngine } from '../engine.ts';
import { rfc3339Nano } from '../time.ts';
import type { HealthConfig } from './config.ts';
import type { DockerContainer } from './container.ts';

const second = 1e9;
const keptResults = 5;
const keptOutput = 4096;

/** Runs the container's health check until it ends. */
export function startHealthChecks(engine: DockerEngine, container: DockerContainer): void {
  stopHealthChecks(container);
  const check = container.config.Healthcheck;
  const command = commandOf(container, check);
  if (!check || !command) {
    container.health = undefined;
    return;
  }
  const health = (container.health = { status: 'starting', failingStreak: 0, log: [] });
  const interval = (check.Interval || 30 * second) / 1e6;
  const startInterval = (check.StartInterval || 5 * second) / 1e6;
  const startPeriod = (check.StartPeriod || 0) / 1e6;
  const { runtime } = container;
  const began = engine.world.clock.now();
  const delay = () =>
    startPeriod > 0 && container.health?.status === 'starting' && engine.world.clock.now() - began < startPeriod
      ? startInterval
      : interval;
  let timer = engine.world.queue.after(delay(), run);
  function run(): void {
    void probe(engine, container, command!, (check!.Timeout || 30 * second) / 1e6).then((result) => {
      if (container.runtime !== runtime || !container.running || container.health !== health) return;
      record(engine, container, result, {
        retries: check!.Retries || 3,
        inStartPeriod: engine.world.clock.now() - began < startPeriod,
      });
      timer = engine.world.queue.after(delay(), run);
    });
  }
  container.healthStops.push(() => timer.cancel());
}

export function stopHealthChecks(container: DockerContainer): void {
  for (const stop of container.healthStops.splice(0)) stop();
}

function commandOf({ config }: DockerContainer, check: HealthConfig | undefined): string[] | undefined {
  const [kind, ...rest] = check?.Test ?? [];
  if (kind === undefined || kind === 'NONE' || rest.length === 0) return undefined;
  return kind === 'CMD-SHELL' ? [...(config.Shell ?? ['/bin/sh', '-c']), rest.join(' ')] : rest;
}

interface Result {
  start: number;
  end: number;
  exitCode: number;
  output: string;
}

async function probe(
  engine: DockerEngine,
  container: DockerContainer,
  command: readonly string[],
  timeout: number,
): Promise<Result> {
  const { world } = engine;
  const start = world.clock.now();
  const chunks: Uint8Array[] = [];
  const writer = {
    write: (data: Uint8Array | string) => (chunks.push(toBytes(data)), Promise.resolve()),
    close: () => {},
  };
  const done = (exitCode: number, output?: string): Result => ({
    start,
    end: world.clock.now(),
    exitCode,
    output: (output ?? new TextDecoder().decode(concatBytes(chunks))).slice(0, keptOutput),
  });
  try {
    const child = container.runtime!.exec(command, { stdout: writer, stderr: writer });
    let late = false;
    const timer = world.queue.after(timeout, () => {
      late = true;
      child.kill('SIGKILL');
    });
    const status = await child.wait();
    timer.cancel();
    return late ? done(-1, `Health check exceeded timeout (${timeout / 1000}s)`) : done(status);
  } catch (error) {
    return done(-1, error instanceof Error ? error.message : String(error));
  }
}

function record(
  engine: DockerEngine,
  container: DockerContainer,
  result: Result,
  { retries, inStartPeriod }: { retries: number; inStartPeriod: boolean },
): void {
  const health = container.health!;
  const before = health.status;
  health.log = [
    ...health.log,
    {
      Start: rfc3339Nano(result.start),
      End: rfc3339Nano(result.end),
      ExitCode: result.exitCode,
      Output: result.output,
    },
  ].slice(-keptResults);
  if (result.exitCode === 0) {
    health.failingStreak = 0;
    health.status = 'healthy';
  } else if (!(inStartPeriod && before === 'starting')) {
    health.failingStreak++;
    if (health.failingStreak >= retries) health.status = 'unhealthy';
  }
  if (health.status !== before)
    engine.events.emit('container', `health_status: ${health.status}`, container.id, container.attributes);
  container.changed.notify();
}
