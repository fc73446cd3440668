import { structType, type FieldType, type StructType } from '../../../schema/index.ts';

/**
 * An object as Go's encoding/json writes the server's internal structs: Go field names, in the order of the struct, absent
 * values included. Only error messages show it.
 */

/**
 * Fields of internal structs in order. After the name: `""`, `0`, `false` for values, nothing for pointers, lists and maps,
 * `{}` for a struct by value. Types that aren't listed show the fields they have, in schema order.
 */
const layouts: Readonly<Record<string, string>> = {
  'core/v1/PodSpec':
    'Volumes InitContainers Containers EphemeralContainers RestartPolicy"" TerminationGracePeriodSeconds ActiveDeadlineSeconds ' +
    'DNSPolicy"" NodeSelector ServiceAccountName"" AutomountServiceAccountToken NodeName"" SecurityContext ImagePullSecrets ' +
    'Hostname"" Subdomain"" SetHostnameAsFQDN Affinity SchedulerName"" Tolerations HostAliases PriorityClassName"" Priority ' +
    'PreemptionPolicy DNSConfig ReadinessGates RuntimeClassName Overhead EnableServiceLinks TopologySpreadConstraints OS ' +
    'SchedulingGates ResourceClaims Resources HostnameOverride WorkloadRef',
  'core/v1/Container':
    'Name"" Image"" Command Args WorkingDir"" Ports EnvFrom Env Resources{} ResizePolicy RestartPolicy RestartPolicyRules ' +
    'VolumeMounts VolumeDevices LivenessProbe ReadinessProbe StartupProbe Lifecycle TerminationMessagePath"" ' +
    'TerminationMessagePolicy"" ImagePullPolicy"" SecurityContext Stdinfalse StdinOncefalse TTYfalse',
  'core/v1/ContainerPort': 'Name"" HostPort0 ContainerPort0 Protocol"" HostIP""',
  'core/v1/EnvVar': 'Name"" Value"" ValueFrom',
  'core/v1/EnvVarSource': 'FieldRef ResourceFieldRef ConfigMapKeyRef SecretKeyRef FileKeyRef',
  'core/v1/ConfigMapKeySelector': 'Name"" Key"" Optional',
  'core/v1/SecretKeySelector': 'Name"" Key"" Optional',
  'core/v1/ObjectFieldSelector': 'APIVersion"" FieldPath""',
  'core/v1/EnvFromSource': 'Prefix"" ConfigMapRef SecretRef',
  'core/v1/ResourceRequirements': 'Limits Requests Claims',
  'core/v1/VolumeResourceRequirements': 'Limits Requests',
  'core/v1/VolumeMount': 'Name"" ReadOnlyfalse RecursiveReadOnly MountPath"" SubPath"" MountPropagation SubPathExpr""',
  'core/v1/SecurityContext':
    'Capabilities Privileged SELinuxOptions WindowsOptions RunAsUser RunAsGroup RunAsNonRoot ReadOnlyRootFilesystem ' +
    'AllowPrivilegeEscalation ProcMount SeccompProfile AppArmorProfile',
  'core/v1/Capabilities': 'Add Drop',
  'core/v1/PodSecurityContext':
    'HostNetworkfalse HostPIDfalse HostIPCfalse ShareProcessNamespace HostUsers SELinuxOptions WindowsOptions RunAsUser ' +
    'RunAsGroup RunAsNonRoot SupplementalGroups SupplementalGroupsPolicy FSGroup FSGroupChangePolicy Sysctls SeccompProfile ' +
    'AppArmorProfile SELinuxChangePolicy',
  'core/v1/SeccompProfile': 'Type"" LocalhostProfile',
  'core/v1/Probe':
    'Exec HTTPGet TCPSocket GRPC InitialDelaySeconds0 TimeoutSeconds0 PeriodSeconds0 SuccessThreshold0 FailureThreshold0 ' +
    'TerminationGracePeriodSeconds',
  'core/v1/HTTPGetAction': 'Path"" Port Host"" Scheme"" HTTPHeaders',
  'core/v1/TCPSocketAction': 'Port Host""',
  'core/v1/ExecAction': 'Command',
  'core/v1/Taint': 'Key"" Value"" Effect"" TimeAdded',
  'core/v1/Toleration': 'Key"" Operator"" Value"" Effect"" TolerationSeconds',
  'core/v1/Volume':
    'Name"" HostPath EmptyDir GCEPersistentDisk AWSElasticBlockStore GitRepo Secret NFS ISCSI Glusterfs ' +
    'PersistentVolumeClaim RBD Quobyte FlexVolume Cinder CephFS Flocker DownwardAPI FC AzureFile ConfigMap VsphereVolume ' +
    'AzureDisk PhotonPersistentDisk Projected PortworxVolume ScaleIO StorageOS CSI Ephemeral Image',
  'core/v1/EmptyDirVolumeSource': 'Medium"" SizeLimit',
  'core/v1/HostPathVolumeSource': 'Path"" Type',
  'core/v1/SecretVolumeSource': 'SecretName"" Items DefaultMode Optional',
  'core/v1/ConfigMapVolumeSource': 'Name"" Items DefaultMode Optional',
  'core/v1/PersistentVolumeClaimVolumeSource': 'ClaimName"" ReadOnlyfalse',
  'core/v1/KeyToPath': 'Key"" Path"" Mode',
  'core/v1/ProjectedVolumeSource': 'Sources DefaultMode',
  'core/v1/VolumeProjection': 'Secret DownwardAPI ConfigMap ServiceAccountToken ClusterTrustBundle PodCertificate',
  'core/v1/ServiceAccountTokenProjection': 'Audience"" ExpirationSeconds0 Path""',
  'core/v1/ConfigMapProjection': 'Name"" Items Optional',
  'core/v1/SecretProjection': 'Name"" Items Optional',
  'core/v1/DownwardAPIProjection': 'Items',
  'core/v1/DownwardAPIVolumeFile': 'Path"" FieldRef ResourceFieldRef Mode',
  'core/v1/LocalObjectReference': 'Name""',
  'core/v1/PersistentVolumeClaimSpec':
    'AccessModes Selector Resources{} VolumeName"" StorageClassName VolumeMode DataSource DataSourceRef VolumeAttributesClassName',
  'core/v1/PodTemplateSpec': 'Spec{}',
  'policy/v1/PodDisruptionBudgetSpec': 'MinAvailable Selector MaxUnavailable UnhealthyPodEvictionPolicy',
};

