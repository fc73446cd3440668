import { refs } from '../../engine/kubernetes/types.ts';
import { act, heal } from './actions.ts';
import { invariants, nodesNotOverbooked, silentNodesNoticed } from './invariants.ts';
import { ChaosRoom } from './machine-room.ts';

/** Virtual ms: what happens lies up to `pause` apart, then everything has `rest` to settle; writes are counted for `idle`. */
const pause = 40_000;
const rest = 40 * 60_000;
const idle = 10 * 60_000;
/** Writes a minute in a cluster at rest: each node's Lease six times, its status now and then. */
const idleWrites = 45;

export interface Outcome {
  seed: number;
  findings: string[];
  /** SHA-256 of the whole state at the end. */
  hash: string;
  /** One hash per component, to find what differs. */
  hashes: Record<string, string>;
  log: readonly string[];
  writes: number;
}

/**
 * Plays the scenario of a seed: dozens of things happen to a cluster, among them faults; then all is healed, and what
 * level-triggered reconciliation promises must be true.
 *
 * @param sliced cut virtual time into random slices, which must not change anything
 */
export async function playScenario(seed: number, sliced = false): Promise<Outcome> {
  const room = new ChaosRoom(seed, sliced);
  const findings: string[] = [];
  const complain = (invariant: string) => (text: string) => void findings.push(`${invariant}: ${text}`);
  await room.run(1_000);
  const length = 25 + room.dice.int(40);
  for (let i = 0; i < length; i++) {
    act(room);
    // Now and then several things at once, now and then long enough for evictions.
    await room.run(room.chance(0.3) ? 0 : room.chance(0.05) ? 400_000 : room.dice.int(pause));
    nodesNotOverbooked(room, complain('nodesNotOverbooked'));
    silentNodesNoticed(room, complain('silentNodesNoticed'));
  }
  await heal(room);
  await room.run(rest);
  for (const [name, invariant] of Object.entries(invariants)) invariant(room, complain(name));
  const before = new Map(room.writes);
  const total = room.totalWrites();
  await room.run(idle);
  const perMinute = (room.totalWrites() - total) / (idle / 60_000);
  if (perMinute > idleWrites) {
    const by = [...room.writes].map(([resource, n]) => [resource, n - (before.get(resource) ?? 0)] as const);
    const list = by.filter(([, n]) => n > 0).map(([resource, n]) => `${resource} ${n}`);
    const since = new Date(room.world.clock.now() - idle).toISOString();
    for (const { involvedObject, reason, message, lastTimestamp } of room.list(refs.coreEvents))
      if ((lastTimestamp ?? '') > since) list.push(`${involvedObject.name} ${reason}: ${message}`);
    findings.push(`atRest: ${perMinute} writes a minute: ${list.join(', ')}`);
  }
  const hashes = room.world.stateHashes();
  return { seed, findings, hash: room.world.stateHash(), hashes, log: room.log, writes: room.totalWrites() };
}

/** Components whose state differs between two runs of the same scenario. */
export function differences(a: Outcome, b: Outcome): string[] {
  if (a.hash === b.hash) return [];
  return Object.keys({ ...a.hashes, ...b.hashes }).filter((name) => a.hashes[name] !== b.hashes[name]);
}
