import { bytesSize, humanSize, LineReader } from '../../../world/index.ts';
import type { Command, Context } from '../framework/command.ts';
import { CliError } from '../framework/errors.ts';
import { flag } from '../framework/flags.ts';
import { formatList, truncateId, type ListFormat } from '../framework/format.ts';

interface Stats {
  id?: string;
  name?: string;
  cpu_stats: { cpu_usage: { total_usage: number }; system_cpu_usage?: number; online_cpus?: number };
  precpu_stats: { cpu_usage: { total_usage: number }; system_cpu_usage?: number };
  memory_stats: { usage?: number; limit?: number; stats?: { inactive_file?: number } };
  networks?: Record<string, { rx_bytes: number; tx_bytes: number }>;
  blkio_stats?: { io_service_bytes_recursive?: { op: string; value: number }[] };
  pids_stats?: { current?: number };
}

interface Row {
  id: string;
  name: string;
  asked: string;
  stats: Stats | undefined;
}

function numbers({ stats }: Row) {
  if (!stats) return { cpu: 0, used: 0, limit: 0, rx: 0, tx: 0, read: 0, write: 0, pids: 0 };
  const cpuDelta = stats.cpu_stats.cpu_usage.total_usage - stats.precpu_stats.cpu_usage.total_usage;
  const systemDelta = (stats.cpu_stats.system_cpu_usage ?? 0) - (stats.precpu_stats.system_cpu_usage ?? 0);
  const net = Object.values(stats.networks ?? {});
  const io = stats.blkio_stats?.io_service_bytes_recursive ?? [];
  const sum = (op: string) =>
    io.filter((entry) => entry.op.toLowerCase() === op).reduce((n, entry) => n + entry.value, 0);
  return {
    cpu: systemDelta > 0 && cpuDelta > 0 ? (cpuDelta / systemDelta) * (stats.cpu_stats.online_cpus ?? 1) * 100 : 0,
    used: (stats.memory_stats.usage ?? 0) - (stats.memory_stats.stats?.inactive_file ?? 0),
    limit: stats.memory_stats.limit ?? 0,
    rx: net.reduce((n, each) => n + each.rx_bytes, 0),
    tx: net.reduce((n, each) => n + each.tx_bytes, 0),
    read: sum('read'),
    write: sum('write'),
    pids: stats.pids_stats?.current ?? 0,
  };
}

const gone = '--';

function list(trunc: boolean): ListFormat<Row> {
  const shown =
    (value: (n: ReturnType<typeof numbers>) => string, none = gone) =>
    (row: Row) =>
      row.stats ? value(numbers(row)) : none;
  return {
    type: '*container.statsContext',
    columns: ['ID', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'],
    fields: {
      Container: { header: 'CONTAINER', value: (row) => row.asked },
      ID: { header: 'CONTAINER ID', value: (row) => (trunc ? truncateId(row.id) : row.id) },
      Name: { header: 'NAME', value: (row) => row.name.replace(/^\//, '') || gone },
      CPUPerc: { header: 'CPU %', value: shown((n) => `${n.cpu.toFixed(2)}%`) },
      MemUsage: {
        header: 'MEM USAGE / LIMIT',
        value: shown((n) => `${bytesSize(n.used)} / ${bytesSize(n.limit)}`, '-- / --'),
      },
      MemPerc: { header: 'MEM %', value: shown((n) => `${(n.limit > 0 ? (n.used / n.limit) * 100 : 0).toFixed(2)}%`) },
      NetIO: { header: 'NET I/O', value: shown((n) => `${humanSize(n.rx, 3)} / ${humanSize(n.tx, 3)}`) },
      BlockIO: { header: 'BLOCK I/O', value: shown((n) => `${humanSize(n.read, 3)} / ${humanSize(n.write, 3)}`) },
      PIDs: { header: 'PIDS', value: shown((n) => String(n.pids)) },
    },
  };
}

export const stats: Command = {
  use: 'stats [OPTIONS] [CONTAINER...]',
  short: 'Display a live stream of container(s) resource usage statistics',
  args: [0, Infinity],
  flags: [
    flag('all,a', 'bool', 'Show all containers, not only running ones'),
    flag('format', 'string', 'table, json or a template'),
    flag('no-stream', 'bool', 'Show the first result only'),
    flag('no-trunc', 'bool', 'Do not shorten'),
  ],
  run: async (context) => {
    const { client, flags, out, process, args } = context;
    const format = flags.string('format');
    const columns = list(!flags.bool('no-trunc'));
    formatList(columns, [], { format });
    const chosen = async (): Promise<string[]> => {
      if (args.length > 0) return [...args];
      const rows = await client.json<{ Id: string }[]>('GET', '/containers/json', {
        query: flags.bool('all') ? { all: true } : {},
      });
      return rows.map((row) => row.Id);
    };
    const once = !flags.bool('no-stream') ? false : true;
    const names = await chosen();
    if (once) {
      const rows = await Promise.all(names.map((name) => reading(context, name)));
      await out(formatList(columns, rows, { format }));
      return;
    }
    const live = new Map<string, Row>();
    const follow = async (name: string) => {
      const body = await client.stream('GET', `/containers/${encodeURIComponent(name)}/stats`, {
        query: { stream: true },
      });
      const reader = new LineReader(body);
      for (;;) {
        const line = await reader.next(process.cancel);
        if (line === undefined) return;
        live.set(name, rowOf(name, JSON.parse(line) as Stats));
      }
    };
    const failures: unknown[] = [];
    for (const name of names) void follow(name).catch((error: unknown) => failures.push(error));
    for (;;) {
      await process.sleep(500);
      const [failure] = failures;
      if (failure !== undefined) throw failure;
      const rows = names.map(
        (name) => live.get(name) ?? { id: name.length === 64 ? name : '', name: '', asked: name, stats: undefined },
      );
      const text = formatList(columns, rows, { format });
      await out(process.isatty.stdout ? `\x1b[H${text.replaceAll('\n', '\x1b[K\n')}\x1b[J` : text);
    }
  },
};

async function reading({ client }: Context, name: string): Promise<Row> {
  return rowOf(
    name,
    await client.json<Stats>('GET', `/containers/${encodeURIComponent(name)}/stats`, { query: { stream: false } }),
  );
}

function rowOf(asked: string, value: Stats): Row {
  const running = value.memory_stats.limit !== undefined;
  return { id: value.id ?? '', name: value.name ?? '', asked, stats: running ? value : undefined };
}

export { CliError };
