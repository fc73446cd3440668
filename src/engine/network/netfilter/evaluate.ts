import { contains, formatIp } from '../address.ts';
import type { Packet } from '../packet.ts';
import type { Netfilter } from './netfilter.ts';
import type { Match, Not, PortRange, Rule, Target } from './rule.ts';
import type { Chain, Table } from './table.ts';

/** What decided about a packet, for people to see. */
export interface Reason {
  /** Machine-readable: `rule`, `chain-policy`, `network-policy`, `no-route`, … */
  readonly code: string;
  readonly table?: string;
  /** From the built-in chain to the one that has the rule. */
  readonly chains?: readonly string[];
  readonly rule?: Rule;
  readonly params?: Readonly<Record<string, string>>;
}

export interface HookVerdict {
  readonly verdict: 'accept' | 'drop' | 'reject' | 'dnat' | 'snat' | 'masquerade' | 'redirect';
  /** Of `reject`. */
  readonly with?: string;
  readonly ip?: number;
  readonly port?: number;
  readonly reason: Reason;
}

/** How chance and memory come into an evaluation: choices and effects are kept with the way that follows from them. */
export interface Evaluation {
  readonly netfilter: Netfilter;
  /** Draws; the outcome selects among remembered ways. */
  choose(decide: () => number): number;
  random(): number;
  now(): number;
  /** Runs now and for each later connection that goes the same way. */
  effect(run: () => void): void;
  /** The rule has been passed: counted now and later. */
  count(rule: Rule): void;
  /** The outcome depends on more than destination and choices. */
  uncacheable(): void;
}

type Step = HookVerdict | 'return' | undefined;

/** Chains call each other at most so deep. */
const depthLimit = 32;

/** Sends a packet through a base chain; undefined: it goes on to the next one. */
export function evaluateBase(table: Table, chain: Chain, packet: Packet, run: Evaluation): HookVerdict | undefined {
  const path = [chain.name];
  const step = evaluate(table, chain, packet, run, path);
  if (step !== undefined && step !== 'return') return step;
  if (chain.policy === 'drop')
    return { verdict: 'drop', reason: { code: 'chain-policy', table: table.name, chains: [chain.name] } };
  return undefined;
}

function evaluate(table: Table, chain: Chain, packet: Packet, run: Evaluation, path: string[]): Step {
  for (const rule of chain.candidates(packet.destination)) {
    if (!matches(rule.match, packet, run)) continue;
    run.count(rule);
    const step = act(table, rule, rule.target, packet, run, path);
    if (step === undefined) continue;
    return step;
  }
  return undefined;
}

function act(table: Table, rule: Rule, target: Target, packet: Packet, run: Evaluation, path: string[]): Step {
  const reason = (): Reason => ({ code: 'rule', table: table.name, chains: [...path], rule });
  switch (target.kind) {
    case 'accept':
      return { verdict: 'accept', reason: reason() };
    case 'drop':
      return { verdict: 'drop', reason: reason() };
    case 'reject':
      return { verdict: 'reject', with: target.with, reason: reason() };
    case 'return':
      return 'return';
    case 'dnat':
      return { verdict: 'dnat', ip: target.ip, port: target.port ?? packet.destinationPort, reason: reason() };
    case 'redirect':
      return { verdict: 'redirect', port: target.port, reason: reason() };
    case 'snat':
      return { verdict: 'snat', ip: target.ip, reason: reason() };
    case 'masquerade':
      return { verdict: 'masquerade', reason: reason() };
    case 'mark':
      packet.mark = ((packet.mark & ~target.mask) ^ target.value) >>> 0;
      return undefined;
    case 'jump':
      return called(table, target.chain, packet, run, path);
    case 'goto': {
      const step = called(table, target.chain, packet, run, path);
      return step ?? 'return';
    }
    case 'vmap':
      return mapped(table, table.maps.get(target.map)?.fields ?? '', target.map, packet, run, path);
    case 'random': {
      const { chains } = target;
      if (chains.length === 0) return undefined;
      const picked = run.choose(() => Math.floor(run.random() * chains.length));
      return called(table, chains[picked]!, packet, run, path) ?? 'return';
    }
    default:
      return undefined;
  }
}

function called(table: Table, name: string, packet: Packet, run: Evaluation, path: string[]): Step {
  const chain = table.chains.get(name);
  if (!chain || path.length >= depthLimit) return undefined;
  path.push(name);
  const step = evaluate(table, chain, packet, run, path);
  if (step !== undefined && step !== 'return') return step;
  path.pop();
  return undefined;
}

