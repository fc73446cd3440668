import type { Client } from '../client.ts';
import { kubeProxyConfig } from '../proxy/default-config.ts';
import type { Draft, KubeObject, ResourceRef } from '../types.ts';
import type { ClusterNodeSpec } from '../cluster.ts';

/** What kubeadm and kind leave in a new cluster, apart from the system's Pods. */

function ref(group: string, resource: string, kind: string, namespaced: boolean): ResourceRef {
  return { group, version: 'v1', resource, kind, namespaced };
}

const kinds = {
  ConfigMap: ref('', 'configmaps', 'ConfigMap', true),
  ServiceAccount: ref('', 'serviceaccounts', 'ServiceAccount', true),
  StorageClass: ref('storage.k8s.io', 'storageclasses', 'StorageClass', false),
  CSINode: ref('storage.k8s.io', 'csinodes', 'CSINode', false),
  PriorityClass: ref('scheduling.k8s.io', 'priorityclasses', 'PriorityClass', false),
  Service: ref('', 'services', 'Service', true),
  Node: ref('', 'nodes', 'Node', false),
} as const;

type BootstrapKind = keyof typeof kinds;

export class Bootstrapper {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  create(manager: string, kind: BootstrapKind, object: Record<string, unknown>): KubeObject | undefined {
    return createObject(this.#client, manager, kinds[kind], object);
  }

  /** Objects that the API server and kubeadm make. */
  common(options: {
    ca: string;
    server: string;
    podCIDR: string;
    serviceCIDR: string;
    clusterDNS: string;
    version: string;
  }): void {
    this.#priorityClasses();
    this.#serviceAccounts();
    this.#configMaps(options);
    this.#storageClass();
    this.create('kubeadm', 'Service', {
      metadata: {
        name: 'kube-dns',
        namespace: 'kube-system',
        annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
        labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
      },
      spec: {
        clusterIP: options.clusterDNS,
        clusterIPs: [options.clusterDNS],
        ports: [
          { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
          { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
          { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
        ],
        selector: { 'k8s-app': 'kube-dns' },
        type: 'ClusterIP',
      },
    });
  }

  #priorityClasses(): void {
    for (const [name, value, description] of [
      [
        'system-cluster-critical',
        2_000_000_000,
        'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
      ],
      [
        'system-node-critical',
        2_000_001_000,
        'Used for system critical pods that must not be moved from their current node.',
      ],
    ] as const)
      this.create('kube-apiserver', 'PriorityClass', { metadata: { name }, value, description });
  }

  #serviceAccounts(): void {
    for (const namespace of ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
      this.create('kube-controller-manager', 'ServiceAccount', { metadata: { name: 'default', namespace } });
    for (const name of ['coredns', 'kube-proxy'])
      this.create('kubeadm', 'ServiceAccount', { metadata: { name, namespace: 'kube-system' } });
  }

  #configMaps({
    ca,
    server,
    podCIDR,
    serviceCIDR,
    version,
  }: {
    ca: string;
    server: string;
    podCIDR: string;
    serviceCIDR: string;
    version: string;
  }): void {
    const description =
      'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. ' +
      'No other usage is guaranteed across distributions of Kubernetes clusters.';
    for (const namespace of ['default', 'kube-node-lease', 'kube-public', 'kube-system'])
      this.create('kube-controller-manager', 'ConfigMap', {
        metadata: { name: 'kube-root-ca.crt', namespace, annotations: { 'kubernetes.io/description': description } },
        data: { 'ca.crt': ca },
      });
    this.create('kubeadm', 'ConfigMap', {
      metadata: { name: 'coredns', namespace: 'kube-system' },
      data: { Corefile: corefile },
    });
    this.create('kubeadm', 'ConfigMap', {
      metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
      data: {
        ClusterConfiguration: [
          'apiServer: {}',
          'apiVersion: kubeadm.k8s.io/v1beta4',
          'certificatesDir: /etc/kubernetes/pki',
          'clusterName: kind',
          `controlPlaneEndpoint: ${server}`,
          'etcd:',
          '  local:',
          '    dataDir: /var/lib/etcd',
          'imageRepository: registry.k8s.io',
          'kind: ClusterConfiguration',
          `kubernetesVersion: ${version}`,
          'networking:',
          '  dnsDomain: cluster.local',
          `  podSubnet: ${podCIDR}`,
          `  serviceSubnet: ${serviceCIDR}`,
          '',
        ].join('\n'),
      },
    });
    const kubeconfig = (user: string) =>
      `apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    certificate-authority: /var/run/secrets/kubernetes.io/serviceaccount/ca.crt\n    server: https://${server}\n  name: default\ncontexts:\n- context:\n    cluster: default\n    namespace: default\n    user: ${user}\n  name: default\ncurrent-context: default\nusers:\n- name: ${user}\n  user:\n    tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token\n`;
    this.create('kubeadm', 'ConfigMap', {
      metadata: { name: 'kube-proxy', namespace: 'kube-system', labels: { app: 'kube-proxy' } },
      data: {
        'config.conf': kubeProxyConfig(podCIDR, 'iptables'),
        'kubeconfig.conf': kubeconfig('default'),
      },
    });
    this.create('kubeadm', 'ConfigMap', {
      metadata: { name: 'kubelet-config', namespace: 'kube-system' },
      data: {
        kubelet:
          'apiVersion: kubelet.config.k8s.io/v1beta1\ncgroupDriver: systemd\nclusterDNS:\n- 10.96.0.10\nclusterDomain: cluster.local\nkind: KubeletConfiguration\n',
      },
    });
    const data = base64(ca);
    this.create('kubeadm', 'ConfigMap', {
      metadata: { name: 'cluster-info', namespace: 'kube-public' },
      data: {
        kubeconfig: `apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: ${data}\n    server: https://${server}\n  name: ""\ncontexts: null\ncurrent-context: ""\nkind: Config\nusers: null\n`,
      },
    });
  }

