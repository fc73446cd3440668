import type { IVolume } from 'kubernetes-models/v1/Volume';
import { formatValue } from '../../../gotemplate/index.ts';
import { claimSummary } from './claims.ts';
import { shorten, sortedEntries, type StringMap } from './format.ts';
import type { DescriptionWriter } from './writer.ts';

type Source = Readonly<Record<string, unknown>>;

/** How one kind of volume is described: what it is, and its fields as label and value. */
interface VolumeType {
  readonly type: string;
  readonly fields?: (source: Source) => readonly (readonly [label: string, value: unknown])[];
  /** Whatever isn't label and value. */
  readonly more?: (w: DescriptionWriter, source: Source) => void;
}

const text = (value: unknown): unknown => value ?? '';
const flag = (value: unknown): boolean => value === true;
const number = (value: unknown): unknown => value ?? 0;
/** A reference as Go prints a pointer to it. */
const reference = (value: unknown): string => {
  if (value === undefined || value === null) return 'nil';
  const fields = value as StringMap;
  const shown = Object.entries({ Name: fields['name'] ?? '', Namespace: fields['namespace'] });
  return `&SecretReference{${shown.map(([k, v]) => `${k}:${v ?? ''}`).join(',')},}`;
};
const localReference = (value: unknown): string =>
  value === undefined || value === null ? 'nil' : `&LocalObjectReference{Name:${(value as StringMap)['name'] ?? ''},}`;

const rbd = (s: Source) =>
  [
    ['CephMonitors', formatValue(s['monitors'] ?? [])],
    ['RBDImage', text(s['image'])],
    ['FSType', text(s['fsType'])],
    ['RBDPool', text(s['pool'])],
    ['RadosUser', text(s['user'])],
    ['Keyring', text(s['keyring'])],
    ['SecretRef', localReference(s['secretRef'])],
    ['ReadOnly', flag(s['readOnly'])],
  ] as const;

