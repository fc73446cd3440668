import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IVolume } from 'kubernetes-models/v1/Volume';
import {
  duplicate,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  type FieldError,
} from '../../../../apimachinery/field-error.ts';
import { isConfigMapKey, isDns1123Label } from '../../../../apimachinery/names.ts';
import { parseQuantity } from '../../../../apimachinery/quantity.ts';
import { checkName, checkRequiredName } from '../../common/validate.ts';
import { validateFieldRef, validateResourceFieldRef, volumeFieldPaths } from './env.ts';

/** Volumes and their mounts (ValidateVolumes, ValidateVolumeMounts). */

/** The volumes that are right, for the mounts to refer to. */
export type VolumesByName = ReadonlyMap<string, IVolume>;

/** Sources in the order in which upstream looks at them. */
const sources = [
  'emptyDir',
  'hostPath',
  'gitRepo',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'secret',
  'nfs',
  'iscsi',
  'glusterfs',
  'flexVolume',
  'rbd',
  'cinder',
  'cephfs',
  'quobyte',
  'vsphereVolume',
  'flocker',
  'persistentVolumeClaim',
  'downwardAPI',
  'fc',
  'configMap',
  'azureFile',
  'azureDisk',
  'storageos',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'projected',
  'csi',
  'ephemeral',
  'image',
] as const;

type SourceName = (typeof sources)[number];

export function validateVolumes(
  volumes: readonly IVolume[],
  path: string,
): { errors: FieldError[]; valid: VolumesByName } {
  const errors: FieldError[] = [];
  const valid = new Map<string, IVolume>();
  volumes.forEach((volume, i) => {
    const at = `${path}[${i}]`;
    const own = validateSource(volume, at);
    own.push(...checkRequiredName(volume.name, `${at}.name`, isDns1123Label));
    if (valid.has(volume.name)) own.push(duplicate(`${at}.name`, volume.name));
    if (own.length === 0) valid.set(volume.name, volume);
    errors.push(...own);
  });
  return { errors, valid };
}

function validateSource(volume: IVolume, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const found = sources.filter((name) => volume[name]);
  found.forEach((name, i) => {
    const path = `${at}.${name}`;
    if (i > 0) errors.push(forbidden(path, 'may not specify more than 1 volume type'));
    else errors.push(...(validators[name]?.(volume, path) ?? []));
  });
  if (found.length === 0) errors.push(required(at, 'must specify a volume type'));
  return errors;
}

const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
];

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];