  #storageClass(): void {
    const own = {
      apiVersion: 'storage.k8s.io/v1',
      kind: 'StorageClass',
      metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' }, name: 'standard' },
      provisioner: 'rancher.io/local-path',
      reclaimPolicy: 'Delete',
      volumeBindingMode: 'WaitForFirstConsumer',
    };
    this.create('kubectl-client-side-apply', 'StorageClass', {
      ...own,
      metadata: {
        name: 'standard',
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(own)}\n`,
          'storageclass.kubernetes.io/is-default-class': 'true',
        },
      },
    });
  }

  /** The Node as its kubelet has registered it and kubeadm and the controllers have completed it. */
  node(spec: ClusterNodeSpec, podCIDR: string, provider: string): KubeObject | undefined {
    const controlPlane = spec.role === 'control-plane';
    const roles = {
      'node-role.kubernetes.io/control-plane': '',
      'node.kubernetes.io/exclude-from-external-load-balancers': '',
    };
    const taints = [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }];
    return this.#node(spec, podCIDR, provider, {
      labels: { ...(controlPlane ? roles : undefined), ...spec.labels },
      taints: controlPlane && spec.taint !== false ? taints : undefined,
    });
  }

  /** The Node as a kubelet registers it again after it was deleted: what kubeadm and people gave it is lost. */
  registeredNode(spec: ClusterNodeSpec, podCIDR: string, provider: string): KubeObject | undefined {
    return this.#node(spec, podCIDR, provider, { labels: {}, taints: undefined });
  }

  #node(
    { name }: ClusterNodeSpec,
    podCIDR: string,
    provider: string,
    { labels, taints }: { labels: object; taints: readonly object[] | undefined },
  ): KubeObject | undefined {
    const node = this.create('kubelet', 'Node', {
      metadata: {
        name,
        annotations: {
          'node.alpha.kubernetes.io/ttl': '0',
          'volumes.kubernetes.io/controller-managed-attach-detach': 'true',
        },
        labels: {
          'beta.kubernetes.io/arch': 'amd64',
          'beta.kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          ...labels,
        },
      },
      spec: {
        podCIDR,
        podCIDRs: [podCIDR],
        ...(provider ? { providerID: `${provider}/${name}` } : undefined),
        ...(taints ? { taints } : undefined),
      },
    });
    if (!node) return undefined;
    // The CSINode of the Node before may wait for the garbage collector yet: then it is replaced.
    const csiNodes = this.#client.resource(kinds.CSINode);
    if (csiNodes.get(undefined, name)) csiNodes.delete(undefined, name);
    this.create('kubelet', 'CSINode', {
      metadata: {
        name,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid: node.metadata.uid }],
      },
      spec: { drivers: null },
    });
    return node;
  }
}

/** Creates an object as `manager`; a kind that the server doesn't serve is left out. */
export function createObject(
  client: Client,
  manager: string,
  of: ResourceRef,
  object: Record<string, unknown>,
): KubeObject | undefined {
  const user = manager === 'kube-controller-manager' ? 'system:kube-controller-manager' : 'kubernetes-admin';
  const apiVersion = of.group ? `${of.group}/${of.version}` : of.version;
  return client
    .as({ manager, user })
    .resource(of)
    .create({ apiVersion, kind: of.kind, ...object } as unknown as Draft);
}

function base64(text: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const bytes = new TextEncoder().encode(text);
  let out = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const n = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    const four = alphabet[n >> 18]! + alphabet[(n >> 12) & 63]! + alphabet[(n >> 6) & 63]! + alphabet[n & 63]!;
    const rest = bytes.length - i;
    out += rest >= 3 ? four : four.slice(0, rest + 1).padEnd(4, '=');
  }
  return out;
}

const corefile = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`;
