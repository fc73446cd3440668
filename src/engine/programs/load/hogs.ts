import type { Process } from '../../process/index.ts';
import { Deferred } from '../../world/index.ts';

/** What load generators do: worker processes that keep CPUs and memory busy. */

/** Bytes that a processor fills in a virtual ms. */
const fillRate = 2_000_000;

/** Kernel pages that come with a process. */
const processBytes = 1 << 20;

/** A worker that computes. @param load CPUs it keeps busy, 1 at most */
export function computer(load = 1): (process: Process) => Promise<number> {
  return async (process) => {
    await process.cpu(Infinity, load);
    return 0;
  };
}

export interface VmOptions {
  bytes: number;
  /** Ms to hold what was filled before it is given back and filled again; Infinity: for ever. */
  hangMs?: number;
}

/** A worker that fills memory and holds it. Between the rounds nothing is simulated but their average. */
export function memoryHolder({ bytes, hangMs = 0 }: VmOptions): (process: Process) => Promise<number> {
  return async (process) => {
    const fillMs = await fill(process, bytes);
    if (hangMs === 0) await process.cpu(Infinity);
    if (hangMs !== Infinity) process.background(fillMs / (fillMs + hangMs));
    await process.sleep(Infinity);
    return 0;
  };
}

/** Takes memory and writes to all of it. @returns ms that it took at full speed */
export async function fill(process: Process, bytes: number): Promise<number> {
  const ms = bytes / fillRate;
  const before = Math.max(process.memory.bytes, processBytes);
  process.memory.set(before);
  process.memory.grow(fillRate);
  await process.cpu(ms);
  process.memory.set(before + bytes);
  return ms;
}

/** A worker that writes files and removes them again: mostly waiting for the disk. */
export function writer(process: Process): Promise<number> {
  process.background(0.35);
  return process.sleep(Infinity).then(() => 0);
}

/** A worker of sync(2) calls. */
export function syncer(process: Process): Promise<number> {
  process.background(0.12);
  return process.sleep(Infinity).then(() => 0);
}

export type Worker = (process: Process) => Promise<number>;

/**
 * Runs workers as child processes until one of them ends by itself or the time is up.
 * @returns the pid and status of the first that ended, or undefined when the time was up
 */
export async function runWorkers(
  process: Process,
  workers: readonly { name: string; run: Worker }[],
  timeoutMs: number,
): Promise<{ pid: number; signal: boolean } | undefined> {
  const over = new Deferred<{ pid: number; signal: boolean } | undefined>(process.world.queue);
  const children = workers.map(({ name, run }) => process.fork(run, [name]));
  const timer =
    timeoutMs === Infinity ? undefined : process.world.queue.after(timeoutMs, () => over.resolve(undefined));
  for (const child of children)
    void child.wait().then(() => over.resolve({ pid: child.pid, signal: child.signal !== undefined }));
  try {
    return await over.wait(process.cancel);
  } finally {
    timer?.cancel();
    for (const child of children) child.kill('SIGKILL');
  }
}

const units: Readonly<Record<string, number>> = { b: 1, k: 1 << 10, m: 1 << 20, g: 1 << 30, t: 2 ** 40 };

/** `256M` in bytes; undefined if it is no number. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([bkmgt])?i?b?$/i.exec(text);
  return match ? Math.round(Number(match[1]) * units[(match[2] ?? 'b').toLowerCase()]!) : undefined;
}

const seconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, y: 31_536_000 };

/** `60`, `10s`, `5m` in ms; undefined if it is none. */
export function parseTime(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([smhdy])?$/.exec(text);
  return match ? Number(match[1]) * seconds[match[2] ?? 's']! * 1000 : undefined;
}