const validators: Partial<Record<SourceName, (volume: IVolume, path: string) => FieldError[]>> = {
  emptyDir({ emptyDir }, path) {
    const limit = emptyDir?.sizeLimit;
    if (limit === undefined || parseQuantity(limit).nanos >= 0n) return [];
    return [forbidden(`${path}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')];
  },
  hostPath({ hostPath }, path) {
    const { path: target = '', type = '' } = hostPath!;
    if (target === '') return [required(`${path}.path`)];
    const errors = checkBacksteps(target, `${path}.path`);
    if (!hostPathTypes.includes(type)) errors.push(notSupported(`${path}.type`, type, hostPathTypes));
    return errors;
  },
  gitRepo({ gitRepo }, path) {
    if (!gitRepo!.repository) return [required(`${path}.repository`)];
    return gitRepo!.directory ? checkRelative(gitRepo!.directory, `${path}.directory`) : [];
  },
  iscsi({ iscsi }, path) {
    const errors: FieldError[] = [];
    if (!iscsi!.targetPortal) errors.push(required(`${path}.targetPortal`));
    if (!iscsi!.iqn) errors.push(required(`${path}.iqn`));
    else if (!/^(iqn|eui|naa)\./.test(iscsi!.iqn))
      errors.push(invalid(`${path}.iqn`, iscsi!.iqn, 'must be valid format starting with iqn, eui, or naa'));
    if (iscsi!.lun < 0 || iscsi!.lun > 255)
      errors.push(invalid(`${path}.lun`, iscsi!.lun, 'must be between 0 and 255, inclusive'));
    return errors;
  },
  fc({ fc }, path) {
    const hasNames = (fc!.targetWWNs?.length ?? 0) > 0;
    const hasIds = (fc!.wwids?.length ?? 0) > 0;
    const errors: FieldError[] = [];
    if (!hasNames && !hasIds)
      errors.push(required(`${path}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both'));
    if (hasNames && hasIds)
      errors.push(
        invalid(`${path}.targetWWNs`, fc!.targetWWNs, 'targetWWNs and wwids can not be specified simultaneously'),
      );
    if (hasNames && fc!.lun === undefined)
      errors.push(required(`${path}.lun`, 'lun is required if targetWWNs is specified'));
    return errors;
  },
  secret({ secret }, path) {
    const errors: FieldError[] = secret!.secretName ? [] : [required(`${path}.secretName`)];
    return [
      ...errors,
      ...checkMode(secret!.defaultMode, `${path}.defaultMode`),
      ...checkItems(secret!.items, `${path}.items`),
    ];
  },
  configMap({ configMap }, path) {
    const errors: FieldError[] = configMap!.name ? [] : [required(`${path}.name`)];
    return [
      ...errors,
      ...checkMode(configMap!.defaultMode, `${path}.defaultMode`),
      ...checkItems(configMap!.items, `${path}.items`),
    ];
  },
  nfs({ nfs }, path) {
    const errors: FieldError[] = [];
    if (!nfs!.server) errors.push(required(`${path}.server`));
    if (!nfs!.path) errors.push(required(`${path}.path`));
    else if (!nfs!.path.startsWith('/')) errors.push(invalid(`${path}.path`, nfs!.path, 'must be an absolute path'));
    return errors;
  },
  persistentVolumeClaim({ persistentVolumeClaim }, path) {
    return persistentVolumeClaim!.claimName ? [] : [required(`${path}.claimName`)];
  },
  downwardAPI({ downwardAPI }, path) {
    return [
      ...checkMode(downwardAPI!.defaultMode, `${path}.defaultMode`),
      ...(downwardAPI!.items ?? []).flatMap((item, i) => checkDownwardItem(item, `${path}.items[${i}]`)),
    ];
  },
  projected({ projected }, path) {
    const errors = checkMode(projected!.defaultMode, `${path}.defaultMode`);
    projected!.sources?.forEach((source, i) => {
      const at = `${path}.sources[${i}]`;
      const kinds = Object.keys(source);
      if (kinds.length > 1)
        errors.push(forbidden(`${at}.${kinds[1]}`, 'may not specify more than 1 volume type per source'));
      for (const name of ['secret', 'configMap'] as const) {
        const target = source[name];
        if (!target) continue;
        if (!target.name) errors.push(required(`${at}.${name}.name`));
        errors.push(...checkItems(target.items, `${at}.${name}.items`));
      }
      source.downwardAPI?.items?.forEach((item, j) =>
        errors.push(...checkDownwardItem(item, `${at}.downwardAPI.items[${j}]`)),
      );
      const token = source.serviceAccountToken;
      if (token) {
        const seconds = token.expirationSeconds ?? 3600;
        const where = `${at}.serviceAccountToken.expirationSeconds`;
        if (seconds < 600) errors.push(invalid(where, seconds, 'may not specify a duration less than 10 minutes'));
        if (!token.path) errors.push(required(`${at}.serviceAccountToken.path`));
      }
    });
    return errors;
  },
  csi({ csi }, path) {
    return csi!.driver ? [] : [required(`${path}.driver`)];
  },
  ephemeral({ ephemeral }, path) {
    return ephemeral!.volumeClaimTemplate ? [] : [required(`${path}.volumeClaimTemplate`)];
  },
  image({ image }, path) {
    const errors: FieldError[] = image!.reference ? [] : [required(`${path}.reference`)];
    const pull: string | undefined = image!.pullPolicy;
    if (pull && !pullPolicies.includes(pull)) errors.push(notSupported(`${path}.pullPolicy`, pull, pullPolicies));
    return errors;
  },
};

function checkMode(mode: number | undefined, path: string): FieldError[] {
  const message = 'must be a number between 0 and 0777 (octal), both inclusive';
  return mode === undefined || (mode >= 0 && mode <= 0o777) ? [] : [invalid(path, mode, message)];
}

function checkItems(
  items: readonly { key: string; path: string; mode?: number }[] | undefined,
  path: string,
): FieldError[] {
  return (items ?? []).flatMap((item, i) => {
    const at = `${path}[${i}]`;
    const errors: FieldError[] = item.key ? checkName(item.key, `${at}.key`, isConfigMapKey) : [required(`${at}.key`)];
    if (!item.path) errors.push(required(`${at}.path`));
    else errors.push(...checkRelative(item.path, `${at}.path`));
    return [...errors, ...checkMode(item.mode, `${at}.mode`)];
  });
}

interface DownwardItem {
  path: string;
  mode?: number;
  fieldRef?: { apiVersion?: string; fieldPath: string };
  resourceFieldRef?: { resource: string; containerName?: string };
}

function checkDownwardItem(item: DownwardItem, at: string): FieldError[] {
  const errors: FieldError[] = item.path ? checkRelative(item.path, `${at}.path`) : [required(`${at}.path`)];
  if (item.fieldRef) {
    errors.push(...validateFieldRef(item.fieldRef, volumeFieldPaths, `${at}.fieldRef`));
    if (item.resourceFieldRef)
      errors.push(invalid(at, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously'));
  } else if (item.resourceFieldRef) {
    if (!item.resourceFieldRef.containerName) errors.push(required(`${at}.resourceFieldRef.containerName`));
    errors.push(...validateResourceFieldRef(item.resourceFieldRef, `${at}.resourceFieldRef`));
  } else {
    errors.push(required(at, 'one of fieldRef and resourceFieldRef is required'));
  }
  return [...errors, ...checkMode(item.mode, `${at}.mode`)];
}

function checkBacksteps(target: string, path: string): FieldError[] {
  return target.split('/').includes('..') ? [invalid(path, target, "must not contain '..'")] : [];
}

/** `validateLocalDescendingPath`. */
function checkRelative(target: string, path: string): FieldError[] {
  const errors = target.startsWith('/') ? [invalid(path, target, 'must be a relative path')] : [];
  return [...errors, ...checkBacksteps(target, path)];
}

const propagations = ['Bidirectional', 'HostToContainer', 'None'];

type MountingContainer = Pick<IContainer, 'volumeMounts' | 'volumeDevices'> & {
  securityContext?: { privileged?: boolean };
};

export function validateVolumeMounts(container: MountingContainer, volumes: VolumesByName, path: string): FieldError[] {
  const mountPaths = new Set<string>();
  const devices = container.volumeDevices ?? [];
  return (container.volumeMounts ?? []).flatMap((mount, i) => {
    const at = `${path}[${i}]`;
    const errors: FieldError[] = mount.name ? [] : [required(`${at}.name`)];
    if (!volumes.has(mount.name)) errors.push(notFound(`${at}.name`, mount.name));
    if (!mount.mountPath) errors.push(required(`${at}.mountPath`));
    if (mountPaths.has(mount.mountPath)) errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must be unique'));
    mountPaths.add(mount.mountPath);
    if (devices.some((d) => d.name === mount.name)) {
      errors.push(invalid(`${at}.name`, mount.name, 'must not already exist in volumeDevices'));
    }
    if (devices.some((d) => d.devicePath === mount.mountPath)) {
      errors.push(invalid(`${at}.mountPath`, mount.mountPath, 'must not already exist as a path in volumeDevices'));
    }
    if (mount.subPath) errors.push(...checkRelative(mount.subPath, `${path}.subPath`));
    if (mount.subPathExpr) {
      if (mount.subPath) {
        errors.push(invalid(`${at}.subPathExpr`, mount.subPathExpr, 'subPathExpr and subPath are mutually exclusive'));
      }
      errors.push(...checkRelative(mount.subPathExpr, `${path}.subPathExpr`));
    }
    const propagation = mount.mountPropagation;
    if (propagation && !propagations.includes(propagation)) {
      errors.push(notSupported(`${at}.mountPropagation`, propagation, propagations));
    } else if (propagation === 'Bidirectional' && !container.securityContext?.privileged) {
      errors.push(
        forbidden(
          `${at}.mountPropagation`,
          'Bidirectional mount propagation is available only to privileged containers',
        ),
      );
    }
    return errors;
  });
}

export function validateVolumeDevices(
  container: MountingContainer,
  volumes: VolumesByName,
  path: string,
): FieldError[] {
  const seen = new Set<string>();
  return (container.volumeDevices ?? []).flatMap((device, i) => {
    const at = `${path}[${i}]`;
    const errors: FieldError[] = device.name ? [] : [required(`${at}.name`)];
    const volume = volumes.get(device.name);
    if (volume && !volume.persistentVolumeClaim && !volume.ephemeral) {
      errors.push(
        invalid(
          `${at}.name`,
          device.name,
          'can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode',
        ),
      );
    }
    if (!volume) errors.push(notFound(`${at}.name`, device.name));
    if (!device.devicePath) errors.push(required(`${at}.devicePath`));
    if (seen.has(device.devicePath)) errors.push(invalid(`${at}.devicePath`, device.devicePath, 'must be unique'));
    seen.add(device.devicePath);
    return errors;
  });
}