function mapped(table: Table, fields: string, name: string, packet: Packet, run: Evaluation, path: string[]): Step {
  const verdict = table.maps.get(name)?.elements.get(mapKey(fields, packet));
  if (verdict === undefined) return undefined;
  const [kind, chain = ''] = verdict.split(' ');
  if (kind === 'goto') return called(table, chain, packet, run, path) ?? 'return';
  if (kind === 'jump') return called(table, chain, packet, run, path);
  if (kind === 'drop') return { verdict: 'drop', reason: { code: 'rule', table: table.name, chains: [...path] } };
  return undefined;
}

function mapKey(fields: string, packet: Packet): string {
  return fields
    .split(' . ')
    .map((field) => {
      switch (field) {
        case 'ip daddr':
          return formatIp(packet.destination);
        case 'ip saddr':
          return formatIp(packet.source);
        case 'meta l4proto':
          return packet.protocol;
        default:
          return String(packet.destinationPort);
      }
    })
    .join(' . ');
}

function matches(match: Match, packet: Packet, run: Evaluation): boolean {
  const { destination, source, protocol, destinationPort, mark } = match;
  if (destination && contains(destination.value, packet.destination) === (destination.not ?? false)) return false;
  if (protocol && (protocol.value === packet.protocol) === (protocol.not ?? false)) return false;
  if (destinationPort && inRange(destinationPort, packet.destinationPort)) return false;
  if (source && contains(source.value, packet.source) === (source.not ?? false)) return false;
  if (mark) {
    const { value, mask } = mark.value;
    if (((packet.mark & mask) >>> 0 === value) === (mark.not ?? false)) return false;
  }
  const { state, in: input, out: output, addressType, set, probability, recent, sourcePort } = match;
  if (state && hasState(state.value, packet) === (state.not ?? false)) return false;
  if (input && device(input.value, packet.in?.name) === (input.not ?? false)) return false;
  if (output && device(output.value, packet.out?.name) === (output.not ?? false)) return false;
  if (sourcePort) {
    run.uncacheable();
    if (inRange(sourcePort, packet.sourcePort)) return false;
  }
  if (addressType) {
    const ip = addressType.value.side === 'source' ? packet.source : packet.destination;
    const local = packet.namespace.isLocal(ip);
    if ((addressType.value.type === 'LOCAL' ? local : !local) === (addressType.not ?? false)) return false;
  }
  if (set && inSet(set.value, packet, run.netfilter) === (set.not ?? false)) return false;
  if (match.physdevBridged && packet.bridged === (match.physdevBridged.not ?? false)) return false;
  if (recent && !seenRecently(recent, packet, run)) return false;
  // Draws come last: only a packet that everything else lets through costs one.
  if (probability !== undefined && run.choose(() => (run.random() < probability ? 1 : 0)) === 0) return false;
  return true;
}

/** True when it does not match. */
function inRange({ value, not = false }: Not<PortRange>, port: number): boolean {
  return (port >= value.from && port <= value.to) === not;
}

function hasState(states: readonly string[], packet: Packet): boolean {
  return states.includes(packet.state) || (packet.dnat && states.includes('DNAT'));
}

function device(pattern: string, name: string | undefined): boolean {
  if (name === undefined) return false;
  return pattern.endsWith('+') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

function inSet(set: { name: string; flags: string }, packet: Packet, netfilter: Netfilter): boolean {
  const entries = netfilter.ipsets.get(set.name)?.entries;
  if (!entries || entries.size === 0) return false;
  const parts = set.flags.split(',');
  const texts = parts.map((side, i) => {
    const ip = side === 'src' ? packet.source : packet.destination;
    const port = side === 'src' ? packet.sourcePort : packet.destinationPort;
    const type = netfilter.ipsets.get(set.name)!.type.split(':')[1]?.split(',')[i];
    return type === 'port' ? `${packet.protocol}:${port}` : formatIp(ip);
  });
  const key = texts.join(',');
  return entries.has(key) || entries.has(key.replace(/^(tcp|udp|sctp):/, ''));
}

function seenRecently({ name, mode, seconds }: NonNullable<Match['recent']>, packet: Packet, run: Evaluation): boolean {
  const { source, namespace } = packet;
  const list = () => {
    const { recent } = namespace.netfilter;
    let found = recent.get(name);
    if (!found) recent.set(name, (found = new Map()));
    return found;
  };
  if (mode === 'set') {
    run.effect(() => void list().set(source, run.now()));
    return true;
  }
  const check = () => {
    const last = list().get(source);
    return last !== undefined && (seconds === undefined || run.now() - last < seconds * 1000) ? 1 : 0;
  };
  return run.choose(check) === 1;
}
