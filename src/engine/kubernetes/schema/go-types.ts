import type { Field, FieldType, StructType } from './structure.ts';

/**
 * How Go names a type in an unmarshalling error: `int32`, `[]v1.Container`, `map[string]string`, `v1.PullPolicy`. String
 * types with a name of their own are the only thing the schema doesn't know.
 */

/** Named string types: by `type.field` where it matters, else by field name. Package and type as Go prints them. */
const namedByField: Readonly<Record<string, string>> = {
  'core/v1/ContainerPort.protocol': 'v1.Protocol',
  'core/v1/ServicePort.protocol': 'v1.Protocol',
  'core/v1/EndpointPort.protocol': 'v1.Protocol',
  'core/v1/Container.imagePullPolicy': 'v1.PullPolicy',
  'core/v1/EphemeralContainer.imagePullPolicy': 'v1.PullPolicy',
  'core/v1/Container.terminationMessagePolicy': 'v1.TerminationMessagePolicy',
  'core/v1/Container.restartPolicy': 'v1.ContainerRestartPolicy',
  'core/v1/PodSpec.restartPolicy': 'v1.RestartPolicy',
  'core/v1/PodSpec.dnsPolicy': 'v1.DNSPolicy',
  'core/v1/PodSpec.preemptionPolicy': 'v1.PreemptionPolicy',
  'core/v1/ServiceSpec.type': 'v1.ServiceType',
  'core/v1/ServiceSpec.sessionAffinity': 'v1.ServiceAffinity',
  'core/v1/ServiceSpec.externalTrafficPolicy': 'v1.ServiceExternalTrafficPolicy',
  'core/v1/ServiceSpec.internalTrafficPolicy': 'v1.ServiceInternalTrafficPolicy',
  'core/v1/ServiceSpec.ipFamilies': '[]v1.IPFamily',
  'core/v1/ServiceSpec.ipFamilyPolicy': 'v1.IPFamilyPolicy',
  'core/v1/Secret.type': 'v1.SecretType',
  'core/v1/Taint.effect': 'v1.TaintEffect',
  'core/v1/Toleration.effect': 'v1.TaintEffect',
  'core/v1/Toleration.operator': 'v1.TolerationOperator',
  'core/v1/PersistentVolumeClaimSpec.accessModes': '[]v1.PersistentVolumeAccessMode',
  'core/v1/PersistentVolumeClaimSpec.volumeMode': 'v1.PersistentVolumeMode',
  'core/v1/PersistentVolumeSpec.accessModes': '[]v1.PersistentVolumeAccessMode',
  'core/v1/PersistentVolumeSpec.capacity': 'v1.ResourceList',
  'core/v1/PersistentVolumeSpec.persistentVolumeReclaimPolicy': 'v1.PersistentVolumeReclaimPolicy',
  'core/v1/ResourceRequirements.limits': 'v1.ResourceList',
  'core/v1/ResourceRequirements.requests': 'v1.ResourceList',
  'core/v1/VolumeResourceRequirements.requests': 'v1.ResourceList',
  'core/v1/VolumeResourceRequirements.limits': 'v1.ResourceList',
  'core/v1/ResourceQuotaSpec.hard': 'v1.ResourceList',
  'core/v1/EmptyDirVolumeSource.medium': 'v1.StorageMedium',
  'core/v1/HostPathVolumeSource.type': 'v1.HostPathType',
  'core/v1/HTTPGetAction.scheme': 'v1.URIScheme',
  'core/v1/NodeSelectorRequirement.operator': 'v1.NodeSelectorOperator',
  'core/v1/TopologySpreadConstraint.whenUnsatisfiable': 'v1.UnsatisfiableConstraintAction',
  'core/v1/Capabilities.add': '[]v1.Capability',
  'core/v1/Capabilities.drop': '[]v1.Capability',
  'meta/v1/LabelSelectorRequirement.operator': 'v1.LabelSelectorOperator',
  'meta/v1/ObjectMeta.uid': 'types.UID',
  'meta/v1/OwnerReference.uid': 'types.UID',
  'apps/v1/DeploymentStrategy.type': 'v1.DeploymentStrategyType',
  'apps/v1/DaemonSetUpdateStrategy.type': 'v1.DaemonSetUpdateStrategyType',
  'apps/v1/StatefulSetUpdateStrategy.type': 'v1.StatefulSetUpdateStrategyType',
  'apps/v1/StatefulSetSpec.podManagementPolicy': 'v1.PodManagementPolicyType',
  'batch/v1/CronJobSpec.concurrencyPolicy': 'v1.ConcurrencyPolicy',
  'batch/v1/JobSpec.completionMode': 'v1.CompletionMode',
  'networking/v1/HTTPIngressPath.pathType': 'v1.PathType',
  'networking/v1/NetworkPolicySpec.policyTypes': '[]v1.PolicyType',
  'storage/v1/StorageClass.volumeBindingMode': 'v1.VolumeBindingMode',
  'storage/v1/StorageClass.reclaimPolicy': 'v1.PersistentVolumeReclaimPolicy',
};

/** The Go type of a field's value. */
export function goTypeOfField(owner: StructType, field: Field): string {
  return namedByField[`${owner.name}.${field.name}`] ?? goType(field.type);
}

/** The Go type of an item of a list or map field. */
export function goTypeOfItem(owner: StructType, field: Field, items: FieldType): string {
  const named = namedByField[`${owner.name}.${field.name}`];
  return named?.startsWith('[]') ? named.slice(2) : goType(items);
}

const scalars: Readonly<Record<string, string>> = {
  string: 'string',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  boolean: 'bool',
  bytes: '[]uint8',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
  time: 'v1.Time',
  microTime: 'v1.MicroTime',
  object: 'map[string]interface {}',
  any: 'interface {}',
};

function goType(type: FieldType): string {
  if (type.kind === 'list') return `[]${goType(type.items)}`;
  if (type.kind === 'map') return `map[string]${goType(type.items)}`;
  if (type.kind === 'struct') return type.struct.name.split('/').slice(-2).join('.');
  return scalars[type.kind]!;
}

/** `DeploymentSpec` of `apps/v1/DeploymentSpec`. */
export function goStructName(type: StructType): string {
  return type.name.slice(type.name.lastIndexOf('/') + 1);
}
