import { posixRegex } from '../../regex/posix.ts';
import { Cancelled } from '../../world/index.ts';
import type { ProcessInfo } from '../../process/index.ts';
import { strftime } from '../../shell/strftime.ts';
import { signalNamed } from '../../shell/builtins/jobs.ts';
import { findAccount, groupIdsOf, groupNameOf, userNameOf } from '../lib/accounts.ts';
import { humanSize } from '../lib/format.ts';
import { parseOptions } from '../lib/options.ts';
import { captureCommand } from '../lib/subprocess.ts';
import { defineTool, ToolError, type Tool } from '../lib/tool.ts';
import { parseDuration } from './small.ts';

/** whoami, id, hostname, uname, uptime, free, ps, top, pgrep, pkill, nproc, tty, watch. What a machine has stands in its /proc. */

export const whoami = defineTool((tool) => {
  const { machine, user } = tool.process;
  const name = userNameOf(machine, user.uid);
  if (name === undefined)
    throw new ToolError(tool.busybox ? `unknown uid ${user.uid}` : `cannot find name for user ID ${user.uid}`);
  tool.put(name + '\n');
  return Promise.resolve();
});

export const groups = defineTool((tool) => {
  const { machine } = tool.process;
  const [name] = tool.args;
  const user = name === undefined ? tool.process.user : findAccount(machine, name);
  if (!user) throw new ToolError(`‘${name}’: no such user`);
  const names = groupIdsOf(machine, user).map((id) => groupNameOf(machine, id) ?? String(id));
  tool.put(`${name === undefined || tool.busybox ? '' : `${name} : `}${names.join(' ')}\n`);
  return Promise.resolve();
});

export const id = defineTool((tool) => {
  const options = parseOptions(tool, {
    short: 'gGnru',
    long: { group: 'g', groups: 'G', name: 'n', user: 'u', real: 'r' },
  });
  const [name] = options.operands;
  const { machine } = tool.process;
  const user = name === undefined ? tool.process.user : findAccount(machine, name);
  if (!user) throw new ToolError(`‘${name}’: no such user`);
  const login = userNameOf(machine, user.uid);
  const groups = groupIdsOf(machine, user);
  const group = (id: number) => (options.has('n') ? (groupNameOf(machine, id) ?? String(id)) : String(id));
  const named = (id: number, text: string | undefined) => (text === undefined ? String(id) : `${id}(${text})`);
  if (options.has('u')) tool.put(`${options.has('n') ? (login ?? user.uid) : user.uid}\n`);
  else if (options.has('g')) tool.put(`${group(user.gid)}\n`);
  else if (options.has('G')) tool.put(`${groups.map(group).join(' ')}\n`);
  else
    tool.put(
      `uid=${named(user.uid, login)} gid=${named(user.gid, groupNameOf(machine, user.gid))} ` +
        `groups=${groups.map((id) => named(id, groupNameOf(machine, id))).join(',')}\n`,
    );
  return Promise.resolve();
});

export const hostname = defineTool((tool) => {
  const options = parseOptions(tool, {
    short: 'fiIsd',
    long: { fqdn: 'f', short: 's', 'ip-address': 'i', 'all-ip-addresses': 'I' },
  });
  const { machine } = tool.process;
  if (options.operands.length > 0) throw new ToolError('you must be root to change the host name');
  if (options.has('i', 'I')) tool.put([...machine.net.addresses].join(' ') + (options.has('I') ? ' \n' : '\n'));
  else tool.put((options.has('s') ? machine.hostname.split('.')[0]! : machine.hostname) + '\n');
  return Promise.resolve();
});

const kernel = {
  s: 'Linux',
  r: '6.8.0-51-generic',
  v: '#52-Ubuntu SMP PREEMPT_DYNAMIC Thu Dec  5 13:09:44 UTC 2024',
  m: 'x86_64',
  p: 'x86_64',
  i: 'x86_64',
  o: 'GNU/Linux',
};

export const uname = defineTool((tool) => {
  const options = parseOptions(tool, {
    short: 'asnrvmpio',
    long: {
      all: 'a',
      'kernel-name': 's',
      nodename: 'n',
      'kernel-release': 'r',
      'kernel-version': 'v',
      machine: 'm',
      processor: 'p',
      'hardware-platform': 'i',
      'operating-system': 'o',
    },
  });
  const values: Record<string, string> = { ...kernel, n: tool.process.machine.hostname };
  const wanted = [...'snrvmpio'].filter((k) => options.has('a', k));
  tool.put((wanted.length > 0 ? wanted : ['s']).map((k) => values[k]).join(' ') + '\n');
  return Promise.resolve();
});

