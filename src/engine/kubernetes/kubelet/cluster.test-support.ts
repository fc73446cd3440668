import { Network } from '../../network/index.ts';
import type { Program } from '../../process/index.ts';
import { servers, systemServers } from '../../programs/servers/index.ts';
import { textTools } from '../../programs/index.ts';
import { createShells } from '../../shell/index.ts';
import type { Container } from '../../runtime/index.ts';
import { isReader } from '../../network/http.ts';
import { World, pump } from '../../world/index.ts';
import type { CniName } from '../cni/abilities.ts';
import { createCluster, type Cluster } from '../cluster.ts';
import { refs, type Draft, type Node, type Pod } from '../types.ts';

/** The few tools that these tests run; the real ones are tested where they are. */
const tools: readonly (readonly [string, Program])[] = [
  ['sleep', async (p) => (await p.sleep(Number(p.argv[1]) * 1000), 0)],
  ['echo', async (p) => (await p.print(`${p.argv.slice(1).join(' ')}\n`), 0)],
  ['true', () => Promise.resolve(0)],
  ['false', () => Promise.resolve(1)],
];

/** Who asks: RBAC lets nobody else in. */
export const administrator = { certificate: { commonName: 'kubernetes-admin', organizations: ['system:masters'] } };

/** A kind-4 cluster and shorthands for what tests ask of it. */
export class TestCluster {
  readonly world = new World({ seed: 1, epoch: 1_763_835_000_000 });
  readonly network = new Network(this.world);
  readonly cluster: Cluster;
  readonly #pods;

  constructor(capacity?: Readonly<Record<string, string>>, cni?: CniName) {
    this.cluster = createCluster({
      world: this.world,
      network: this.network,
      name: 'kind-kind',
      programs: new Map([...textTools, ...createShells(), ...systemServers, ...servers, ...tools]),
      testHooks: true,
      ...(cni ? { cni } : undefined),
      nodes: [
        { name: 'kind-control-plane', ip: '172.18.0.2', role: 'control-plane' },
        { name: 'kind-worker', ip: '172.18.0.3', role: 'worker', ...(capacity ? { capacity } : undefined) },
        { name: 'kind-worker2', ip: '172.18.0.4', role: 'worker' },
        { name: 'kind-worker3', ip: '172.18.0.5', role: 'worker' },
      ],
    });
    this.#pods = this.cluster.client({ manager: 'test', user: 'kubernetes-admin' }).resource(refs.pods);
  }

  pod(name: string, spec: Record<string, unknown>, annotations: Record<string, string> = {}): void {
    const metadata = { name, namespace: 'default', annotations };
    this.#pods.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec } as unknown as Draft<Pod>);
  }

  find(name: string): Pod | undefined {
    return this.#pods.get('default', name);
  }

  get(name: string): Pod {
    return this.find(name)!;
  }

  delete(name: string): void {
    this.#pods.delete('default', name);
  }

  node(name: string): Node {
    return this.cluster.client({ manager: 'test' }).resource(refs.nodes).get(undefined, name)!;
  }

  ready(name: string): boolean {
    return this.get(name).status.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
  }

  /** The first container of a Pod as its node runs it. */
  container(name: string): Container {
    const pod = this.get(name);
    const { kubelet } = this.cluster.nodes.get(pod.spec.nodeName!)!;
    return [...kubelet.worker(pod)!.records.values()][0]!.current!;
  }

  waiting(name: string): { reason?: string; message?: string } | undefined {
    return this.get(name).status.containerStatuses?.[0]?.state?.waiting;
  }

  events(name: string): string[] {
    const events = this.cluster.client({ manager: 'test' }).resource(refs.coreEvents).list({ namespace: 'default' });
    return events
      .filter((e) => e.involvedObject.name === name)
      .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map((e) => `${e.type} ${e.reason} ${e.message}`);
  }

  async logs(name: string, container: string): Promise<string> {
    const path = `/api/v1/namespaces/default/pods/${name}/log?container=${container}`;
    const response = await this.cluster.handle({ method: 'GET', path, headers: {}, peer: administrator });
    const text = isReader(response.body) ? '' : new TextDecoder().decode(response.body);
    if (response.status !== 200) throw new Error((JSON.parse(text) as { message: string }).message);
    return text;
  }

  /** Lets `ms` of virtual time pass. */
  async run(ms: number): Promise<void> {
    const until = this.world.queue.now + ms;
    await pump(this.world.queue, hop, { until });
    this.world.queue.advanceTo(until);
  }

  /** Runs until `condition` holds. @throws Error after `limit` virtual ms */
  async until(condition: () => boolean, limit = 60_000): Promise<void> {
    const end = this.world.queue.now + limit;
    const stop = () => condition();
    const result = await pump(this.world.queue, hop, { until: end, stop, maxSteps: 1 });
    for (let r = result; r !== 'stopped';) {
      if (condition()) return;
      if (r === 'time' || r === 'idle') throw new Error(`not within ${limit} ms`);
      r = await pump(this.world.queue, hop, { until: end, stop, maxSteps: 1 });
    }
  }
}

const hop = () => new Promise<void>((resolve) => setImmediate(resolve));