const ephemeral = `${layouts['core/v1/Container']} TargetContainerName""`;

/** @param typeName e.g. `core/v1/PodSpec` */
export function goDump(typeName: string, value: unknown): string {
  return JSON.stringify(goValue(structType(typeName)!, value), undefined, 1);
}

/** The same on one line, as it stands in `Invalid value: …`. */
export function goValueOf(typeName: string, value: unknown): unknown {
  return goValue(structType(typeName)!, value);
}

function goValue(type: StructType, value: unknown): unknown {
  const source = podLevel(type, (value ?? {}) as Record<string, unknown>);
  const layout = type.name === 'core/v1/EphemeralContainer' ? ephemeral : layouts[type.name];
  if (layout === undefined) return type.name.startsWith('meta/') ? source : named(type, source);
  const byLowerCase = new Map([...type.fields.values()].map((field) => [field.name.toLowerCase(), field]));
  const result: Record<string, unknown> = {};
  for (const entry of layout.split(' ')) {
    const [, name, zero] = /^(.*?)(""|0|false|\{\})?$/.exec(entry)!;
    const field = byLowerCase.get(name!.toLowerCase());
    const item = source[field?.name ?? lowerFirst(name!)];
    if (item !== undefined && item !== null && field) result[name!] = inside(field.type, item);
    else if (item !== undefined) result[name!] = item;
    else result[name!] = zeroOf(zero, field?.type);
  }
  return result;
}

/** Internally the host settings of a Pod stand in its security context. */
function podLevel(type: StructType, source: Record<string, unknown>): Record<string, unknown> {
  if (type.name !== 'core/v1/PodSpec') return source;
  const context: Record<string, unknown> = { ...(source.securityContext as object | undefined) };
  for (const name of ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers']) {
    if (source[name] !== undefined) context[name] = source[name];
  }
  return { ...source, securityContext: context };
}

function named(type: StructType, source: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const field of type.fields.values()) {
    const item = source[field.name];
    if (item !== undefined) result[field.name[0]!.toUpperCase() + field.name.slice(1)] = inside(field.type, item);
  }
  return result;
}

function inside(type: FieldType, value: unknown): unknown {
  if (type.kind === 'struct') return goValue(type.struct, value);
  if (type.kind === 'list') return (value as unknown[]).map((item) => inside(type.items, item));
  if (type.kind === 'map')
    return Object.fromEntries(Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1)));
  return value;
}

function zeroOf(zero: string | undefined, type: FieldType | undefined): unknown {
  if (zero === '""') return '';
  if (zero === '0') return 0;
  if (zero === 'false') return false;
  if (zero === '{}' && type?.kind === 'struct') return goValue(type.struct, {});
  return null;
}

function lowerFirst(name: string): string {
  return name[0]!.toLowerCase() + name.slice(1);
}
