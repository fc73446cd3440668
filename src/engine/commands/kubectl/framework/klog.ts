import type { Process } from '../../../process/index.ts';

/** A line of kubectl's log: `E1122 18:42:33.582567   16296 memcache.go:265] text`. */
export function klogLine(process: Process, severity: 'I' | 'W' | 'E' | 'F' | 'F', place: string, text: string): string {
  const at = new Date(process.world.clock.now()).toISOString();
  const stamp = `${at.slice(5, 7)}${at.slice(8, 10)} ${at.slice(11, 23)}000`;
  return `${severity}${stamp} ${String(process.pid).padStart(7)} ${place}] ${text}\n`;
}
