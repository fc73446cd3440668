import {
  duplicate,
  forbidden,
  invalid,
  notSupported,
  required,
  type FieldError,
} from '../../../apimachinery/field-error.ts';
import { cidrContains, invalidIpMessage, parseCidr, parseIp } from '../../../apimachinery/ip.ts';
import { isDns1123Label, isDns1123Subdomain, isQualifiedName, isValidPortNumber } from '../../../apimachinery/names.ts';
import type { Service } from '../../../types.ts';
import { checkImmutable, checkLabels, checkName, same } from '../common/validate.ts';
import { validatePort } from '../pod/validation/probes.ts';
import { isHeadless, needsHealthCheck } from './allocation.ts';

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const protocols = ['SCTP', 'TCP', 'UDP'];

/** ValidateService, in upstream's order. */
export function validateService(service: Service): FieldError[] {
  const { spec } = service;
  const errors: FieldError[] = [];
  const ports = spec?.ports ?? [];
  if (ports.length === 0 && !isHeadless(service) && spec.type !== 'ExternalName') errors.push(required('spec.ports'));
  errors.push(...validateType(service));
  const names = new Set<string>();
  ports.forEach((port, i) => {
    const at = `spec.ports[${i}]`;
    if (ports.length > 1 && !port.name) errors.push(required(`${at}.name`));
    else if (port.name) {
      errors.push(...checkName(port.name, `${at}.name`, isDns1123Label));
      if (names.has(port.name)) errors.push(duplicate(`${at}.name`, port.name));
      names.add(port.name);
    }
    errors.push(...isValidPortNumber(port.port ?? 0).map((message) => invalid(`${at}.port`, port.port ?? 0, message)));
    const protocol: string = port.protocol ?? '';
    if (!protocol) errors.push(required(`${at}.protocol`));
    else if (!protocols.includes(protocol)) errors.push(notSupported(`${at}.protocol`, protocol, protocols));
    errors.push(...validatePort(port.targetPort, `${at}.targetPort`));
    if (port.appProtocol !== undefined)
      errors.push(...checkName(port.appProtocol, `${at}.appProtocol`, isQualifiedName));
  });
  errors.push(...checkLabels(spec.selector, 'spec.selector'));
  errors.push(...validateAffinity(spec));
  errors.push(...validateAddresses(spec));
  const type: string = spec.type ?? '';
  if (!type) errors.push(required('spec.type'));
  else if (!types.includes(type)) errors.push(notSupported('spec.type', type, types));
  errors.push(...validateNodePorts(spec));
  errors.push(...validatePolicies(spec));
  return errors;
}

