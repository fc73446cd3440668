import { formatIp, parseIp, resolveLink, type Interface, type Route } from '../../network/index.ts';
import { hasCapability, type Process, type Program } from '../../process/index.ts';
import { isBusybox } from '../lib/busybox.ts';

/** ip, ifconfig, route and arp: interfaces, routes and neighbours. */

function flagsOf(iface: Interface): string {
  const flags = iface.kind === 'loopback' ? ['LOOPBACK'] : iface.kind === 'ipip' ? ['NOARP'] : iface.kind === 'dummy' ? ['BROADCAST', 'NOARP'] : ['BROADCAST', 'MULTICAST']; // prettier-ignore
  if (iface.up && !iface.running) flags.unshift('NO-CARRIER');
  if (iface.up) flags.push('UP');
  if (iface.running && iface.up) flags.push('LOWER_UP');
  return flags.join(',');
}

function state(iface: Interface): string {
  if (iface.kind === 'loopback' || iface.kind === 'vxlan' || iface.kind === 'ipip') return 'UNKNOWN';
  if (iface.kind === 'bridge' && iface.ports.size === 0) return 'DOWN';
  return iface.up && iface.running && iface.kind !== 'dummy' ? 'UP' : 'DOWN';
}

/** busybox's `ip` knows no groups, states of links only in flags, and no name spaces. */
function busyboxLinkLines(iface: Interface): string {
  const peer = iface.peer ? `@if${iface.peer.index}` : '';
  const kind = iface.kind === 'loopback' ? 'loopback' : 'ether';
  const flags = flagsOf(iface) + (iface.peer ? ',M-DOWN' : '');
  const broadcast = iface.kind === 'loopback' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff';
  return (
    `${iface.index}: ${iface.name}${peer}: <${flags}> mtu ${iface.mtu} qdisc noqueue${iface.master ? ` master ${iface.master.name}` : ''} ` +
    `${iface.kind === 'loopback' ? 'qlen 1000' : ''}\n    link/${kind} ${iface.mac} brd ${broadcast}\n`
  );
}

function linkLines(iface: Interface, detailed: boolean): string {
  const peer = iface.peer ? `@if${iface.peer.index}` : '';
  const master = iface.master ? ` master ${iface.master.name}` : '';
  const kind = iface.kind === 'loopback' ? 'loopback' : iface.kind === 'ipip' ? 'ipip' : 'ether';
  const netns = iface.peer && iface.peer.namespace !== iface.namespace ? ' link-netnsid 0' : '';
  const broadcast = iface.kind === 'loopback' ? '00:00:00:00:00:00' : 'ff:ff:ff:ff:ff:ff';
  let text = `${iface.index}: ${iface.name}${peer}: <${flagsOf(iface)}> mtu ${iface.mtu} qdisc noqueue${master} state ${state(iface)}${detailed ? ' mode DEFAULT' : ''} group default${iface.kind === 'loopback' ? ' qlen 1000' : ''}\n`; // prettier-ignore
  text +=
    iface.kind === 'ipip'
      ? `    link/ipip 0.0.0.0 brd 0.0.0.0\n`
      : `    link/${kind} ${iface.mac} brd ${broadcast}${netns}\n`;
  return text;
}

function addressLines(iface: Interface): string {
  const forever = '       valid_lft forever preferred_lft forever\n';
  if (iface.kind === 'loopback') return `    inet 127.0.0.1/8 scope host lo\n${forever}`;
  return iface.addresses
    .map(({ ip, bits }) => {
      const broadcast = bits < 31 ? ` brd ${formatIp((ip | (0xffffffff >>> bits)) >>> 0)}` : '';
      return `    inet ${formatIp(ip)}/${bits}${broadcast} scope global ${iface.name}\n${forever}`;
    })
    .join('');
}

