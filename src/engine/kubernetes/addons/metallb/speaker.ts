import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { parseIp, type NetworkNamespace } from '../../../network/index.ts';
import type { Process, Program } from '../../../process/index.ts';
import { httpSocket, textResponse, untilSignal, whileListening } from '../../../programs/servers/service.ts';
import type { Timer } from '../../../world/index.ts';
import { matchesSelector, selectorFrom } from '../../apimachinery/label-selector.ts';
import { ApiError, type Client } from '../../client.ts';
import { CoreEventRecorder } from '../../events.ts';
import { refs, type EndpointSlice, type Node, type ResourceRef, type Service } from '../../types.ts';
import { poolOf } from './allocator.ts';
import { metallbNamespace, metallbRefs, type IpAddressPool } from './types.ts';

/** Virtual ms after which the others know that a speaker is gone without having said so. */
const detection = 5_000;

/** Which speakers of a cluster hear each other (memberlist). */
export class Members {
  readonly #nodes = new Map<string, number>();
  readonly #listeners = new Set<() => void>();

  get nodes(): readonly string[] {
    return [...this.#nodes.keys()].sort();
  }

  join(node: string): void {
    this.#nodes.set(node, (this.#nodes.get(node) ?? 0) + 1);
    this.#tell();
  }

  leave(node: string): void {
    const left = (this.#nodes.get(node) ?? 1) - 1;
    if (left > 0) this.#nodes.set(node, left);
    else this.#nodes.delete(node);
    this.#tell();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** metallb's speaker in layer 2 mode: one node answers ARP requests for each address. */
export function metallbSpeakerProgram(client: Client, members: Members): Program {
  return async (process) => new Speaker(process, client, members).run();
}

class Speaker {
  readonly #process: Process;
  readonly #client: Client;
  readonly #members: Members;
  readonly #node: string;
  readonly #events;
  readonly #undo: (() => void)[] = [];
  /** Addresses that this node answers for, by Service. */
  readonly #announced = new Map<string, number>();
  #timer: Timer | undefined;

  constructor(process: Process, client: Client, members: Members) {
    this.#process = process;
    this.#members = members;
    this.#node = process.env.get('METALLB_NODE_NAME') ?? process.machine.hostname;
    this.#client = client.as({ manager: 'speaker', user: `system:serviceaccount:${metallbNamespace}:speaker` });
    this.#events = new CoreEventRecorder(process.world, this.#client, { component: 'metallb-speaker' });
  }

  get #net(): NetworkNamespace {
    return this.#process.machine.net;
  }

  async run(): Promise<number> {
    const metrics = httpSocket(7472, () => textResponse(200, '# TYPE metallb_speaker_announced gauge\n'));
    let graceful = false;
    let joined = false;
    try {
      return await whileListening(this.#process, [metrics], async () => {
        this.#log({
          caller: 'main.go:90',
          msg: 'MetalLB speaker starting (commit: e18b8a5, branch: v0.15)',
          version: 'v0.15.3',
        });
        const soon = () => this.#soon();
        const kinds = [
          refs.services,
          refs.endpointSlices,
          refs.nodes,
          metallbRefs.pools,
          metallbRefs.l2,
        ] as ResourceRef[];
        for (const ref of kinds)
          this.#undo.push(this.#client.resource(ref).informer.on({ add: soon, update: soon, delete: soon }));
        this.#undo.push(this.#members.onChange(soon));
        this.#members.join(this.#node);
        joined = true;
        await untilSignal(this.#process, ['SIGTERM', 'SIGINT']);
        graceful = true;
        this.#log({ caller: 'main.go:219', msg: 'shutdown: done' });
        return 0;
      });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#log({ level: 'error', msg: 'no matches for kind "L2Advertisement" in version "metallb.io/v1beta1"' });
      return 1;
    } finally {
      this.#timer?.cancel();
      for (const undo of this.#undo) undo();
      for (const key of [...this.#announced.keys()]) this.#withdraw(key);
      const { queue } = this.#process.world;
      if (joined && graceful) this.#members.leave(this.#node);
      else if (joined) queue.after(detection, () => this.#members.leave(this.#node));
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
    const pools = this.#client.resource(metallbRefs.pools).list();
    const wanted = new Map<string, { ip: number; service: Service }>();
    for (const service of this.#client.resource(refs.services).list() as Service[]) {
      if (service.spec.type !== 'LoadBalancer') continue;
      for (const { ip: text } of service.status.loadBalancer?.ingress ?? []) {
        const ip = parseIp(text ?? '');
        const pool = poolOf(pools, ip);
        if (pool && this.#elected(service, text!, pool) === this.#node)
          wanted.set(`${service.metadata.namespace}/${service.metadata.name}`, { ip, service });
      }
    }
    for (const [key, ip] of [...this.#announced]) if (wanted.get(key)?.ip !== ip) this.#withdraw(key);
    for (const [key, { ip, service }] of wanted) {
      if (this.#announced.has(key)) continue;
      this.#announced.set(key, ip);
      this.#net.interfaces.get('eth0')?.announced.add(ip);
      this.#net.changed();
      this.#events.record(
        service,
        'Normal',
        'nodeAssigned',
        `announcing from node "${this.#node}" with protocol "layer2"`,
      );
      this.#log({ caller: 'main.go:442', event: 'serviceAnnounced', ips: service.status.loadBalancer?.ingress?.map((i) => i.ip), msg: 'service has IP, announcing', protocol: 'layer2', service: key }); // prettier-ignore
    }
  }

  #withdraw(key: string): void {
    const ip = this.#announced.get(key);
    this.#announced.delete(key);
    // Another Service may share the address.
    if (ip !== undefined && ![...this.#announced.values()].includes(ip))
      this.#net.interfaces.get('eth0')?.announced.delete(ip);
    this.#net.changed();
  }

  /** The node that answers: of those that may, the one whose name and address together have the lowest hash. */
  #elected(service: Service, ip: string, pool: IpAddressPool): string | undefined {
    const advertisements = this.#client
      .resource(metallbRefs.l2)
      .list()
      .filter(({ spec = {} }) => {
        const { ipAddressPools = [], ipAddressPoolSelectors = [] } = spec;
        if (ipAddressPools.length === 0 && ipAddressPoolSelectors.length === 0) return true;
        return ipAddressPools.includes(pool.metadata.name) || ipAddressPoolSelectors.some((s) => matchesSelector(selectorFrom(s), pool.metadata.labels ?? {})); // prettier-ignore
      });
    if (advertisements.length === 0) return undefined;
    const endpoints = this.#endpoints(service);
    const local = service.spec.externalTrafficPolicy === 'Local';
    if (endpoints.size === 0) return undefined;
    const usable = this.#members.nodes.filter((name) => {
      const node = this.#client.resource(refs.nodes).get(undefined, name) as Node | undefined;
      const labels = node?.metadata.labels ?? {};
      if (!node || labels['node.kubernetes.io/exclude-from-external-load-balancers'] !== undefined) return false;
      if (local && !endpoints.has(name)) return false;
      return advertisements.some(({ spec }) => (spec?.nodeSelectors ?? []).length === 0 || spec!.nodeSelectors!.some((s) => matchesSelector(selectorFrom(s), labels))); // prettier-ignore
    });
    const hash = (node: string) => bytesToHex(sha256(utf8ToBytes(`${node}#${ip}`)));
    return usable.sort((a, b) => (hash(a) < hash(b) ? -1 : 1))[0];
  }

  /** Nodes with a ready endpoint. */
  #endpoints({ metadata }: Service): Set<string> {
    const nodes = new Set<string>();
    const slices = this.#client
      .resource(refs.endpointSlices)
      .list({ namespace: metadata.namespace ?? '' }) as EndpointSlice[];
    for (const slice of slices) {
      if (slice.metadata.labels?.['kubernetes.io/service-name'] !== metadata.name) continue;
      for (const { conditions, nodeName } of slice.endpoints ?? [])
        if (conditions?.ready !== false) nodes.add(nodeName ?? '');
    }
    return nodes;
  }
}
