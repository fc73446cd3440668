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
  grid: Grid;
}

/** How the picture is cut: slots side by side in a node, nodes side by side in the picture. */
export interface Grid {
  columns: number;
  perRow: number;
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

export const podSize = { width: 136, height: 48 };
const gap = 10;
/** Two lines: the node's name, and what is special about it. */
const header = 46;
const padding = 12;
const columnGap = 36;
const sideWidth = 168;
const sideStep = 62;

export interface LayoutOptions {
  /** The place for the picture in pixels, whose shape it takes. */
  view?: { width: number; height: number };
  /** Gives owners (Deployments, ReplicaSets) a column. */
  owners?: boolean;
}

/**
 * Gives everything a place. A Pod keeps its slot as long as it lives, and a free slot is taken before a new one is opened,
 * so nothing else moves when a Pod comes or goes.
 * @param previous the layout before, whose slots are kept
 */
export function layoutOf(topology: Topology, previous: Layout | undefined, options: LayoutOptions = {}): Layout {
  const { owners = false, view = { width: 4, height: 3 } } = options;
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
  const workloads = owners ? placeWorkloads(topology) : new Map<string, Point>();
  const ownersWidth = owners ? sideWidth + columnGap : 0;
  const services = placeServices(topology, ownersWidth);
  // The Services' column is kept free from the start, so that the first Service moves nothing.
  const left = ownersWidth + sideWidth + columnGap;

  const heightsOf = (columns: number) =>
    topology.nodes.map(({ name }) => nodeHeight(Math.max(2, rowsOf(slots.get(name)!, columns))));
  const sides = sideStep * Math.max(services.size, workloads.size);
  const grid = chooseGrid(view, previous?.grid, left, sides, topology.nodes.length, heightsOf);
  const { columns, perRow } = grid;
  const width = nodeWidth(columns);
  const heights = heightsOf(columns);
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
  const nodes: Layout['nodes'] = [];
  let y = 0;
  for (let i = 0; i < topology.nodes.length; i += perRow) {
    const row = topology.nodes.slice(i, i + perRow);
    const height = Math.max(...heights.slice(i, i + perRow));
    row.forEach((node, column) => {
      const x = left + column * (width + columnGap);
      nodes.push({ name: node.name, box: { x, y, width, height } });
      place(node.name, x, y);
    });
    y += height + columnGap;
  }
  place('', left, y - header + 8);
  return { nodes, pods, services, workloads, slots, grid };
}

const nodeWidth = (columns: number): number => columns * (podSize.width + gap) - gap + 2 * padding;
const nodeHeight = (rows: number): number => header + rows * (podSize.height + gap) - gap + padding;

/** Another grid must show things larger by this factor to be worth moving everything. */
const worthMoving = 1.2;

/** The grid with which the picture is largest in its view; the one before, unless another is clearly better. */
function chooseGrid(
  view: { width: number; height: number },
  previous: Grid | undefined,
  left: number,
  sides: number,
  nodes: number,
  heightsOf: (columns: number) => number[],
): Grid {
  const known = new Map<number, number[]>();
  const scale = ({ columns, perRow }: Grid): number => {
    const all = known.get(columns) ?? heightsOf(columns);
    known.set(columns, all);
    const beside = Math.min(perRow, Math.max(1, all.length));
    const width = left + beside * (nodeWidth(columns) + columnGap) - columnGap;
    let height = -columnGap;
    for (let i = 0; i < all.length; i += perRow) height += Math.max(...all.slice(i, i + perRow)) + columnGap;
    return Math.min(view.width / width, view.height / Math.max(height, sides));
  };
  let best = previous;
  let most = previous ? scale(previous) * worthMoving : 0;
  for (let columns = 1; columns <= 8; columns++)
    for (let perRow = 1; perRow <= Math.max(1, nodes); perRow++) {
      const size = scale({ columns, perRow });
      if (size <= most) continue;
      most = size;
      best = { columns, perRow };
    }
  return best ?? { columns: 2, perRow: 2 };
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