export function routeText(route: Route): string {
  const to =
    route.bits === 0
      ? 'default'
      : route.bits === 32
        ? formatIp(route.network)
        : `${formatIp(route.network)}/${route.bits}`;
  return [
    route.type && route.type !== 'unicast' ? route.type : '',
    to,
    route.via === undefined ? '' : `via ${formatIp(route.via)}`,
    route.device === undefined || route.nextHops ? '' : `dev ${route.device}`,
    route.protocol && route.protocol !== 'boot' ? `proto ${route.protocol}` : '',
    route.scope && route.scope !== 'global' ? `scope ${route.scope}` : '',
    route.source === undefined ? '' : `src ${formatIp(route.source)}`,
    route.metric ? `metric ${route.metric}` : '',
    route.onlink ? 'onlink' : '',
  ]
    .filter(Boolean)
    .join(' ');
}

/** `nexthop` lines of a route with several. */
function nextHopLines({ nextHops, device }: Route): string {
  return (nextHops ?? []).map((hop) => `\tnexthop via ${formatIp(hop)} dev ${device} weight 1 \n`).join('');
}

/** Neighbours that the last connections have made known. */
function neighbours(process: Process): { ip: number; iface: Interface; mac: string | undefined }[] {
  const { net, network } = process.machine;
  const found = new Map<number, { ip: number; iface: Interface; mac: string | undefined }>();
  for (const flow of network.flows.list()) {
    const here = flow.hops.some((h) => h.namespace === net.name) || flow.from === net || flow.to === net;
    if (!here) continue;
    for (const ip of [parseIp(flow.destination), flow.plan.clientAddress, parseIp(flow.seenSource)]) {
      if (net.isLocal(ip)) continue;
      const route = net.route(ip);
      const iface = route && net.interfaces.get(route.device!);
      if (!iface || iface.kind === 'loopback') continue;
      const next = route.via ?? ip;
      const path = resolveLink(iface, next);
      found.set(next, { ip: next, iface, mac: path?.target.mac });
    }
  }
  return [...found.values()].sort((a, b) => a.ip - b.ip);
}

export const ip: Program = async (process) => {
  const args = process.argv.slice(1);
  let [oneLine, brief] = [false, false];
  const busybox = isBusybox(process.machine);
  const inet4 = args.includes('-4');
  while (args[0]?.startsWith('-')) {
    const option = args.shift()!;
    if (option === '-o' || option === '-oneline') oneLine = true;
    else if (/^-(d|s)(etails|tatistics)?$/.test(option)) {
      await process.printError(`slipway: ip ${option} is not simulated\n`);
      return 1;
    } else if (option === '-br' || option === '-brief') brief = true;
    else if (!['-4', '-c', '-color=never', '-color'].includes(option)) {
      if (option === '-6') return 0;
      await process.printError(`Option "${option}" is unknown, try "ip -help".\n`);
      return 255;
    }
  }
  const { net } = process.machine;
  const object = args.shift() ?? '';
  const is = (full: string) => object !== '' && full.startsWith(object);
  const verb = args[0] ?? 'show';
  const shows = ['show', 'list', 'ls', 'sh', 's', 'l'].includes(verb);
  const name = (args[1] === 'dev' ? args[2] : args[1]) ?? '';
  const chosen = () => [...net.interfaces.values()].filter((i) => name === '' || i.name === name);
  const missing = async () => {
    await process.printError(`Device "${name}" does not exist.\n`);
    return 1;
  };
  if (is('address') || object === 'addr') {
    if (!shows) return changeAddress(process, args);
    if (name !== '' && chosen().length === 0) return missing();
    for (const iface of chosen()) {
      const all =
        iface.kind === 'loopback' ? ['127.0.0.1/8'] : iface.addresses.map((a) => `${formatIp(a.ip)}/${a.bits}`);
      if (brief)
        await process.print(
          `${(iface.name + (iface.peer ? `@if${iface.peer.index}` : '')).padEnd(16)} ${state(iface).padEnd(14)} ${all.join(' ')} \n`,
        );
      else if (oneLine)
        for (const a of all) await process.print(`${iface.index}: ${iface.name}    inet ${a} scope ${iface.kind === 'loopback' ? 'host' : 'global'} ${iface.name}\\       valid_lft forever preferred_lft forever\n`); // prettier-ignore
      else
        await process.print(
          busybox
            ? (inet4 ? busyboxLinkLines(iface).split('\n')[0] + '\n' : busyboxLinkLines(iface)) + addressLines(iface)
            : linkLines(iface, false) + addressLines(iface),
        );
    }
    return 0;
  }
  if (is('link')) {
    if (verb === 'set') return setLink(process, args.slice(1));
    if (verb === 'add' || verb === 'del' || verb === 'delete') return changeLink(process, args);
    if (name !== '' && chosen().length === 0) return missing();
    for (const iface of chosen())
      await process.print(
        brief
          ? `${iface.name.padEnd(16)} ${state(iface).padEnd(14)} ${iface.mac} <${flagsOf(iface)}> \n`
          : busybox
            ? busyboxLinkLines(iface)
            : linkLines(iface, true),
      );
    return 0;
  }
  if (is('route') || object === 'r') return routes(process, args);
  if (is('neighbour') || object === 'neighbor' || object === 'neigh') {
    for (const { ip: address, iface, mac } of neighbours(process))
      await process.print(`${formatIp(address)} dev ${iface.name} ${mac ? `lladdr ${mac} REACHABLE` : 'FAILED'} \n`);
    return 0;
  }
  if (object === '' || object === 'help') {
    await process.printError(
      'Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }\nwhere  OBJECT := { address | link | neighbour | route }\n',
    );
    return object === '' ? 255 : 0;
  }
  if (['netns', 'rule', 'tunnel', 'xfrm', 'maddress', 'monitor', 'vrf', 'tuntap'].includes(object)) {
    await process.printError(`slipway: ip ${object} is not simulated\n`);
    return 1;
  }
  await process.printError(`Object "${object}" is unknown, try "ip help".\n`);
  return 1;
};

