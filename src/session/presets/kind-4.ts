import { furnishCluster } from './cluster-room.ts';
import { furnishDocker, roomDocker } from './docker-host.ts';
import type { Preset } from './index.ts';
import { adoptKindNodes } from './kind-docker.ts';

const nodes = [
  { name: 'kind-control-plane', ip: '172.18.0.2', role: 'control-plane' },
  { name: 'kind-worker', ip: '172.18.0.3', role: 'worker' },
  { name: 'kind-worker2', ip: '172.18.0.4', role: 'worker' },
  { name: 'kind-worker3', ip: '172.18.0.5', role: 'worker' },
] as const;

/** kind with one control-plane node and three workers, as the recordings were made on. */
export const kind4: Preset = {
  name: 'kind-4',
  furnish: (room, options) => {
    const furniture = furnishCluster(room, options, { contextName: 'kind-kind', nodes });
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
