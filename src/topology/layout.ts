import type { Topology } from './model.ts';

/** Places of all that is drawn, in picture units. */
export interface Layout {
  nodes: { name: string; box: Box }[];
  /** Centres by Pod id. */
  pods: Map<string, Point>;
  /** Centres by Service id. */
  services: Map<string, Point>;
  /** Centres by workload id. */
  workloads: Map<string, Point>;
  /** Which slot each Pod has on its node (key: node name, '' for the waiting lane). */
  slots: Map<string, Map<string, number>>;
}

export interface Point {
  x: number;
  y: number;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const podSize = { width: 112, height: 46 };
const gap = 10;
const header = 34;
const padding = 12;
const columnGap = 36;
const sideWidth = 168;
const sideStep = 62;

export interface LayoutOptions {
  /** Slots side by side in a node. */
  columns?: number;
  /** Gives owners (Deployments, ReplicaSets) a column. */
  owners?: boolean;
}

/**
 * Gives everything a place. A Pod keeps its slot as long as it lives, and a free slot is taken before a new one is opened,
 * so nothing else moves when a Pod comes or goes.
 * @param previous the layout before, whose slots are kept
 */
export function layoutOf(topology: Topology, previous: Layout | undefined, options: LayoutOptions = {}): Layout {
  const { columns = 2, owners = false } = options;
  const slots = new Map<string, Map<string, number>>();
  const keep = (key: string, ids: readonly string[]) => slots.set(key, assignSlots(ids, previous?.slots.get(key)));
  keep(
    '',
    topology.unscheduled.map(({ id }) => id),
  );
  for (const node of topology.nodes)
    keep(
      node.name,
      node.pods.map(({ id }) => id),
    );

  const pods = new Map<string, Point>();
  const nodeWidth = columns * (podSize.width + gap) - gap + 2 * padding;
  const workloads = owners ? placeWorkloads(topology) : new Map<string, Point>();
  const ownersWidth = owners ? sideWidth + columnGap : 0;
  const services = placeServices(topology, ownersWidth);
  // The Services' column is kept free from the start, so that the first Service moves nothing.
  const left = ownersWidth + sideWidth + columnGap;

  const place = (key: string, x: number, y: number) => {
    for (const [id, slot] of slots.get(key)!) {
      const column = slot % columns;
      const row = Math.floor(slot / columns);
      pods.set(id, {
        x: x + padding + column * (podSize.width + gap) + podSize.width / 2,
        y: y + header + row * (podSize.height + gap) + podSize.height / 2,
      });
    }
  };
  const perRow = Math.max(2, Math.ceil(Math.sqrt(topology.nodes.length)));
  const nodes: Layout['nodes'] = [];
  let y = 0;
  for (let i = 0; i < topology.nodes.length; i += perRow) {
    const row = topology.nodes.slice(i, i + perRow);
    const rows = Math.max(2, ...row.map(({ name }) => rowsOf(slots.get(name)!, columns)));
    const height = header + rows * (podSize.height + gap) - gap + padding;
    row.forEach((node, column) => {
      const x = left + column * (nodeWidth + columnGap);
      nodes.push({ name: node.name, box: { x, y, width: nodeWidth, height } });
      place(node.name, x, y);
    });
    y += height + columnGap;
  }
  place('', left, y - header + 8);
  return { nodes, pods, services, workloads, slots };
}

function assignSlots(ids: readonly string[], previous: ReadonlyMap<string, number> | undefined): Map<string, number> {
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

function rowsOf(slots: ReadonlyMap<string, number>, columns: number): number {
  return slots.size === 0 ? 0 : Math.floor(Math.max(...slots.values()) / columns) + 1;
}

function placeServices(topology: Topology, x: number): Map<string, Point> {
  return new Map(topology.services.map(({ id }, i) => [id, { x: x + sideWidth / 2, y: 30 + i * sideStep }]));
}

/** Owners in a column: each top one with those it owns below it. */
function placeWorkloads(topology: Topology): Map<string, Point> {
  const points = new Map<string, Point>();
  const owned = new Map<string, string[]>();
  const ids = new Set(topology.workloads.map(({ id }) => id));
  for (const { id, owner } of topology.workloads)
    if (owner !== undefined && ids.has(owner)) owned.set(owner, [...(owned.get(owner) ?? []), id]);
  let row = 0;
  for (const { id, owner } of topology.workloads) {
    if (owner !== undefined && ids.has(owner)) continue;
    points.set(id, { x: sideWidth / 2, y: 30 + row++ * sideStep });
    for (const child of owned.get(id) ?? []) points.set(child, { x: sideWidth / 2 + 14, y: 30 + row++ * sideStep });
  }
  return points;
}
