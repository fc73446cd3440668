import type { HttpResponse } from '../../network/index.ts';
import type { DockerEngine } from '../engine.ts';
import { conflict } from '../errors.ts';
import { json, streaming, type Json, type RouteRequest } from '../router.ts';
import { rfc3339Nano, zeroTime } from '../time.ts';
import type { DockerContainer } from './container.ts';

const hostCpus = 8;

interface Reading {
  at: number;
  cpuNanos: number;
}

function read(engine: DockerEngine, container: DockerContainer): { json: Json; reading: Reading } | undefined {
  const usage = container.running ? container.runtime?.usage : undefined;
  if (!usage) return undefined;
  const now = engine.world.clock.now();
  const cpu = Math.round(usage.cpuNanos);
  const limit = container.hostConfig.Memory || engine.memoryBytes;
  const networks: Json = {};
  let i = 0;
  for (const endpoint of container.endpoints.values())
    if (endpoint.ip !== '')
      networks[`eth${i++}`] = {
        rx_bytes: i === 1 ? usage.net.rxBytes : 0, rx_packets: Math.ceil(usage.net.rxBytes / 800), rx_errors: 0, rx_dropped: 0,
        tx_bytes: i === 1 ? usage.net.txBytes : 0, tx_packets: Math.ceil(usage.net.txBytes / 800), tx_errors: 0, tx_dropped: 0,
      }; // prettier-ignore
  const system = Math.round((now - engine.world.clock.epoch + 86_400_000) * 1e6) * hostCpus;
  return {
    reading: { at: system, cpuNanos: cpu },
    json: {
      id: container.id,
      name: `/${container.name}`,
      read: rfc3339Nano(now),
      pids_stats: {
        current: usage.pids,
        ...(container.hostConfig.PidsLimit ? { limit: container.hostConfig.PidsLimit } : {}),
      },
      blkio_stats: {
        io_service_bytes_recursive: [
          { major: 254, minor: 0, op: 'read', value: usage.block.readBytes },
          { major: 254, minor: 0, op: 'write', value: usage.block.writeBytes },
        ],
      },
      num_procs: 0,
      storage_stats: {},
      cpu_stats: {
        cpu_usage: { total_usage: cpu, usage_in_kernelmode: 0, usage_in_usermode: cpu },
        system_cpu_usage: system,
        online_cpus: hostCpus,
        throttling_data: {
          periods: usage.throttling.periods,
          throttled_periods: usage.throttling.throttledPeriods,
          throttled_time: Math.round(usage.throttling.ms * 1e6),
        },
      },
      memory_stats: { usage: Math.round(usage.memoryBytes), stats: { inactive_file: 0 }, limit },
      networks,
    },
  };
}

const nothing: Json = {
  read: zeroTime,
  preread: zeroTime,
  pids_stats: {},
  blkio_stats: {},
  num_procs: 0,
  storage_stats: {},
  cpu_stats: { cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 }, throttling_data: {} },
  precpu_stats: { cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 }, throttling_data: {} },
  memory_stats: {},
};

/** `GET /containers/{id}/stats`: one reading, or one each second. */
export async function containerStats(
  engine: DockerEngine,
  container: DockerContainer,
  request: RouteRequest,
): Promise<HttpResponse> {
  const { query } = request;
  const stream = !query.has('stream') || query.bool('stream');
  const full = (before: Reading | undefined, beforeJson: Json | undefined) => {
    const now = read(engine, container);
    if (!now) return { value: { ...nothing, id: container.id, name: `/${container.name}` }, now: undefined };
    const previous = (beforeJson?.cpu_stats as Json | undefined) ?? nothing.precpu_stats;
    return { value: { ...now.json, preread: beforeJson?.read ?? zeroTime, precpu_stats: previous }, now };
  };
  if (!stream) {
    if (query.bool('one-shot') || !container.running) return json(full(undefined, undefined).value);
    const first = read(engine, container);
    await engine.world.sleep(1000, request.cancel);
    return json(full(first?.reading, first?.json).value);
  }
  return streaming(engine.world, async (send) => {
    let before = read(engine, container);
    for (;;) {
      if (container.removed) return;
      const { value, now } = full(before?.reading, before?.json);
      await send(`${JSON.stringify(value)}\n`);
      before = now;
      await engine.world.sleep(1000, request.cancel);
    }
  });
}

/** `GET /containers/{id}/top`: as `ps -ef` on the host sees the container. */
export function containerTop(engine: DockerEngine, container: DockerContainer, psArgs: string): HttpResponse {
  if (!container.running) throw conflict(`container ${container.id} is not running`);
  const rows = (container.appliance?.machine ?? container.runtime!.machine).processes.list().filter(Boolean);
  const hostPid = (pid: number) =>
    String(pid === 1 ? container.hostPid : pid === 0 ? container.hostPid - 21 : container.hostPid + pid * 3);
  const clock = (ms: number) => new Date(ms).toISOString().slice(11, 16);
  const cpuTime = (ms: number) => new Date(Math.floor(ms)).toISOString().slice(11, 19);
  const command = (argv: readonly string[]) => argv.join(' ');
  if (/\baux\b|(^|-)[a-z]*u/.test(psArgs) && psArgs !== '-ef')
    return json({
      Titles: ['USER', 'PID', '%CPU', '%MEM', 'VSZ', 'RSS', 'TTY', 'STAT', 'START', 'TIME', 'COMMAND'],
      Processes: rows.map((p) => [
        p.user.name,
        hostPid(p.pid),
        '0.0',
        '0.0',
        '4400',
        '1000',
        p.tty ? 'pts/0' : '?',
        'Ss',
        clock(p.started),
        cpuTime(p.cpuMs).slice(3),
        command(p.argv),
      ]),
    });
  const columns = /-o\s*(\S+)/.exec(psArgs)?.[1]?.split(',');
  if (columns) {
    const field = (p: (typeof rows)[number], name: string) =>
      ({
        pid: hostPid(p.pid),
        ppid: hostPid(p.ppid),
        user: p.user.name,
        uid: String(p.user.uid),
        comm: p.argv[0] ?? '',
        cmd: command(p.argv),
        args: command(p.argv),
        command: command(p.argv),
        time: cpuTime(p.cpuMs),
        tty: p.tty ? 'pts/0' : '?',
      })[name] ?? '-';
    const titles: Record<string, string> = { comm: 'COMMAND', args: 'COMMAND', cmd: 'CMD', tty: 'TT' };
    return json({
      Titles: columns.map((c) => titles[c] ?? c.toUpperCase()),
      Processes: rows.map((p) => columns.map((c) => field(p, c))),
    });
  }
  return json({
    Titles: ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'],
    Processes: rows.map((p) => [
      p.user.name,
      hostPid(p.pid),
      hostPid(p.ppid),
      '0',
      clock(p.started),
      p.tty ? 'pts/0' : '?',
      cpuTime(p.cpuMs),
      command(p.argv),
    ]),
  });
}
