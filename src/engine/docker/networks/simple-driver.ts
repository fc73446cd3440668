import { AddressInUse, type HttpHandler, type Network, type NetworkNamespace } from '../../network/index.ts';
import { toBytes } from '../../world/index.ts';
import type { DockerNetworkDriver } from './driver.ts';

/** Networks without bridges of their own: every container's address is reachable, host ports forward HTTP. */
export function simpleDriver(network: Network, host: NetworkNamespace): DockerNetworkDriver {
  return {
    createBridge: () => {},
    removeBridge: () => {},
    createNamespace: (id) => network.addNamespace(`docker ${id.slice(0, 12)}`),
    removeNamespace: (namespace) => network.removeNamespace(namespace),
    connect: (namespace, _, ip) => network.assign(namespace, ip),
    disconnect: (namespace, _, ip) => network.release(namespace, ip),
    publish: ({ hostIp, hostPort, ip, containerPort, protocol }) => {
      if (protocol !== 'tcp') return () => {};
      const address = hostIp === '::' || hostIp === '' ? '0.0.0.0' : hostIp;
      if (host.listenerAt(address, hostPort)) throw new AddressInUse(address, hostPort);
      const forward: HttpHandler = (request) => {
        const result = network.connect(host, ip, containerPort);
        const http = result.outcome === 'connected' ? result.listener.server.http : undefined;
        return http
          ? http(request)
          : { status: 502, headers: { 'content-type': 'text/plain' }, body: toBytes('connection reset by peer\n') };
      };
      const listener = host.listen(hostPort, { protocol: 'http', http: forward }, address);
      return () => listener.close();
    },
  };
}