function proc(tool: Tool, name: string): string | undefined {
  const node = tool.fs.lookup(`/proc/${name}`);
  return node?.type === 'file' ? new TextDecoder().decode(node.data) : undefined;
}

function memory(tool: Tool): Record<string, number> {
  const fields: Record<string, number> = {};
  for (const [, name, kib] of (
    proc(tool, 'meminfo') ??
    'MemTotal: 8388608 kB\nMemFree: 5242880 kB\nMemAvailable: 6815744 kB\nBuffers: 131072 kB\nCached: 1441792 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n'
  ).matchAll(/^(\w+):\s+(\d+)/gm))
    fields[name!] = Number(kib);
  return fields;
}

export const free = defineTool((tool) => {
  const options = parseOptions(tool, {
    short: 'bghkmt',
    long: { bytes: 'b', gibi: 'g', human: 'h', kibi: 'k', mebi: 'm', total: 't' },
  });
  const m = memory(tool);
  const show = (kib: number) =>
    options.has('h')
      ? humanSize(kib * 1024) + (kib > 0 ? 'i' : 'B')
      : options.has('b')
        ? String(kib * 1024)
        : options.has('m')
          ? String(Math.floor(kib / 1024))
          : options.has('g')
            ? String(Math.floor(kib / 1048576))
            : String(kib);
  const cache = m.Buffers! + m.Cached!;
  const row = (name: string, values: number[]) =>
    tool.put(name.padEnd(8) + values.map((v) => show(v).padStart(12)).join('') + '\n');
  tool.put(
    ' '.repeat(8) +
      ['total', 'used', 'free', 'shared', 'buff/cache', 'available'].map((t) => t.padStart(12)).join('') +
      '\n',
  );
  row('Mem:', [m.MemTotal!, m.MemTotal! - m.MemFree! - cache, m.MemFree!, m.Shmem ?? 0, cache, m.MemAvailable!]);
  row('Swap:', [m.SwapTotal ?? 0, (m.SwapTotal ?? 0) - (m.SwapFree ?? 0), m.SwapFree ?? 0]);
  return Promise.resolve();
});

export const nproc = defineTool((tool) => {
  const count = (proc(tool, 'cpuinfo')?.match(/^processor\s*:/gm) ?? []).length || 4;
  tool.put(`${count}\n`);
  return Promise.resolve();
});

function uptimeText(tool: Tool): string {
  const { clock } = tool.process.world;
  const minutes = Math.floor(clock.elapsed / 60_000);
  const days = Math.floor(minutes / 1440);
  const hours = Math.floor((minutes % 1440) / 60);
  const up =
    (days > 0 ? `${days} day${days === 1 ? '' : 's'}, ` : '') +
    (hours > 0 ? `${String(hours).padStart(2)}:${String(minutes % 60).padStart(2, '0')}` : `${minutes % 60} min`);
  const users = new Set(
    tool.process.machine.processes
      .list()
      .map((p) => p.tty)
      .filter(Boolean),
  ).size;
  return `${strftime('%H:%M:%S', clock.now())} up ${up},  ${users} user${users === 1 ? '' : 's'},  load average: 0.00, 0.00, 0.00`;
}

export const uptime = defineTool((tool) => {
  tool.put(` ${uptimeText(tool)}\n`);
  return Promise.resolve();
});

function cpuTime(ms: number, centi = false): string {
  const s = Math.floor(ms / 1000);
  if (centi)
    return `${Math.floor(s / 60)}:${String(s % 60).padStart(2, '0')}.${String(Math.floor((ms % 1000) / 10)).padStart(2, '0')}`;
  return `${String(Math.floor(s / 3600)).padStart(2, '0')}:${String(Math.floor((s % 3600) / 60)).padStart(2, '0')}:${String(s % 60).padStart(2, '0')}`;
}

/** Percent of one CPU that a process has used on average since it started. */
function cpuShare({ cpuMs, started }: ProcessInfo, now: number): string {
  return ((Math.min(cpuMs, 1e9) / Math.max(1000, now - started)) * 100).toFixed(1);
}

const residentKib = ({ memoryBytes }: ProcessInfo) => Math.round(memoryBytes / 1024);

/** Address space is larger than what is in use of it. */
const virtualKib = (p: ProcessInfo) => residentKib(p) + 3780;

function memoryShare(tool: Tool, p: ProcessInfo): string {
  return ((residentKib(p) / memory(tool).MemTotal!) * 100).toFixed(1);
}

