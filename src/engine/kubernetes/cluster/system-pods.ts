import { rfc3339, type World } from '../../world/index.ts';
import type { Client } from '../client.ts';
import { refs, type KubeObject, type Pod, type ResourceRef } from '../types.ts';
import { createObject } from './bootstrap.ts';

/** The Pods of kube-system and what owns them, as kubeadm makes them. */

export interface SystemPods {
  world: World;
  client: Client;
  version: string;
  controlPlane: { name: string; ip: string; uid: string };
  /** All nodes, the control plane too. */
  nodes: readonly { name: string }[];
  podCIDR: string;
  serviceCIDR: string;
  /** Runs a Pod that has been created, at once. */
  run(pod: Pod): void;
}

const daemonSets: ResourceRef = {
  group: 'apps',
  version: 'v1',
  resource: 'daemonsets',
  kind: 'DaemonSet',
  namespaced: true,
};

/** Images that every node comes with. */
export function systemImages(version: string): string[] {
  const own = ['kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler'];
  return [
    'registry.k8s.io/coredns/coredns:v1.13.1',
    'registry.k8s.io/etcd:3.6.6-0',
    ...own.map((name) => `registry.k8s.io/${name}:${version}`),
    'registry.k8s.io/pause:3.10.1',
  ];
}

export function createSystemPods(options: SystemPods): void {
  staticPods(options);
  kubeProxy(options);
  coreDNS(options);
}

type Fields = Record<string, unknown>;

function createPod({ client }: SystemPods, manager: string, metadata: Fields, spec: Fields): Pod {
  return createObject(client, manager, refs.pods, { metadata: { namespace: 'kube-system', ...metadata }, spec }) as Pod;
}

function owner(object: KubeObject): Fields {
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true };
}

/** etcd and the control plane's three programs: the kubelet runs them from files and shows them as mirror Pods. */
function staticPods(options: SystemPods): void {
  const { world, controlPlane, version, podCIDR, serviceCIDR } = options;
  const random = world.random.stream('static-pods');
  const { name: host, ip } = controlPlane;
  const kubeconfig = (who: string) => `--kubeconfig=/etc/kubernetes/${who}.conf`;
  const programs: {
    name: string;
    image: string;
    cpu: string;
    memory?: string;
    args: string[];
    probe: [number, string];
  }[] = [
    {
      name: 'etcd',
      image: 'registry.k8s.io/etcd:3.6.6-0',
      cpu: '100m',
      memory: '100Mi',
      args: [
        `--advertise-client-urls=https://${ip}:2379`,
        '--data-dir=/var/lib/etcd',
        `--name=${host}`,
        `--listen-client-urls=https://127.0.0.1:2379,https://${ip}:2379`,
      ],
      probe: [2381, '/readyz'],
    },
    {
      name: 'kube-apiserver',
      image: `registry.k8s.io/kube-apiserver:${version}`,
      cpu: '250m',
      args: [
        `--advertise-address=${ip}`,
        '--allow-privileged=true',
        '--authorization-mode=Node,RBAC',
        '--enable-admission-plugins=NodeRestriction',
        '--etcd-servers=https://127.0.0.1:2379',
        '--secure-port=6443',
        `--service-cluster-ip-range=${serviceCIDR}`,
      ],
      probe: [6443, '/livez'],
    },
    {
      name: 'kube-controller-manager',
      image: `registry.k8s.io/kube-controller-manager:${version}`,
      cpu: '200m',
      args: [
        '--allocate-node-cidrs=true',
        '--bind-address=127.0.0.1',
        `--cluster-cidr=${podCIDR}`,
        '--cluster-name=kind',
        '--controllers=*,bootstrapsigner,tokencleaner',
        kubeconfig('controller-manager'),
        '--leader-elect=true',
        '--use-service-account-credentials=true',
      ],
      probe: [10257, '/healthz'],
    },
    {
      name: 'kube-scheduler',
      image: `registry.k8s.io/kube-scheduler:${version}`,
      cpu: '100m',
      args: ['--bind-address=127.0.0.1', kubeconfig('scheduler'), '--leader-elect=true'],
      probe: [10259, '/livez'],
    },
  ];
  for (const { name, image, cpu, memory, args } of programs) {
    const hash = random.hex(32);
    const pod = createPod(
      options,
      'kubelet',
      {
        name: `${name}-${host}`,
        labels: { component: name, tier: 'control-plane' },
        annotations: {
          'kubernetes.io/config.hash': hash,
          'kubernetes.io/config.mirror': hash,
          'kubernetes.io/config.seen': rfc3339(world.clock.now()),
          'kubernetes.io/config.source': 'file',
        },
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: host, uid: controlPlane.uid, controller: true }],
      },
      {
        containers: [
          {
            name,
            image,
            command: [name, ...args],
            imagePullPolicy: 'IfNotPresent',
            resources: { requests: { cpu, ...(memory ? { memory } : undefined) } },
          },
        ],
        hostNetwork: true,
        nodeName: host,
        priorityClassName: 'system-node-critical',
        securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
        automountServiceAccountToken: false,
        tolerations: [{ effect: 'NoExecute', operator: 'Exists' }],
        enableServiceLinks: true,
      },
    );
    options.run(pod);
  }
}

