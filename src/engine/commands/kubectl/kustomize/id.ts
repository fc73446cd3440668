import { parseGroupVersion } from '../client/types.ts';

/** Which resource: what kustomize calls a ResId. An empty namespace means the default one. */
export interface Id {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/** A kind to select by; empty parts match anything. */
export interface Gvk {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
}

/** Stands for "none" among namespaces. */
export const noNamespace = '_non_namespaceable_';

/**
 * Kinds that surely have no namespace, as far as kustomize knows: it carries the API of Kubernetes 1.21, so kinds and
 * versions that came later get a namespace like any unknown kind.
 */
const clusterScoped = new Map<string, readonly string[]>([
  ['', ['v1:ComponentStatus', 'v1:Namespace', 'v1:Node', 'v1:PersistentVolume']],
  ['admissionregistration.k8s.io', versions(['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'])],
  ['apiextensions.k8s.io', versions(['CustomResourceDefinition'])],
  ['apiregistration.k8s.io', versions(['APIService'])],
  ['authentication.k8s.io', versions(['TokenReview'])],
  ['authorization.k8s.io', versions(['SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview'])],
  ['certificates.k8s.io', versions(['CertificateSigningRequest'])],
  ['flowcontrol.apiserver.k8s.io', ['v1beta1:FlowSchema', 'v1beta1:PriorityLevelConfiguration']],
  ['internal.apiserver.k8s.io', ['v1alpha1:StorageVersion']],
  ['networking.k8s.io', versions(['IngressClass'])],
  ['node.k8s.io', [...versions(['RuntimeClass']), 'v1alpha1:RuntimeClass']],
  ['policy', ['v1beta1:PodSecurityPolicy']],
  [
    'rbac.authorization.k8s.io',
    [...versions(['ClusterRole', 'ClusterRoleBinding']), 'v1alpha1:ClusterRole', 'v1alpha1:ClusterRoleBinding'],
  ],
  ['scheduling.k8s.io', [...versions(['PriorityClass']), 'v1alpha1:PriorityClass']],
  [
    'storage.k8s.io',
    [...versions(['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment']), 'v1alpha1:VolumeAttachment'],
  ],
]);

function versions(kinds: readonly string[]): string[] {
  return kinds.flatMap((kind) => [`v1:${kind}`, `v1beta1:${kind}`]);
}

export function gvkOf(apiVersion: string, kind: string): { group: string; version: string; kind: string } {
  return { ...parseGroupVersion(apiVersion), kind };
}

export function isClusterScoped({ group, version, kind }: { group: string; version: string; kind: string }): boolean {
  return clusterScoped.get(group)?.includes(`${version}:${kind}`) ?? false;
}

export function effectiveNamespace(id: Id): string {
  if (isClusterScoped(id)) return noNamespace;
  return id.namespace === '' ? 'default' : id.namespace;
}

/** Does `selector` (empty parts match anything) select the kind? */
export function selectsKind(selector: Gvk, gvk: { group: string; version: string; kind: string }): boolean {
  return (
    (!selector.group || selector.group === gvk.group) &&
    (!selector.version || selector.version === gvk.version) &&
    (!selector.kind || selector.kind === gvk.kind)
  );
}

export function sameId(a: Id, b: Id): boolean {
  return (
    a.name === b.name &&
    a.group === b.group &&
    a.version === b.version &&
    a.kind === b.kind &&
    effectiveNamespace(a) === effectiveNamespace(b)
  );
}

/** `Deployment.v1.apps`. */
export function gvkText({ group, version, kind }: Gvk): string {
  return [kind || '[noKind]', version || '[noVer]', group || '[noGrp]'].join('.');
}

/** `Deployment.v1.apps/web.default`, as error messages name resources. */
export function idText(id: Id): string {
  return `${gvkText(id)}/${id.name || '[noName]'}.${id.namespace || '[noNs]'}`;
}
