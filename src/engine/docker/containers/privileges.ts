import type { ResourceLimit } from '../../process/index.ts';
import { badRequest } from '../errors.ts';
import type { HostConfig } from './config.ts';

/** Capabilities, groups and limits of a container's processes. */

/** capabilities(7), as runc knows them, without `CAP_`. */
const all = [
  'AUDIT_CONTROL', 'AUDIT_READ', 'AUDIT_WRITE', 'BLOCK_SUSPEND', 'BPF', 'CHECKPOINT_RESTORE', 'CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER',
  'FSETID', 'IPC_LOCK', 'IPC_OWNER', 'KILL', 'LEASE', 'LINUX_IMMUTABLE', 'MAC_ADMIN', 'MAC_OVERRIDE', 'MKNOD', 'NET_ADMIN', 'NET_BIND_SERVICE',
  'NET_BROADCAST', 'NET_RAW', 'PERFMON', 'SETFCAP', 'SETGID', 'SETPCAP', 'SETUID', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_CHROOT', 'SYS_MODULE', 'SYS_NICE',
  'SYS_PACCT', 'SYS_PTRACE', 'SYS_RAWIO', 'SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'SYSLOG', 'WAKE_ALARM',
]; // prettier-ignore

/** What root keeps in a container unless something else is asked for. */
const kept = [
  'CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP', 'NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE',
]; // prettier-ignore

const plain = (name: string) => name.toUpperCase().replace(/^CAP_/, '');

/** The capabilities that root lacks in the container. @throws EngineError 400 for names that are none */
export function lackingCapabilities({ Privileged, CapAdd, CapDrop }: HostConfig): ReadonlySet<string> {
  const add = (CapAdd ?? []).map(plain);
  const drop = (CapDrop ?? []).map(plain);
  for (const [what, names] of [
    ['CapDrop', drop],
    ['CapAdd', add],
  ] as const)
    // prettier-ignore
    for (const name of names)
      if (name !== 'ALL' && !all.includes(name))
        throw badRequest(`invalid ${what}: unknown capability: "CAP_${name}"`);
  if (Privileged) return new Set();
  // Adding all of them means all but those that are dropped, and the other way round.
  const has = new Set(
    add.includes('ALL')
      ? all.filter((name) => !drop.includes(name))
      : drop.includes('ALL')
        ? add
        : [...kept.filter((name) => !drop.includes(name)), ...add],
  );
  return new Set(all.filter((name) => !has.has(name)));
}

/** Security options that leave nothing for programs to notice; the profiles themselves are not simulated. */
export function checkSecurityOptions(options: readonly string[]): void {
  for (const option of options) {
    if (/^no-new-privileges([:=](true|false))?$/.test(option)) continue;
    const [key, value] = option.split(/[=:]/, 2) as [string, string?];
    if (value === undefined) throw badRequest(`invalid --security-opt 1: ${JSON.stringify(option)}`);
    if (!['label', 'apparmor', 'seccomp', 'systempaths', 'writable-cgroups'].includes(key))
      throw badRequest(`invalid --security-opt 2: ${JSON.stringify(option)}`);
    const harmless = key === 'label' || ['unconfined', 'docker-default', 'builtin', 'true', 'false'].includes(value);
    if (!harmless) throw badRequest(`slipway: --security-opt ${key} profiles are not simulated`);
  }
}

/** What `ulimit` shows, by its letter. */
const letters: Readonly<Record<string, string>> = {
  core: 'c', data: 'd', fsize: 'f', memlock: 'l', nofile: 'n', rss: 'm', stack: 's', cpu: 't', nproc: 'u', sigpending: 'i', msgqueue: 'q', nice: 'e',
  rtprio: 'r', locks: 'x',
}; // prettier-ignore

/** Units of the limits that shells don't show in bytes. */
const units: Readonly<Record<string, number>> = {
  core: 512,
  data: 1024,
  fsize: 1024,
  memlock: 1024,
  rss: 1024,
  stack: 1024,
};

export function resourceLimits({ Ulimits }: HostConfig): ReadonlyMap<string, ResourceLimit> {
  const limits = new Map<string, ResourceLimit>([
    ['n', { soft: '1048576', hard: '1048576' }],
    ['u', { soft: 'unlimited', hard: 'unlimited' }],
  ]);
  for (const { Name, Soft, Hard } of (Ulimits ?? []) as { Name: string; Soft: number; Hard: number }[]) {
    const letter = letters[Name];
    if (!letter) continue;
    const shown = (value: number) => (value < 0 ? 'unlimited' : String(Math.floor(value / (units[Name] ?? 1))));
    limits.set(letter, { soft: shown(Soft), hard: shown(Hard) });
  }
  return limits;
}
