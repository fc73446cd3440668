import { createApiServer } from '../../engine/kubernetes/apiserver/server.ts';
import { controllers, startControllers } from '../../engine/kubernetes/controllers/index.ts';
import { refs, type Node } from '../../engine/kubernetes/types.ts';
import type { Draft } from '../../engine/kubernetes/types.ts';
import { caCertificate, caKey } from '../certificates.ts';
import { kubeconfigText } from '../kubeconfig.ts';
import { adminTokens, roomCluster } from './cluster-room.ts';
import type { Preset } from './index.ts';

const resources = { cpu: '8', memory: '16000Mi', pods: '110' };

const absent = new Set([
  'node-ipam-controller',
  'node-lifecycle-controller',
  'taint-eviction-controller',
  'pod-garbage-collector-controller',
  'local-path-provisioner',
]);

/** API server and controllers, no scheduler, no kubelet, one ready Node object: for tests of the protocol. */
export const bareApiserver: Preset = {
  name: 'bare-apiserver',
  furnish: ({ world, workstation }, { runtimeConfig }) => {
    const server = createApiServer({ world, tokens: adminTokens, ...(runtimeConfig && { runtimeConfig }) });
    const client = server.client({ manager: 'kubeadm', user: 'kubernetes-admin' });
    const node: Draft<Node> = {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: '127.0.0.1' },
      spec: {},
      status: {},
    };
    const created = client.resource(refs.nodes).create(node);
    const now = world.clock.timestamp();
    const ready = {
      type: 'Ready',
      status: 'True' as const,
      reason: 'KubeletReady',
      message: 'kubelet is posting ready status',
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    };
    // Nobody takes away the taint that admission gives to new Nodes.
    const untainted = client.resource(refs.nodes).update({ ...created, spec: {} });
    client.resource(refs.nodes).update(
      {
        ...untainted,
        status: {
          addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
          capacity: resources,
          allocatable: resources,
          conditions: [ready],
        },
      },
      'status',
    );
    // Nobody renews the Node's lease here, so node life cycle and eviction stay off; no Node runs Pods or has disks.
    const names = controllers.map(({ name }) => name).filter((name) => !absent.has(name));
    startControllers({
      world,
      client,
      names,
      rootCA: caCertificate,
      rootKey: caKey,
      clusterCIDR: '10.244.0.0/16',
      resources: () => server.core.resources(),
      onResourcesChange: (listener) => server.core.onResourcesChange(listener),
    });
    workstation.install(['kubectl']);
    workstation.writeKubeconfig(kubeconfigText('https://127.0.0.1:6443', 'bare'));
    workstation.machine.net.listen(6443, { protocol: 'https', http: server.handle });
    return { cluster: roomCluster(server, 'bare') };
  },
};
