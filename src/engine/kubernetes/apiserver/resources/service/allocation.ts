import { invalid, type FieldError } from '../../../apimachinery/field-error.ts';
import { cidrContains, formatIp, parseCidr, parseIp, type ParsedCidr } from '../../../apimachinery/ip.ts';
import type { KubeObject, Service } from '../../../types.ts';
import { exhausted } from '../../errors.ts';
import { same } from '../common/validate.ts';
import type { KindContext, Mutable } from '../kind.ts';

/** Cluster IPs and node ports: who needs them, which are free, what an update keeps (pkg/registry/core/service). */

const defaultCidr = parseCidr('10.96.0.0/16')!;
export const nodePortRange = { first: 30000, last: 32767 };

/** Automatic choices leave the lower part of each range for people who name addresses and ports. */
const reservedPorts = 86;

export const isHeadless = (service: Pick<Service, 'spec'>) =>
  service.spec.clusterIP === 'None' || service.spec.clusterIPs?.[0] === 'None';

export function needsClusterIp({ spec }: Pick<Service, 'spec'>): boolean {
  return spec.type === 'ClusterIP' || spec.type === 'NodePort' || spec.type === 'LoadBalancer';
}

export function needsNodePort({ spec }: Pick<Service, 'spec'>): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

/** Load balancers that ask for local traffic only need a port that tells which Nodes have any. */
export function needsHealthCheck({ spec }: Pick<Service, 'spec'>): boolean {
  return spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local';
}

/** Assigns what the Service needs and doesn't name. */
export function allocate(draft: Mutable<Service>, context: KindContext): void {
  const { spec } = draft;
  if (!spec) return;
  const others = otherServices(draft as Service, context);
  if (needsClusterIp(draft as Service)) {
    if (!spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIP = freeClusterIp(others, context);
    if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP];
    if (!spec.clusterIP && spec.clusterIPs?.length) spec.clusterIP = spec.clusterIPs[0]!;
    if (!spec.ipFamilies?.length) spec.ipFamilies = ['IPv4'];
    spec.ipFamilyPolicy ??= 'SingleStack';
    // The only family there is: a headless Service without selector may still ask for both.
    if (isHeadless(draft as Service) && !spec.selector && spec.ipFamilyPolicy === 'RequireDualStack') {
      spec.ipFamilies = ['IPv4', 'IPv6'];
    }
  }
  if (needsHealthCheck(draft as Service) && !spec.healthCheckNodePort) {
    spec.healthCheckNodePort = freeNodePort(takenNodePorts([...others, draft as Service]), context);
  }
  if (!needsNodePort(draft as Service)) return;
  const taken = takenNodePorts(others);
  if (spec.healthCheckNodePort) taken.add(`TCP/${spec.healthCheckNodePort}`);
  const own = new Map<number, number>();
  for (const port of spec.ports ?? []) if (port.nodePort) taken.add(`${port.protocol}/${port.nodePort}`);
  for (const port of spec.ports ?? []) {
    if (port.nodePort) continue;
    // The same port over TCP and UDP gets the same node port.
    const shared = own.get(port.port);
    port.nodePort =
      shared !== undefined && !taken.has(`${port.protocol}/${shared}`) ? shared : freeNodePort(taken, context);
    own.set(port.port, port.nodePort);
    taken.add(`${port.protocol}/${port.nodePort}`);
  }
}

function otherServices(service: Service, context: KindContext): Service[] {
  const { name, namespace } = service.metadata;
  return (context.list('', 'services') as readonly Service[]).filter(
    (other) => other.metadata.name !== name || other.metadata.namespace !== namespace,
  );
}

/**
 * A free address of the first range that has one.
 * @throws ApiError InternalError when all are full
 */
