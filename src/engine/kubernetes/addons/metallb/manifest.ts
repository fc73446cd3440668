import { toYaml } from '../../../yaml/index.ts';
import { metallbNamespace } from './types.ts';

export const metallbVersion = 'v0.15.3';

type Fields = Record<string, unknown>;

const labels = (component: string): Fields => ({ app: 'metallb', component });
const strings: Fields = { type: 'array', items: { type: 'string' } };
const selector: Fields = {
  type: 'object',
  properties: {
    matchExpressions: {
      type: 'array',
      items: {
        type: 'object',
        properties: { key: { type: 'string' }, operator: { type: 'string' }, values: strings },
        required: ['key', 'operator'],
      },
    },
    matchLabels: { type: 'object', additionalProperties: { type: 'string' } },
  },
};
const selectors: Fields = { type: 'array', items: selector };

interface Definition {
  kind: string;
  spec: Fields;
  required?: string[];
  specRequired?: string[];
  columns: { name: string; jsonPath: string; type: string; priority?: number }[];
}

const definitions: readonly Definition[] = [
  {
    kind: 'IPAddressPool',
    required: ['spec'],
    specRequired: ['addresses'],
    spec: {
      addresses: strings,
      autoAssign: { type: 'boolean', default: true },
      avoidBuggyIPs: { type: 'boolean', default: false },
      serviceAllocation: {
        type: 'object',
        properties: {
          namespaceSelectors: selectors,
          namespaces: strings,
          priority: { type: 'integer' },
          serviceSelectors: selectors,
        },
      },
    },
    columns: [
      { name: 'Auto Assign', jsonPath: '.spec.autoAssign', type: 'boolean' },
      { name: 'Avoid Buggy IPs', jsonPath: '.spec.avoidBuggyIPs', type: 'boolean' },
      { name: 'Addresses', jsonPath: '.spec.addresses', type: 'string' },
    ],
  },
  {
    kind: 'L2Advertisement',
    spec: { interfaces: strings, ipAddressPoolSelectors: selectors, ipAddressPools: strings, nodeSelectors: selectors },
    columns: [
      { name: 'IPAddressPools', jsonPath: '.spec.ipAddressPools', type: 'string' },
      { name: 'IPAddressPool Selectors', jsonPath: '.spec.ipAddressPoolSelectors', type: 'string' },
      { name: 'Interfaces', jsonPath: '.spec.interfaces', type: 'string' },
      { name: 'Node Selectors', jsonPath: '.spec.nodeSelectors', type: 'string', priority: 10 },
    ],
  },
];

/** `metallb-native.yaml` of a release, as far as layer 2 goes. */
export function metallbManifest(version = metallbVersion): string {
  const objects: Fields[] = [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        labels: Object.fromEntries(
          ['audit', 'enforce', 'warn'].map((mode) => [`pod-security.kubernetes.io/${mode}`, 'privileged']),
        ),
        name: metallbNamespace,
      },
    },
    ...definitions.map(resourceDefinition),
    ...['controller', 'speaker'].flatMap(access),
    webhookService(),
    controller(version),
    speaker(version),
    webhooks(),
  ];
  return objects.map((object) => toYaml(object)).join('---\n');
}

