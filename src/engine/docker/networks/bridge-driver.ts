import { parseCidr, parseIp as addressNumber } from '../../network/address.ts';
import type { HttpHandler, Listener, Network, NetworkNamespace, Server } from '../../network/index.ts';
import { createBridge, plugIn, type BridgeNetwork } from '../../network/links.ts';
import { rule, type Rule } from '../../network/netfilter/rule.ts';
import type { DockerNetworkDriver } from './driver.ts';
import type { DockerNetwork } from './network.ts';

const isolation = ['DOCKER-ISOLATION-STAGE-1', 'DOCKER-ISOLATION-STAGE-2'] as const;

/** Docker's networks as Linux bridges with netfilter rules: isolated from each other, ports published by DNAT. */
export function bridgeDriver(network: Network, host: NetworkNamespace): DockerNetworkDriver {
  const bridges = new Map<string, BridgeNetwork>();
  const { netfilter } = host;
  const filter = () => netfilter.iptables('filter');
  const nat = () => netfilter.iptables('nat');
  let prepared = false;

  /** The chains that Docker adds once. */
  const prepare = () => {
    if (prepared) return;
    prepared = true;
    const forward = filter().chain('FORWARD');
    forward.rules = [rule({}, { kind: 'jump', chain: isolation[0] }), ...forward.rules];
    const local = { addressType: { value: { side: 'destination', type: 'LOCAL' } } } as const;
    const prerouting = nat().chain('PREROUTING');
    prerouting.rules = [...prerouting.rules, rule(local, { kind: 'jump', chain: 'DOCKER' })];
    const output = nat().chain('OUTPUT');
    const loopback = { destination: { value: parseCidr('127.0.0.0/8'), not: true } } as const;
    output.rules = [...output.rules, rule({ ...loopback, ...local }, { kind: 'jump', chain: 'DOCKER' })];
  };

  const deviceOf = ({ id, options, name }: DockerNetwork) =>
    options['com.docker.network.bridge.name'] ?? (name === 'bridge' ? 'docker0' : `br-${id.slice(0, 12)}`);

  const without = (rules: readonly Rule[], device: string) =>
    rules.filter(({ match }) => match.in?.value !== device && match.out?.value !== device);

  return {
    createBridge: (docker) => {
      if (!docker.pool) return;
      prepare();
      const device = deviceOf(docker);
      bridges.set(docker.id, createBridge(host, device, `${docker.gateway}/${docker.bits}`));
      const [first, second] = isolation.map((name) => filter().chain(name));
      const leaves = { in: { value: device }, out: { value: device, not: true } } as const;
      first!.rules = [
        ...first!.rules,
        rule(leaves, docker.internal ? { kind: 'drop' } : { kind: 'jump', chain: isolation[1] }),
      ];
      second!.rules = [...second!.rules, rule({ out: { value: device } }, { kind: 'drop' })];
      netfilter.changed();
    },
    removeBridge: (docker) => {
      const bridge = bridges.get(docker.id);
      if (!bridge) return;
      bridges.delete(docker.id);
      const device = deviceOf(docker);
      for (const chain of [filter().chain(isolation[0]), filter().chain(isolation[1]), nat().chain('POSTROUTING')])
        chain.rules = without(chain.rules, device);
      host.removeInterface(bridge.bridge);
      netfilter.changed();
    },
    createNamespace: (id) => network.addNamespace(`docker ${id.slice(0, 12)}`),
    removeNamespace: (namespace) => {
      for (const device of [...namespace.interfaces.values()])
        if (device.kind === 'veth') namespace.removeInterface(device);
      network.removeNamespace(namespace);
    },
    connect: (namespace, docker, ip, mac) => {
      const bridge = bridges.get(docker.id);
      if (!bridge) return;
      let n = 0;
      while (namespace.interfaces.has(`eth${n}`)) n++;
      plugIn(network, bridge, namespace, ip, { device: `eth${n}`, mac });
    },
    disconnect: (namespace, docker, ip) => {
      const device = namespace.interfaceOf(addressNumber(ip));
      if (!device) return;
      namespace.removeInterface(device);
      const [next] = [...namespace.interfaces.values()].filter((other) => other.kind === 'veth');
      const way = next && [...bridges.values()].find(({ bridge }) => bridge === next.peer?.master);
      if (next && way && !namespace.route(addressNumber('192.0.2.1')))
        namespace.addRoute('default', { via: way.gateway, device: next.name });
      void docker;
    },
    publish: ({ hostIp, hostPort, ip, containerPort, protocol, namespace, gateway }) => {
      const udp = protocol === 'udp';
      const target = () => namespace.listenerAt(ip, containerPort, udp)?.server;
      const proxy: Listener = host.listen(
        hostPort,
        proxyServer(target, udp, gateway),
        hostIp === '::' ? '0.0.0.0' : hostIp,
        {
          pid: 0,
          name: 'docker-proxy',
        },
      );
      const dnat = rule(
        {
          protocol: { value: udp ? 'udp' : 'tcp' },
          ...(hostIp === '0.0.0.0' || hostIp === '::' ? {} : { destination: { value: parseCidr(`${hostIp}/32`) } }),
          destinationPort: { value: { from: hostPort, to: hostPort } },
        },
        { kind: 'dnat', ip: addressNumber(ip), port: containerPort },
      );
      const chain = nat().chain('DOCKER');
      chain.rules = [...chain.rules, dnat];
      netfilter.changed();
      return () => {
        proxy.close();
        chain.rules = chain.rules.filter((other) => other !== dnat);
        netfilter.changed();
      };
    },
  };
}

/** docker-proxy: connections to loopback addresses don't pass netfilter; it hands them on, as from the bridge. */
function proxyServer(target: () => Server | undefined, udp: boolean, gateway: string): Server {
  const server: Server = {
    get protocol() {
      return udp ? 'udp' : (target()?.protocol ?? 'tcp');
    },
    get http(): HttpHandler | undefined {
      const http = target()?.http;
      return http && ((request) => http({ ...request, peer: { ...request.peer, address: gateway } }));
    },
    get accept(): Server['accept'] {
      const accept = target()?.accept;
      return accept && ((connection, peer, cancel) => accept(connection, { ...peer, address: gateway }, cancel));
    },
    get datagram(): Server['datagram'] {
      const datagram = target()?.datagram;
      return datagram && ((data, peer) => datagram(data, { ...peer, address: gateway }));
    },
  } as Server;
  return server;
}
