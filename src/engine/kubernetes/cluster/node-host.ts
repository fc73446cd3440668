import type { Network, NetworkNamespace } from '../../network/index.ts';
import { plugIn, type BridgeNetwork } from '../../network/links.ts';
import { createMachine, type Machine, type Program } from '../../process/index.ts';
import { debian } from '../../runtime/catalogue/bases.ts';
import { buildRootfs, emptyDirectory, program } from '../../runtime/rootfs.ts';
import { FileSystem, type DirectoryNode, type World } from '../../world/index.ts';

let nodeFiles: DirectoryNode | undefined;

/** The files of a kind node: Debian with kubelet, containerd's tools and what kubeadm has written. */
function files(): DirectoryNode {
  return (nodeFiles ??= buildRootfs(debian('bookworm'), {
    '/usr/bin/kubelet': program('kubelet'),
    '/usr/bin/kubeadm': program('kubeadm'),
    '/usr/bin/kubectl': program('kubectl'),
    '/usr/local/bin/crictl': program('crictl'),
    ...networkTools,
    '/etc/kubernetes/manifests': emptyDirectory,
    '/etc/kubernetes/pki': emptyDirectory,
    '/var/lib/kubelet': emptyDirectory,
    '/var/lib/etcd': emptyDirectory,
    '/var/log/containers': emptyDirectory,
    '/var/log/pods': emptyDirectory,
    '/opt/cni/bin': emptyDirectory,
    ...kernelModules,
    '/run/xtables.lock': '',
    '/usr/share/ca-certificates': emptyDirectory,
  }));
}

/** The network tools of the node image. */
const networkTools = Object.fromEntries([
  ...['curl', 'dig', 'nslookup', 'ping', 'ss', 'traceroute', 'wget', 'nc'].map((name) => [
    `/usr/bin/${name}`,
    program(name),
  ]),
  ...['arp', 'conntrack', 'ip', 'ipset', 'iptables', 'iptables-save', 'ipvsadm', 'nft', 'sysctl', 'tcpdump'].map(
    (name) => [`/usr/sbin/${name}`, program(name)],
  ),
]) as Readonly<Record<string, ReturnType<typeof program>>>;

/** What kube-proxy's ipvs mode needs of the kernel. */
const kernelModules = Object.fromEntries(
  [
    'ip_vs',
    'ip_vs_rr',
    'ip_vs_wrr',
    'ip_vs_lc',
    'ip_vs_wlc',
    'ip_vs_sh',
    'ip_vs_dh',
    'ip_vs_sed',
    'ip_vs_nq',
    'ip_vs_mh',
  ].map((name) => [`/lib/modules/6.8.0-51-generic/kernel/net/netfilter/ipvs/${name}.ko`, '']),
);

/** The machine that a node is. */
export function createNodeHost(options: {
  world: World;
  network: Network;
  name: string;
  ip: string;
  programs: ReadonlyMap<string, Program>;
  /** What the node is plugged into; by default the room's LAN. */
  link?: BridgeNetwork;
}): { machine: Machine; net: NetworkNamespace; fs: FileSystem } {
  const { world, network, name, ip, programs, link } = options;
  const net = network.addNamespace(name, link ? [] : [ip]);
  if (link) plugIn(network, link, net, ip);
  network.addName(name, ip);
  const fs = new FileSystem({ now: () => world.clock.now(), root: files() });
  fs.writeFile('/etc/hostname', `${name}\n`);
  fs.writeFile('/etc/resolv.conf', `nameserver ${link?.gateway ?? '172.18.0.1'}\noptions ndots:0\n`);
  fs.writeFile('/etc/hosts', `127.0.0.1\tlocalhost\n${ip}\t${name}\n`);
  world.registerState(`host ${name} files`, () => fs.digest());
  return { machine: createMachine({ world, network, hostname: name, fs, net, programs }), net, fs };
}