function freeClusterIp(others: readonly Service[], context: KindContext): string {
  const taken = new Set(others.flatMap((other) => other.spec.clusterIPs ?? []));
  for (const cidr of serviceRanges(context)) {
    const reserved = reservedAddresses(cidr);
    // Neither the network's own address nor the last one.
    const size = Number(cidr.size) - reserved - 1;
    if (size <= 0) continue;
    const start = context.randomInt(size);
    for (let i = 0; i < size; i++) {
      const address = formatIp({ family: 4, value: cidr.value + BigInt(reserved + ((start + i) % size)) });
      if (!taken.has(address) && !isAllocated(address, context)) return address;
    }
  }
  throw exhausted('failed to allocate a serviceIP: range is full');
}

/** A sixteenth of the range, at least 16 and at most 256 (calculateRangeOffset). */
function reservedAddresses({ size }: ParsedCidr): number {
  const offset = Math.min(Math.max(16, Number(size) / 16), 256);
  return Number(size) <= 16 ? 1 : offset;
}

interface ServiceCidr extends KubeObject {
  spec?: { cidrs?: readonly string[] };
  status?: { conditions?: readonly { type: string; status: string }[] };
}

/** The ranges that are ready to give addresses. */
function serviceRanges(context: KindContext): ParsedCidr[] {
  const objects = context.list('networking.k8s.io', 'servicecidrs') as readonly ServiceCidr[];
  if (objects.length === 0) return [defaultCidr];
  const isReady = ({ metadata, status }: ServiceCidr) =>
    !metadata.deletionTimestamp && status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True');
  return objects
    .filter(isReady)
    .flatMap(({ spec }) => spec?.cidrs ?? [])
    .map((text) => parseCidr(text))
    .filter((cidr) => cidr?.family === 4) as ParsedCidr[];
}

/** Addresses belong to IPAddress objects, whoever made them. */
function isAllocated(address: string, context: KindContext): boolean {
  return context.get('networking.k8s.io', 'ipaddresses', undefined, address) !== undefined;
}

function takenNodePorts(others: readonly Service[]): Set<string> {
  const taken = new Set<string>();
  for (const { spec } of others) {
    for (const port of spec.ports ?? []) if (port.nodePort) taken.add(`${port.protocol}/${port.nodePort}`);
    if (spec.healthCheckNodePort) taken.add(`TCP/${spec.healthCheckNodePort}`);
  }
  return taken;
}

function freeNodePort(taken: ReadonlySet<string>, context: KindContext): number {
  const first = nodePortRange.first + reservedPorts;
  const size = nodePortRange.last - first + 1;
  const start = context.randomInt(size);
  for (let i = 0; i < size; i++) {
    const port = first + ((start + i) % size);
    if (!['TCP', 'UDP', 'SCTP'].some((protocol) => taken.has(`${protocol}/${port}`))) return port;
  }
  return 0;
}

/** Are the named address and node ports inside their ranges, and free? */
export function validateAllocation(service: Service, context: KindContext): FieldError[] {
  const errors: FieldError[] = [];
  const others = otherServices(service, context);
  const address = service.spec.clusterIPs?.[0];
  if (needsClusterIp(service) && address && address !== 'None') {
    const reason = addressProblem(address, service, others, context);
    if (reason)
      errors.push(invalid('spec.clusterIPs', service.spec.clusterIPs, `failed to allocate IP ${address}: ${reason}`));
  }
  if (!needsNodePort(service)) return errors;
  const taken = takenNodePorts(others);
  if (needsHealthCheck(service) && taken.has(`TCP/${service.spec.healthCheckNodePort}`)) {
    const message = `failed to allocate requested HealthCheck NodePort ${service.spec.healthCheckNodePort}: provided port is already allocated`;
    errors.push(invalid('spec.healthCheckNodePort', service.spec.healthCheckNodePort, message));
  }
  service.spec.ports?.forEach((port, i) => {
    const at = `spec.ports[${i}].nodePort`;
    const { first, last } = nodePortRange;
    if (!port.nodePort) return;
    if (port.nodePort < first || port.nodePort > last) {
      const range = `provided port is not in the valid range. The range of valid ports is ${first}-${last}`;
      errors.push(invalid(at, port.nodePort, range));
    } else if (taken.has(`${port.protocol}/${port.nodePort}`)) {
      errors.push(invalid(at, port.nodePort, 'provided port is already allocated'));
    }
  });
  return errors;
}

