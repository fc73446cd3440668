import { furnishCluster } from './cluster-room.ts';
import type { Preset } from './index.ts';

/** One node that is control plane and worker at once. */
export const minikube: Preset = {
  name: 'minikube',
  furnish: (room, options) =>
    furnishCluster(room, options, {
      contextName: 'minikube',
      // NetworkPolicies have no effect until it is started with another one (`minikube start --cni=calico`).
      cni: 'bridge',
      nodes: [
        {
          name: 'minikube',
          ip: '192.168.49.2',
          role: 'control-plane',
          taint: false,
          labels: { 'minikube.k8s.io/primary': 'true' },
        },
      ],
    }),
};
