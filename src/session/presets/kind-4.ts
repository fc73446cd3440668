import { furnishCluster } from './cluster-room.ts';
import type { Preset } from './index.ts';
import { kindDocker } from './kind-docker.ts';

/** kind with one control-plane node and three workers, as the recordings were made on. */
export const kind4: Preset = {
  name: 'kind-4',
  furnish: (room, options) =>
    furnishCluster(room, options, {
      contextName: 'kind-kind',
      nodes: [
        { name: 'kind-control-plane', ip: '172.18.0.2', role: 'control-plane' },
        { name: 'kind-worker', ip: '172.18.0.3', role: 'worker' },
        { name: 'kind-worker2', ip: '172.18.0.4', role: 'worker' },
        { name: 'kind-worker3', ip: '172.18.0.5', role: 'worker' },
      ],
      own: (nodes) => new Map([['docker', kindDocker(nodes)]]),
    }),
};