function addressProblem(
  address: string,
  { metadata }: Service,
  others: readonly Service[],
  context: KindContext,
): string | undefined {
  const ip = parseIp(address);
  if (!ip) return undefined;
  const ranges = serviceRanges(context);
  if (!ranges.some((cidr) => cidrContains(cidr, ip))) {
    const first = (context.list('networking.k8s.io', 'servicecidrs') as readonly ServiceCidr[])[0]?.spec?.cidrs?.[0];
    return `the provided IP (${address}) is not in the valid range. The range of valid IPs is ${first ?? '10.96.0.0/16'}`;
  }
  if (others.some((other) => other.spec.clusterIPs?.includes(address))) return 'provided IP is already allocated';
  const holder = context.get('networking.k8s.io', 'ipaddresses', undefined, address) as AddressObject | undefined;
  const parent = holder?.spec?.parentRef;
  const isOwn =
    parent?.resource === 'services' && parent.name === metadata.name && parent.namespace === metadata.namespace;
  return holder && !isOwn ? 'provided IP is already allocated' : undefined;
}

interface AddressObject extends KubeObject {
  spec?: { parentRef?: { resource?: string; namespace?: string; name?: string } };
}

/** On update: what the client left out stays, what the type no longer has goes (patchAllocatedValues, dropTypeDependentFields). */
export function keepAllocated(draft: Mutable<Service>, old: Service): void {
  const { spec } = draft;
  const before = old.spec;
  if (!spec) return;
  if (needsClusterIp(old) && needsClusterIp(draft as Service)) {
    if (!spec.clusterIP) {
      if (before.clusterIP) spec.clusterIP = before.clusterIP;
      if (!spec.clusterIPs?.length && before.clusterIPs) spec.clusterIPs = [...before.clusterIPs];
    } else if (spec.clusterIP !== before.clusterIP && same(spec.clusterIPs, before.clusterIPs)) {
      spec.clusterIPs = [spec.clusterIP];
    }
    if (!spec.ipFamilies?.length && before.ipFamilies) spec.ipFamilies = [...before.ipFamilies];
    if (before.ipFamilyPolicy) spec.ipFamilyPolicy ??= before.ipFamilyPolicy;
  }
  if (needsNodePort(old) && needsNodePort(draft as Service)) {
    for (const port of spec.ports ?? []) {
      const twin = before.ports?.find((p) => p.port === port.port && p.protocol === port.protocol);
      if (!port.nodePort && twin?.nodePort && !spec.ports?.some((p) => p.nodePort === twin.nodePort))
        port.nodePort = twin.nodePort;
    }
  }
  if (needsClusterIp(old) && !needsClusterIp(draft as Service)) {
    if (spec.clusterIP === before.clusterIP) delete spec.clusterIP;
    if (same(spec.clusterIPs, before.clusterIPs)) delete spec.clusterIPs;
    delete spec.ipFamilies;
    delete spec.ipFamilyPolicy;
  }
  if (needsNodePort(old) && !needsNodePort(draft as Service)) {
    for (const port of spec.ports ?? []) {
      if (before.ports?.some((p) => p.nodePort === port.nodePort)) delete port.nodePort;
    }
  }
  if (needsHealthCheck(old) && needsHealthCheck(draft as Service)) {
    if (before.healthCheckNodePort) spec.healthCheckNodePort ||= before.healthCheckNodePort;
  } else if (needsHealthCheck(old) && spec.healthCheckNodePort === before.healthCheckNodePort) {
    delete spec.healthCheckNodePort;
  }
  if (before.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    delete spec.allocateLoadBalancerNodePorts;
    if (spec.loadBalancerClass === before.loadBalancerClass) delete spec.loadBalancerClass;
  }
  if (spec.type === 'ClusterIP' && !spec.externalIPs?.length) delete spec.externalTrafficPolicy;
  if (before.type === 'ExternalName' && spec.type !== 'ExternalName' && spec.externalName === before.externalName)
    delete spec.externalName;
}
