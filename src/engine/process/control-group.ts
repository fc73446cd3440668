import type { Usage } from './usage.ts';

/** The files below /sys/fs/cgroup in which processes find their own limits and use (cgroup v2), made when they are opened. */

const root = '/sys/fs/cgroup/';
/** Microseconds of a quota's period. */
const period = 100_000;

export const controlGroupNames: readonly string[] = [
  'cgroup.controllers', 'cpu.max', 'cpu.stat', 'cpu.weight', 'memory.current', 'memory.max', 'memory.peak', 'memory.swap.current',
  'memory.swap.max', 'pids.current', 'pids.max',
]; // prettier-ignore

/** The text of such a file; undefined if there is none of that name. @param processes of the group */
export function controlGroupFile(path: string, usage: Usage, processes: number): string | undefined {
  if (!path.startsWith(root)) return undefined;
  const { limits, cpu, memory } = usage;
  switch (path.slice(root.length)) {
    case 'cgroup.controllers':
      return 'cpuset cpu io memory hugetlb pids rdma misc\n';
    case 'cpu.max':
      return `${limits.cpus === undefined ? 'max' : Math.round(limits.cpus * period)} ${period}\n`;
    case 'cpu.weight':
      return `${weight(limits.cpuShares ?? 1024)}\n`;
    case 'cpu.stat': {
      const { ms, periods, throttledPeriods } = cpu.throttling;
      const used = Math.round(cpu.usedMs * 1000);
      const user = Math.round(used * 0.8);
      return (
        `usage_usec ${used}\nuser_usec ${user}\nsystem_usec ${used - user}\nnice_usec 0\ncore_sched.force_idle_usec 0\n` +
        `nr_periods ${periods}\nnr_throttled ${throttledPeriods}\nthrottled_usec ${Math.round(ms * 1000)}\nnr_bursts 0\nburst_usec 0\n`
      );
    }
    case 'memory.max':
      return `${limits.memory ?? 'max'}\n`;
    case 'memory.current':
      return `${Math.ceil(memory.bytes / 4096) * 4096}\n`;
    case 'memory.peak':
      return `${Math.ceil(memory.peak / 4096) * 4096}\n`;
    case 'memory.swap.max':
    case 'memory.swap.current':
      return '0\n';
    case 'pids.current':
      return `${processes}\n`;
    case 'pids.max':
      return 'max\n';
    default:
      return undefined;
  }
}

/** cpu.shares (2 to 262144) as a weight of cgroup v2 (1 to 10000). */
function weight(shares: number): number {
  return 1 + Math.trunc(((shares - 2) * 9999) / 262_142);
}