async function denied(process: Process): Promise<boolean> {
  if (hasCapability(process.user, 'NET_ADMIN')) return false;
  await process.printError('RTNETLINK answers: Operation not permitted\n');
  return true;
}

async function changeAddress(process: Process, args: readonly string[]): Promise<number> {
  const { net } = process.machine;
  const [verb, address = ''] = args;
  const iface = net.interfaces.get(args[args.indexOf('dev') + 1] ?? '');
  if (verb !== 'add' && verb !== 'del' && verb !== 'delete') {
    await process.printError(`Command "${verb}" is unknown, try "ip address help".\n`);
    return 255;
  }
  if (!iface) {
    await process.printError(`Cannot find device "${args[args.indexOf('dev') + 1] ?? ''}"\n`);
    return 1;
  }
  if (await denied(process)) return 2;
  const [text = '', bits = '32'] = address.split('/');
  const value = parseIp(text);
  if (Number.isNaN(value)) {
    await process.printError(`Error: any valid prefix is expected rather than "${address}".\n`);
    return 1;
  }
  if (verb === 'add') {
    if (iface.has(value)) {
      await process.printError('Error: ipv4: Address already assigned.\n');
      return 2;
    }
    net.addAddress(iface, `${text}/${bits}`);
  } else if (iface.has(value)) net.removeAddress(iface, value, Number(bits));
  else {
    await process.printError('Error: ipv4: Address not found.\n');
    return 2;
  }
  return 0;
}

async function setLink(process: Process, args: readonly string[]): Promise<number> {
  const rest = args[0] === 'dev' ? args.slice(1) : args;
  const { net } = process.machine;
  const iface = net.interfaces.get(rest[0] ?? '');
  if (!iface) {
    await process.printError(`Cannot find device "${rest[0] ?? ''}"\n`);
    return 1;
  }
  if (await denied(process)) return 2;
  for (let i = 1; i < rest.length; i++) {
    const word = rest[i]!;
    if (word === 'up' || word === 'down') net.setLink(iface, word === 'up');
    else if (word === 'mtu') iface.mtu = Number(rest[++i]);
    else if (word === 'nomaster') net.setMaster(iface, undefined);
    else if (word === 'master') {
      const bridge = net.interfaces.get(rest[++i] ?? '');
      if (bridge?.kind !== 'bridge') {
        await process.printError('Error: Device does not allow enslaving.\n');
        return 2;
      }
      net.setMaster(iface, bridge);
    } else {
      await process.printError(`slipway: ip link set ${word} is not simulated\n`);
      return 1;
    }
  }
  return 0;
}

