import type { KubeObject, Node, Pod } from '../../types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from './plugin.ts';
import { refuse } from './refuse.ts';

const userPrefix = 'system:node:';
const nodesGroup = 'system:nodes';
const mirrorAnnotation = 'kubernetes.io/config.mirror';
const leaseNamespace = 'kube-node-lease';

/** Labels of Kubernetes' own domains that a kubelet may set on its Node, besides those of its own prefixes. */
const kubeletLabels = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
]);
const kubeletDomains = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

/** A kubelet changes only its own Node, and what is bound to it (plugin/pkg/admission/noderestriction). */
export const nodeRestriction: AdmissionPlugin = {
  name: 'NodeRestriction',
  operations: ['CREATE', 'UPDATE', 'DELETE'],
  resources: ['/pods', '/nodes', 'coordination.k8s.io/leases', 'storage.k8s.io/csinodes'],
  validate(attributes) {
    const { user, resource } = attributes;
    if (!user.name.startsWith(userPrefix) || !user.groups.includes(nodesGroup)) return;
    const why = rules[resource]?.(attributes, user.name.slice(userPrefix.length));
    if (why) throw refuse(attributes, why);
  },
};

const rules: Readonly<Record<string, (a: AdmissionAttributes, node: string) => string | undefined>> = {
  pods: podRule,
  nodes: nodeRule,
  leases: ({ namespace, name }, node) =>
    namespace !== leaseNamespace
      ? `can only access leases in the ${JSON.stringify(leaseNamespace)} system namespace`
      : name !== node
        ? 'can only access node lease with the same name as the requesting node'
        : undefined,
  csinodes: ({ name }, node) =>
    name === node ? undefined : 'can only access CSINode with the same name as the requesting node',
};

function podRule({ operation, object, old }: AdmissionAttributes, node: string): string | undefined {
  const who = `node ${JSON.stringify(node)}`;
  if (operation === 'DELETE') {
    const own = (old as Pod).spec.nodeName === node;
    return own ? undefined : `${who} can only delete pods with spec.nodeName set to itself`;
  }
  if (operation !== 'CREATE')
    return `unexpected operation "${operation}", ${who} can only create and delete mirror pods`;
  const { metadata, spec } = object as unknown as Pod;
  if (metadata.annotations?.[mirrorAnnotation] === undefined) {
    return `pod does not have ${JSON.stringify(mirrorAnnotation)} annotation, ${who} can only create mirror pods`;
  }
  if (spec.nodeName !== node) return `${who} can only create pods with spec.nodeName set to itself`;
  if (spec.serviceAccountName) return `${who} can not create pods that reference a service account`;
  const volumes = spec.volumes ?? [];
  if (volumes.some(({ secret }) => secret)) return `${who} can not create pods that reference secrets`;
  if (volumes.some(({ configMap }) => configMap)) return `${who} can not create pods that reference configmaps`;
  if (volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim)) {
    return `${who} can not create pods that reference persistentvolumeclaims`;
  }
  return undefined;
}

function nodeRule({ operation, name, object, old }: AdmissionAttributes, node: string): string | undefined {
  const requested = name || object?.metadata.name;
  if (requested !== node) {
    return `node ${JSON.stringify(node)} is not allowed to modify node ${JSON.stringify(requested)}`;
  }
  if (operation === 'DELETE') return undefined;
  const changed = forbiddenLabels(changedLabels(object as KubeObject, old));
  if (operation === 'UPDATE') {
    const taints = (of: KubeObject | undefined) => JSON.stringify((of as Node | undefined)?.spec.taints ?? []);
    if (taints(object as KubeObject) !== taints(old))
      return `node ${JSON.stringify(node)} is not allowed to modify taints`;
  }
  return changed.length > 0 ? `is not allowed to modify labels: ${changed.join(', ')}` : undefined;
}

function changedLabels({ metadata }: KubeObject, old: KubeObject | undefined): string[] {
  const [after, before] = [metadata.labels ?? {}, old?.metadata.labels ?? {}];
  return [...new Set([...Object.keys(after), ...Object.keys(before)])].filter((key) => after[key] !== before[key]);
}

function forbiddenLabels(keys: readonly string[]): string[] {
  const within = (domain: string, parent: string) => domain === parent || domain.endsWith(`.${parent}`);
  return keys
    .filter((key) => {
      const domain = key.includes('/') ? key.slice(0, key.indexOf('/')) : '';
      if (within(domain, 'node-restriction.kubernetes.io')) return true;
      if (!within(domain, 'kubernetes.io') && !within(domain, 'k8s.io')) return false;
      return !kubeletLabels.has(key) && !kubeletDomains.some((own) => within(domain, own));
    })
    .sort();
}
