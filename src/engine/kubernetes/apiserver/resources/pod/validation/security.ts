import type { IPodSecurityContext } from 'kubernetes-models/v1/PodSecurityContext';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import type { ISecurityContext } from 'kubernetes-models/v1/SecurityContext';
import { invalid, notSupported, required, type FieldError } from '../../../../apimachinery/field-error.ts';

/** Security contexts of containers and Pods (ValidateSecurityContext, validatePodSpecSecurityContext). */

const maxId = 2147483647;

function checkId(value: number | undefined, path: string): FieldError[] {
  if (value === undefined || (value >= 0 && value <= maxId)) return [];
  return [invalid(path, value, `must be between 0 and ${maxId}, inclusive`)];
}

interface SeccompProfile {
  type: string;
  localhostProfile?: string;
}

const profileTypes = ['Localhost', 'RuntimeDefault', 'Unconfined'];

function checkSeccomp(profile: SeccompProfile | undefined, path: string): FieldError[] {
  if (!profile) return [];
  if (!profile.type) return [required(`${path}.type`, 'type is required when seccompProfile is set')];
  if (!profileTypes.includes(profile.type)) return [notSupported(`${path}.type`, profile.type, profileTypes)];
  if (profile.type === 'Localhost') {
    return profile.localhostProfile
      ? []
      : [required(`${path}.localhostProfile`, 'must be set when seccomp type is Localhost')];
  }
  return profile.localhostProfile === undefined
    ? []
    : [invalid(`${path}.localhostProfile`, profile, 'can only be set when seccomp type is Localhost')];
}

export function validateSecurityContext(context: ISecurityContext | undefined, path: string): FieldError[] {
  if (!context) return [];
  const errors = [
    ...checkId(context.runAsUser, `${path}.runAsUser`),
    ...checkId(context.runAsGroup, `${path}.runAsGroup`),
  ];
  const { procMount } = context;
  if (procMount && procMount !== 'Default' && procMount !== 'Unmasked') {
    errors.push(notSupported(`${path}.procMount`, procMount, ['Default', 'Unmasked']));
  }
  errors.push(...checkSeccomp(context.seccompProfile, `${path}.seccompProfile`));
  if (context.allowPrivilegeEscalation === false) {
    if (context.privileged) {
      errors.push(invalid(path, context, 'cannot set `allowPrivilegeEscalation` to false and `privileged` to true'));
    }
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) {
      errors.push(
        invalid(path, context, 'cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN'),
      );
    }
  }
  return errors;
}

const sysctlName = /^[a-z0-9]([-_a-z0-9]*[a-z0-9])?([./][a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/;

export function validatePodSecurityContext(spec: IPodSpec, specPath: string): FieldError[] {
  const context: IPodSecurityContext | undefined = spec.securityContext;
  const errors = validateHostNetworkPorts(spec, specPath);
  if (!context) return errors;
  const path = `${specPath}.securityContext`;
  errors.push(...checkId(context.fsGroup, `${path}.fsGroup`));
  errors.push(...checkId(context.runAsUser, `${path}.runAsUser`));
  errors.push(...checkId(context.runAsGroup, `${path}.runAsGroup`));
  context.supplementalGroups?.forEach((id, i) => errors.push(...checkId(id, `${path}.supplementalGroups[${i}]`)));
  if (spec.shareProcessNamespace && spec.hostPID) {
    errors.push(
      invalid(`${specPath}.shareProcessNamespace`, true, 'ShareProcessNamespace and HostPID cannot both be enabled'),
    );
  }
  context.sysctls?.forEach(({ name }, i) => {
    const at = `${path}.sysctls[${i}].name`;
    if (!name) errors.push(required(at));
    else if (!sysctlName.test(name)) {
      const format = '^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$';
      errors.push(invalid(at, name, `must have at most 253 characters and match regex ${format}`));
    }
  });
  const change = context.fsGroupChangePolicy;
  if (change && !['Always', 'OnRootMismatch'].includes(change)) {
    errors.push(notSupported(`${path}.fsGroupChangePolicy`, change, ['Always', 'OnRootMismatch']));
  }
  errors.push(...checkSeccomp(context.seccompProfile, `${path}.seccompProfile`));
  return errors;
}

function validateHostNetworkPorts(spec: IPodSpec, specPath: string): FieldError[] {
  if (!spec.hostNetwork) return [];
  return (spec.containers ?? []).flatMap((container, i) =>
    (container.ports ?? []).flatMap((port, j) =>
      !port.hostPort || port.hostPort === port.containerPort
        ? []
        : [
            invalid(
              `${specPath}.containers[${i}].ports[${j}].containerPort`,
              port.containerPort,
              'must match `hostPort` when `hostNetwork` is true',
            ),
          ],
    ),
  );
}
