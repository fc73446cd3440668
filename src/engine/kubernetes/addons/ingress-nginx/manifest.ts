import { toYaml } from '../../../yaml/index.ts';

/** The manifest by which people install the controller, as its releases have it for kind and for clouds. */

export const controllerVersion = 'v1.14.1';

/** Images of the admission jobs are released apart from the controller. */
const certgen = 'registry.k8s.io/ingress-nginx/kube-webhook-certgen:v1.6.5';

export interface IngressNginxOptions {
  provider: 'kind' | 'cloud' | 'baremetal';
  version?: string;
}

const namespace = 'ingress-nginx';
const name = 'ingress-nginx-controller';
const admission = 'ingress-nginx-admission';
const selector = {
  'app.kubernetes.io/component': 'controller',
  'app.kubernetes.io/instance': namespace,
  'app.kubernetes.io/name': namespace,
};

type Fields = Record<string, unknown>;

export function ingressNginxManifest({ provider, version = controllerVersion }: IngressNginxOptions): string {
  const documents = [
    ...common(version),
    ...services(version, provider),
    controller(version, provider),
    ...jobs(version),
  ];
  return documents.map((document) => toYaml(document)).join('---\n');
}

function meta(version: string, component: string | undefined, more: Fields): Fields {
  const labels = {
    ...(component ? { 'app.kubernetes.io/component': component } : undefined),
    'app.kubernetes.io/instance': namespace,
    'app.kubernetes.io/name': namespace,
    'app.kubernetes.io/part-of': namespace,
    'app.kubernetes.io/version': version.slice(1),
  };
  return { labels, ...more };
}

const rule = (apiGroups: string[], resources: string[], verbs: string[], resourceNames?: string[]): Fields => ({
  apiGroups,
  ...(resourceNames ? { resourceNames } : undefined),
  resources,
  verbs,
});

function common(version: string): Fields[] {
  const rbac = 'rbac.authorization.k8s.io/v1';
  const read = ['get', 'list', 'watch'];
  const networking = ['networking.k8s.io'];
  const leases = ['coordination.k8s.io'];
  const account = (kind: string, component: string | undefined, who: string, own: boolean): Fields => ({
    apiVersion: rbac,
    kind: own ? 'RoleBinding' : 'ClusterRoleBinding',
    metadata: meta(version, component, { name: who, ...(own ? { namespace } : undefined) }),
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: who },
    subjects: [{ kind: 'ServiceAccount', name: who, namespace }],
  });
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        labels: { 'app.kubernetes.io/instance': namespace, 'app.kubernetes.io/name': namespace },
        name: namespace,
      },
    },
    ...[
      [namespace, 'controller'],
      [admission, 'admission-webhook'],
    ].map(([who, component]) => ({
      apiVersion: 'v1',
      automountServiceAccountToken: true,
      kind: 'ServiceAccount',
      metadata: meta(version, component, { name: who, namespace }),
    })),
    {
      apiVersion: rbac,
      kind: 'Role',
      metadata: meta(version, 'controller', { name: namespace, namespace }),
      rules: [
        rule([''], ['namespaces'], ['get']),
        rule([''], ['configmaps', 'pods', 'secrets', 'endpoints'], read),
        rule([''], ['services'], read),
        rule(networking, ['ingresses'], read),
        rule(networking, ['ingresses/status'], ['update']),
        rule(networking, ['ingressclasses'], read),
        rule(leases, ['leases'], ['get', 'update'], ['ingress-nginx-leader']),
        rule(leases, ['leases'], ['create']),
        rule([''], ['events'], ['create', 'patch']),
        rule(['discovery.k8s.io'], ['endpointslices'], ['list', 'watch', 'get']),
      ],
    },
    {
      apiVersion: rbac,
      kind: 'Role',
      metadata: meta(version, 'admission-webhook', { name: admission, namespace }),
      rules: [rule([''], ['secrets'], ['get', 'create'])],
    },
    {
      apiVersion: rbac,
      kind: 'ClusterRole',
      metadata: meta(version, undefined, { name: namespace }),
      rules: [
        rule([''], ['configmaps', 'endpoints', 'nodes', 'pods', 'secrets', 'namespaces'], ['list', 'watch']),
        rule(leases, ['leases'], ['list', 'watch']),
        rule([''], ['nodes'], ['get']),
        rule([''], ['services'], read),
        rule(networking, ['ingresses'], read),
        rule([''], ['events'], ['create', 'patch']),
        rule(networking, ['ingresses/status'], ['update']),
        rule(networking, ['ingressclasses'], read),
        rule(['discovery.k8s.io'], ['endpointslices'], ['list', 'watch', 'get']),
      ],
    },
    {
      apiVersion: rbac,
      kind: 'ClusterRole',
      metadata: meta(version, 'admission-webhook', { name: admission }),
      rules: [rule(['admissionregistration.k8s.io'], ['validatingwebhookconfigurations'], ['get', 'update'])],
    },
    account('Role', 'controller', namespace, true),
    account('Role', 'admission-webhook', admission, true),
    account('ClusterRole', undefined, namespace, false),
    account('ClusterRole', 'admission-webhook', admission, false),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(version, 'controller', { name, namespace }) },
  ];
}

