import { namespaceFlag, type Cause } from './cause.ts';
import type { TopologyObject } from '../objects.ts';

/** A connection as *Why?* needs it. */
export interface TrafficFacts {
  /** Virtual ms since the world began. */
  t: number;
  protocol: string;
  from: { kind: string; key: string };
  to: { kind: string; key: string };
  service?: string;
  unknownPort?: boolean;
  address: string;
  port: number;
  destinationPort: number;
  outcome: string;
  reason?: { code: string; params: Readonly<Record<string, string>>; comment: string };
}

/** Older failures may be mended by now. */
const fresh = 60_000;

/**
 * What the last connections tell of a Pod or Service: each kind of failure once, unless a later connection to the same
 * place succeeded.
 * @param traffic newest first
 * @param now virtual ms since the world began
 */
export function whyTraffic(
  resource: string,
  object: TopologyObject,
  traffic: readonly TrafficFacts[],
  now: number,
): Cause[] {
  const key = `${object.metadata.namespace ?? 'default'}/${object.metadata.name}`;
  const is = (place: { kind: string; key: string }) =>
    resource === '/pods' && place.kind === 'pod' && place.key === key;
  const about = traffic.filter(
    ({ from, to, service }) => is(from) || is(to) || (resource === '/services' && service === key),
  );
  const told = new Map<string, Cause>();
  const settled = new Set<string>();
  for (const flow of about) {
    if (now - flow.t > fresh) break;
    const way = `${flow.protocol} ${flow.from.key} ${flow.address} ${flow.port}`;
    if (settled.has(way)) continue;
    settled.add(way);
    const cause = flow.outcome === 'connected' ? undefined : causeOf(flow, object);
    if (cause && !told.has(cause.code)) told.set(cause.code, cause);
  }
  return [...told.values()];
}

function causeOf(flow: TrafficFacts, object: TopologyObject): Cause {
  const { reason, service = '' } = flow;
  const flag = namespaceFlag(object);
  const name = service.slice(service.indexOf('/') + 1);
  const from = flow.from.key.slice(flow.from.key.indexOf('/') + 1);
  const to = flow.to.key.slice(flow.to.key.indexOf('/') + 1);
  const policy = reason?.params.policy;
  if (policy !== undefined) {
    const [namespace = '', short = policy] = policy.includes('/') ? policy.split('/') : ['', policy];
    return {
      code: 'traffic_denied',
      params: { from, to, policy: short },
      command: `kubectl describe networkpolicy ${short}${namespace && namespace !== 'default' ? ` -n ${namespace}` : ''}`,
      next: { resource: 'networking.k8s.io/networkpolicies', key: policy },
    };
  }
  if (flow.protocol === 'udp' && flow.port === 53)
    return { code: 'dns_no_answer', params: { from }, command: 'kubectl get pods -n kube-system -l k8s-app=kube-dns' };
  if (flow.unknownPort)
    return {
      code: 'traffic_unknown_port',
      params: { name, port: flow.port },
      command: `kubectl get service ${name}${flag}`,
    };
  if (/has no endpoints/.test(reason?.comment ?? ''))
    return {
      code: 'traffic_no_endpoints',
      params: { name },
      command: `kubectl get endpointslices -l kubernetes.io/service-name=${name}${flag}`,
      next: { resource: '/services', key: service },
    };
  if (flow.outcome === 'refused')
    return {
      code: reason?.code === 'loopback-only' ? 'traffic_loopback_only' : 'traffic_nothing_listens',
      params: { to, port: flow.destinationPort },
      command: flow.to.kind === 'pod' ? `kubectl exec ${to}${flag} -- netstat -tln` : `ss -tln`,
    };
  return { code: 'traffic_no_answer', params: { from, address: `${flow.address}:${flow.port}` } };
}
