/**
 * What no package says about the served resources: order of groups and preferred versions (kube-apiserver's priorities),
 * short names, categories and singular names. Verbs and subresources come from the client's methods.
 */

/** In the order of `GET /apis`, preferred version first; '' is served under /api. */
export const groups = [
  { group: '', api: 'Core', versions: ['v1'] },
  { group: 'apiregistration.k8s.io', api: 'Apiregistration', versions: ['v1'] },
  { group: 'apps', api: 'Apps', versions: ['v1'] },
  { group: 'events.k8s.io', api: 'Events', versions: ['v1'] },
  { group: 'authentication.k8s.io', api: 'Authentication', versions: ['v1'] },
  { group: 'authorization.k8s.io', api: 'Authorization', versions: ['v1'] },
  { group: 'autoscaling', api: 'Autoscaling', versions: ['v2', 'v1'] },
  { group: 'batch', api: 'Batch', versions: ['v1'] },
  { group: 'certificates.k8s.io', api: 'Certificates', versions: ['v1'] },
  { group: 'networking.k8s.io', api: 'Networking', versions: ['v1'] },
  { group: 'policy', api: 'Policy', versions: ['v1'] },
  { group: 'rbac.authorization.k8s.io', api: 'RbacAuthorization', versions: ['v1'] },
  { group: 'storage.k8s.io', api: 'Storage', versions: ['v1'] },
  { group: 'admissionregistration.k8s.io', api: 'Admissionregistration', versions: ['v1'] },
  { group: 'apiextensions.k8s.io', api: 'Apiextensions', versions: ['v1'] },
  { group: 'scheduling.k8s.io', api: 'Scheduling', versions: ['v1'] },
  { group: 'coordination.k8s.io', api: 'Coordination', versions: ['v1'] },
  { group: 'node.k8s.io', api: 'Node', versions: ['v1'] },
  { group: 'discovery.k8s.io', api: 'Discovery', versions: ['v1'] },
  { group: 'flowcontrol.apiserver.k8s.io', api: 'FlowcontrolApiserver', versions: ['v1'] },
  { group: 'resource.k8s.io', api: 'Resource', versions: ['v1'] },
];

/** Kinds GA in 1.36 only. */
export const notServed = ['MutatingAdmissionPolicy', 'MutatingAdmissionPolicyBinding'];

export const shortNames = {
  componentstatuses: ['cs'],
  configmaps: ['cm'],
  endpoints: ['ep'],
  events: ['ev'],
  limitranges: ['limits'],
  namespaces: ['ns'],
  nodes: ['no'],
  persistentvolumeclaims: ['pvc'],
  persistentvolumes: ['pv'],
  pods: ['po'],
  replicationcontrollers: ['rc'],
  resourcequotas: ['quota'],
  serviceaccounts: ['sa'],
  services: ['svc'],
  customresourcedefinitions: ['crd', 'crds'],
  daemonsets: ['ds'],
  deployments: ['deploy'],
  replicasets: ['rs'],
  statefulsets: ['sts'],
  horizontalpodautoscalers: ['hpa'],
  cronjobs: ['cj'],
  certificatesigningrequests: ['csr'],
  ingresses: ['ing'],
  ipaddresses: ['ip'],
  networkpolicies: ['netpol'],
  poddisruptionbudgets: ['pdb'],
  priorityclasses: ['pc'],
  storageclasses: ['sc'],
  volumeattributesclasses: ['vac'],
};

export const categories = {
  pods: ['all'],
  replicationcontrollers: ['all'],
  services: ['all'],
  daemonsets: ['all'],
  deployments: ['all'],
  replicasets: ['all'],
  statefulsets: ['all'],
  horizontalpodautoscalers: ['all'],
  cronjobs: ['all'],
  jobs: ['all'],
  customresourcedefinitions: ['api-extensions'],
  apiservices: ['api-extensions'],
  mutatingwebhookconfigurations: ['api-extensions'],
  validatingadmissionpolicies: ['api-extensions'],
  validatingadmissionpolicybindings: ['api-extensions'],
  validatingwebhookconfigurations: ['api-extensions'],
};

/** Subresources whose kind is not their parent's: `[group, version, kind]`; group '' with version '' inherits. */
export const subresourceKinds = {
  'namespaces/finalize': ['', '', 'Namespace'],
  'nodes/proxy': ['', '', 'NodeProxyOptions'],
  'pods/attach': ['', '', 'PodAttachOptions'],
  'pods/binding': ['', '', 'Binding'],
  'pods/eviction': ['policy', 'v1', 'Eviction'],
  'pods/exec': ['', '', 'PodExecOptions'],
  'pods/portforward': ['', '', 'PodPortForwardOptions'],
  'pods/proxy': ['', '', 'PodProxyOptions'],
  'services/proxy': ['', '', 'ServiceProxyOptions'],
  'serviceaccounts/token': ['authentication.k8s.io', 'v1', 'TokenRequest'],
  'replicationcontrollers/scale': ['autoscaling', 'v1', 'Scale'],
  'deployments/scale': ['autoscaling', 'v1', 'Scale'],
  'replicasets/scale': ['autoscaling', 'v1', 'Scale'],
  'statefulsets/scale': ['autoscaling', 'v1', 'Scale'],
};