function services(version: string, provider: IngressNginxOptions['provider']): Fields[] {
  const port = (portName: string, number: number): Fields => ({
    appProtocol: portName,
    name: portName,
    port: number,
    protocol: 'TCP',
    targetPort: portName,
  });
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta(version, 'controller', { name, namespace }),
      spec: {
        ...(provider === 'cloud' ? { externalTrafficPolicy: 'Local' } : undefined),
        ipFamilies: ['IPv4'],
        ipFamilyPolicy: 'SingleStack',
        ports: [port('http', 80), port('https', 443)],
        selector,
        type: provider === 'baremetal' ? 'NodePort' : 'LoadBalancer',
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: meta(version, 'controller', { name: `${name}-admission`, namespace }),
      spec: {
        ports: [{ appProtocol: 'https', name: 'https-webhook', port: 443, targetPort: 'webhook' }],
        selector,
        type: 'ClusterIP',
      },
    },
  ];
}

function controller(version: string, provider: IngressNginxOptions['provider']): Fields {
  const kind = provider === 'kind';
  const port = (portName: string, containerPort: number, hostPort?: number): Fields => ({
    containerPort,
    ...(kind && hostPort ? { hostPort } : undefined),
    name: portName,
    protocol: 'TCP',
  });
  const probe = (failureThreshold: number): Fields => ({
    failureThreshold,
    httpGet: { path: '/healthz', port: 10254, scheme: 'HTTP' },
    initialDelaySeconds: 10,
    periodSeconds: 10,
    successThreshold: 1,
    timeoutSeconds: 1,
  });
  const field = (variable: string, fieldPath: string): Fields => ({
    name: variable,
    valueFrom: { fieldRef: { fieldPath } },
  });
  const publish = kind
    ? ['--watch-ingress-without-class=true', '--publish-status-address=localhost']
    : provider === 'cloud'
      ? ['--publish-service=$(POD_NAMESPACE)/ingress-nginx-controller']
      : [];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: meta(version, 'controller', { name, namespace }),
    spec: {
      minReadySeconds: 0,
      revisionHistoryLimit: 10,
      selector: { matchLabels: selector },
      ...(kind ? { strategy: { rollingUpdate: { maxUnavailable: 1 }, type: 'RollingUpdate' } } : undefined),
      template: {
        metadata: {
          labels: {
            ...selector,
            'app.kubernetes.io/part-of': namespace,
            'app.kubernetes.io/version': version.slice(1),
          },
        },
        spec: {
          automountServiceAccountToken: true,
          containers: [
            {
              args: [
                '/nginx-ingress-controller',
                '--election-id=ingress-nginx-leader',
                '--controller-class=k8s.io/ingress-nginx',
                '--ingress-class=nginx',
                '--configmap=$(POD_NAMESPACE)/ingress-nginx-controller',
                '--validating-webhook=:8443',
                '--validating-webhook-certificate=/usr/local/certificates/cert',
                '--validating-webhook-key=/usr/local/certificates/key',
                ...publish,
              ],
              env: [field('POD_NAME', 'metadata.name'), field('POD_NAMESPACE', 'metadata.namespace')],
              image: `registry.k8s.io/ingress-nginx/controller:${version}`,
              imagePullPolicy: 'IfNotPresent',
              lifecycle: { preStop: { exec: { command: ['/wait-shutdown'] } } },
              livenessProbe: probe(5),
              name: 'controller',
              ports: [port('http', 80, 80), port('https', 443, 443), port('webhook', 8443)],
              readinessProbe: probe(3),
              resources: { requests: { cpu: '100m', memory: '90Mi' } },
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
                readOnlyRootFilesystem: false,
                runAsGroup: 82,
                runAsNonRoot: true,
                runAsUser: 101,
                seccompProfile: { type: 'RuntimeDefault' },
              },
              volumeMounts: [{ mountPath: '/usr/local/certificates/', name: 'webhook-cert', readOnly: true }],
            },
          ],
          dnsPolicy: 'ClusterFirst',
          nodeSelector: { ...(kind ? { 'ingress-ready': 'true' } : undefined), 'kubernetes.io/os': 'linux' },
          serviceAccountName: namespace,
          terminationGracePeriodSeconds: kind ? 0 : 300,
          ...(kind
            ? {
                tolerations: ['master', 'control-plane'].map((role) => ({
                  effect: 'NoSchedule',
                  key: `node-role.kubernetes.io/${role}`,
                  operator: 'Equal',
                })),
              }
            : undefined),
          volumes: [{ name: 'webhook-cert', secret: { secretName: admission } }],
        },
      },
    },
  };
}

