import type { World } from '../../../world/index.ts';
import { plainError } from '../errors.ts';

export interface EtcdMember {
  /** 16 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly peerURL: string;
  readonly clientURL: string;
}

/** How long the server waits for an answer of etcd before it gives up (etcd's own request timeout). */
const requestTimeoutMs = 7_000;
const pollMs = 100;

/**
 * The etcd cluster below an API server, as far as it decides what the server can do: without a majority of members no
 * write and no consistent read comes through, while what the server has cached can still be read and watched.
 */
export class EtcdMembers {
  readonly #world: World;
  #members: readonly EtcdMember[];
  readonly #stopped = new Set<string>();

  constructor(world: World, members: readonly EtcdMember[]) {
    this.#world = world;
    this.#members = members;
  }

  list(): readonly EtcdMember[] {
    return this.#members;
  }

  /** Replaces the membership, as `etcdctl member add` and `remove` do. */
  setMembers(members: readonly EtcdMember[]): void {
    this.#members = members;
  }

  runs(name: string): boolean {
    return !this.#stopped.has(name);
  }

  /** A member's process comes or goes. */
  setRunning(name: string, running: boolean): void {
    if (running) this.#stopped.delete(name);
    else this.#stopped.add(name);
  }

  get hasQuorum(): boolean {
    const running = this.#members.filter(({ name }) => this.runs(name)).length;
    return running > this.#members.length / 2;
  }

  /** For writes that cannot wait. @throws ApiError in etcd's words */
  requireQuorum(): void {
    if (!this.hasQuorum) throw plainError('etcdserver: request timed out');
  }

  /** Waits for a majority, as long as a request may take. @throws ApiError in etcd's words */
  async waitForQuorum(): Promise<void> {
    for (let waited = 0; !this.hasQuorum && waited < requestTimeoutMs; waited += pollMs)
      await this.#world.sleep(pollMs);
    this.requireQuorum();
  }
}
