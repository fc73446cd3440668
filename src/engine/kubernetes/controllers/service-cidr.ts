import type { IServiceCIDR } from 'kubernetes-models/networking.k8s.io/v1/ServiceCIDR';
import { cidrContains, parseCidr, parseIp } from '../apimachinery/ip.ts';
import type { KubeObject, ResourceRef } from '../types.ts';
import { tolerateGone } from './owners.ts';
import type { Controller } from './runtime.ts';

type ServiceCidr = KubeObject & { spec: NonNullable<IServiceCIDR['spec']>; status?: IServiceCIDR['status'] };

const finalizer = 'networking.k8s.io/service-cidr-finalizer';
/** How long the allocators get to notice that a range is going before its last addresses are looked for. */
const deletionGraceMs = 10_000;

const named = <T extends KubeObject>(resource: string, kind: string): ResourceRef<T> => ({
  group: 'networking.k8s.io',
  version: 'v1',
  resource,
  kind,
  namespaced: false,
});
const cidrs = named<ServiceCidr>('servicecidrs', 'ServiceCIDR');
const addresses = named<KubeObject>('ipaddresses', 'IPAddress');

/** Says which ranges of Service addresses are ready, and keeps those that are in use (pkg/controller/servicecidrs). */
export const serviceCidrController: Controller = {
  name: 'service-cidr-controller',
  component: 'service-cidr-controller',
  serviceAccount: 'service-cidrs-controller',

  start(context) {
    const ranges = context.client.resource(cidrs);
    const ips = context.client.resource(addresses);
    const { clock } = context.world;

    const setReady = (range: ServiceCidr, status: 'True' | 'False', reason: string, message: string) => {
      const old = range.status?.conditions?.find(({ type }) => type === 'Ready');
      if (old?.status === status && old.reason === reason) return;
      const condition = { type: 'Ready', status, reason, message, lastTransitionTime: clock.timestamp() };
      const conditions = [...(range.status?.conditions ?? []).filter(({ type }) => type !== 'Ready'), condition];
      ranges.update({ ...range, status: { conditions } } as ServiceCidr, 'status');
    };

    /** Addresses in the range that no other range covers. */
    const orphans = (range: ServiceCidr) => {
      const own = range.spec.cidrs?.flatMap((text) => parseCidr(text) ?? []) ?? [];
      const others = ranges
        .list()
        .filter((other) => other.metadata.name !== range.metadata.name && !other.metadata.deletionTimestamp)
        .flatMap((other) => other.spec.cidrs?.flatMap((text) => parseCidr(text) ?? []) ?? []);
      return ips.list().some(({ metadata }) => {
        const ip = parseIp(metadata.name);
        return ip && own.some((cidr) => cidrContains(cidr, ip)) && !others.some((cidr) => cidrContains(cidr, ip));
      });
    };

    const queue = context.queue({
      workers: 5,
      reconcile: (name) => {
        const range = ranges.get(undefined, name);
        if (!range) return;
        const { deletionTimestamp, finalizers = [] } = range.metadata;
        if (deletionTimestamp === undefined) {
          if (!finalizers.includes(finalizer)) {
            const metadata = { ...range.metadata, finalizers: [...finalizers, finalizer] };
            ranges.update({ ...range, metadata });
            return;
          }
          return setReady(range, 'True', '', 'Kubernetes Service CIDR is ready');
        }
        if (!finalizers.includes(finalizer)) return;
        if (orphans(range)) {
          const message =
            'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR';
          return setReady(range, 'False', 'Terminating', message);
        }
        const left = Date.parse(deletionTimestamp) + deletionGraceMs - clock.now();
        if (left > 0) return queue.addAfter(name, Math.min(left, deletionGraceMs));
        const metadata = { ...range.metadata, finalizers: finalizers.filter((other) => other !== finalizer) };
        tolerateGone(() => ranges.update({ ...range, metadata }));
      },
    });
    const all = () => {
      for (const { metadata } of ranges.list()) queue.add(metadata.name);
    };
    const enqueue = ({ metadata }: KubeObject) => queue.add(metadata.name);
    context.watch(cidrs, { add: enqueue, update: enqueue, delete: all });
    // Only a range that is going waits for its addresses.
    context.watch(addresses, {
      delete: () => {
        for (const { metadata } of ranges.list()) if (metadata.deletionTimestamp) queue.add(metadata.name);
      },
    });
  },
};
