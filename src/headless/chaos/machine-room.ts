import { createCluster, type Cluster } from '../../engine/kubernetes/cluster.ts';
import { ApiError, type Client } from '../../engine/kubernetes/client.ts';
import type { Draft, KubeObject, ResourceRef } from '../../engine/kubernetes/types.ts';
import { Network } from '../../engine/network/index.ts';
import { pump, RandomStream, World } from '../../engine/world/index.ts';
import { programs } from '../../session/programs.ts';
import { nodeHop } from '../hop.ts';
import { headlessEpoch } from '../runner.ts';

/** Names of the nodes, the control plane first. */
export const controlPlane = 'control-plane';
export const workers = ['worker-1', 'worker-2', 'worker-3', 'worker-4'];

/** One cluster under test, and the dice that say what happens to it. */
export class ChaosRoom {
  readonly seed: number;
  readonly world: World;
  readonly network: Network;
  readonly cluster: Cluster;
  readonly client: Client;
  /** Decides what happens; not part of the world, which has its own. */
  readonly dice: RandomStream;
  /** What was done and how the API server answered, for people. */
  readonly log: string[] = [];
  /** Writes since the beginning, by resource. */
  readonly writes = new Map<string, number>();
  /** Cuts virtual time at other places; undefined: not at all. */
  readonly #knife: RandomStream | undefined;
  #names = 0;
  /** Virtual ms since when a machine is on or off. */
  readonly switched = new Map<string, number>();

  constructor(seed: number, sliced: boolean) {
    this.seed = seed;
    this.dice = new RandomStream(seed * 2 + 1);
    this.#knife = sliced ? new RandomStream(~seed) : undefined;
    this.world = new World({ seed, epoch: headlessEpoch });
    this.network = new Network(this.world);
    this.cluster = createCluster({
      world: this.world,
      network: this.network,
      name: 'chaos',
      programs,
      nodes: [
        { name: controlPlane, ip: '172.18.0.2', role: 'control-plane' },
        ...workers.map((name, i) => ({ name, ip: `172.18.0.${i + 3}`, role: 'worker' as const })),
      ],
    });
    this.client = this.cluster.client({ manager: 'kubectl', user: 'kubernetes-admin' });
    this.world.bus.on('power', ({ host }) => void this.switched.set(host, this.world.queue.now));
    let counting = false;
    // Events go when their time is over: that is no news.
    this.cluster.server.core.store.observe((resource, _key, object) => {
      if (counting && object) this.writes.set(resource, (this.writes.get(resource) ?? 0) + 1);
    });
    counting = true;
  }

  /** Lets virtual time pass. */
  async run(ms: number): Promise<void> {
    const { queue } = this.world;
    const until = queue.now + ms;
    if (this.#knife) {
      // As the page's frames do: a few steps at a time, or up to some moment.
      for (let i = 0; i < 400 && queue.now < until; i++) {
        const target = Math.min(until, queue.now + this.#knife.float() * (ms / 40));
        await pump(queue, nodeHop, { until: target, maxSteps: 1 + this.#knife.int(2_000) });
      }
    }
    await pump(queue, nodeHop, { until });
    queue.advanceTo(until);
  }

  /** A name that was not used before. */
  name(prefix: string): string {
    return `${prefix}-${++this.#names}`;
  }

  list<T extends KubeObject>(ref: ResourceRef<T>, namespace?: string): readonly T[] {
    return this.client.resource(ref).list(namespace === undefined ? {} : { namespace });
  }

  create<T extends KubeObject>(ref: ResourceRef<T>, object: object): void {
    this.try(`create ${ref.resource}`, () => this.client.resource(ref).create(object as Draft<T>));
  }

  /** Does something that may be refused, as people do. */
  try(what: string, action: () => unknown): boolean {
    const at = `${(this.world.queue.now / 1000).toFixed(1)}s`;
    try {
      action();
      this.log.push(`${at} ${what}`);
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.log.push(`${at} ${what}: ${error.message}`);
      return false;
    }
  }

  chance(share: number): boolean {
    return this.dice.float() < share;
  }

  /** One of them, or undefined if there is none. */
  any<T>(items: readonly T[]): T | undefined {
    return items.length === 0 ? undefined : this.dice.pick(items);
  }

  totalWrites(): number {
    return [...this.writes.values()].reduce((sum, n) => sum + n, 0);
  }
}