function kubeProxy(options: SystemPods): void {
  const { client, world, version, nodes } = options;
  const template = {
    metadata: { labels: { 'k8s-app': 'kube-proxy' } },
    spec: {
      containers: [
        {
          name: 'kube-proxy',
          image: `registry.k8s.io/kube-proxy:${version}`,
          command: [
            '/usr/local/bin/kube-proxy',
            '--config=/var/lib/kube-proxy/config.conf',
            '--hostname-override=$(NODE_NAME)',
          ],
          env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { apiVersion: 'v1', fieldPath: 'spec.nodeName' } } }],
          imagePullPolicy: 'IfNotPresent',
          securityContext: { privileged: true },
          volumeMounts: [
            { mountPath: '/var/lib/kube-proxy', name: 'kube-proxy' },
            { mountPath: '/run/xtables.lock', name: 'xtables-lock' },
            { mountPath: '/lib/modules', name: 'lib-modules', readOnly: true },
          ],
        },
      ],
      hostNetwork: true,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      priorityClassName: 'system-node-critical',
      serviceAccountName: 'kube-proxy',
      tolerations: [{ operator: 'Exists' }],
      volumes: [
        { name: 'kube-proxy', configMap: { name: 'kube-proxy', defaultMode: 420 } },
        { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
        { name: 'lib-modules', hostPath: { path: '/lib/modules', type: '' } },
      ],
    },
  };
  const set = createObject(client, 'kubeadm', daemonSets, {
    metadata: { name: 'kube-proxy', namespace: 'kube-system', labels: { 'k8s-app': 'kube-proxy' } },
    spec: {
      selector: { matchLabels: { 'k8s-app': 'kube-proxy' } },
      template,
      updateStrategy: { type: 'RollingUpdate' },
    },
  });
  if (!set) return;
  const random = world.random.stream('system-pods');
  for (const node of nodes) {
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node.name] }] }],
        },
      },
    };
    const pod = createPod(
      options,
      'kube-controller-manager',
      {
        name: `kube-proxy-${suffix(random)}`,
        generateName: 'kube-proxy-',
        labels: { 'controller-revision-hash': '5747b7fc66', 'k8s-app': 'kube-proxy', 'pod-template-generation': '1' },
        ownerReferences: [owner(set)],
      },
      { ...template.spec, affinity, nodeName: node.name },
    );
    options.run(pod);
  }
  const n = nodes.length;
  const status = {
    currentNumberScheduled: n,
    desiredNumberScheduled: n,
    numberAvailable: n,
    numberMisscheduled: 0,
    numberReady: n,
    observedGeneration: 1,
    updatedNumberScheduled: n,
  };
  setStatus(client, daemonSets, set, status);
}