async function changeLink(process: Process, args: readonly string[]): Promise<number> {
  const { net } = process.machine;
  if (await denied(process)) return 2;
  const name = args[1] === 'dev' || args[1] === 'name' ? args[2]! : (args[1] ?? '');
  if (args[0] !== 'add') {
    const iface = net.interfaces.get(name);
    if (!iface) {
      await process.printError(`Cannot find device "${name}"\n`);
      return 1;
    }
    net.removeInterface(iface);
    return 0;
  }
  const kind = args[args.indexOf('type') + 1];
  if (net.interfaces.has(name)) {
    await process.printError('RTNETLINK answers: File exists\n');
    return 2;
  }
  if (kind === 'bridge' || kind === 'dummy') net.addInterface(name, kind);
  else if (kind === 'veth' && args.includes('peer')) {
    const peer = args[args.indexOf('name', args.indexOf('peer')) + 1] ?? `${name}p`;
    process.machine.network.veth({ namespace: net, name }, { namespace: net, name: peer });
  } else {
    await process.printError(`slipway: ip link add type ${kind} is not simulated\n`);
    return 1;
  }
  return 0;
}

async function routes(process: Process, args: readonly string[]): Promise<number> {
  const { net } = process.machine;
  const [verb = 'show'] = args;
  const after = (word: string) => (args.includes(word) ? args[args.indexOf(word) + 1] : undefined);
  if (['show', 'list', 'ls', 's', 'l', 'sh'].includes(verb)) {
    const device = after('dev');
    const listed = net.routes.list().filter((r) => device === undefined || r.device === device);
    await process.print(listed.map((r) => `${routeText(r)} \n${nextHopLines(r)}`).join(''));
    return 0;
  }
  if (verb === 'get') {
    const target = args.find((a, i) => i > 0 && a !== 'to') ?? '';
    const value = parseIp(target);
    if (Number.isNaN(value)) {
      await process.printError(`Error: any valid address is expected rather than "${target}".\n`);
      return 1;
    }
    if (net.isLocal(value)) {
      await process.print(`local ${target} dev lo src ${target} uid ${process.user.uid} \n    cache <local> \n`);
      return 0;
    }
    const route = net.route(value);
    if (!route) {
      await process.printError('RTNETLINK answers: Network is unreachable\n');
      return 2;
    }
    const source = route.source ?? net.interfaces.get(route.device!)?.addresses[0]?.ip ?? 0;
    await process.print(`${target} ${route.via === undefined ? '' : `via ${formatIp(route.via)} `}dev ${route.device} src ${formatIp(source)} uid ${process.user.uid} \n    cache \n`); // prettier-ignore
    return 0;
  }
  if (!['add', 'del', 'delete', 'replace'].includes(verb)) {
    await process.printError(`Command "${verb}" is unknown, try "ip route help".\n`);
    return 255;
  }
  if (await denied(process)) return 2;
  const types = ['blackhole', 'unreachable', 'prohibit'] as const;
  const type = types.find((t) => t === args[1]);
  const to = (type ? args[2] : args[1]) ?? '';
  const [address = '', length] = to === 'default' ? ['0.0.0.0', '0'] : to.split('/');
  const network = parseIp(address);
  const bits = length === undefined ? 32 : Number(length);
  if (Number.isNaN(network)) {
    await process.printError(`Error: any valid prefix is expected rather than "${to}".\n`);
    return 1;
  }
  if (verb === 'del' || verb === 'delete') {
    if (net.routes.remove((r) => r.network === network && r.bits === bits)) return 0;
    await process.printError('RTNETLINK answers: No such process\n');
    return 2;
  }
  const via = after('via');
  const device = type ? undefined : (after('dev') ?? (via === undefined ? undefined : net.route(parseIp(via))?.device));
  if (!type && device === undefined) {
    await process.printError(
      via === undefined ? 'RTNETLINK answers: No such device\n' : 'Error: Nexthop has invalid gateway.\n',
    );
    return 2;
  }
  if (device !== undefined && !net.interfaces.has(device)) {
    await process.printError(`Cannot find device "${device}"\n`);
    return 1;
  }
  if (verb === 'add' && net.routes.list().some((r) => r.network === network && r.bits === bits)) {
    await process.printError('RTNETLINK answers: File exists\n');
    return 2;
  }
  const source = after('src');
  net.routes.add({
    network,
    bits,
    device,
    ...(via === undefined ? { scope: 'link' as const } : { via: parseIp(via) }),
    ...(source === undefined ? undefined : { source: parseIp(source) }),
    ...(type ? { type } : undefined),
  });
  return 0;
}