/** Certificates of the webhook, the class and the webhook itself. */
function jobs(version: string): Fields[] {
  const job = (what: 'create' | 'patch', args: string[]): Fields => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: meta(version, 'admission-webhook', { name: `${admission}-${what}`, namespace }),
    spec: {
      template: {
        metadata: meta(version, 'admission-webhook', { name: `${admission}-${what}` }),
        spec: {
          automountServiceAccountToken: true,
          containers: [
            {
              args: [what, ...args],
              env: [{ name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }],
              image: certgen,
              imagePullPolicy: 'IfNotPresent',
              name: what,
              securityContext: {
                allowPrivilegeEscalation: false,
                capabilities: { drop: ['ALL'] },
                readOnlyRootFilesystem: true,
                runAsGroup: 65532,
                runAsNonRoot: true,
                runAsUser: 65532,
                seccompProfile: { type: 'RuntimeDefault' },
              },
            },
          ],
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          restartPolicy: 'OnFailure',
          serviceAccountName: admission,
        },
      },
      ttlSecondsAfterFinished: 0,
    },
  });
  return [
    job('create', [
      `--host=${name}-admission,${name}-admission.$(POD_NAMESPACE).svc`,
      '--namespace=$(POD_NAMESPACE)',
      `--secret-name=${admission}`,
    ]),
    job('patch', [
      `--webhook-name=${admission}`,
      '--namespace=$(POD_NAMESPACE)',
      '--patch-mutating=false',
      `--secret-name=${admission}`,
      '--patch-failure-policy=Fail',
    ]),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'IngressClass',
      metadata: meta(version, 'controller', { name: 'nginx' }),
      spec: { controller: 'k8s.io/ingress-nginx' },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: meta(version, 'admission-webhook', { name: admission }),
      webhooks: [
        {
          admissionReviewVersions: ['v1'],
          clientConfig: {
            service: { name: `${name}-admission`, namespace, path: '/networking/v1/ingresses', port: 443 },
          },
          failurePolicy: 'Fail',
          matchPolicy: 'Equivalent',
          name: 'validate.nginx.ingress.kubernetes.io',
          rules: [
            {
              apiGroups: ['networking.k8s.io'],
              apiVersions: ['v1'],
              operations: ['CREATE', 'UPDATE'],
              resources: ['ingresses'],
            },
          ],
          sideEffects: 'None',
        },
      ],
    },
  ];
}
