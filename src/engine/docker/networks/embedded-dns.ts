import { absolute, dnsReply, dnsServer, publicDns, type DnsHandler } from '../../network/dns.ts';
import type { NetworkNamespace } from '../../network/index.ts';
import type { DockerContainer } from '../containers/container.ts';
import { dnsNames } from '../containers/inspect.ts';
import type { DockerEngine } from '../engine.ts';

const address = '127.0.0.11';

/** Listens in a container's namespace for questions about names of its user-defined networks. */
export function serveDns(engine: DockerEngine, container: DockerContainer, namespace: NetworkNamespace): void {
  namespace.listen(53, dnsServer(handler(engine, container)), address);
}

function handler(engine: DockerEngine, container: DockerContainer): DnsHandler {
  const outside = publicDns(engine.network);
  return (query, client) => {
    const name = query.name.replace(/\.$/, '').toLowerCase();
    if (query.qtype === 'PTR') {
      const ip = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name)?.slice(1).reverse().join('.');
      const found = ip && neighbours(engine, container).find((each) => each.ip === ip);
      if (found)
        return dnsReply(query, 'NOERROR', {
          answers: [
            { name: absolute(name), type: 'PTR', ttl: 600, data: absolute(`${found.container.name}.${found.network}`) },
          ],
        });
      return outside(query, client);
    }
    const found = neighbours(engine, container).filter(({ names, network }) =>
      names.some((own) => own.toLowerCase() === name || `${own.toLowerCase()}.${network}` === name),
    );
    if (found.length === 0) return outside(query, client);
    if (query.qtype !== 'A' && query.qtype !== 'ANY') return dnsReply(query, 'NOERROR');
    return dnsReply(query, 'NOERROR', {
      answers: found.map(({ ip }) => ({ name: absolute(name), type: 'A', ttl: 600, data: ip })),
    });
  };
}

interface Neighbour {
  container: DockerContainer;
  network: string;
  ip: string;
  names: readonly string[];
}

/** Running containers that share a user-defined network with it, itself included. */
function neighbours(engine: DockerEngine, container: DockerContainer): Neighbour[] {
  const found: Neighbour[] = [];
  for (const own of container.endpoints.values()) {
    const network = engine.networks.lookup(own.networkName);
    if (!network?.userDefined) continue;
    for (const { container: other, endpoint } of engine.networks.members(network))
      found.push({
        container: other,
        network: network.name,
        ip: endpoint.ip,
        names: dnsNames(other, endpoint.aliases),
      });
  }
  return found;
}
