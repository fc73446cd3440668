import type { ImageConfig } from '../../runtime/index.ts';
import type { FlagValues } from './dockerfile/flags.ts';

/** Flags of COPY and ADD as history shows them. */
export function copyFlags(flags: FlagValues): string {
  return ['from', 'chown', 'chmod', 'link', 'parents']
    .filter((name) => flags.get(name) !== undefined && name !== 'from')
    .map((name) => `--${name}=${flags.get(name)} `)
    .join('');
}

/** Go's %q of a list. */
export function quotedList(list: readonly string[]): string {
  return `[${list.map((item) => JSON.stringify(item)).join(' ')}]`;
}

/** A health check as history shows it. */
export function healthText(check: NonNullable<ImageConfig['healthcheck']>): string {
  const duration = (ms = 0) => JSON.stringify(goDurationText(ms));
  const retries = `'\\x${(check.retries ?? 0).toString(16).padStart(2, '0')}'`;
  return `&{${quotedList(check.test)} ${duration(check.interval)} ${duration(check.timeout)} ${duration(check.startPeriod)} ${duration(check.startInterval)} ${retries}}`;
}

function goDurationText(ms: number): string {
  if (ms === 0) return '0s';
  if (ms < 1000) return `${ms}ms`;
  const seconds = ms / 1000;
  const h = Math.floor(seconds / 3600);
  const m = Math.floor((seconds % 3600) / 60);
  const s = `${Number((seconds % 60).toFixed(9))}s`;
  return `${h > 0 ? `${h}h` : ''}${h > 0 || m > 0 ? `${m}m` : ''}${s}`;
}
