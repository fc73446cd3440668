import type { NameReference } from './config.ts';
import type { FieldSpec } from './field-spec.ts';

/** Where Pods are made from: kind, path of the Pod's spec, and whether only its version v1 counts. */
const podSpecs: readonly [kind: string, spec: string, version?: string][] = [
  ['Pod', 'spec', 'v1'],
  ['PodTemplate', 'template/spec'],
  ['Deployment', 'spec/template/spec'],
  ['ReplicaSet', 'spec/template/spec'],
  ['DaemonSet', 'spec/template/spec'],
  ['StatefulSet', 'spec/template/spec'],
  ['Job', 'spec/template/spec'],
  ['CronJob', 'spec/jobTemplate/spec/template/spec'],
];

/** Kinds whose Pods' accounts, claims and priorities are followed; not quite the same as above. */
const owners: readonly [kind: string, spec: string][] = [
  ['Pod', 'spec'],
  ['StatefulSet', 'spec/template/spec'],
  ['Deployment', 'spec/template/spec'],
  ['ReplicationController', 'spec/template/spec'],
  ['CronJob', 'spec/jobTemplate/spec/template/spec'],
  ['Job', 'spec/template/spec'],
  ['DaemonSet', 'spec/template/spec'],
];

function inPods(fields: readonly string[]): FieldSpec[] {
  return podSpecs.flatMap(([kind, spec, version]) =>
    fields.map((field) => ({ path: `${spec}/${field}`, kind, ...(version ? { version } : {}) })),
  );
}

function inOwners(field: string): FieldSpec[] {
  return owners.map(([kind, spec]) => ({ path: `${spec}/${field}`, kind }));
}

function of(kind: string, paths: readonly string[], group?: string): FieldSpec[] {
  return paths.map((path) => ({ path, kind, ...(group ? { group } : {}) }));
}

const rbac = 'rbac.authorization.k8s.io';
const webhooks = 'admissionregistration.k8s.io';

/** Who may name whom: when a resource's name changes, these fields follow. */
export const nameReferences: readonly NameReference[] = [
  ...['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'].map((kind) => ({
    kind,
    fieldSpecs: of('HorizontalPodAutoscaler', ['spec/scaleTargetRef/name']),
  })),
  {
    kind: 'ConfigMap',
    version: 'v1',
    fieldSpecs: [
      ...inPods([
        'volumes/configMap/name',
        'containers/env/valueFrom/configMapKeyRef/name',
        'initContainers/env/valueFrom/configMapKeyRef/name',
        'containers/envFrom/configMapRef/name',
        'initContainers/envFrom/configMapRef/name',
        'volumes/projected/sources/configMap/name',
      ]),
      ...of('Node', ['spec/configSource/configMap']),
      ...of('Role', ['rules/resourceNames']),
      ...of('ClusterRole', ['rules/resourceNames']),
      ...of('Ingress', ['metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap']),
    ],
  },
  {
    kind: 'Secret',
    version: 'v1',
    fieldSpecs: [
      ...inPods([
        'volumes/secret/secretName',
        'containers/env/valueFrom/secretKeyRef/name',
        'initContainers/env/valueFrom/secretKeyRef/name',
        'containers/envFrom/secretRef/name',
        'initContainers/envFrom/secretRef/name',
        'imagePullSecrets/name',
        'volumes/projected/sources/secret/name',
      ]),
      ...of('Ingress', [
        'spec/tls/secretName',
        'metadata/annotations/ingress.kubernetes.io\\/auth-secret',
        'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret',
        'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret',
      ]),
      ...of('ServiceAccount', ['imagePullSecrets/name']),
      ...of('StorageClass', [
        'parameters/secretName',
        'parameters/adminSecretName',
        'parameters/userSecretName',
        'parameters/secretRef',
      ]),
      ...of('Role', ['rules/resourceNames']),
      ...of('ClusterRole', ['rules/resourceNames']),
      {
        path: 'spec/template/spec/containers/env/valueFrom/secretKeyRef/name',
        kind: 'Service',
        group: 'serving.knative.dev',
        version: 'v1',
      },
      ...of('PersistentVolume', ['spec/azureFile/secretName']),
    ],
  },
  {
    kind: 'Service',
    version: 'v1',
    fieldSpecs: [
      ...of('StatefulSet', ['spec/serviceName'], 'apps'),
      ...of('Ingress', [
        'spec/rules/http/paths/backend/serviceName',
        'spec/backend/serviceName',
        'spec/rules/http/paths/backend/service/name',
        'spec/defaultBackend/service/name',
      ]),
      ...of('APIService', ['spec/service/name'], 'apiregistration.k8s.io'),
      ...of('ValidatingWebhookConfiguration', ['webhooks/clientConfig/service'], webhooks),
      ...of('MutatingWebhookConfiguration', ['webhooks/clientConfig/service'], webhooks),
      ...of('HTTPRoute', ['spec/rules/backendRefs/name']),
    ],
  },
  { kind: 'Role', group: rbac, fieldSpecs: of('RoleBinding', ['roleRef/name'], rbac) },
  {
    kind: 'ClusterRole',
    group: rbac,
    fieldSpecs: [...of('RoleBinding', ['roleRef/name'], rbac), ...of('ClusterRoleBinding', ['roleRef/name'], rbac)],
  },
  {
    kind: 'ServiceAccount',
    version: 'v1',
    fieldSpecs: [
      ...of('RoleBinding', ['subjects'], rbac),
      ...of('ClusterRoleBinding', ['subjects'], rbac),
      ...inOwners('serviceAccountName'),
    ],
  },
  {
    kind: 'PersistentVolumeClaim',
    version: 'v1',
    fieldSpecs: inOwners('volumes/persistentVolumeClaim/claimName'),
  },
  {
    kind: 'PersistentVolume',
    version: 'v1',
    fieldSpecs: [...of('PersistentVolumeClaim', ['spec/volumeName']), ...of('ClusterRole', ['rules/resourceNames'])],
  },
  {
    kind: 'StorageClass',
    version: 'v1',
    group: 'storage.k8s.io',
    fieldSpecs: [
      ...of('PersistentVolume', ['spec/storageClassName']),
      ...of('PersistentVolumeClaim', ['spec/storageClassName']),
      ...of('StatefulSet', ['spec/volumeClaimTemplates/spec/storageClassName']),
    ],
  },
  { kind: 'PriorityClass', version: 'v1', group: 'scheduling.k8s.io', fieldSpecs: inOwners('priorityClassName') },
  // The group holds a version: upstream's slip, so the names of IngressClasses are never followed.
  {
    kind: 'IngressClass',
    version: 'v1',
    group: 'networking.k8s.io/v1',
    fieldSpecs: of('Ingress', ['spec/ingressClassName']),
  },
];
