import type { Machine } from '../../process/index.ts';
import { strftime } from '../../shell/strftime.ts';
import type { Attributes, Node } from '../../world/index.ts';
import { groupNameOf, userNameOf } from './accounts.ts';

/** `drwxr-xr-x` */
export function modeText(node: Attributes & { type: Node['type'] }): string {
  const kind = { file: '-', directory: 'd', symlink: 'l', device: 'c' }[node.type];
  const { mode } = node;
  let text = '';
  for (const shift of [6, 3, 0])
    text += ((mode >> shift) & 4 ? 'r' : '-') + ((mode >> shift) & 2 ? 'w' : '-') + ((mode >> shift) & 1 ? 'x' : '-');
  const special = (at: number, bit: number, letter: string) => {
    if (mode & bit) text = text.slice(0, at) + (text[at] === 'x' ? letter : letter.toUpperCase()) + text.slice(at + 1);
  };
  special(2, 0o4000, 's');
  special(5, 0o2000, 's');
  special(8, 0o1000, 't');
  return kind + text;
}

export function userName(machine: Machine, uid: number): string {
  return userNameOf(machine, uid) ?? String(uid);
}

export function groupName(machine: Machine, gid: number): string {
  return groupNameOf(machine, gid) ?? String(gid);
}

/** `4.0K`, `12M`: as `ls -h`, `du -h`, `df -h` round, upwards. */
export function humanSize(bytes: number, base = 1024): string {
  if (bytes < base) return String(bytes);
  let value = bytes;
  let unit = -1;
  while (value >= base && unit < 7) {
    value /= base;
    unit++;
  }
  const text = value < 10 ? (Math.ceil(value * 10) / 10).toFixed(1) : String(Math.ceil(value));
  return text + 'KMGTPEZY'[unit]!;
}

/** The date column of `ls -l`: with the time if it is recent, else with the year. */
export function listingDate(mtime: number, now: number): string {
  const recent = now - mtime < 15_778_476_000 && mtime <= now + 3_600_000;
  return strftime(recent ? '%b %e %H:%M' : '%b %e  %Y', mtime);
}
