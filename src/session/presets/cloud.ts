import { furnishCluster } from './cluster-room.ts';
import type { Preset } from './index.ts';

/** A cluster at a cloud provider: Services of type LoadBalancer get addresses that the workstation reaches. */
export const cloud: Preset = {
  name: 'cloud',
  furnish: (room, options) =>
    furnishCluster(room, options, {
      contextName: 'cloud',
      server: 'https://203.0.113.254:6443',
      provider: 'cloud://region-1',
      cloud: { address: '203.0.113.254', pool: '203.0.113.0/25' },
      nodes: [
        { name: 'control-plane-1', ip: '10.0.0.10', role: 'control-plane' },
        ...['a', 'b', 'c'].map((zone, i) => ({
          name: `worker-${i + 1}`,
          ip: `10.0.0.${11 + i}`,
          role: 'worker' as const,
          labels: { 'topology.kubernetes.io/region': 'region-1', 'topology.kubernetes.io/zone': `region-1${zone}` },
        })),
      ],
    }),
};
