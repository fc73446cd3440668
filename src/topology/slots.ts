/**
 * Gives each id a slot: the one it had, else the first that is free. So nothing else moves when something comes or goes.
 * @param previous slots before
 */
export function assignSlots(
  ids: readonly string[],
  previous: ReadonlyMap<string, number> | undefined,
): Map<string, number> {
  const slots = new Map<string, number>();
  const taken = new Set<number>();
  for (const id of ids) {
    const slot = previous?.get(id);
    if (slot === undefined) continue;
    slots.set(id, slot);
    taken.add(slot);
  }
  let next = 0;
  for (const id of ids) {
    if (slots.has(id)) continue;
    while (taken.has(next)) next++;
    slots.set(id, next);
    taken.add(next);
  }
  return slots;
}

/** So many slots there must be, free ones between included. */
export function slotCount(slots: ReadonlyMap<string, number>): number {
  let count = 0;
  for (const slot of slots.values()) count = Math.max(count, slot + 1);
  return count;
}
