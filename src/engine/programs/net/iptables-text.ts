import { formatCidr, formatIp, type Match, type Not, type Rule, type Target } from '../../network/index.ts';

/** Rules as iptables-save and `iptables -L` write them. */

const not = (option: Not<unknown> | undefined): string => (option?.not ? '! ' : '');
const hex = (n: number): string => `0x${n.toString(16)}`;

const protocolNumbers: Readonly<Record<string, number>> = { tcp: 6, udp: 17, icmp: 1, sctp: 132 };

function portText({ from, to }: { from: number; to: number }): string {
  return from === to ? String(from) : `${from}:${to}`;
}

function markText({ value, mask }: { value: number; mask: number }): string {
  return mask === 0xffffffff ? hex(value) : `${hex(value)}/${hex(mask)}`;
}

/** The arguments that would make the rule: `-d 10.96.0.1/32 -p tcp -m comment --comment "…" -m tcp --dport 443 -j …`. */
export function ruleSpec(rule: Rule): string {
  const { match: m, comment, target } = rule;
  const parts: string[] = [];
  if (m.source) parts.push(`${not(m.source)}-s ${formatCidr(m.source.value)}`);
  if (m.destination) parts.push(`${not(m.destination)}-d ${formatCidr(m.destination.value)}`);
  if (m.in) parts.push(`${not(m.in)}-i ${m.in.value}`);
  if (m.out) parts.push(`${not(m.out)}-o ${m.out.value}`);
  if (m.protocol) parts.push(`${not(m.protocol)}-p ${m.protocol.value}`);
  if (comment !== undefined)
    parts.push(`-m comment --comment ${/^[\w-]+$/.test(comment) ? comment : JSON.stringify(comment)}`);
  if (m.state) parts.push(`-m conntrack ${not(m.state)}--ctstate ${m.state.value.join(',')}`);
  if (m.addressType) {
    const side = m.addressType.value.side === 'source' ? 'src' : 'dst';
    parts.push(`-m addrtype ${not(m.addressType)}--${side}-type ${m.addressType.value.type}`);
  }
  if (m.set) parts.push(`-m set ${not(m.set)}--match-set ${m.set.value.name} ${m.set.value.flags}`);
  if (m.mark) parts.push(`-m mark ${not(m.mark)}--mark ${markText(m.mark.value)}`);
  if (m.recent) {
    const how = m.recent.mode === 'set' ? '--set' : `--rcheck --seconds ${m.recent.seconds ?? 0} --reap`;
    parts.push(`-m recent ${how} --name ${m.recent.name} --mask 255.255.255.255 --rsource`);
  }
  if (m.probability !== undefined) parts.push(`-m statistic --mode random --probability ${m.probability.toFixed(11)}`);
  if (m.sourcePort || m.destinationPort || (m.protocol && target.kind === 'dnat')) {
    parts.push(`-m ${m.protocol?.value ?? 'tcp'}`);
    if (m.sourcePort) parts.push(`${not(m.sourcePort)}--sport ${portText(m.sourcePort.value)}`);
    if (m.destinationPort) parts.push(`${not(m.destinationPort)}--dport ${portText(m.destinationPort.value)}`);
  }
  if (m.physdevBridged) parts.push(`-m physdev ${not(m.physdevBridged)}--physdev-is-bridged`);
  if (m.limit) parts.push(`-m limit --limit ${m.limit}`);
  if (m.accounting) parts.push(`-m nfacct --nfacct-name ${m.accounting}`);
  const to = targetSpec(target);
  if (to !== '') parts.push(to);
  return parts.join(' ');
}

function targetSpec(target: Target): string {
  switch (target.kind) {
    case 'accept':
      return '-j ACCEPT';
    case 'drop':
      return '-j DROP';
    case 'return':
      return '-j RETURN';
    case 'reject':
      return `-j REJECT --reject-with ${target.with}`;
    case 'jump':
      return `-j ${target.chain}`;
    case 'goto':
      return `-g ${target.chain}`;
    case 'dnat':
      return `-j DNAT --to-destination ${formatIp(target.ip)}${target.port === undefined ? '' : `:${target.port}`}`;
    case 'snat':
      return `-j SNAT --to-source ${formatIp(target.ip)}`;
    case 'masquerade':
      return `-j MASQUERADE${target.fully ? ' --random-fully' : ''}`;
    case 'redirect':
      return `-j REDIRECT --to-ports ${target.port}`;
    case 'mark':
      return `-j MARK --set-xmark ${hex(target.value)}/${hex(target.mask)}`;
    case 'log':
      return `-j LOG --log-prefix "${target.prefix}"`;
    default:
      return '';
  }
}