export const arp: Program = async (process) => {
  const all = neighbours(process);
  if (process.argv.includes('-a')) {
    for (const { ip: address, iface, mac } of all)
      await process.print(
        `? (${formatIp(address)}) at ${mac ?? '<incomplete>'}${mac ? ' [ether] ' : ' '}on ${iface.name}\n`,
      );
    return 0;
  }
  await process.print('Address                  HWtype  HWaddress           Flags Mask            Iface\n');
  for (const { ip: address, iface, mac } of all)
    await process.print(`${formatIp(address).padEnd(24)} ${mac ? 'ether   ' + mac.padEnd(19) + ' C    ' : '        (incomplete)             '}                 ${iface.name}\n`); // prettier-ignore
  return 0;
};

export const route: Program = async (process) => {
  await process.print(
    'Kernel IP routing table\nDestination     Gateway         Genmask         Flags Metric Ref    Use Iface\n',
  );
  for (const r of process.machine.net.routes.list()) {
    const mask = r.bits === 0 ? '0.0.0.0' : formatIp((-1 << (32 - r.bits)) >>> 0);
    const flags = `U${r.via === undefined ? '' : 'G'}${r.bits === 32 ? 'H' : ''}`;
    await process.print(`${(r.bits === 0 && !process.argv.includes('-n') ? 'default' : formatIp(r.network)).padEnd(15)} ${formatIp(r.via ?? 0).padEnd(15)} ${mask.padEnd(15)} ${flags.padEnd(5)} ${String(r.metric ?? 0).padEnd(6)} 0        0 ${r.device ?? '-'}\n`); // prettier-ignore
  }
  return 0;
};

export const ifconfig: Program = async (process) => {
  const name = process.argv.slice(1).find((a) => !a.startsWith('-'));
  const all = [...process.machine.net.interfaces.values()].filter((i) => name === undefined || i.name === name);
  if (name !== undefined && all.length === 0) {
    await process.printError(`ifconfig: ${name}: error fetching interface information: Device not found\n`);
    return 1;
  }
  for (const iface of all) {
    const loopback = iface.kind === 'loopback';
    const address = iface.addresses[0];
    const inet = loopback ? 'inet addr:127.0.0.1  Mask:255.0.0.0' : address ? `inet addr:${formatIp(address.ip)}  Bcast:${formatIp((address.ip | (address.bits === 32 ? 0 : 0xffffffff >>> address.bits)) >>> 0)}  Mask:${formatIp((-1 << (32 - address.bits)) >>> 0)}` : ''; // prettier-ignore
    await process.print(
      `${iface.name.padEnd(9)} Link encap:${loopback ? 'Local Loopback  ' : `Ethernet  HWaddr ${iface.mac.toUpperCase()}  `}\n` +
        (inet ? `          ${inet}\n` : '') +
        `          ${iface.up ? 'UP ' : ''}${loopback ? 'LOOPBACK' : 'BROADCAST'} RUNNING${loopback ? '' : ' MULTICAST'}  MTU:${iface.mtu}  Metric:1\n\n`,
    );
  }
  return 0;
};