const commandName = (p: ProcessInfo) => (p.argv[0] ?? '').replace(/^.*\//, '').replace(/^-/, '').slice(0, 15);

/** busybox's ps: all processes, in columns of its own; `-o` takes a few names. */
async function busyboxPs(tool: Tool): Promise<void> {
  const { process } = tool;
  const minutes = (p: ProcessInfo) => {
    const seconds = Math.floor(p.cpuMs / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  };
  const at = tool.args.indexOf('-o');
  const names = at < 0 ? ['pid', 'user', 'time', 'args'] : (tool.args[at + 1] ?? '').split(',');
  const columns: Record<string, { heading: string; width: number; value: (p: ProcessInfo) => string }> = {
    pid: { heading: 'PID  ', width: 5, value: (p) => String(p.pid).padStart(5) },
    ppid: { heading: 'PPID ', width: 5, value: (p) => String(p.ppid).padStart(5) },
    user: { heading: 'USER', width: 8, value: (p) => p.user.name },
    time: { heading: 'TIME', width: 5, value: (p) => minutes(p).padStart(5) },
    vsz: { heading: 'VSZ', width: 4, value: (p) => String(virtualKib(p)).padStart(4) },
    rss: { heading: 'RSS', width: 4, value: (p) => String(residentKib(p)).padStart(4) },
    comm: { heading: 'COMMAND', width: 16, value: commandName },
    args: { heading: 'COMMAND', width: 16, value: (p) => p.argv.join(' ') },
    stat: {
      heading: 'STAT',
      width: 4,
      value: (p) => (p.state === 'stopped' ? 'T' : p.pid === process.pid ? 'R' : 'S'),
    },
    tty: { heading: 'TT', width: 6, value: (p) => p.tty?.replace('/dev/pts/', '136,') ?? '?' },
  };
  const unknown = names.find((name) => !columns[name]);
  if (unknown !== undefined)
    throw new ToolError(`bad -o argument '${unknown}', supported arguments: ${Object.keys(columns).join(',')}`);
  const line = (cell: (name: string) => string) =>
    tool.put(
      `${names
        .map((name) => cell(name).padEnd(columns[name]!.width))
        .join(' ')
        .trimEnd()}\n`,
    );
  line((name) => columns[name]!.heading);
  for (const p of process.machine.processes.list()) line((name) => columns[name]!.value(p));
  await tool.flush();
}

export const ps = defineTool((tool) => {
  if (tool.busybox) return busyboxPs(tool);
  const cluster = tool.args.find((a) => !a.startsWith('-')) ?? '';
  const options = parseOptions(tool, {
    args: tool.args.filter((a) => a.startsWith('-') || !/^[auxfw]+$/.test(a)),
    short: 'AaCdefFlo:p:u:wx',
    long: { 'no-headers': 'H', 'sort=': 'sort', 'pid=': 'p' },
  });
  const { process } = tool;
  const all = process.machine.processes.list();
  const pids = options.values('p').flatMap((v) => v.split(',').map(Number));
  const everyone = options.has('e', 'A') || /[ax]/.test(cluster) || options.operands.length > 0 || pids.length > 0;
  const shown = all.filter((p) =>
    pids.length > 0
      ? pids.includes(p.pid)
      : everyone || (p.tty === process.tty?.name && p.user.uid === process.user.uid),
  );
  const now = process.world.clock.now();
  const tty = (p: ProcessInfo) => p.tty ?? '?';
  const state = (p: ProcessInfo) => (p.state === 'stopped' ? 'T' : p.pid === process.pid ? 'R' : 'S');
  const row = (cells: string) => tool.put(cells.trimEnd() + '\n');
  const format = options.value('o');
  if (format !== undefined) {
    const columns = options
      .values('o')
      .flatMap((f) => f.split(','))
      .map((c) => c.split('=') as [string, string?]);
    const value: Record<string, (p: ProcessInfo) => string> = {
      pid: (p) => String(p.pid), ppid: (p) => String(p.ppid), pgid: (p) => String(p.group), comm: commandName, cmd: (p) => p.argv.join(' '), args: (p) => p.argv.join(' '), command: (p) => p.argv.join(' '), user: (p) => p.user.name,
      uid: (p) => String(p.user.uid), tty, stat: state, s: state, time: (p) => cpuTime(p.cpuMs), etime: (p) => cpuTime(now - p.started).replace(/^00:/, ''), '%cpu': (p) => cpuShare(p, now), pcpu: (p) => cpuShare(p, now), '%mem': (p) => memoryShare(tool, p), pmem: (p) => memoryShare(tool, p), rss: (p) => String(residentKib(p)), vsz: (p) => String(virtualKib(p)), ni: () => '0',
    }; // prettier-ignore
    for (const [name] of columns)
      if (!value[name]) throw new ToolError(`error: unknown user-defined format specifier "${name}"`);
    const headings = columns.map(
      ([name, heading]) =>
        heading ??
        { comm: 'COMMAND', args: 'COMMAND', command: 'COMMAND', cmd: 'CMD', tty: 'TT', etime: 'ELAPSED' }[name] ??
        name.toUpperCase(),
    );
    const table = shown.map((p) => columns.map(([name]) => value[name]!(p)));
    const widths = columns.map((_, i) => Math.max(headings[i]!.length, ...table.map((r) => r[i]!.length)));
    const right = new Set(['pid', 'ppid', 'pgid', 'uid', 'rss', 'vsz', 'etime', '%cpu', '%mem', 'time', 'ni']);
    const line = (cells: string[]) =>
      row(
        cells
          .map((c, i) =>
            right.has(columns[i]![0]) ? c.padStart(widths[i]!) : i === cells.length - 1 ? c : c.padEnd(widths[i]!),
          )
          .join(' '),
      );
    if (headings.some((h) => h !== '') && !options.has('H')) line(headings);
    for (const cells of table) line(cells);
    return Promise.resolve();
  }
  if (cluster.includes('u')) {
    row('USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND');
    for (const p of shown)
      row(
        `${p.user.name.padEnd(8)} ${String(p.pid).padStart(7)} ${cpuShare(p, now).padStart(4)} ${memoryShare(tool, p).padStart(4)} ${String(virtualKib(p)).padStart(6)} ${String(residentKib(p)).padStart(5)} ${tty(p).padEnd(8)} ${state(p).padEnd(4)} ${strftime('%H:%M', p.started)} ${cpuTime(
          p.cpuMs,
          true,
        )
          .replace(/\.\d+$/, '')
          .padStart(6)} ${p.argv.join(' ')}`,
      );
  } else if (options.has('f', 'F')) {
    row('UID          PID    PPID  C STIME TTY          TIME CMD');
    for (const p of shown)
      row(
        `${p.user.name.padEnd(8)} ${String(p.pid).padStart(7)} ${String(p.ppid).padStart(7)}  0 ${strftime('%H:%M', p.started)} ${tty(p).padEnd(8)} ${cpuTime(p.cpuMs)} ${p.argv.join(' ')}`,
      );
  } else {
    row(cluster ? '    PID TTY      STAT   TIME COMMAND' : '    PID TTY          TIME CMD');
    for (const p of shown)
      row(
        cluster
          ? `${String(p.pid).padStart(7)} ${tty(p).padEnd(8)} ${state(p).padEnd(4)} ${cpuTime(p.cpuMs, true)
              .replace(/\.\d+$/, '')
              .padStart(6)} ${p.argv.join(' ')}`
          : `${String(p.pid).padStart(7)} ${tty(p).padEnd(8)} ${cpuTime(p.cpuMs)} ${commandName(p)}`,
      );
  }
  return Promise.resolve();
});

export const top = defineTool((tool) => {
  parseOptions(tool, { short: 'bn:d:p:' });
  const list = tool.process.machine.processes.list();
  const m = memory(tool);
  const mib = (kib: number) => (kib / 1024).toFixed(1).padStart(8);
  const cache = m.Buffers! + m.Cached!;
  tool.put(`top - ${uptimeText(tool)}\n`);
  tool.put(
    `Tasks: ${String(list.length).padStart(3)} total,   1 running, ${String(list.length - 1).padStart(3)} sleeping,   0 stopped,   0 zombie\n`,
  );
  tool.put('%Cpu(s):  0.0 us,  0.0 sy,  0.0 ni,100.0 id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st\n');
  tool.put(
    `MiB Mem : ${mib(m.MemTotal!)} total, ${mib(m.MemFree!)} free, ${mib(m.MemTotal! - m.MemFree! - cache)} used, ${mib(cache)} buff/cache\n\n`,
  );
  tool.put('    PID USER      PR  NI    VIRT    RES    SHR S  %CPU  %MEM     TIME+ COMMAND\n');
  for (const p of list)
    tool.put(
      `${String(p.pid).padStart(7)} ${p.user.name.padEnd(9)} 20   0 ${String(virtualKib(p)).padStart(7)} ${String(residentKib(p)).padStart(6)} ${String(Math.round(residentKib(p) * 0.8)).padStart(6)} ${p.state === 'stopped' ? 'T' : 'S'} ${cpuShare(p, tool.process.world.clock.now()).padStart(5)} ${memoryShare(tool, p).padStart(5)} ${cpuTime(p.cpuMs, true).padStart(9)} ${commandName(p)}\n`,
    );
  return Promise.resolve();
});

function grepProcesses(kill: boolean) {
  return defineTool(async (tool) => {
    let signalText = 'TERM';
    const args = tool.args.filter((a) => {
      const named = kill && /^-[A-Z0-9]/.test(a) ? signalNamed(a.slice(1)) : undefined;
      if (named) signalText = a.slice(1);
      return !named;
    });
    const options = parseOptions(tool, {
      args,
      short: 'afilnoPsu:vxc',
      long: {
        full: 'f',
        'list-name': 'l',
        'list-full': 'a',
        exact: 'x',
        newest: 'n',
        oldest: 'o',
        'signal=': 'signal',
      },
      status: 2,
    });
    const [pattern] = options.operands;
    if (pattern === undefined)
      throw new ToolError('no matching criteria specified', {
        status: 2,
        hint: "Try `NAME --help' for more information.",
      });
    const regex = posixRegex(pattern, {
      extended: true,
      ignoreCase: options.has('i'),
      ...(options.has('x') ? { within: 'text' } : {}),
    });
    let found = tool.process.machine.processes
      .list()
      .filter((p) => p.pid !== tool.process.pid && regex.test(options.has('f') ? p.argv.join(' ') : commandName(p)));
    if (options.has('n')) found = found.slice(-1);
    if (options.has('o')) found = found.slice(0, 1);
    const signal = signalNamed(options.value('signal') ?? signalText);
    for (const p of found) {
      if (!kill)
        tool.put(
          `${p.pid}${options.has('a') ? ` ${p.argv.join(' ')}` : options.has('l') ? ` ${commandName(p)}` : ''}\n`,
        );
      else if (tool.process.user.uid !== 0 && p.user.uid !== tool.process.user.uid)
        await tool.complain(`killing pid ${p.pid} failed: Operation not permitted`);
      else if (signal) tool.process.machine.processes.signal(p.pid, signal);
    }
    return found.length > 0 ? tool.status : 1;
  });
}

export const pgrep = grepProcesses(false);
export const pkill = grepProcesses(true);

export const tty = defineTool((tool) => {
  if (!tool.process.isatty.stdin || !tool.process.tty) {
    tool.put('not a tty\n');
    return Promise.resolve(1);
  }
  const { name } = tool.process.tty;
  tool.put(`${name.startsWith('/') ? name : `/dev/${name}`}\n`);
  return Promise.resolve(0);
});

export const watch = defineTool(async (tool) => {
  const options = parseOptions(tool, {
    short: 'bcdegn:ptx',
    long: { 'interval=': 'n', 'no-title': 't', differences: 'd', exec: 'x', color: 'c', errexit: 'e', chgexit: 'g' },
    stopAtOperand: true,
  });
  if (options.operands.length === 0) throw new ToolError('', { hint: 'Usage:\n watch [options] command' });
  const line = options.operands.join(' ');
  const interval = Math.max(100, parseDuration(options.value('n') ?? '2') ?? 2000);
  const { process } = tool;
  const screen = process.isatty.stdout ? process.tty : undefined;
  if (!screen) throw new ToolError('Error opening terminal: unknown.');
  await process.print('\x1b[?1049h');
  try {
    let before: string | undefined;
    for (;;) {
      const output = await tool.readText(captureCommand(process, `${line} 2>&1`));
      if (options.has('g') && before !== undefined && output !== before) return 0;
      before = output;
      const { rows, columns } = screen;
      const left = `Every ${(interval / 1000).toFixed(1)}s: ${line}`;
      const right = `${process.machine.hostname}: ${strftime('%a %b %e %H:%M:%S %Y', process.world.clock.now())}`;
      const title =
        left.slice(0, Math.max(0, columns - right.length - 1)).padEnd(Math.max(0, columns - right.length)) + right;
      const header = options.has('t') ? [] : [title.slice(0, columns), ''];
      const body = output.split('\n').slice(0, rows - header.length);
      await process.print('\x1b[H\x1b[2J' + [...header, ...body.map((l) => l.slice(0, columns * 4))].join('\n'));
      await process.sleep(interval);
    }
  } catch (error) {
    if (!(error instanceof Cancelled)) throw error;
    return 0;
  } finally {
    void screen.writer.write('\x1b[?1049l');
  }
});
