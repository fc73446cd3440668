import { adoptContainer, adoptNetwork, type DockerEngine } from '../../engine/docker/index.ts';
import type { Host } from '../room.ts';

/** The nodes of a kind cluster as containers of the workstation's Docker Engine: stopping one switches it off. */
export function adoptKindNodes(
  engine: DockerEngine,
  cluster: string,
  nodes: readonly { host: Host; ip: string; role: string }[],
): void {
  adoptNetwork(engine, 'kind', '172.18.0.0/16');
  for (const { host, ip, role } of nodes)
    adoptContainer(engine, {
      name: host.name,
      image: 'kindest/node:v1.35.0',
      appliance: host,
      network: 'kind',
      ip,
      argv: ['/usr/local/bin/entrypoint', '/sbin/init'],
      labels: { 'io.x-k8s.kind.cluster': cluster, 'io.x-k8s.kind.role': role },
    });
}
