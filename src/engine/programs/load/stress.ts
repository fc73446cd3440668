import type { Process, Program } from '../../process/index.ts';
import { computer, memoryHolder, parseBytes, parseTime, runWorkers, syncer, writer, type Worker } from './hogs.ts';

/** stress 1.0.4: imposes load of a certain kind (`--cpu`, `--io`, `--vm`, `--hdd`). */

const help = `\`stress' imposes certain types of compute stress on your system

Usage: stress [OPTION [ARG]] ...
 -?, --help         show this help statement
     --version      show version statement
 -v, --verbose      be verbose
 -q, --quiet        be quiet
 -n, --dry-run      show what would have been done
 -t, --timeout N    timeout after N seconds
     --backoff N    wait factor of N microseconds before work starts
 -c, --cpu N        spawn N workers spinning on sqrt()
 -i, --io N         spawn N workers spinning on sync()
 -m, --vm N         spawn N workers spinning on malloc()/free()
     --vm-bytes B   malloc B bytes per vm worker (default is 256MB)
     --vm-stride B  touch a byte every B bytes (default is 4096)
     --vm-hang N    sleep N secs before free (default none, 0 is inf)
     --vm-keep      redirty memory instead of freeing and reallocating
 -d, --hdd N        spawn N workers spinning on write()/unlink()
     --hdd-bytes B  write B bytes per hdd worker (default is 1GB)

Numbers may be suffixed with s,m,h,d,y (time) or B,K,M,G (size).
`;

const counts: Readonly<Record<string, 'cpu' | 'io' | 'vm' | 'hdd'>> = {
  '-c': 'cpu', '--cpu': 'cpu', '-i': 'io', '--io': 'io', '-m': 'vm', '--vm': 'vm', '-d': 'hdd', '--hdd': 'hdd',
}; // prettier-ignore
const sizes = new Set(['--vm-bytes', '--vm-stride', '--hdd-bytes']);
const times = new Set(['-t', '--timeout', '--backoff', '--vm-hang']);

class Wrong extends Error {}

interface Call {
  workers: Record<'cpu' | 'io' | 'vm' | 'hdd', number>;
  sizes: Map<string, number>;
  times: Map<string, number>;
  flags: Set<string>;
}

function parse(args: readonly string[]): Call {
  const call: Call = {
    workers: { cpu: 0, io: 0, vm: 0, hdd: 0 },
    sizes: new Map(),
    times: new Map(),
    flags: new Set(),
  };
  for (let i = 0; i < args.length; i++) {
    const [name, attached] = args[i]!.startsWith('--') ? (args[i]!.split(/=(.*)/s) as [string, string?]) : [args[i]!];
    const value = () => {
      const text = attached ?? args[++i];
      if (text === undefined) throw new Wrong(`missing argument to option '${name}'`);
      return text;
    };
    const kind = counts[name];
    if (kind) {
      const text = value();
      const n = Number(text);
      if (!/^\d+$/.test(text)) throw new Wrong(`unrecognized suffix: ${text.replace(/^-?\d*/, '')[0] ?? text}`);
      if (n <= 0) throw new Wrong(`invalid number of ${kind} hogs: ${text}`);
      call.workers[kind] = n;
    } else if (sizes.has(name)) {
      const text = value();
      const bytes = parseBytes(text);
      if (bytes === undefined) throw new Wrong(`unrecognized suffix: ${text.slice(-1)}`);
      call.sizes.set(name, bytes);
    } else if (times.has(name)) {
      const text = value();
      const ms = parseTime(text);
      if (ms === undefined) throw new Wrong(`unrecognized suffix: ${text.slice(-1)}`);
      call.times.set(name === '-t' ? '--timeout' : name, ms);
    } else if (/^(-v|--verbose|-q|--quiet|-n|--dry-run|--vm-keep|--hdd-noclean|-\?|--help|--version)$/.test(name))
      call.flags.add(name);
    else throw new Wrong(`unrecognized option: ${name}`);
  }
  return call;
}

export const stress: Program = async (process) => {
  const say = (kind: 'info' | 'FAIL' | 'WARN' | 'dbug', text: string) => {
    const line = `stress: ${kind}: [${process.pid}] ${text}\n`;
    return kind === 'FAIL' ? process.printError(line) : process.print(line);
  };
  let call: Call;
  try {
    call = parse(process.argv.slice(1));
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    await say('FAIL', `(244) ${error.message}`);
    return 1;
  }
  const { workers, flags } = call;
  if (process.argv.length === 1 || flags.has('--help') || flags.has('-?')) {
    await process.print(help);
    return 0;
  }
  if (flags.has('--version')) {
    await process.print('stress 1.0.4\n');
    return 0;
  }
  const total = workers.cpu + workers.io + workers.vm + workers.hdd;
  if (total === 0) {
    await process.print(help);
    return 0;
  }
  const quiet = flags.has('-q') || flags.has('--quiet');
  if (!quiet)
    await say('info', `dispatching hogs: ${workers.cpu} cpu, ${workers.io} io, ${workers.vm} vm, ${workers.hdd} hdd`);
  if (flags.has('-n') || flags.has('--dry-run')) return 0;
  const hang = call.times.get('--vm-hang');
  const holder = memoryHolder({
    bytes: call.sizes.get('--vm-bytes') ?? 256 << 20,
    hangMs: hang === undefined ? 0 : hang === 0 ? Infinity : hang,
  });
  const kinds: [number, Worker][] = [
    [workers.cpu, computer()],
    [workers.io, syncer],
    [workers.vm, holder],
    [workers.hdd, writer],
  ];
  const all = kinds.flatMap(([n, run]) => Array.from({ length: n }, () => ({ name: process.argv[0]!, run })));
  return supervise(process, all, call.times.get('--timeout') ?? Infinity, quiet, say);
};

async function supervise(
  process: Process,
  workers: readonly { name: string; run: Worker }[],
  timeoutMs: number,
  quiet: boolean,
  say: (kind: 'info' | 'FAIL' | 'WARN', text: string) => Promise<void>,
): Promise<number> {
  const from = process.world.clock.now();
  const failed = await runWorkers(process, workers, timeoutMs);
  const seconds = Math.floor((process.world.clock.now() - from) / 1000);
  if (!failed) {
    if (!quiet) await say('info', `successful run completed in ${seconds}s`);
    return 0;
  }
  await say('FAIL', `(416) <-- worker ${failed.pid} ${failed.signal ? 'got signal 9' : 'returned error 1'}`);
  await say('WARN', '(418) now reaping child worker processes');
  await say('FAIL', '(452) failed run completed in ' + `${seconds}s`);
  return 1;
}
