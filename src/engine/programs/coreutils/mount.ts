import { hasCapability } from '../../process/index.ts';
import { directorySize } from '../../world/index.ts';
import { humanSize } from '../lib/format.ts';
import { parseOptions } from '../lib/options.ts';
import { defineTool, ToolError, type Tool } from '../lib/tool.ts';

/** mount, umount and df: which file systems are where, and how full. */

interface Mounted {
  source: string;
  path: string;
  type: string;
  options: string;
  /** KiB. */
  size: number;
  used: number;
}

const disk = 62_914_560;

/** What is mounted, the root first. Files that the runtime puts into /etc come from the host's disk. */
function mounted(tool: Tool): Mounted[] {
  const { fs } = tool;
  const usedBy = (root: Parameters<typeof directorySize>[0]) => Math.ceil(directorySize(root) / 1024);
  const container = fs.exists('/.dockerenv') || fs.exists('/bin/busybox') || fs.lookup('/etc/hostname') !== undefined;
  const root = container ? 'overlay' : '/dev/vda1';
  const rw = fs.readOnly ? 'ro' : 'rw';
  const list: Mounted[] = [
    { source: root, path: '/', type: container ? 'overlay' : 'ext4', options: `${rw},relatime`, size: disk, used: usedBy(fs.root) },
    { source: 'proc', path: '/proc', type: 'proc', options: 'rw,nosuid,nodev,noexec,relatime', size: 0, used: 0 },
    { source: 'tmpfs', path: '/dev', type: 'tmpfs', options: 'rw,nosuid,size=65536k,mode=755,inode64', size: 65_536, used: 0 },
    { source: 'devpts', path: '/dev/pts', type: 'devpts', options: 'rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=666', size: 0, used: 0 },
    { source: 'sysfs', path: '/sys', type: 'sysfs', options: 'ro,nosuid,nodev,noexec,relatime', size: 0, used: 0 },
    { source: 'cgroup', path: '/sys/fs/cgroup', type: 'cgroup2', options: 'ro,nosuid,nodev,noexec,relatime,nsdelegate,memory_recursiveprot', size: 0, used: 0 },
    { source: 'mqueue', path: '/dev/mqueue', type: 'mqueue', options: 'rw,nosuid,nodev,noexec,relatime', size: 0, used: 0 },
    { source: 'shm', path: '/dev/shm', type: 'tmpfs', options: 'rw,nosuid,nodev,noexec,relatime,size=65536k,inode64', size: 65_536, used: 0 },
  ]; // prettier-ignore
  for (const [path, { root: own, readOnly }] of fs.mounts)
    list.push({ source: '/dev/vda1', path, type: 'ext4', options: `${readOnly ? 'ro' : 'rw'},relatime`, size: disk, used: usedBy(own) }); // prettier-ignore
  if (container)
    for (const path of ['/etc/resolv.conf', '/etc/hostname', '/etc/hosts'])
      if (fs.exists(path))
        list.push({ source: '/dev/vda1', path, type: 'ext4', options: 'rw,relatime', size: disk, used: usedBy(fs.root) }); // prettier-ignore
  return list;
}

export const mount = defineTool((tool) => {
  const options = parseOptions(tool, { short: 'o:t:narw', long: { bind: 'bind', 'options=': 'o', 'types=': 't' } });
  if (options.operands.length === 0) {
    for (const m of mounted(tool)) tool.put(`${m.source} on ${m.path} type ${m.type} (${m.options})\n`);
    return Promise.resolve();
  }
  return refuse(tool, 'mount', options.operands.at(-1)!);
});

export const umount = defineTool((tool) => {
  const options = parseOptions(tool, { short: 'adflnrt:' });
  const [path] = options.operands;
  if (path === undefined) throw new ToolError('bad usage', { hint: "Try 'umount --help' for more information." });
  return refuse(tool, 'umount', path);
});

function refuse(tool: Tool, name: string, path: string): never {
  if (hasCapability(tool.process.user, 'SYS_ADMIN')) throw new ToolError(`slipway: ${name} ${path} is not simulated`);
  throw new ToolError(
    tool.busybox ? 'permission denied (are you root?)' : `${path}: ${name === 'mount' ? 'permission denied' : 'must be superuser to unmount'}.`,
    { status: 32 },
  ); // prettier-ignore
}

export const df = defineTool((tool) => {
  const options = parseOptions(tool, { short: 'ahHiklmPT', long: { 'human-readable': 'h', 'print-type': 'T' } });
  const human = options.has('h', 'H');
  const all = mounted(tool);
  const chosen = options.operands.map((operand) => {
    const path = tool.path(operand);
    if (!tool.fs.exists(path)) throw new ToolError(`${operand}: No such file or directory`);
    const inside = (m: Mounted) => m.path === '/' || path === m.path || path.startsWith(`${m.path}/`);
    return all.filter(inside).sort((a, b) => b.path.length - a.path.length)[0]!;
  });
  const rows = chosen.length > 0 ? chosen : all.filter((m) => m.size > 0);
  const show = (kib: number) =>
    human
      ? tool.busybox
        ? busyboxSize(kib)
        : kib === 0
          ? '0'
          : humanSize(kib * 1024)
      : String(options.has('m') ? Math.ceil(kib / 1024) : kib);
  if (tool.busybox)
    tool.put(
      human
        ? 'Filesystem                Size      Used Available Use% Mounted on\n'
        : `Filesystem           ${options.has('m') ? '1M-blocks' : '1K-blocks'}      Used Available Use% Mounted on\n`,
    );
  else {
    const type = options.has('T') ? 'Type     ' : '';
    tool.put(human ? `Filesystem      ${type}Size  Used Avail Use% Mounted on\n` : `Filesystem     ${type}1K-blocks    Used Available Use% Mounted on\n`); // prettier-ignore
  }
  for (const m of rows) {
    const percent = `${m.size === 0 ? 0 : Math.ceil((m.used / m.size) * 100)}%`;
    const cells = [show(m.size), show(m.used), show(m.size - m.used)] as const;
    const type = options.has('T') ? `${m.type.padEnd(8)} ` : '';
    tool.put(
      tool.busybox
        ? `${m.source.padEnd(20)} ${cells.map((c) => c.padStart(9)).join(' ')} ${percent.padStart(3)} ${m.path}\n`
        : human
          ? `${m.source.padEnd(14)}  ${type}${cells[0].padStart(4)} ${cells[1].padStart(5)} ${cells[2].padStart(5)} ${percent.padStart(4)} ${m.path}\n`
          : `${m.source.padEnd(14)} ${type}${cells[0].padStart(9)} ${cells[1].padStart(7)} ${cells[2].padStart(9)} ${percent.padStart(4)} ${m.path}\n`,
    );
  }
  return Promise.resolve();
});

/** busybox shows one decimal in each unit: `252.0G`. */
function busyboxSize(kib: number): string {
  if (kib === 0) return '0';
  let value = kib;
  let unit = 0;
  while (value >= 1024 && unit < 4) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(1)}${'KMGTP'[unit]!}`;
}
