import { formatIp, isReader, parseIp, type HttpRequest, type HttpResponse } from '../../../network/index.ts';
import type { Process, Program } from '../../../process/index.ts';
import { httpSocket, textResponse, untilSignal, whileListening } from '../../../programs/servers/service.ts';
import type { Timer } from '../../../world/index.ts';
import { ApiError, type Client } from '../../client.ts';
import { CoreEventRecorder } from '../../events.ts';
import { refs, type ResourceRef, type Service } from '../../types.ts';
import { allocate, AllocationError, parseRange, poolOf } from './allocator.ts';
import { metallbNamespace, metallbRefs, poolAnnotation, type IpAddressPool } from './types.ts';

/** metallb's controller: gives Services of type LoadBalancer addresses from pools. */
export function metallbControllerProgram(client: Client): Program {
  return async (process) => new Controller(process, client).run();
}

class Controller {
  readonly #process: Process;
  readonly #client: Client;
  readonly #events;
  readonly #undo: (() => void)[] = [];
  readonly #class: string | undefined;
  #timer: Timer | undefined;

  constructor(process: Process, client: Client) {
    this.#process = process;
    this.#client = client.as({ manager: 'controller', user: `system:serviceaccount:${metallbNamespace}:controller` });
    this.#events = new CoreEventRecorder(process.world, this.#client, { component: 'metallb-controller' });
    this.#class = process.argv.find((arg) => arg.startsWith('--lb-class='))?.slice('--lb-class='.length) || undefined;
  }

