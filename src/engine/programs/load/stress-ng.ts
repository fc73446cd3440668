import type { Program } from '../../process/index.ts';
import { computer, memoryHolder, parseBytes, parseTime, runWorkers, syncer, writer, type Worker } from './hogs.ts';

/** stress-ng: of its hundreds of stressors those that load CPU, memory and disk. */

const stressors = ['cpu', 'vm', 'io', 'hdd', 'matrix'] as const;
type Stressor = (typeof stressors)[number];

/** Options that change how a stressor does its work, not how much it uses. */
const valueOptions = new Set([
  '--cpu-method', '--vm-method', '--cpu-load', '--vm-bytes', '--vm-hang', '--timeout', '-t', '--hdd-bytes', '--backoff',
  '--temp-path', '--verbosity',
]); // prettier-ignore
const plainOptions = new Set([
  '--metrics', '--metrics-brief', '-M', '-v', '--verbose', '-q', '--quiet', '--vm-keep', '--vm-populate', '--aggressive',
  '--times', '--tz', '--perf', '--no-rand-seed', '--oom-avoid', '--page-in', '--vm-lock', '--verify',
]); // prettier-ignore
const short: Readonly<Record<string, Stressor>> = { '-c': 'cpu', '-m': 'vm', '-i': 'io', '-d': 'hdd' };
const day = 86_400_000;

export const stressNg: Program = async (process) => {
  const say = (kind: string, text: string) =>
    process.print(`stress-ng: ${`${kind}:`.padEnd(6)} [${process.pid}] ${text}\n`);
  const fail = async (text: string) => {
    await process.printError(`stress-ng: error: [${process.pid}] ${text}\n`);
    return 1;
  };
  const args = process.argv.slice(1);
  if (args.includes('--version') || args.includes('-V')) {
    await process.print('stress-ng, version 0.17.08 (gcc 13.2.0, x86_64 Linux 6.8.0-60-generic)\n');
    return 0;
  }
  const counts = new Map<Stressor, number>();
  const values = new Map<string, string>();
  const flags = new Set<string>();
  for (let i = 0; i < args.length; i++) {
    const [name, attached] = args[i]!.startsWith('--') ? (args[i]!.split(/=(.*)/s) as [string, string?]) : [args[i]!];
    const stressor = short[name] ?? stressors.find((s) => name === `--${s}`);
    if (stressor || valueOptions.has(name)) {
      const value = attached ?? args[++i];
      if (value === undefined) return fail(`option '${name}' requires an argument`);
      if (!stressor) values.set(name === '-t' ? '--timeout' : name, value);
      else if (!/^-?\d+$/.test(value)) return fail(`Value ${value} is not a number`);
      // Nought means: one for every processor.
      else counts.set(stressor, Number(value) > 0 ? Number(value) : 8);
    } else if (plainOptions.has(name)) flags.add(name);
    else if (/^--[a-z][a-z-]*$/.test(name)) {
      await process.printError(`slipway: stress-ng ${name} is not simulated\n`);
      return 1;
    } else return fail(`unrecognized option '${name}'`);
  }
  if (counts.size === 0) return fail('No stress workers invoked');
  const timeout = parseTime(values.get('--timeout') ?? '1d');
  if (timeout === undefined) return fail(`Invalid time specifier: ${values.get('--timeout')}`);
  const bytes = bytesOf(values.get('--vm-bytes') ?? '256m', process.machine.usage.limits.memory);
  if (bytes === undefined) return fail(`Invalid size specifier: ${values.get('--vm-bytes')}`);
  const load = Number(values.get('--cpu-load') ?? 100) / 100;
  if (!(load >= 0 && load <= 1)) return fail('CPU load must in the range 0 to 100.');
  const hang = parseTime(values.get('--vm-hang') ?? '');
  const vmWorkers = counts.get('vm') ?? 1;
  const run: Record<Stressor, Worker> = {
    cpu: computer(load),
    matrix: computer(),
    // The amount is for all workers together.
    vm: memoryHolder({ bytes: bytes / vmWorkers, hangMs: hang === undefined ? 0 : hang === 0 ? Infinity : hang }),
    io: syncer,
    hdd: writer,
  };
  const quiet = flags.has('-q') || flags.has('--quiet');
  if (!quiet) {
    await say(
      'info',
      timeout >= day && !values.has('--timeout')
        ? 'defaulting to a 1 day run per stressor'
        : `setting to a ${describe(timeout)} run per stressor`,
    );
    await say('info', `dispatching hogs: ${[...counts].map(([name, n]) => `${n} ${name}`).join(', ')}`);
  }
  const workers = [...counts].flatMap(([name, n]) =>
    Array.from({ length: n }, () => ({ name: `stress-ng-${name}`, run: restarted(run[name]) })),
  );
  const from = process.world.clock.now();
  const failed = await runWorkers(process, workers, timeout);
  const seconds = ((process.world.clock.now() - from) / 1000).toFixed(2);
  if (!quiet) {
    const names = [...counts].map(([name, n]) => `${name} (${n})`).join(' ');
    const all = [...counts.values()].reduce((a, b) => a + b, 0);
    await say('info', 'skipped: 0');
    await say('info', failed ? 'passed: 0' : `passed: ${all}: ${names}`);
    await say('info', failed ? `failed: ${all}: ${names}` : 'failed: 0');
    await say('info', 'metrics untrustworthy: 0');
    await say('info', `${failed ? 'unsuccessful' : 'successful'} run completed in ${seconds} secs`);
  }
  return failed ? 2 : 0;
};

/** The memory stressor is a child of its worker: when the kernel kills it, the worker starts another. */
function restarted(run: Worker): Worker {
  return async (process) => {
    for (;;) {
      const child = process.fork(run, process.argv);
      const status = await child.wait(process.cancel);
      if (child.signal !== 'SIGKILL') return status;
    }
  };
}

function bytesOf(text: string, limit: number | undefined): number | undefined {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text);
  if (!percent) return parseBytes(text);
  return (Number(percent[1]) / 100) * (limit ?? 8 * 2 ** 30);
}

function describe(ms: number): string {
  const parts: string[] = [];
  let rest = Math.round(ms / 1000);
  for (const [name, length] of [
    ['day', 86_400],
    ['hour', 3600],
    ['min', 60],
  ] as const) {
    const n = Math.floor(rest / length);
    if (n > 0) parts.push(`${n} ${name}${n === 1 ? '' : 's'}`);
    rest %= length;
  }
  if (rest > 0 || parts.length === 0) parts.push(`${rest} sec${rest === 1 ? '' : 's'}`);
  return parts.join(', ');
}
