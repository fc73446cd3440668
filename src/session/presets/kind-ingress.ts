import { furnishCluster } from './cluster-room.ts';
import { furnishDocker, roomDocker } from './docker-host.ts';
import type { Preset } from './index.ts';
import { adoptKindNodes } from './kind-docker.ts';
import { publishNodePorts } from './port-mappings.ts';

const nodes = [
  { name: 'kind-control-plane', ip: '172.18.0.2', role: 'control-plane', labels: { 'ingress-ready': 'true' } },
  { name: 'kind-worker', ip: '172.18.0.3', role: 'worker' },
  { name: 'kind-worker2', ip: '172.18.0.4', role: 'worker' },
] as const;

/** kind as its guide to Ingress has it: ports 80 and 443 of the control plane are those of the workstation. */
export const kindIngress: Preset = {
  name: 'kind-ingress',
  furnish: (room, options) => {
    const furniture = furnishCluster(room, options, { contextName: 'kind-kind', nodes });
    publishNodePorts(room.workstation.machine.net, nodes[0].ip, [
      { hostPort: 80, containerPort: 80 },
      { hostPort: 443, containerPort: 443 },
    ]);
    const engine = furnishDocker(room);
    const hosts = new Map((furniture.hosts ?? []).map((host) => [host.name, host]));
    adoptKindNodes(
      engine,
      'kind',
      nodes.map(({ name, ip, role }) => ({ host: hosts.get(name)!, ip, role })),
    );
    return { ...furniture, docker: roomDocker(engine) };
  },
};