function coreDNS(options: SystemPods): void {
  const { client, world, controlPlane } = options;
  const hash = '7d764666f9';
  const podSpec = {
    containers: [
      {
        name: 'coredns',
        image: 'registry.k8s.io/coredns/coredns:v1.13.1',
        imagePullPolicy: 'IfNotPresent',
        args: ['-conf', '/etc/coredns/Corefile'],
        ports: [
          { containerPort: 53, name: 'dns', protocol: 'UDP' },
          { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
          { containerPort: 9153, name: 'metrics', protocol: 'TCP' },
          { containerPort: 8080, name: 'liveness-probe', protocol: 'TCP' },
          { containerPort: 8181, name: 'readiness-probe', protocol: 'TCP' },
        ],
        livenessProbe: {
          failureThreshold: 5,
          httpGet: { path: '/health', port: 'liveness-probe', scheme: 'HTTP' },
          initialDelaySeconds: 60,
          periodSeconds: 10,
          successThreshold: 1,
          timeoutSeconds: 5,
        },
        readinessProbe: {
          failureThreshold: 3,
          httpGet: { path: '/ready', port: 'readiness-probe', scheme: 'HTTP' },
          periodSeconds: 10,
          successThreshold: 1,
          timeoutSeconds: 1,
        },
        resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        },
        volumeMounts: [{ mountPath: '/etc/coredns', name: 'config-volume', readOnly: true }],
      },
    ],
    dnsPolicy: 'Default',
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    priorityClassName: 'system-cluster-critical',
    serviceAccountName: 'coredns',
    tolerations: [
      { key: 'CriticalAddonsOnly', operator: 'Exists' },
      { effect: 'NoSchedule', key: 'node-role.kubernetes.io/control-plane' },
    ],
    volumes: [
      {
        configMap: { defaultMode: 420, items: [{ key: 'Corefile', path: 'Corefile' }], name: 'coredns' },
        name: 'config-volume',
      },
    ],
  };
  const labels = { 'k8s-app': 'kube-dns' };
  const deployment = createObject(client, 'kubeadm', refs.deployments, {
    metadata: {
      name: 'coredns',
      namespace: 'kube-system',
      labels,
      annotations: { 'deployment.kubernetes.io/revision': '1' },
    },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 1 } },
      template: { metadata: { labels }, spec: podSpec },
    },
  })!;
  const hashed = { ...labels, 'pod-template-hash': hash };
  const set = createObject(client, 'kube-controller-manager', refs.replicaSets, {
    metadata: {
      name: `coredns-${hash}`,
      namespace: 'kube-system',
      labels: hashed,
      annotations: {
        'deployment.kubernetes.io/desired-replicas': '2',
        'deployment.kubernetes.io/max-replicas': '3',
        'deployment.kubernetes.io/revision': '1',
      },
      ownerReferences: [owner(deployment)],
    },
    spec: { replicas: 2, selector: { matchLabels: hashed }, template: { metadata: { labels: hashed }, spec: podSpec } },
  })!;
  const random = world.random.stream('system-pods');
  for (let i = 0; i < 2; i++) {
    const pod = createPod(
      options,
      'kube-controller-manager',
      {
        name: `coredns-${hash}-${suffix(random)}`,
        generateName: `coredns-${hash}-`,
        labels: hashed,
        ownerReferences: [owner(set)],
      },
      { ...podSpec, nodeName: controlPlane.name },
    );
    options.run(pod);
  }
  const now = rfc3339(world.clock.now());
  setStatus(client, refs.replicaSets as ResourceRef, set, {
    availableReplicas: 2,
    fullyLabeledReplicas: 2,
    observedGeneration: 1,
    readyReplicas: 2,
    replicas: 2,
  });
  setStatus(client, refs.deployments as ResourceRef, deployment, {
    availableReplicas: 2,
    conditions: [
      {
        lastTransitionTime: now,
        lastUpdateTime: now,
        message: 'Deployment has minimum availability.',
        reason: 'MinimumReplicasAvailable',
        status: 'True',
        type: 'Available',
      },
      {
        lastTransitionTime: now,
        lastUpdateTime: now,
        message: `ReplicaSet "coredns-${hash}" has successfully progressed.`,
        reason: 'NewReplicaSetAvailable',
        status: 'True',
        type: 'Progressing',
      },
    ],
    observedGeneration: 1,
    readyReplicas: 2,
    replicas: 2,
    updatedReplicas: 2,
  });
}

function setStatus(client: Client, of: ResourceRef, object: KubeObject, status: Fields): void {
  const resource = client
    .as({ manager: 'kube-controller-manager', user: 'system:kube-controller-manager' })
    .resource(of);
  const stored = resource.get(object.metadata.namespace, object.metadata.name);
  if (stored) resource.update({ ...stored, status } as KubeObject, 'status');
}

const characters = 'bcdfghjklmnpqrstvwxz2456789';

function suffix(random: { int(bound: number): number }): string {
  return Array.from({ length: 5 }, () => characters[random.int(characters.length)]!).join('');
}
