import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import { forbidden, invalid, notSupported, required, type FieldError } from '../../../../apimachinery/field-error.ts';
import { invalidIpMessage, parseIp } from '../../../../apimachinery/ip.ts';
import { isDns1123Label, isDns1123Subdomain, isQualifiedName } from '../../../../apimachinery/names.ts';
import { checkLabels, checkName, checkOneOf, checkRequiredName, Unique } from '../../common/validate.ts';
import { validateContainers, validateEphemeralContainers, validateInitContainers } from './containers.ts';
import { validateAmount, validatePodResources, validateResourceName } from './resources.ts';
import { validateAffinity, validateTolerations, validateTopologySpread } from './scheduling.ts';
import { validatePodSecurityContext } from './security.ts';
import { validateVolumes } from './volumes.ts';

const dnsPolicies = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];

/** A Pod's spec, in upstream's order (ValidatePodSpec). @param path `spec` or `spec.template.spec` */
export function validatePodSpec(spec: IPodSpec, path: string): FieldError[] {
  const { errors, valid: volumes } = validateVolumes(spec.volumes ?? [], `${path}.volumes`);
  errors.push(...validateContainers(spec, volumes, `${path}.containers`));
  errors.push(...validatePodResources(spec, `${path}.resources`));
  errors.push(...validateInitContainers(spec, volumes, `${path}.initContainers`));
  errors.push(...validateEphemeralContainers(spec, volumes, `${path}.ephemeralContainers`));
  errors.push(...checkOneOf(spec.restartPolicy, `${path}.restartPolicy`, ['Always', 'OnFailure', 'Never']));
  errors.push(...checkOneOf(spec.dnsPolicy, `${path}.dnsPolicy`, dnsPolicies));
  errors.push(...checkLabels(spec.nodeSelector, `${path}.nodeSelector`));
  errors.push(...validatePodSecurityContext(spec, path));
  errors.push(...validateAffinity(spec.affinity, `${path}.affinity`));
  errors.push(...validateDnsConfig(spec, `${path}.dnsConfig`));
  spec.readinessGates?.forEach((gate, i) => {
    errors.push(...checkName(gate.conditionType, `${path}.readinessGates[${i}].conditionType`, isQualifiedName));
  });
  const gates = new Unique();
  spec.schedulingGates?.forEach((gate, i) => {
    const at = `${path}.schedulingGates[${i}]`;
    errors.push(...checkRequiredName(gate.name, at, isQualifiedName), ...gates.check(gate.name, at));
  });
  errors.push(...validateTopologySpread(spec.topologySpreadConstraints ?? [], `${path}.topologySpreadConstraints`));
  if (spec.serviceAccountName) {
    errors.push(...checkName(spec.serviceAccountName, `${path}.serviceAccountName`, isDns1123Subdomain));
  }
  if (spec.nodeName) errors.push(...checkName(spec.nodeName, `${path}.nodeName`, isDns1123Subdomain));
  const deadline = spec.activeDeadlineSeconds;
  if (deadline !== undefined && (deadline < 1 || deadline > 2147483647)) {
    errors.push(invalid(`${path}.activeDeadlineSeconds`, deadline, 'must be between 1 and 2147483647, inclusive'));
  }
  if (spec.hostname) errors.push(...checkName(spec.hostname, `${path}.hostname`, isDns1123Label));
  if (spec.subdomain) errors.push(...checkName(spec.subdomain, `${path}.subdomain`, isDns1123Label));
  errors.push(...validateTolerations(spec.tolerations ?? [], `${path}.tolerations`));
  spec.hostAliases?.forEach((alias, i) => {
    if (!parseIp(alias.ip)) errors.push(invalid(`${path}.hostAliases[${i}].ip`, alias.ip, invalidIpMessage));
    alias.hostnames?.forEach((name, j) => {
      errors.push(...checkName(name, `${path}.hostAliases[${i}].hostnames[${j}]`, isDns1123Subdomain));
    });
  });
  if (spec.priorityClassName) {
    errors.push(...checkName(spec.priorityClassName, `${path}.priorityClassName`, isDns1123Subdomain));
  }
  if (spec.runtimeClassName !== undefined) {
    errors.push(...checkName(spec.runtimeClassName, `${path}.runtimeClassName`, isDns1123Subdomain));
  }
  const preemption: string | undefined = spec.preemptionPolicy;
  if (preemption && !['PreemptLowerPriority', 'Never'].includes(preemption)) {
    errors.push(notSupported(`${path}.preemptionPolicy`, preemption, ['PreemptLowerPriority', 'Never']));
  }
  for (const [name, amount] of Object.entries(spec.overhead ?? {})) {
    errors.push(
      ...validateResourceName(name, `${path}.overhead`),
      ...validateAmount(name, amount, `${path}.overhead[${name}]`),
    );
  }
  const os: string | undefined = spec.os?.name;
  if (spec.os && !os) errors.push(required(`${path}.os.name`));
  else if (os && !['linux', 'windows'].includes(os))
    errors.push(notSupported(`${path}.os.name`, os, ['linux', 'windows']));
  return errors;
}

function validateDnsConfig(spec: IPodSpec, path: string): FieldError[] {
  const config = spec.dnsConfig;
  const servers = config?.nameservers ?? [];
  if (spec.dnsPolicy === 'None') {
    if (!config) return [required(path, 'must provide `dnsConfig` when `dnsPolicy` is None')];
    if (servers.length === 0)
      return [required(`${path}.nameservers`, 'must provide at least one DNS nameserver when `dnsPolicy` is None')];
  }
  const errors: FieldError[] = [];
  if (servers.length > 3) errors.push(invalid(`${path}.nameservers`, servers, 'must not have more than 3 nameservers'));
  servers.forEach((ip, i) => {
    if (!parseIp(ip)) errors.push(invalid(`${path}.nameservers[${i}]`, ip, invalidIpMessage));
  });
  config?.options?.forEach((option, i) => {
    if (!option.name) errors.push(required(`${path}.options[${i}]`, 'must not be empty'));
  });
  return errors;
}

/** A template for Pods (ValidatePodTemplateSpec). @param path e.g. `spec.template` */
export function validatePodTemplate(
  template: { metadata?: { labels?: Record<string, string>; annotations?: Record<string, string> }; spec?: IPodSpec },
  path: string,
): FieldError[] {
  const errors = checkLabels(template.metadata?.labels, `${path}.metadata.labels`);
  for (const key of Object.keys(template.metadata?.annotations ?? {})) {
    errors.push(...checkName(key.toLowerCase(), `${path}.metadata.annotations`, isQualifiedName));
  }
  errors.push(...validatePodSpec(template.spec ?? { containers: [] }, `${path}.spec`));
  if (template.spec?.ephemeralContainers?.length) {
    errors.push(forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'));
  }
  return errors;
}
