import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IEphemeralContainer } from 'kubernetes-models/v1/EphemeralContainer';
import type { ILifecycle } from 'kubernetes-models/v1/Lifecycle';
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../../apimachinery/field-error.ts';
import { isDns1123Label, isValidPortName, isValidPortNumber } from '../../../../apimachinery/names.ts';
import { checkName, checkRequiredName, Unique } from '../../common/validate.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import { validateHandler, validateLivenessProbe, validateReadinessProbe, validateStartupProbe } from './probes.ts';
import { validateResizePolicy, validateResources } from './resources.ts';
import { validateSecurityContext } from './security.ts';
import { validateVolumeDevices, validateVolumeMounts, type VolumesByName } from './volumes.ts';

/** Containers of a Pod (validateContainers, validateInitContainers, validateEphemeralContainers). */

const protocols = ['SCTP', 'TCP', 'UDP'];

export function validateContainers(spec: IPodSpec, volumes: VolumesByName, path: string): FieldError[] {
  const containers = spec.containers ?? [];
  if (containers.length === 0) return [required(path)];
  const errors: FieldError[] = [];
  const names = new Unique();
  containers.forEach((container, i) => {
    const at = `${path}[${i}]`;
    errors.push(...validateContainer(container, spec, volumes, at));
    errors.push(...names.check(container.name, `${at}.name`));
    errors.push(...validateLifecycle(container.lifecycle, spec, `${at}.lifecycle`));
    errors.push(...validateLivenessProbe(container.livenessProbe, `${at}.livenessProbe`));
    errors.push(...validateReadinessProbe(container.readinessProbe, `${at}.readinessProbe`));
    errors.push(...validateStartupProbe(container.startupProbe, `${at}.startupProbe`));
    errors.push(...validateRestartPolicy(container.restartPolicy, ['Always', 'Never', 'OnFailure'], at));
  });
  errors.push(...hostPortConflicts(containers, path));
  return errors;
}

export function validateInitContainers(spec: IPodSpec, volumes: VolumesByName, path: string): FieldError[] {
  const containers = spec.initContainers ?? [];
  const errors: FieldError[] = [];
  const names = new Set((spec.containers ?? []).map((c) => c.name));
  containers.forEach((container, i) => {
    const at = `${path}[${i}]`;
    const restartable = container.restartPolicy === 'Always';
    errors.push(...validateContainer(container, spec, volumes, at));
    errors.push(...validateRestartPolicy(container.restartPolicy, ['Always', 'Never', 'OnFailure'], at));
    if (container.name && names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    else if (container.name) names.add(container.name);
    errors.push(...hostPortConflicts([container], path, i));
    if (restartable) {
      errors.push(...validateLifecycle(container.lifecycle, spec, `${at}.lifecycle`));
      errors.push(...validateLivenessProbe(container.livenessProbe, `${at}.livenessProbe`));
      errors.push(...validateReadinessProbe(container.readinessProbe, `${at}.readinessProbe`));
      errors.push(...validateStartupProbe(container.startupProbe, `${at}.startupProbe`));
    } else {
      const message = 'may not be set for init containers without restartPolicy=Always';
      for (const name of ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const) {
        if (container[name]) errors.push(forbidden(`${at}.${name}`, message));
      }
    }
  });
  return errors;
}

const ephemeralFields = new Set(
  [
    'name image command args workingDir env envFrom volumeMounts volumeDevices imagePullPolicy securityContext stdin stdinOnce tty',
    'terminationMessagePath terminationMessagePolicy targetContainerName resources',
  ].flatMap((names) => names.split(' ')),
);

export function validateEphemeralContainers(spec: IPodSpec, volumes: VolumesByName, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const others = [...(spec.containers ?? []), ...(spec.initContainers ?? [])].map((c) => c.name);
  const names = new Set(others);
  (spec.ephemeralContainers ?? []).forEach((container, i) => {
    const at = `${path}[${i}]`;
    errors.push(...validateContainer(container, spec, volumes, at));
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !others.includes(target))
      errors.push({ ...invalid(`${at}.targetContainerName`, target, ''), type: 'FieldValueNotFound' });
    for (const name of Object.keys(container)) {
      const isEmpty = name === 'resources' && Object.keys(container.resources ?? {}).length === 0;
      if (!isEmpty && (!ephemeralFields.has(name) || name === 'resources')) {
        errors.push(forbidden(`${at}.${name}`, 'cannot be set for an Ephemeral Container'));
      }
    }
  });
  return errors;
}

