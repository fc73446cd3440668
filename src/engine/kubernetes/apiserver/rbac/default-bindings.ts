import { account, group, rule, user } from './notation.ts';
import type { Subject } from './resolver.ts';
import type { PolicyRule } from './rules.ts';

/** To whom the API server and kubeadm give roles, and the roles that count in one namespace only. */

export interface DefaultBinding {
  name: string;
  /** By default named like the binding. */
  role?: string;
  subjects: readonly Subject[];
}

export interface NamespacedRole {
  namespace: string;
  name: string;
  rules: readonly PolicyRule[];
  binding?: string;
  subjects: readonly Subject[];
}

const authenticated = group('system:authenticated');
const unauthenticated = group('system:unauthenticated');
const controllerManager = user('system:kube-controller-manager');
const scheduler = user('system:kube-scheduler');

export const defaultBindings: readonly DefaultBinding[] = [
  { name: 'cluster-admin', subjects: [group('system:masters')] },
  { name: 'system:monitoring', subjects: [group('system:monitoring')] },
  { name: 'system:discovery', subjects: [authenticated] },
  { name: 'system:basic-user', subjects: [authenticated] },
  { name: 'system:public-info-viewer', subjects: [authenticated, unauthenticated] },
  { name: 'system:node-proxier', subjects: [user('system:kube-proxy')] },
  { name: 'system:kube-controller-manager', subjects: [controllerManager] },
  { name: 'system:kube-dns', subjects: [account('kube-dns')] },
  { name: 'system:kube-scheduler', subjects: [scheduler] },
  { name: 'system:volume-scheduler', subjects: [scheduler] },
  { name: 'system:node', subjects: [] },
  { name: 'system:service-account-issuer-discovery', subjects: [group('system:serviceaccounts')] },
];

const leaderLock = (name: string): NamespacedRole => ({
  namespace: 'kube-system',
  name: `system::leader-locking-${name}`,
  rules: [rule('watch', 'core', 'configmaps'), rule('get update', 'core', 'configmaps', name)],
  subjects: [user(`system:${name}`), account(name)],
});

export const namespacedRoles: readonly NamespacedRole[] = [
  {
    namespace: 'kube-system',
    name: 'extension-apiserver-authentication-reader',
    rules: [rule('get list watch', 'core', 'configmaps', 'extension-apiserver-authentication')],
    binding: 'system::extension-apiserver-authentication-reader',
    subjects: [controllerManager, scheduler],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:bootstrap-signer',
    rules: [rule('get list watch', 'core', 'secrets')],
    subjects: [account('bootstrap-signer')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:cloud-provider',
    rules: [rule('create get list watch', 'core', 'configmaps')],
    subjects: [account('cloud-provider')],
  },
  {
    namespace: 'kube-system',
    name: 'system:controller:token-cleaner',
    rules: [
      rule('delete get list watch', 'core', 'secrets'),
      rule('create patch update', 'core events.k8s.io', 'events'),
    ],
    subjects: [account('token-cleaner')],
  },
  leaderLock('kube-controller-manager'),
  leaderLock('kube-scheduler'),
  {
    namespace: 'kube-public',
    name: 'system:controller:bootstrap-signer',
    rules: [
      rule('get list watch', 'core', 'configmaps'),
      rule('update', 'core', 'configmaps', 'cluster-info'),
      rule('create patch update', 'core events.k8s.io', 'events'),
    ],
    subjects: [account('bootstrap-signer')],
  },
];

/** kubeadm's own, without the label and annotation of the API server's. */
const bootstrapTokens = group('system:bootstrappers:kubeadm:default-node-token');
const nodes = group('system:nodes');
const csr = 'system:certificates.k8s.io:certificatesigningrequests';

export const kubeadmRole = { name: 'kubeadm:get-nodes', rules: [rule('get', 'core', 'nodes')] };

export const kubeadmBindings: readonly DefaultBinding[] = [
  { name: 'kubeadm:cluster-admins', role: 'cluster-admin', subjects: [group('kubeadm:cluster-admins')] },
  { name: 'kubeadm:get-nodes', subjects: [bootstrapTokens] },
  { name: 'kubeadm:kubelet-bootstrap', role: 'system:node-bootstrapper', subjects: [bootstrapTokens] },
  { name: 'kubeadm:node-autoapprove-bootstrap', role: `${csr}:nodeclient`, subjects: [bootstrapTokens] },
  { name: 'kubeadm:node-autoapprove-certificate-rotation', role: `${csr}:selfnodeclient`, subjects: [nodes] },
  { name: 'kubeadm:node-proxier', role: 'system:node-proxier', subjects: [account('kube-proxy')] },
  { name: 'system:coredns', subjects: [account('coredns')] },
];

export const coreDnsRole = {
  name: 'system:coredns',
  rules: [
    rule('list watch', 'core', 'endpoints services pods namespaces'),
    rule('list watch', 'discovery.k8s.io', 'endpointslices'),
  ],
};

const readsConfigMap = (name: string): readonly PolicyRule[] => [rule('get', 'core', 'configmaps', name)];

export const kubeadmNamespacedRoles: readonly NamespacedRole[] = [
  {
    namespace: 'kube-public',
    name: 'kubeadm:bootstrap-signer-clusterinfo',
    rules: readsConfigMap('cluster-info'),
    subjects: [user('system:anonymous')],
  },
  {
    namespace: 'kube-system',
    name: 'kubeadm:kubelet-config',
    rules: readsConfigMap('kubelet-config'),
    subjects: [nodes, bootstrapTokens],
  },
  {
    namespace: 'kube-system',
    name: 'kubeadm:nodes-kubeadm-config',
    rules: readsConfigMap('kubeadm-config'),
    subjects: [bootstrapTokens, nodes],
  },
  {
    namespace: 'kube-system',
    name: 'kube-proxy',
    rules: readsConfigMap('kube-proxy'),
    subjects: [bootstrapTokens],
  },
];
