import type { Program } from '../../process/index.ts';
import { curl } from './curl.ts';
import { dig, getent, host, nslookup } from './dns-tools.ts';
import { arp, ifconfig, ip, route } from './ip-tools.ts';
import { iptables, iptablesSave } from './iptables.ts';
import { ab, hey } from './load.ts';
import { nc, telnet } from './nc.ts';
import { conntrack, ipset, ipvsadm, nft } from './netfilter-tools.ts';
import { ping, traceroute } from './ping.ts';
import { netstat, ss } from './sockets.ts';
import { sysctl } from './sysctl.ts';
import { tcpdump } from './tcpdump.ts';
import { wget } from './wget.ts';

/** Network tools by name: clients, diagnosis, and what configures the kernel. */
export const networkTools: ReadonlyMap<string, Program> = new Map<string, Program>(
  Object.entries({
    ab, arp, conntrack, curl, dig, getent, hey, host, ifconfig, ip, ipset, iptables, 'iptables-save': iptablesSave, ipvsadm, nc, netstat, nft, nslookup, ping,
    route, ss, sysctl, tcpdump, telnet, tracepath: traceroute, traceroute, wget,
  }),
); // prettier-ignore
