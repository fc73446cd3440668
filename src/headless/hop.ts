import type { MacrotaskHop } from '../engine/world/index.ts';

/** Node's macrotask hop. */
export const nodeHop: MacrotaskHop = () => new Promise((resolve) => setImmediate(resolve));