function resourceDefinition({ kind, spec, columns, required, specRequired }: Definition): Fields {
  const singular = kind.toLowerCase();
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${singular}s.metallb.io` },
    spec: {
      group: 'metallb.io',
      names: { kind, listKind: `${kind}List`, plural: `${singular}s`, singular },
      scope: 'Namespaced',
      versions: [
        {
          additionalPrinterColumns: columns,
          name: 'v1beta1',
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                spec: { type: 'object', properties: spec, ...(specRequired ? { required: specRequired } : {}) },
                status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
              ...(required ? { required } : {}),
            },
          },
          served: true,
          storage: true,
          subresources: { status: {} },
        },
      ],
    },
  };
}

function access(who: string): Fields[] {
  const name = `metallb-system:${who}`;
  const rbac = 'rbac.authorization.k8s.io';
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { labels: { app: 'metallb' }, name: who, namespace: metallbNamespace },
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { labels: { app: 'metallb' }, name },
      rules: [
        { apiGroups: [''], resources: ['services', 'namespaces', 'nodes', 'secrets'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: ['metallb.io'], resources: ['*'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['events'], verbs: ['create', 'patch'] },
        ...(who === 'controller'
          ? [{ apiGroups: [''], resources: ['services', 'services/status'], verbs: ['update', 'patch'] }]
          : []),
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { labels: { app: 'metallb' }, name },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name: who, namespace: metallbNamespace }],
    },
  ];
}

function webhookService(): Fields {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'metallb-webhook-service', namespace: metallbNamespace },
    spec: { ports: [{ port: 443, targetPort: 9443 }], selector: { component: 'controller' } },
  };
}

function probes(port: string): Fields {
  const probe = { failureThreshold: 3, httpGet: { path: '/metrics', port }, initialDelaySeconds: 10, periodSeconds: 10, successThreshold: 1, timeoutSeconds: 1 }; // prettier-ignore
  return { livenessProbe: probe, readinessProbe: probe };
}

function controller(version: string): Fields {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { labels: labels('controller'), name: 'controller', namespace: metallbNamespace },
    spec: {
      revisionHistoryLimit: 3,
      selector: { matchLabels: labels('controller') },
      template: {
        metadata: { labels: labels('controller') },
        spec: {
          containers: [
            {
              args: ['--port=7472', '--log-level=info', '--tls-min-version=VersionTLS12'],
              env: [{ name: 'METALLB_DEPLOYMENT', value: 'controller' }],
              image: `quay.io/metallb/controller:${version}`,
              name: 'controller',
              ports: [
                { containerPort: 7472, name: 'monitoring' },
                { containerPort: 9443, name: 'webhook-server', protocol: 'TCP' },
              ],
              ...probes('monitoring'),
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['all'] },
                readOnlyRootFilesystem: true,
              },
            },
          ],
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          securityContext: { fsGroup: 65_534, runAsNonRoot: true, runAsUser: 65_534 },
          serviceAccountName: 'controller',
          terminationGracePeriodSeconds: 0,
        },
      },
    },
  };
}

function speaker(version: string): Fields {
  const field = (name: string, fieldPath: string): Fields => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { labels: labels('speaker'), name: 'speaker', namespace: metallbNamespace },
    spec: {
      selector: { matchLabels: labels('speaker') },
      template: {
        metadata: { labels: labels('speaker') },
        spec: {
          containers: [
            {
              args: ['--port=7472', '--log-level=info'],
              env: [
                field('METALLB_NODE_NAME', 'spec.nodeName'),
                field('METALLB_POD_NAME', 'metadata.name'),
                field('METALLB_HOST', 'status.hostIP'),
                field('METALLB_ML_BIND_ADDR', 'status.podIP'),
                { name: 'METALLB_ML_LABELS', value: 'app=metallb,component=speaker' },
              ],
              image: `quay.io/metallb/speaker:${version}`,
              name: 'speaker',
              ports: [
                { containerPort: 7472, name: 'monitoring' },
                { containerPort: 7946, name: 'memberlist-tcp' },
                { containerPort: 7946, name: 'memberlist-udp', protocol: 'UDP' },
              ],
              ...probes('monitoring'),
              securityContext: { allowPrivilegeEscalation: false, capabilities: { add: ['NET_RAW'], drop: ['ALL'] }, readOnlyRootFilesystem: true }, // prettier-ignore
            },
          ],
          hostNetwork: true,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          serviceAccountName: 'speaker',
          terminationGracePeriodSeconds: 2,
          tolerations: ['master', 'control-plane'].map((role) => ({
            effect: 'NoSchedule',
            key: `node-role.kubernetes.io/${role}`,
            operator: 'Exists',
          })),
        },
      },
    },
  };
}

function webhooks(): Fields {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'metallb-webhook-configuration' },
    webhooks: definitions.map(({ kind }) => {
      const singular = kind.toLowerCase();
      return {
        admissionReviewVersions: ['v1'],
        clientConfig: {
          service: {
            name: 'metallb-webhook-service',
            namespace: metallbNamespace,
            path: `/validate-metallb-io-v1beta1-${singular}`,
          },
        },
        failurePolicy: 'Fail',
        name: `${singular}validationwebhook.metallb.io`,
        rules: [
          {
            apiGroups: ['metallb.io'],
            apiVersions: ['v1beta1'],
            operations: ['CREATE', 'UPDATE'],
            resources: [`${singular}s`],
          },
        ],
        sideEffects: 'None',
      };
    }),
  };
}