  async run(): Promise<number> {
    const webhook = { port: 9443, server: { protocol: 'https' as const, http: (request: HttpRequest) => this.#review(request) } }; // prettier-ignore
    const metrics = httpSocket(7472, () =>
      textResponse(200, '# TYPE metallb_allocator_addresses_in_use_total gauge\n'),
    );
    try {
      return await whileListening(this.#process, [webhook, metrics], async () => {
        this.#log({
          event: 'startup',
          msg: 'MetalLB controller starting (commit: e18b8a5, branch: v0.15)',
          version: 'v0.15.3',
        });
        const soon = () => this.#soon();
        for (const ref of [refs.services, metallbRefs.pools, refs.namespaces] as ResourceRef[])
          this.#undo.push(this.#client.resource(ref).informer.on({ add: soon, update: soon, delete: soon }));
        await untilSignal(this.#process, ['SIGTERM', 'SIGINT']);
        this.#log({ event: 'shutdown', msg: 'received shutdown signal' });
        return 0;
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#log({ level: 'error', error: 'no matches for kind "IPAddressPool" in version "metallb.io/v1beta1"', msg: 'failed to create k8s client' }); // prettier-ignore
      return 1;
    } finally {
      this.#timer?.cancel();
      for (const undo of this.#undo) undo();
    }
  }

  #log(fields: Record<string, unknown>): void {
    const { world, stdout } = this.#process;
    const { level = 'info', ...more } = fields;
    void stdout.write(`${JSON.stringify({ level, ts: new Date(world.clock.now()).toISOString().replace(/\.\d+Z/, 'Z'), ...more })}\n`); // prettier-ignore
  }

  #soon(): void {
    this.#timer ??= this.#process.world.queue.after(50, () => {
      this.#timer = undefined;
      this.#sync();
    });
  }

  #sync(): void {
    const services = [...(this.#client.resource(refs.services).list() as Service[])].sort(older);
    const pools = this.#client.resource(metallbRefs.pools).list();
    const used = new Map<number, Service>();
    for (const service of services) {
      const ip = addressOf(service);
      if (ip !== undefined && this.#isOurs(service)) used.set(ip, service);
    }
    for (const service of services) {
      try {
        this.#reconcile(service, pools, used);
      } catch (error) {
        // Somebody else has written in between: the change will bring us back.
        if (!(error instanceof ApiError)) throw error;
      }
    }
  }

  #isOurs({ spec, metadata }: Service): boolean {
    return (
      spec.type === 'LoadBalancer' && spec.loadBalancerClass === this.#class && metadata.deletionTimestamp === undefined
    );
  }

  #reconcile(service: Service, pools: readonly IpAddressPool[], used: Map<number, Service>): void {
    const { metadata, spec } = service;
    const key = `${metadata.namespace}/${metadata.name}`;
    const current = addressOf(service);
    const ours = metadata.annotations?.[poolAnnotation] !== undefined;
    if (!this.#isOurs(service)) {
      if (ours && current !== undefined) this.#assign(service, undefined);
      return;
    }
    const asked = metadata.annotations?.['metallb.io/loadBalancerIPs'] ?? spec.loadBalancerIP;
    if (current !== undefined && poolOf(pools, current) && (!asked || parseIp(asked) === current)) return;
    if (current !== undefined) used.delete(current);
    try {
      const labels =
        this.#client.resource(refs.namespaces).get(undefined, metadata.namespace ?? '')?.metadata.labels ?? {};
      const { ip, pool } = allocate(service, labels, pools, used);
      const updated = this.#assign(service, { ip, pool });
      used.set(ip, updated);
      this.#events.record(updated, 'Normal', 'IPAllocated', `Assigned IP ["${formatIp(ip)}"]`);
      this.#log({ caller: 'service.go:164', event: 'ipAllocated', ip: [formatIp(ip)], msg: 'IP address assigned by controller', pool, service: key }); // prettier-ignore
    } catch (error) {
      if (!(error instanceof AllocationError)) throw error;
      if (current !== undefined) this.#assign(service, undefined);
      // Without pools it has nothing to say yet: it waits for its configuration.
      if (pools.length === 0) return;
      const message = `Failed to allocate IP for "${key}": ${error.message}`;
      if (this.#told.get(key) === `${message} ${metadata.resourceVersion}`) return;
      this.#told.set(key, `${message} ${metadata.resourceVersion}`);
      this.#events.record(service, 'Warning', 'AllocationFailed', message);
      this.#log({ level: 'error', caller: 'service.go:130', error: error.message, msg: 'IP allocation failed', op: 'allocateIPs', service: key }); // prettier-ignore
    }
  }

  /** What has been said of Services, so as not to say it again before they change. */
  readonly #told = new Map<string, string>();

  #assign(service: Service, allocation: { ip: number; pool: string } | undefined): Service {
    const services = this.#client.resource(refs.services);
    const { [poolAnnotation]: _before, ...rest } = service.metadata.annotations ?? {};
    const annotations = allocation ? { ...rest, [poolAnnotation]: allocation.pool } : rest;
    const stored = services.update({ ...service, metadata: { ...service.metadata, annotations } } as Service);
    const loadBalancer = allocation ? { ingress: [{ ip: formatIp(allocation.ip), ipMode: 'VIP' }] } : {};
    return services.update({ ...stored, status: { ...stored.status, loadBalancer } } as Service, 'status');
  }

  // ---- admission ---------------------------------------------------------------------------------------------------

  #review(request: HttpRequest): HttpResponse {
    const text = request.body && !isReader(request.body) ? new TextDecoder().decode(request.body) : '{}';
    let review: { request?: { uid?: string; object?: IpAddressPool | null } } = {};
    try {
      review = JSON.parse(text) as typeof review;
    } catch {
      review = {};
    }
    const { uid = '', object } = review.request ?? {};
    const message = object?.kind === 'IPAddressPool' ? this.#poolObjection(object) : undefined;
    const response = message === undefined ? { uid, allowed: true } : { uid, allowed: false, status: { code: 403, message, reason: 'Forbidden' } }; // prettier-ignore
    return textResponse(200, JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response }), { 'content-type': 'application/json' }); // prettier-ignore
  }

  #poolObjection(pool: IpAddressPool): string | undefined {
    const { name, namespace } = pool.metadata;
    try {
      const ranges = (pool.spec.addresses ?? []).map(parseRange);
      for (const other of this.#client.resource(metallbRefs.pools).list()) {
        if (other.metadata.name === name && other.metadata.namespace === namespace) continue;
        for (const text of other.spec.addresses) {
          const theirs = parseRange(text);
          const at = ranges.findIndex(({ first, last }) => first <= theirs.last && theirs.first <= last);
          if (at >= 0)
            return `CIDR "${pool.spec.addresses[at]}" in pool "${name}" overlaps with already defined CIDR "${text}"`;
        }
      }
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return `parsing address pool ${name}: ${error.message.replace(' in pool', ` in pool "${name}"`)}`;
    }
    return undefined;
  }
}

/** Who came first is served first. */
function older({ metadata: a }: Service, { metadata: b }: Service): number {
  if (a.creationTimestamp !== b.creationTimestamp) return a.creationTimestamp < b.creationTimestamp ? -1 : 1;
  return Number(a.resourceVersion) - Number(b.resourceVersion);
}

function addressOf({ status }: Service): number | undefined {
  const ip = status.loadBalancer?.ingress?.[0]?.ip;
  return ip === undefined ? undefined : parseIp(ip);
}