function validateContainer(
  container: IContainer | IEphemeralContainer,
  { resourceClaims = [] }: IPodSpec,
  volumes: VolumesByName,
  at: string,
): FieldError[] {
  const errors = checkRequiredName(container.name, `${at}.name`, isDns1123Label);
  const image = container.image ?? '';
  if (image === '') errors.push(required(`${at}.image`));
  else if (image.trim() !== image)
    errors.push(invalid(`${at}.image`, image, 'must not have leading or trailing whitespace'));
  const policy = container.terminationMessagePolicy;
  if (policy && policy !== 'File' && policy !== 'FallbackToLogsOnError') {
    errors.push(notSupported(`${at}.terminationMessagePolicy`, policy, ['FallbackToLogsOnError', 'File']));
  }
  errors.push(...validatePorts(container.ports ?? [], `${at}.ports`));
  errors.push(...validateEnv(container.env ?? [], `${at}.env`));
  errors.push(...validateEnvFrom(container.envFrom ?? [], `${at}.envFrom`));
  errors.push(...validateVolumeMounts(container, volumes, `${at}.volumeMounts`));
  errors.push(...validateVolumeDevices(container, volumes, `${at}.volumeDevices`));
  const pull: string | undefined = container.imagePullPolicy;
  if (!pull) errors.push(required(`${at}.imagePullPolicy`));
  else if (!['Always', 'IfNotPresent', 'Never'].includes(pull)) {
    errors.push(notSupported(`${at}.imagePullPolicy`, pull, ['Always', 'IfNotPresent', 'Never']));
  }
  const claims = new Set(resourceClaims.map(({ name }) => name));
  errors.push(...validateResources(container.resources, `${at}.resources`, claims));
  errors.push(...validateResizePolicy(container as IContainer, `${at}.resizePolicy`));
  errors.push(...validateSecurityContext(container.securityContext, `${at}.securityContext`));
  return errors;
}

function validatePorts(ports: NonNullable<IContainer['ports']>, path: string): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, i) => {
    const at = `${path}[${i}]`;
    const errors: FieldError[] = [];
    if (port.name) {
      const complaints = checkName(port.name, `${at}.name`, isValidPortName);
      errors.push(...complaints);
      if (complaints.length === 0 && names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    if (!port.containerPort) errors.push(required(`${at}.containerPort`));
    else
      errors.push(
        ...isValidPortNumber(port.containerPort).map((m) => invalid(`${at}.containerPort`, port.containerPort, m)),
      );
    if (port.hostPort) {
      errors.push(...isValidPortNumber(port.hostPort).map((m) => invalid(`${at}.hostPort`, port.hostPort, m)));
    }
    if (!port.protocol) errors.push(required(`${at}.protocol`));
    else if (!protocols.includes(port.protocol)) errors.push(notSupported(`${at}.protocol`, port.protocol, protocols));
    return errors;
  });
}

function hostPortConflicts(containers: readonly IContainer[], path: string, offset = 0): FieldError[] {
  const seen = new Set<string>();
  const errors: FieldError[] = [];
  containers.forEach((container, i) => {
    container.ports?.forEach((port, j) => {
      if (!port.hostPort) return;
      const key = `${port.protocol}/${port.hostIP ?? ''}/${port.hostPort}`;
      if (seen.has(key)) errors.push(duplicate(`${path}[${i + offset}].ports[${j}].hostPort`, key));
      seen.add(key);
    });
  });
  return errors;
}

function validateRestartPolicy(policy: string | undefined, allowed: readonly string[], at: string): FieldError[] {
  return !policy || allowed.includes(policy) ? [] : [notSupported(`${at}.restartPolicy`, policy, allowed)];
}

function validateLifecycle(lifecycle: ILifecycle | undefined, spec: IPodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const seconds = spec.terminationGracePeriodSeconds;
  if (lifecycle?.postStart) errors.push(...validateHandler(lifecycle.postStart, `${path}.postStart`, seconds));
  if (lifecycle?.preStop) errors.push(...validateHandler(lifecycle.preStop, `${path}.preStop`, seconds));
  return errors;
}
