import type { Process, Program } from '../../process/index.ts';
import { goFlags, klogHead } from '../servers/service.ts';
import { computer, fill } from './hogs.ts';

/** The Go program of the image vish/stress and of `agnhost stress`: takes memory in steps and keeps CPUs busy. */

const binary: Readonly<Record<string, number>> = {
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  k: 1e3,
  K: 1e3,
  M: 1e6,
  G: 1e9,
};

function quantity(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|k|K|M|G)?$/.exec(text);
  return match ? Number(match[1]) * (match[2] ? binary[match[2]]! : 1) : 0;
}

function goMs(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ns|us|ms|s|m|h)$/.exec(text);
  const units: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1e3, m: 6e4, h: 3.6e6 };
  return match ? Number(match[1]) * units[match[2]!]! : 0;
}

export async function goStress(process: Process, args: readonly string[]): Promise<number> {
  const { flags } = goFlags(args, ['logtostderr', 'alsologtostderr']);
  const total = flags.get('mem-total') ?? '0';
  const step = flags.get('mem-alloc-size') ?? '4Ki';
  const pause = flags.get('mem-alloc-sleep') ?? '1ms';
  const cpus = Number(flags.get('cpus') ?? 0);
  const log = (line: number, text: string) =>
    process.printError(
      `${klogHead(process.world.clock.now())}${String(process.pid).padStart(8)} main.go:${line}] ${text}\n`,
    );
  await log(26, `Allocating "${total}" memory, in "${step}" chunks, with a ${pause} sleep between allocations`);
  for (let i = 0; i < cpus; i++) {
    await log(39, 'Spawning a thread to consume CPU');
    process.fork(computer(), process.argv);
  }
  const bytes = quantity(total);
  const size = Math.max(1, quantity(step));
  const wait = goMs(pause);
  if (bytes > 0) {
    // Many small steps are one slope.
    const smooth = wait < 100;
    if (smooth) {
      process.memory.set(process.memory.bytes + 2 ** 20);
      process.memory.grow(size / (wait + size / 2_000_000));
      await process.sleep(bytes / (size / (wait + size / 2_000_000)));
      process.memory.grow(0);
    } else
      for (let left = bytes; left > 0; left -= size) {
        await fill(process, Math.min(size, left));
        await process.sleep(wait);
      }
  }
  await log(29, `Allocated "${total}" memory`);
  await process.sleep(Infinity);
  return 0;
}

export const vishStress: Program = (process) => goStress(process, process.argv.slice(1));