/** The columns of a listing. */
export function ruleRow(
  rule: Rule,
  numeric: boolean,
): { target: string; protocol: string; source: string; destination: string; extra: string; in: string; out: string } {
  const { match: m, target } = rule;
  const address = (side: Match['source'], any: string) =>
    side
      ? `${side.not ? '!' : ''}${side.value.bits === 32 ? formatIp(side.value.network) : formatCidr(side.value)}`
      : any;
  const any = numeric ? '0.0.0.0/0' : 'anywhere';
  const protocol = m.protocol
    ? numeric
      ? String(protocolNumbers[m.protocol.value])
      : m.protocol.value
    : numeric
      ? '0'
      : 'all';
  return {
    target: targetName(target),
    protocol: `${m.protocol?.not ? '!' : ''}${protocol}`,
    source: address(m.source, any),
    destination: address(m.destination, any),
    extra: extraText(rule),
    in: m.in ? `${m.in.not ? '!' : ''}${m.in.value}` : '*',
    out: m.out ? `${m.out.not ? '!' : ''}${m.out.value}` : '*',
  };
}

function targetName(target: Target): string {
  if (target.kind === 'jump' || target.kind === 'goto') return target.chain;
  return target.kind === 'none' ? '' : target.kind.toUpperCase();
}

function extraText({ match: m, comment, target }: Rule): string {
  const parts: string[] = [];
  if (comment !== undefined) parts.push(`/* ${comment} */`);
  if (m.state) parts.push(`${not(m.state)}ctstate ${m.state.value.join(',')}`);
  if (m.addressType)
    parts.push(
      `ADDRTYPE match ${m.addressType.value.side === 'source' ? 'src' : 'dst'}-type ${m.addressType.not ? '!' : ''}${m.addressType.value.type}`,
    );
  if (m.set) parts.push(`${not(m.set)}match-set ${m.set.value.name} ${m.set.value.flags}`);
  if (m.mark) parts.push(`mark match ${not(m.mark)}${markText(m.mark.value)}`);
  if (m.recent) parts.push(m.recent.mode === 'set' ? `recent: SET name: ${m.recent.name} side: source mask: 255.255.255.255` : `recent: CHECK seconds: ${m.recent.seconds} reap name: ${m.recent.name} side: source mask: 255.255.255.255`); // prettier-ignore
  if (m.probability !== undefined) parts.push(`statistic mode random probability ${m.probability.toFixed(11)}`);
  if (m.sourcePort) parts.push(`${m.protocol?.value ?? 'tcp'} spt${m.sourcePort.value.from === m.sourcePort.value.to ? '' : 's'}:${not(m.sourcePort).trim()}${portText(m.sourcePort.value)}`); // prettier-ignore
  if (m.destinationPort) parts.push(`${m.protocol?.value ?? 'tcp'} dpt${m.destinationPort.value.from === m.destinationPort.value.to ? '' : 's'}:${not(m.destinationPort).trim()}${portText(m.destinationPort.value)}`); // prettier-ignore
  if (m.physdevBridged) parts.push(`PHYSDEV match ${not(m.physdevBridged)}--physdev-is-bridged`);
  if (m.limit) parts.push(`limit: avg ${m.limit} burst 5`);
  if (m.accounting) parts.push(`nfacct-name ${m.accounting}`);
  switch (target.kind) {
    case 'reject':
      parts.push(`reject-with ${target.with}`);
      break;
    case 'dnat':
      parts.push(`to:${formatIp(target.ip)}${target.port === undefined ? '' : `:${target.port}`}`);
      break;
    case 'snat':
      parts.push(`to:${formatIp(target.ip)}`);
      break;
    case 'masquerade':
      if (target.fully) parts.push('random-fully');
      break;
    case 'redirect':
      parts.push(`redir ports ${target.port}`);
      break;
    case 'mark':
      parts.push(target.xor ? `MARK xor ${hex(target.value)}` : target.value === target.mask ? `MARK or ${hex(target.value)}` : `MARK xset ${hex(target.value)}/${hex(target.mask)}`); // prettier-ignore
      break;
    case 'goto':
      parts.unshift('[goto] ');
      break;
    case 'log':
      parts.push(`LOG flags 0 level 4 prefix "${target.prefix}"`);
      break;
    default:
  }
  return parts.join(' ');
}
