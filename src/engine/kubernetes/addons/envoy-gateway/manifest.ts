import { toYaml } from '../../../yaml/index.ts';
import { gatewayApiManifest } from '../gateway-api/crds.ts';
import { gatewayGroup } from '../gateway-api/types.ts';
import { systemNamespace } from './infrastructure.ts';

export const envoyGatewayVersion = 'v1.6.0';
export const controllerName = 'gateway.envoyproxy.io/gatewayclass-controller';

type Fields = Record<string, unknown>;

const labels = {
  'app.kubernetes.io/instance': 'eg',
  'app.kubernetes.io/name': 'gateway-helm',
  'control-plane': 'envoy-gateway',
};
const meta = (name: string): Fields => ({ name, namespace: systemNamespace, labels });
const write = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];

/** `install.yaml` of a release: the Gateway API's definitions and the control plane. */
export function envoyGatewayManifest(version = envoyGatewayVersion): string {
  const objects: Fields[] = [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: systemNamespace } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: meta('envoy-gateway') },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: meta('envoy-gateway-config'),
      data: {
        'envoy-gateway.yaml': toYaml({
          apiVersion: 'gateway.envoyproxy.io/v1alpha1',
          gateway: { controllerName },
          kind: 'EnvoyGateway',
          logging: { level: { default: 'info' } },
          provider: { type: 'Kubernetes' },
        }),
      },
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'eg-gateway-helm-envoy-gateway-role', labels },
      rules: [
        {
          apiGroups: [''],
          resources: ['nodes', 'namespaces', 'services', 'secrets', 'configmaps'],
          verbs: ['get', 'list', 'watch'],
        },
        { apiGroups: ['apps'], resources: ['deployments', 'daemonsets'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [gatewayGroup], resources: ['*'], verbs: ['get', 'list', 'watch'] },
        {
          apiGroups: [gatewayGroup],
          resources: ['gatewayclasses/status', 'gateways/status', 'httproutes/status'],
          verbs: ['update'],
        },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'eg-gateway-helm-envoy-gateway-rolebinding', labels },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: 'eg-gateway-helm-envoy-gateway-role',
      },
      subjects: [{ kind: 'ServiceAccount', name: 'envoy-gateway', namespace: systemNamespace }],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: meta('eg-gateway-helm-infra-manager'),
      rules: [
        { apiGroups: [''], resources: ['services', 'serviceaccounts', 'configmaps'], verbs: write },
        { apiGroups: ['apps'], resources: ['deployments', 'daemonsets'], verbs: write },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: meta('eg-gateway-helm-infra-manager'),
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'eg-gateway-helm-infra-manager' },
      subjects: [{ kind: 'ServiceAccount', name: 'envoy-gateway', namespace: systemNamespace }],
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta('envoy-gateway'),
      spec: {
        ports: [
          { name: 'grpc', port: 18_000, targetPort: 18_000 },
          { name: 'ratelimit', port: 18_001, targetPort: 18_001 },
          { name: 'wasm', port: 18_002, targetPort: 18_002 },
          { name: 'metrics', port: 19_001, targetPort: 19_001 },
        ],
        selector: labels,
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: meta('envoy-gateway'),
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            containers: [
              {
                args: ['server', '--config-path=/config/envoy-gateway.yaml'],
                env: [
                  { name: 'ENVOY_GATEWAY_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
                  { name: 'KUBERNETES_CLUSTER_DOMAIN', value: 'cluster.local' },
                ],
                image: `docker.io/envoyproxy/gateway:${version}`,
                imagePullPolicy: 'IfNotPresent',
                livenessProbe: {
                  httpGet: { path: '/healthz', port: 8081 },
                  initialDelaySeconds: 15,
                  periodSeconds: 20,
                },
                name: 'envoy-gateway',
                ports: [
                  { containerPort: 18_000, name: 'grpc' },
                  { containerPort: 19_001, name: 'metrics' },
                ],
                readinessProbe: { httpGet: { path: '/readyz', port: 8081 }, initialDelaySeconds: 5, periodSeconds: 10 },
                resources: { limits: { memory: '1024Mi' }, requests: { cpu: '100m', memory: '256Mi' } },
                volumeMounts: [{ mountPath: '/config', name: 'envoy-gateway-config', readOnly: true }],
              },
            ],
            serviceAccountName: 'envoy-gateway',
            terminationGracePeriodSeconds: 10,
            volumes: [{ configMap: { defaultMode: 420, name: 'envoy-gateway-config' }, name: 'envoy-gateway-config' }],
          },
        },
      },
    },
  ];
  return [gatewayApiManifest(), ...objects.map((object) => toYaml(object))].join('---\n');
}

/** `quickstart.yaml`: a class, a Gateway, and an application behind it. */
export function quickstartManifest(): string {
  const backend = { app: 'backend', version: 'v1' };
  const objects: Fields[] = [
    { apiVersion: `${gatewayGroup}/v1`, kind: 'GatewayClass', metadata: { name: 'eg' }, spec: { controllerName } },
    {
      apiVersion: `${gatewayGroup}/v1`,
      kind: 'Gateway',
      metadata: { name: 'eg' },
      spec: { gatewayClassName: 'eg', listeners: [{ name: 'http', protocol: 'HTTP', port: 80 }] },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'backend' } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'backend', labels: { app: 'backend', service: 'backend' } },
      spec: { ports: [{ name: 'http', port: 3000, targetPort: 3000 }], selector: { app: 'backend' } },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'backend' },
      spec: {
        replicas: 1,
        selector: { matchLabels: backend },
        template: {
          metadata: { labels: backend },
          spec: {
            containers: [
              {
                image: 'docker.io/traefik/whoami:v1.11',
                imagePullPolicy: 'IfNotPresent',
                name: 'backend',
                args: ['--port', '3000', '--name', 'backend'],
                ports: [{ containerPort: 3000 }],
              },
            ],
            serviceAccountName: 'backend',
          },
        },
      },
    },
    {
      apiVersion: `${gatewayGroup}/v1`,
      kind: 'HTTPRoute',
      metadata: { name: 'backend' },
      spec: {
        parentRefs: [{ name: 'eg' }],
        hostnames: ['www.example.com'],
        rules: [
          {
            backendRefs: [{ group: '', kind: 'Service', name: 'backend', port: 3000, weight: 1 }],
            matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          },
        ],
      },
    },
  ];
  return objects.map((object) => toYaml(object)).join('---\n');
}
