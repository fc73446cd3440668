import type { IEnvFromSource } from 'kubernetes-models/v1/EnvFromSource';
import type { IEnvVar } from 'kubernetes-models/v1/EnvVar';
import { invalid, notSupported, required, type FieldError } from '../../../../apimachinery/field-error.ts';
import { isConfigMapKey, isDns1123Subdomain, isEnvVarName } from '../../../../apimachinery/names.ts';
import { checkName, checkRequiredName } from '../../common/validate.ts';

/** Environment variables and where they come from (ValidateEnv, ValidateEnvFrom). */

export function validateEnv(variables: readonly IEnvVar[], path: string): FieldError[] {
  return variables.flatMap((variable, i) => [
    ...checkRequiredName(variable.name, `${path}[${i}].name`, isEnvVarName),
    ...validateValueFrom(variable, `${path}[${i}].valueFrom`),
  ]);
}

function validateValueFrom({ value, valueFrom }: IEnvVar, path: string): FieldError[] {
  if (!valueFrom) return [];
  const errors: FieldError[] = [];
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = valueFrom;
  if (fieldRef) errors.push(...validateFieldRef(fieldRef, envFieldPaths, `${path}.fieldRef`));
  if (resourceFieldRef) errors.push(...validateResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`));
  if (configMapKeyRef) errors.push(...validateKeyRef(configMapKeyRef, `${path}.configMapKeyRef`));
  if (secretKeyRef) errors.push(...validateKeyRef(secretKeyRef, `${path}.secretKeyRef`));
  const sources = [fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef].filter(Boolean).length;
  if (sources === 0) {
    const list = '`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`';
    errors.push(invalid(path, '', `must specify one of: ${list}`));
  } else if (value) {
    errors.push(invalid(path, '', 'may not be specified when `value` is not empty'));
  } else if (sources > 1) {
    errors.push(invalid(path, '', 'may not have more than one field specified at a time'));
  }
  return errors;
}

function validateKeyRef(reference: { name?: string; key: string }, path: string): FieldError[] {
  const errors: FieldError[] = reference.name ? [] : [required(`${path}.name`)];
  return [...errors, ...checkRequiredName(reference.key, `${path}.key`, isConfigMapKey)];
}

const envFieldPaths = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];

export const volumeFieldPaths = [
  'metadata.annotations',
  'metadata.labels',
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
];

/** Paths that name a field of a Pod at all. */
const knownFieldPaths = new Set([
  ...envFieldPaths,
  ...volumeFieldPaths,
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.hostNetwork',
  'status.phase',
  'status.nominatedNodeName',
]);

export function validateFieldRef(
  reference: { apiVersion?: string; fieldPath: string },
  allowed: readonly string[],
  path: string,
): FieldError[] {
  const { fieldPath } = reference;
  if (!fieldPath) return [required(`${path}.fieldPath`)];
  const subscript = /^(metadata\.(?:labels|annotations))\['(.*)'\]$/.exec(fieldPath);
  if (subscript) return [];
  if (!knownFieldPaths.has(fieldPath)) {
    const reason = `error converting fieldPath: field label not supported: ${fieldPath}`;
    return [invalid(`${path}.fieldPath`, fieldPath, reason)];
  }
  return allowed.includes(fieldPath) ? [] : [notSupported(`${path}.fieldPath`, fieldPath, allowed)];
}

const containerResources = ['cpu', 'ephemeral-storage', 'memory']
  .flatMap((r) => [`limits.${r}`, `requests.${r}`])
  .sort();

export function validateResourceFieldRef(
  reference: { resource: string; containerName?: string },
  path: string,
): FieldError[] {
  const { resource } = reference;
  if (!resource) return [required(`${path}.resource`)];
  if (containerResources.includes(resource) || /^(limits|requests)\.hugepages-/.test(resource)) return [];
  return [notSupported(`${path}.resource`, resource, containerResources)];
}

export function validateEnvFrom(sources: readonly IEnvFromSource[], path: string): FieldError[] {
  return sources.flatMap((source, i) => {
    const at = `${path}[${i}]`;
    const errors = source.prefix ? checkName(source.prefix, `${at}.prefix`, isEnvVarName) : [];
    const references = (['configMapRef', 'secretRef'] as const).filter((name) => source[name]);
    for (const name of references) {
      const target = source[name]!.name;
      errors.push(...checkRequiredName(target, `${at}.${name}.name`, isDns1123Subdomain));
    }
    if (references.length === 0) errors.push(invalid(at, '', 'must specify one of: `configMapRef` or `secretRef`'));
    if (references.length > 1) errors.push(invalid(at, '', 'may not have more than one field specified at a time'));
    return errors;
  });
}
