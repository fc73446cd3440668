/** The manifest that metrics-server's releases come with. */
export const metricsServerVersion = 'v0.8.1';

export interface ManifestOptions {
  version?: string;
  /** More arguments, e.g. `--kubelet-insecure-tls`. */
  args?: readonly string[];
}

const labels = 'k8s-app: metrics-server';

const head = (apiVersion: string, kind: string, name: string, namespaced: boolean, more: readonly string[] = []) =>
  [
    `apiVersion: ${apiVersion}`,
    `kind: ${kind}`,
    'metadata:',
    '  labels:',
    `    ${labels}`,
    ...more.map((line) => `    ${line}`),
    `  name: ${name}`,
    ...(namespaced ? ['  namespace: kube-system'] : []),
  ].join('\n');

const aggregated = ['admin', 'edit', 'view'].map((role) => `rbac.authorization.k8s.io/aggregate-to-${role}: "true"`);

const subjects = 'subjects:\n- kind: ServiceAccount\n  name: metrics-server\n  namespace: kube-system';

const bound = (kind: string, role: string) =>
  `roleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ${kind}\n  name: ${role}\n${subjects}`;

/** `components.yaml` of a release; with `args`, as people edit it for clusters like kind's. */
export function metricsServerManifest({ version = metricsServerVersion, args = [] }: ManifestOptions = {}): string {
  const rbac = 'rbac.authorization.k8s.io/v1';
  return (
    [
      head('v1', 'ServiceAccount', 'metrics-server', true),
      `${head(rbac, 'ClusterRole', 'system:aggregated-metrics-reader', false, aggregated)}
rules:
- apiGroups:
  - metrics.k8s.io
  resources:
  - pods
  - nodes
  verbs:
  - get
  - list
  - watch`,
      `${head(rbac, 'ClusterRole', 'system:metrics-server', false)}
rules:
- apiGroups:
  - ""
  resources:
  - nodes/metrics
  verbs:
  - get
- apiGroups:
  - ""
  resources:
  - pods
  - nodes
  verbs:
  - get
  - list
  - watch`,
      `${head(rbac, 'RoleBinding', 'metrics-server-auth-reader', true)}
${bound('Role', 'extension-apiserver-authentication-reader')}`,
      `${head(rbac, 'ClusterRoleBinding', 'metrics-server:system:auth-delegator', false)}
${bound('ClusterRole', 'system:auth-delegator')}`,
      `${head(rbac, 'ClusterRoleBinding', 'system:metrics-server', false)}
${bound('ClusterRole', 'system:metrics-server')}`,
      `${head('v1', 'Service', 'metrics-server', true)}
spec:
  ports:
  - appProtocol: https
    name: https
    port: 443
    protocol: TCP
    targetPort: https
  selector:
    ${labels}`,
      deployment(version, args),
      `${head('apiregistration.k8s.io/v1', 'APIService', 'v1beta1.metrics.k8s.io', false)}
spec:
  group: metrics.k8s.io
  groupPriorityMinimum: 100
  insecureSkipTLSVerify: true
  service:
    name: metrics-server
    namespace: kube-system
  version: v1beta1
  versionPriority: 100`,
    ].join('\n---\n') + '\n'
  );
}

function deployment(version: string, args: readonly string[]): string {
  const all = [
    '--cert-dir=/tmp',
    '--secure-port=10250',
    '--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname',
    '--kubelet-use-node-status-port',
    '--metric-resolution=15s',
    ...args,
  ];
  const probe = (kind: string, path: string, delay: string) => `        ${kind}Probe:
          failureThreshold: 3
          httpGet:
            path: ${path}
            port: https
            scheme: HTTPS
${delay}          periodSeconds: 10`;
  return `${head('apps/v1', 'Deployment', 'metrics-server', true)}
spec:
  selector:
    matchLabels:
      ${labels}
  strategy:
    rollingUpdate:
      maxUnavailable: 0
  template:
    metadata:
      labels:
        ${labels}
    spec:
      containers:
      - args:
${all.map((arg) => `        - ${arg}`).join('\n')}
        image: registry.k8s.io/metrics-server/metrics-server:${version}
        imagePullPolicy: IfNotPresent
${probe('liveness', '/livez', '')}
        name: metrics-server
        ports:
        - containerPort: 10250
          name: https
          protocol: TCP
${probe('readiness', '/readyz', '          initialDelaySeconds: 20\n')}
        resources:
          requests:
            cpu: 100m
            memory: 200Mi
        securityContext:
          allowPrivilegeEscalation: false
          capabilities:
            drop:
            - ALL
          readOnlyRootFilesystem: true
          runAsNonRoot: true
          runAsUser: 1000
          seccompProfile:
            type: RuntimeDefault
        volumeMounts:
        - mountPath: /tmp
          name: tmp-dir
      nodeSelector:
        kubernetes.io/os: linux
      priorityClassName: system-cluster-critical
      serviceAccountName: metrics-server
      volumes:
      - emptyDir: {}
        name: tmp-dir`;
}
