import { absolute, askDns, type DnsRecord } from '../network/dns.ts';
import { isIpAddress } from '../network/url.ts';
import { parseIp } from '../network/index.ts';
import type { Cancellation, FileSystem } from '../world/index.ts';
import type { Machine } from './process.ts';

/** Names to addresses as the C library does it: /etc/hosts, then DNS with the search list of /etc/resolv.conf. */

export interface ResolverConfig {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
  readonly ndots: number;
  /** Seconds. */
  readonly timeout: number;
  readonly attempts: number;
}

function textOf(fs: FileSystem, path: string): string {
  const node = fs.lookup(path);
  return node?.type === 'file' ? new TextDecoder().decode(node.data) : '';
}

/** What /etc/resolv.conf says, with the defaults of resolv.conf(5). */
export function resolverConfig(fs: FileSystem): ResolverConfig {
  const nameservers: string[] = [];
  let search: string[] = [];
  let [ndots, timeout, attempts] = [1, 5, 2];
  for (const line of textOf(fs, '/etc/resolv.conf').split('\n')) {
    const [word, ...values] = line.trim().split(/\s+/);
    if (word === 'nameserver' && values[0]) nameservers.push(values[0]);
    else if (word === 'search' || word === 'domain') search = values.filter((v) => v !== '.');
    else if (word === 'options')
      for (const option of values) {
        const [name, value = ''] = option.split(':');
        if (name === 'ndots') ndots = Math.min(15, Number(value) || 0);
        if (name === 'timeout') timeout = Math.min(30, Number(value) || 5);
        if (name === 'attempts') attempts = Math.min(5, Number(value) || 2);
      }
  }
  return {
    nameservers: nameservers.length > 0 ? nameservers.slice(0, 3) : ['127.0.0.1'],
    search,
    ndots,
    timeout,
    attempts,
  };
}

/** Addresses that /etc/hosts has for a name. */
export function hostsEntries(fs: FileSystem, name: string): { address: string; names: string[] }[] {
  const wanted = name.toLowerCase().replace(/\.$/, '');
  const found: { address: string; names: string[] }[] = [];
  for (const line of textOf(fs, '/etc/hosts').split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (address && names.some((n) => n.toLowerCase() === wanted)) found.push({ address, names });
  }
  return found;
}

/** The absolute names to ask for, in order (search list and ndots, resolv.conf(5)). */
export function candidates(name: string, { search, ndots }: ResolverConfig): string[] {
  if (name.endsWith('.')) return [name];
  const dots = name.split('.').length - 1;
  const searched = search.map((domain) => absolute(`${name}.${domain.replace(/\.$/, '')}`));
  return dots >= ndots ? [absolute(name), ...searched] : [...searched, absolute(name)];
}

export type Resolution =
  | { addresses: string[]; canonical: string }
  /** `server` is the one that was asked last. */
  | { failure: 'not-found' | 'timeout' | 'refused' | 'server-failure'; server: string };

/** Looks a name up for a process of `machine`. Takes the time that asking takes. */
export async function resolveName(machine: Machine, name: string, cancel?: Cancellation): Promise<Resolution> {
  if (isIpAddress(name))
    return { addresses: [Number.isNaN(parseIp(name)) ? name : name === '::1' ? '127.0.0.1' : name], canonical: name };
  const local = hostsEntries(machine.fs, name).filter(
    ({ address }) => !Number.isNaN(parseIp(address)) && address !== '::1',
  );
  if (local.length > 0) return { addresses: local.map((l) => l.address), canonical: local[0]!.names[0]! };
  if (name === 'localhost' || name.endsWith('.localhost')) return { addresses: ['127.0.0.1'], canonical: name };
  const config = resolverConfig(machine.fs);
  let failure: Exclude<Resolution, { addresses: string[] }> = { failure: 'not-found', server: config.nameservers[0]! };
  for (const candidate of candidates(name, config)) {
    const result = await lookUp(machine, candidate, config, cancel);
    if ('addresses' in result) return result;
    if (result.failure !== 'not-found') failure = result;
    if (result.failure === 'timeout' || result.failure === 'refused') return failure;
  }
  return failure;
}

async function lookUp(
  machine: Machine,
  name: string,
  { nameservers, attempts, timeout }: ResolverConfig,
  cancel: Cancellation | undefined,
): Promise<Resolution> {
  let last: Exclude<Resolution, { addresses: string[] }> = { failure: 'timeout', server: nameservers[0]! };
  for (let attempt = 0; attempt < attempts; attempt++)
    for (const server of nameservers) {
      const result = await askDns(
        machine.network,
        machine.net,
        server,
        { type: 'dns', name, qtype: 'A' },
        timeout * 1000,
        cancel,
      );
      if ('failure' in result) {
        last = { failure: result.failure === 'refused' ? 'refused' : 'timeout', server };
        continue;
      }
      const { code, answers } = result.reply;
      if (code === 'NXDOMAIN') return { failure: 'not-found', server };
      if (code !== 'NOERROR') {
        last = { failure: 'server-failure', server };
        continue;
      }
      const addresses = answers.filter((r) => r.type === 'A').map((r) => r.data);
      if (addresses.length === 0) return { failure: 'not-found', server };
      return { addresses, canonical: canonicalName(name, answers) };
    }
  return last;
}

function canonicalName(name: string, answers: readonly DnsRecord[]): string {
  const a = answers.find((r) => r.type === 'A');
  return (a?.name ?? name).replace(/\.$/, '');
}