function validateType(service: Service): FieldError[] {
  const { spec } = service;
  const errors: FieldError[] = [];
  switch (spec.type) {
    case 'LoadBalancer':
    case 'NodePort':
      spec.ports?.forEach((port, i) => {
        if (spec.type === 'LoadBalancer' && port.port === 10250) {
          errors.push(
            invalid(`spec.ports[${i}]`, 10250, 'may not expose port 10250 externally since it is used by kubelet'),
          );
        }
      });
      if (isHeadless(service)) {
        errors.push(invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`));
      }
      break;
    case 'ExternalName': {
      const message = 'may not be set for ExternalName services';
      if (spec.clusterIPs?.length || spec.clusterIP) errors.push(forbidden('spec.clusterIPs', message));
      if (spec.ipFamilies?.length) errors.push(forbidden('spec.ipFamilies', message));
      if (spec.ipFamilyPolicy) errors.push(forbidden('spec.ipFamilyPolicy', message));
      const name = (spec.externalName ?? '').replace(/\.$/, '');
      if (name) errors.push(...checkName(name, 'spec.externalName', isDns1123Subdomain));
      else errors.push(required('spec.externalName'));
      break;
    }
  }
  return errors;
}

function validateAffinity(spec: Service['spec']): FieldError[] {
  const affinity: string = spec.sessionAffinity ?? '';
  if (!affinity) return [required('spec.sessionAffinity')];
  if (!['ClientIP', 'None'].includes(affinity))
    return [notSupported('spec.sessionAffinity', affinity, ['ClientIP', 'None'])];
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds;
  if (affinity === 'ClientIP' && seconds !== undefined && (seconds <= 0 || seconds > 86400)) {
    const path = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds';
    return [invalid(path, seconds, 'must be greater than 0 and less than 86400')];
  }
  return [];
}

const families = ['IPv4', 'IPv6'];
const familyPolicies = ['SingleStack', 'PreferDualStack', 'RequireDualStack'];

function validateAddresses(spec: Service['spec']): FieldError[] {
  const errors: FieldError[] = [];
  const { clusterIPs = [], ipFamilies = [] } = spec;
  clusterIPs.forEach((address, i) => {
    if (address === 'None') {
      if (clusterIPs.length > 1)
        errors.push(invalid(`spec.clusterIPs[${i}]`, address, "'None' must be the first and only value"));
    } else if (!parseIp(address)) {
      errors.push(invalid(`spec.clusterIPs[${i}]`, address, invalidIpMessage));
    }
  });
  const seen = new Set<string>();
  ipFamilies.forEach((family: string, i) => {
    if (!families.includes(family)) errors.push(notSupported(`spec.ipFamilies[${i}]`, family, families));
    else if (seen.has(family)) errors.push(duplicate(`spec.ipFamilies[${i}]`, family));
    else if (family === 'IPv6' && clusterIPs[0] !== 'None') {
      errors.push(invalid(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster'));
    }
    seen.add(family);
  });
  const policy: string | undefined = spec.ipFamilyPolicy;
  if (policy && !familyPolicies.includes(policy))
    errors.push(notSupported('spec.ipFamilyPolicy', policy, familyPolicies));
  else if (policy === 'RequireDualStack' && !(clusterIPs[0] === 'None' && !spec.selector)) {
    errors.push(invalid('spec.ipFamilyPolicy', policy, 'this cluster is not configured for dual-stack services'));
  }
  spec.externalIPs?.forEach((address, i) => {
    const at = `spec.externalIPs[${i}]`;
    if (!parseIp(address)) errors.push(invalid(at, address, invalidIpMessage));
    else errors.push(...specialAddressProblems(address).map((message) => invalid(at, address, message)));
  });
  return errors;
}

function validateNodePorts(spec: Service['spec']): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.type === 'ClusterIP') {
    spec.ports?.forEach((port, i) => {
      if (port.nodePort)
        errors.push(forbidden(`spec.ports[${i}].nodePort`, "may not be used when `type` is 'ClusterIP'"));
    });
  }
  const nodePorts = new Set<string>();
  const ports = new Set<string>();
  spec.ports?.forEach((port, i) => {
    const node = `${port.protocol}/${port.nodePort}`;
    if (port.nodePort && nodePorts.has(node)) errors.push(duplicate(`spec.ports[${i}].nodePort`, port.nodePort));
    nodePorts.add(node);
  });
  spec.ports?.forEach((port, i) => {
    const key = `${port.protocol}/${port.port}`;
    if (ports.has(key)) {
      const value = {
        Name: '',
        Protocol: port.protocol,
        AppProtocol: null,
        Port: port.port,
        TargetPort: 0,
        NodePort: 0,
      };
      errors.push(duplicate(`spec.ports[${i}]`, value));
    }
    ports.add(key);
  });
  return errors;
}

/** ValidateNonSpecialIP. */
export function specialAddressProblems(address: string): string[] {
  const ip = parseIp(address)!;
  const inside = (cidr: string) => {
    const range = parseCidr(cidr)!;
    return range.family === ip.family && cidrContains(range, ip);
  };
  const problems: string[] = [];
  if (ip.value === 0n) problems.push('may not be unspecified (0.0.0.0 or ::)');
  if (inside('127.0.0.0/8') || (ip.family === 6 && ip.value === 1n))
    problems.push('may not be in the loopback range (127.0.0.0/8, ::1/128)');
  if (inside('169.254.0.0/16') || inside('fe80::/10'))
    problems.push('may not be in the link-local range (169.254.0.0/16, fe80::/10)');
  if (inside('224.0.0.0/24') || inside('ff02::/16'))
    problems.push('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)');
  return problems;
}

const distributions = ['PreferClose', 'PreferSameNode', 'PreferSameZone'];
const trafficPolicies = ['Cluster', 'Local'];

function validatePolicies(spec: Service['spec']): FieldError[] {
  const errors: FieldError[] = [];
  if (spec.loadBalancerSourceRanges?.length) {
    if (spec.type !== 'LoadBalancer') {
      errors.push(forbidden('spec.LoadBalancerSourceRanges', "may only be used when `type` is 'LoadBalancer'"));
    }
    spec.loadBalancerSourceRanges.forEach((range, i) => {
      if (!parseCidr(range.trim())) {
        const message = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
        errors.push(invalid(`spec.loadBalancerSourceRanges[${i}]`, range, message));
      }
    });
  }
  const external: string | undefined = spec.externalTrafficPolicy;
  const isExternal = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || Boolean(spec.externalIPs?.length);
  if (external && !isExternal) {
    errors.push(invalid('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services'));
  } else if (external && !trafficPolicies.includes(external)) {
    errors.push(notSupported('spec.externalTrafficPolicy', external, trafficPolicies));
  }
  const internal: string | undefined = spec.internalTrafficPolicy;
  if (internal && !trafficPolicies.includes(internal)) {
    errors.push(notSupported('spec.internalTrafficPolicy', internal, trafficPolicies));
  }
  const distribution: string | undefined = spec.trafficDistribution;
  if (distribution !== undefined && !distributions.includes(distribution))
    errors.push(notSupported('spec.trafficDistribution', distribution, distributions));
  const checkPort = spec.healthCheckNodePort ?? 0;
  if (checkPort !== 0 && !needsHealthCheck({ spec })) {
    const message = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalid('spec.healthCheckNodePort', checkPort, message));
  }
  if (spec.loadBalancerClass !== undefined) {
    if (spec.type === 'LoadBalancer')
      errors.push(...checkName(spec.loadBalancerClass, 'spec.loadBalancerClass', isQualifiedName));
    else errors.push(forbidden('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'"));
  }
  if (spec.allocateLoadBalancerNodePorts !== undefined && spec.type !== 'LoadBalancer') {
    errors.push(forbidden('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'"));
  }
  return errors;
}

/** ValidateServiceUpdate: the primary address stays. */
export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const errors: FieldError[] = [];
  const wasBalanced = old.spec.type === 'LoadBalancer';
  if (wasBalanced && service.spec.type === 'LoadBalancer')
    errors.push(
      ...checkImmutable(service.spec.loadBalancerClass, old.spec.loadBalancerClass, 'spec.loadBalancerClass').map(
        (e) => ({
          ...e,
          detail: 'may not change once set',
        }),
      ),
    );
  if (service.spec.type === 'ExternalName' || old.spec.type === 'ExternalName') return errors;
  const before = old.spec.clusterIPs ?? [];
  const after = service.spec.clusterIPs ?? [];
  if (before.length > 0 && after[0] !== before[0]) {
    errors.push(invalid('spec.clusterIPs[0]', after, 'may not change once set'));
  }
  const families = old.spec.ipFamilies ?? [];
  if (families.length > 0 && !same(service.spec.ipFamilies?.[0], families[0])) {
    errors.push(invalid('spec.ipFamilies[0]', service.spec.ipFamilies, 'may not change once set'));
  }
  return errors;
}