/** In the order in which sources are looked for. */
export const volumeTypes: Readonly<Record<string, VolumeType>> = {
  hostPath: {
    type: 'HostPath (bare host directory volume)',
    fields: (s) => [
      ['Path', text(s['path'])],
      ['HostPathType', s['type'] ?? '<none>'],
    ],
  },
  emptyDir: {
    type: "EmptyDir (a temporary directory that shares a pod's lifetime)",
    fields: (s) => [
      ['Medium', text(s['medium'])],
      ['SizeLimit', s['sizeLimit'] && s['sizeLimit'] !== '0' ? s['sizeLimit'] : '<unset>'],
    ],
  },
  gcePersistentDisk: {
    type: 'GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)',
    fields: (s) => [
      ['PDName', text(s['pdName'])],
      ['FSType', text(s['fsType'])],
      ['Partition', number(s['partition'])],
      ['ReadOnly', flag(s['readOnly'])],
    ],
  },
  awsElasticBlockStore: {
    type: 'AWSElasticBlockStore (a Persistent Disk resource in AWS)',
    fields: (s) => [
      ['VolumeID', text(s['volumeID'])],
      ['FSType', text(s['fsType'])],
      ['Partition', number(s['partition'])],
      ['ReadOnly', flag(s['readOnly'])],
    ],
  },
  gitRepo: {
    type: 'GitRepo (a volume that is pulled from git when the pod is created)',
    fields: (s) => [
      ['Repository', text(s['repository'])],
      ['Revision', text(s['revision'])],
    ],
  },
  secret: {
    type: 'Secret (a volume populated by a Secret)',
    fields: (s) => [
      ['SecretName', text(s['secretName'])],
      ['Optional', flag(s['optional'])],
    ],
  },
  configMap: {
    type: 'ConfigMap (a volume populated by a ConfigMap)',
    fields: (s) => [
      ['Name', text(s['name'])],
      ['Optional', flag(s['optional'])],
    ],
  },
  nfs: {
    type: 'NFS (an NFS mount that lasts the lifetime of a pod)',
    fields: (s) => [
      ['Server', text(s['server'])],
      ['Path', text(s['path'])],
      ['ReadOnly', flag(s['readOnly'])],
    ],
  },
  iscsi: {
    type: "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)",
    more: (w, s) => {
      w.field(2, 'TargetPortal', text(s['targetPortal']));
      w.field(2, 'IQN', text(s['iqn']));
      w.field(2, 'Lun', number(s['lun']));
      w.row(2, 'ISCSIInterface', text(s['iscsiInterface']));
      w.field(2, 'FSType', text(s['fsType']));
      w.field(2, 'ReadOnly', flag(s['readOnly']));
      w.field(2, 'Portals', formatValue(s['portals'] ?? []));
      w.field(2, 'DiscoveryCHAPAuth', flag(s['chapAuthDiscovery']));
      w.field(2, 'SessionCHAPAuth', flag(s['chapAuthSession']));
      w.field(2, 'SecretRef', localReference(s['secretRef']));
      w.field(2, 'InitiatorName', s['initiatorName'] ?? '<none>');
    },
  },
  glusterfs: {
    type: "Glusterfs (a Glusterfs mount on the host that shares a pod's lifetime)",
    fields: (s) => [
      ['EndpointsName', text(s['endpoints'])],
      ['Path', text(s['path'])],
      ['ReadOnly', flag(s['readOnly'])],
    ],
  },
  persistentVolumeClaim: {
    type: 'PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)',
    fields: (s) => [
      ['ClaimName', text(s['claimName'])],
      ['ReadOnly', flag(s['readOnly'])],
    ],
  },
  ephemeral: {
    type: 'EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)',
    more: (w, s) => {
      const template = s['volumeClaimTemplate'] as Parameters<typeof claimSummary>[1] | undefined;
      if (template) claimSummary(w.nested(2), template);
    },
  },
  rbd: { type: "RBD (a Rados Block Device mount on the host that shares a pod's lifetime)", fields: rbd },
  quobyte: {
    type: "Quobyte (a Quobyte mount on the host that shares a pod's lifetime)",
    fields: (s) => [
      ['Registry', text(s['registry'])],
      ['Volume', text(s['volume'])],
      ['ReadOnly', flag(s['readOnly'])],
    ],
  },
  downwardAPI: {
    type: 'DownwardAPI (a volume populated by information about the pod)',
    more: (w, s) => {
      w.line(2, 'Items:');
      for (const item of (s['items'] ?? []) as { path: string; fieldRef?: StringMap; resourceFieldRef?: StringMap }[]) {
        if (item.fieldRef) w.line(3, `${item.fieldRef['fieldPath']} -> ${item.path}`);
        if (item.resourceFieldRef) w.line(3, `${item.resourceFieldRef['resource']} -> ${item.path}`);
      }
    },
  },
  azureDisk: {
    type: 'AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)',
    fields: (s) => [
      ['DiskName', text(s['diskName'])],
      ['DiskURI', text(s['diskURI'])],
      ['Kind', text(s['kind'])],
      ['FSType', text(s['fsType'])],
      ['CachingMode', text(s['cachingMode'])],
      ['ReadOnly', flag(s['readOnly'])],
    ],
  },
  vsphereVolume: {
    type: 'vSphereVolume (a Persistent Disk resource in vSphere)',
    fields: (s) => [
      ['VolumePath', text(s['volumePath'])],
      ['FSType', text(s['fsType'])],
      ['StoragePolicyName', text(s['storagePolicyName'])],
    ],
  },
  cinder: {
    type: 'Cinder (a Persistent Disk resource in OpenStack)',
    fields: (s) => [
      ['VolumeID', text(s['volumeID'])],
      ['FSType', text(s['fsType'])],
      ['ReadOnly', flag(s['readOnly'])],
      ['SecretRef', localReference(s['secretRef'])],
    ],
  },
  photonPersistentDisk: {
    type: 'PhotonPersistentDisk (a Persistent Disk resource in photon platform)',
    fields: (s) => [
      ['PdID', text(s['pdID'])],
      ['FSType', text(s['fsType'])],
    ],
  },
  portworxVolume: {
    type: 'PortworxVolume (a Portworx Volume resource)',
    fields: (s) => [['VolumeID', text(s['volumeID'])]],
  },
  scaleIO: {
    type: 'ScaleIO (a persistent volume backed by a block device in ScaleIO)',
    fields: (s) => [
      ['Gateway', text(s['gateway'])],
      ['System', text(s['system'])],
      ['Protection Domain', text(s['protectionDomain'])],
      ['Storage Pool', text(s['storagePool'])],
      ['Storage Mode', text(s['storageMode'])],
      ['VolumeName', text(s['volumeName'])],
      ['FSType', text(s['fsType'])],
      ['ReadOnly', flag(s['readOnly'])],
    ],
  },
  local: {
    type: 'LocalVolume (a persistent volume backed by local storage on a node)',
    fields: (s) => [['Path', text(s['path'])]],
  },
  cephfs: {
    type: "CephFS (a CephFS mount on the host that shares a pod's lifetime)",
    fields: (s) => [
      ['Monitors', formatValue(s['monitors'] ?? [])],
      ['Path', text(s['path'])],
      ['User', text(s['user'])],
      ['SecretFile', text(s['secretFile'])],
      ['SecretRef', localReference(s['secretRef'])],
      ['ReadOnly', flag(s['readOnly'])],
    ],
  },
  storageos: {
    type: 'StorageOS (a StorageOS Persistent Disk resource)',
    fields: (s) => [
      ['VolumeName', text(s['volumeName'])],
      ['VolumeNamespace', text(s['volumeNamespace'])],
      ['FSType', text(s['fsType'])],
      ['ReadOnly', flag(s['readOnly'])],
    ],
  },
  fc: {
    type: 'FC (a Fibre Channel disk)',
    fields: (s) => [
      ['TargetWWNs', ((s['targetWWNs'] ?? []) as string[]).join(', ')],
      ['LUN', s['lun'] ?? '<none>'],
      ['FSType', text(s['fsType'])],
      ['ReadOnly', flag(s['readOnly'])],
    ],
  },
  azureFile: {
    type: 'AzureFile (an Azure File Service mount on the host and bind mount to the pod)',
    fields: (s) => [
      ['SecretName', text(s['secretName'])],
      ...('secretNamespace' in s ? [['SecretNamespace', s['secretNamespace']] as const] : []),
      ['ShareName', text(s['shareName'])],
      ['ReadOnly', flag(s['readOnly'])],
    ],
  },
  flexVolume: {
    type: 'FlexVolume (a generic volume resource that is provisioned/attached using an exec based plugin)',
    fields: (s) => [
      ['Driver', text(s['driver'])],
      ['FSType', text(s['fsType'])],
      ['SecretRef', reference(s['secretRef'])],
      ['ReadOnly', flag(s['readOnly'])],
      ['Options', formatValue(s['options'] ?? {})],
    ],
  },
  flocker: {
    type: 'Flocker (a Flocker volume mounted by the Flocker agent)',
    fields: (s) => [
      ['DatasetName', text(s['datasetName'])],
      ['DatasetUUID', text(s['datasetUUID'])],
    ],
  },
  projected: {
    type: 'Projected (a volume that contains injected data from multiple sources)',
    more: (w, s) => {
      for (const source of (s['sources'] ?? []) as Readonly<Record<string, Source>>[]) {
        if (source['secret']) {
          w.field(2, 'SecretName', text(source['secret']['name']));
          w.field(2, 'Optional', flag(source['secret']['optional']));
        } else if (source['downwardAPI']) w.field(2, 'DownwardAPI', true);
        else if (source['configMap']) {
          w.field(2, 'ConfigMapName', text(source['configMap']['name']));
          w.field(2, 'Optional', flag(source['configMap']['optional']));
        } else if (source['serviceAccountToken'])
          w.field(2, 'TokenExpirationSeconds', number(source['serviceAccountToken']['expirationSeconds']));
      }
    },
  },
  csi: {
    type: 'CSI (a Container Storage Interface (CSI) volume source)',
    fields: (s) => [
      ['Driver', text(s['driver'])],
      ['FSType', text(s['fsType'])],
      ...('volumeHandle' in s ? [['VolumeHandle', s['volumeHandle']] as const] : []),
      ['ReadOnly', flag(s['readOnly'])],
    ],
    more: (w, s) => {
      const attributes = sortedEntries(s['volumeAttributes'] as StringMap | undefined);
      const lines = attributes.map(([key, value]) => shorten(`${key}=${value}`, 140));
      if (lines.length === 0) w.field(2, 'VolumeAttributes', '<none>');
      lines.forEach((line, i) => w.line(2, i === 0 ? `VolumeAttributes:\t${line}` : `    \t${line}`));
    },
  },
  image: {
    type: 'Image (a container image or OCI artifact)',
    fields: (s) => [
      ['Reference', text(s['reference'])],
      ['PullPolicy', text(s['pullPolicy'])],
    ],
  },
};

/** The volume source among an object's fields. */
export function writeVolumeSource(w: DescriptionWriter, holder: object): void {
  const found = Object.entries(volumeTypes).find(([key]) => (holder as Source)[key] !== undefined);
  if (!found) return w.line(1, '<unknown>');
  const [key, volume] = found;
  const source = (holder as Source)[key] as Source;
  w.field(2, 'Type', volume.type);
  for (const [label, value] of volume.fields?.(source) ?? []) w.field(2, label, value);
  volume.more?.(w, source);
}

/** `nested` is set for pod templates, whose sections are indented already. */
export function writeVolumes(w: DescriptionWriter, nested: boolean, volumes: readonly IVolume[] = []): void {
  const space = nested ? '  ' : '';
  if (volumes.length === 0) return w.line(0, `${space}Volumes:\t<none>`);
  w.line(0, `${space}Volumes:`);
  for (const volume of volumes) {
    w.line(1, `${nested ? ' ' : ''}${volume.name}:`);
    writeVolumeSource(w, volume);
  }
}
