import { waiting, type BoxView, type PictureView } from './boxes.ts';
import { leftColumns, placeColumns, rightColumns, widthOf } from './columns.ts';
import type { Topology } from './model.ts';
import {
  columnGap,
  frameHeader,
  gap,
  header,
  padding,
  shortHeader,
  podSize,
  sideStep,
  type Box,
  type Point,
} from './sizes.ts';
import { assignSlots, slotCount } from './slots.ts';

/** Places of all that is drawn, in picture units. */
export interface Layout {
  view: PictureView;
  boxes: Map<string, Box>;
  /** Around the boxes of a namespace. */
  frames: Map<string, Box>;
  /** Centres of what is in slots, by its id. */
  items: Map<string, Point>;
  /** Centres of all else, by element id. */
  places: Map<string, Point>;
  /** Which slot each thing has in its box, column or frame. */
  slots: Map<string, Map<string, number>>;
  grid: Grid;
  /** All that the grid was chosen by, as text to compare. */
  cut: string;
}

/** How the picture is cut: slots side by side in a box, boxes side by side in the picture. */
export interface Grid {
  columns: number;
  perRow: number;
}

export interface LayoutOptions {
  view: PictureView;
  /** The place for the picture in pixels, whose shape it takes. */
  size?: { width: number; height: number };
  /** Gives owners (Deployments, ReplicaSets) a column. */
  owners?: boolean;
}

/**
 * Gives everything a place. A Pod keeps its slot as long as it lives, and a free slot is taken before a new one is opened,
 * so nothing else moves when a Pod comes or goes. Boxes begin at 0; what leads to them lies at negative x.
 * @param previous the layout before, whose slots are kept if it is of the same view
 */
export function layoutOf(
  topology: Topology,
  boxes: readonly BoxView[],
  before: Layout | undefined,
  { view, size = { width: 4, height: 3 }, owners = false }: LayoutOptions,
): Layout {
  const previous = before?.view === view ? before : undefined;
  const slots = new Map<string, Map<string, number>>();
  const places = new Map<string, Point>();
  for (const { id, items } of boxes)
    slots.set(
      `box ${id}`,
      assignSlots(
        items.map((item) => item.id),
        previous?.slots.get(`box ${id}`),
      ),
    );
  const frames = framesOf(boxes, slots, previous);
  const inApps = view === 'applications';
  const left = view === 'control-plane' ? [] : leftColumns(topology);
  const right = view === 'control-plane' ? [] : rightColumns(topology, owners && !inApps);
  const beside = widthOf(left) + widthOf(right);
  const sides = sideStep * Math.max(0, ...[...left, ...right].map(({ ids }) => ids.length));

  const ownerColumns = inApps ? 1 : 0;
  const rows = (box: BoxView, columns: number) =>
    Math.max(
      inApps ? 1 : 2,
      Math.ceil(slotCount(slots.get(`box ${box.id}`)!) / columns),
      inApps ? box.workloads.length : 0,
    );
  const widest = Math.max(1, ...frames.map(({ places: inside }) => inside.length));
  const measure = measurer(frames, rows, ownerColumns, inApps);
  const fillings = boxes.map(({ id, workloads }) => `${slotCount(slots.get(`box ${id}`)!)}/${workloads.length}`);
  const cut = [size.width, size.height, beside, sides, ...fillings].join(' ');
  const grid = previous?.cut === cut ? previous.grid : chooseGrid(size, previous?.grid, beside, sides, widest, measure);

  const layout: Layout = { view, boxes: new Map(), frames: new Map(), items: new Map(), places, slots, grid, cut };
  const width = boxWidth(grid.columns + ownerColumns);
  const span = Math.min(grid.perRow, widest) * (width + columnGap) - columnGap;
  let y = 0;
  for (const frame of frames) {
    const top = y;
    const inset = inApps ? padding : 0;
    if (inApps) y += frameHeader;
    for (let i = 0; i < frame.places.length; i += grid.perRow) {
      const row = frame.places.slice(i, i + grid.perRow);
      const height = boxHeight(Math.max(...row.map((box) => (box ? rows(box, grid.columns) : 1))), inApps);
      row.forEach((box, column) => {
        if (!box) return;
        const area = { x: inset + column * (width + columnGap), y, width, height };
        layout.boxes.set(box.id, area);
        fill(layout, box, area, grid.columns, ownerColumns);
      });
      y += height + (inApps ? padding : columnGap);
    }
    if (!inApps) continue;
    layout.frames.set(frame.name, { x: 0, y: top, width: span + 2 * padding, height: y - top });
    y += columnGap;
  }
  const lane = boxes.find(({ id, frame }) => id === waiting && frame === waiting);
  if (lane) fill(layout, lane, { x: 0, y: y - header, width, height: 0 }, Math.max(2, grid.perRow * grid.columns), 0);
  placeColumns(left, 0, -1, slots, previous?.slots, places);
  placeColumns(right, span + (inApps ? 2 * padding : 0), 1, slots, previous?.slots, places);
  return layout;
}

/** Puts what is in a box into its slots, and its owners before them. */
function fill(layout: Layout, box: BoxView, area: Box, columns: number, ownerColumns: number): void {
  const at = (column: number, row: number) => ({
    x: area.x + padding + column * (podSize.width + gap) + podSize.width / 2,
    y: area.y + (ownerColumns > 0 ? shortHeader : header) + row * (podSize.height + gap) + podSize.height / 2,
  });
  if (ownerColumns > 0) box.workloads.forEach(({ id }, row) => layout.places.set(`workload ${id}`, at(0, row)));
  for (const [id, slot] of layout.slots.get(`box ${box.id}`)!)
    layout.items.set(id, at(ownerColumns + (slot % columns), Math.floor(slot / columns)));
}

interface Frame {
  name: string;
  /** Boxes by their slot; undefined where there is none any more. */
  places: (BoxView | undefined)[];
}

function framesOf(
  boxes: readonly BoxView[],
  slots: Map<string, Map<string, number>>,
  previous: Layout | undefined,
): Frame[] {
  const members = new Map<string, BoxView[]>();
  for (const box of boxes) {
    if (box.id === waiting) continue;
    const others = members.get(box.frame);
    if (others) others.push(box);
    else members.set(box.frame, [box]);
  }
  const order = assignSlots([...members.keys()], previous?.slots.get('frames'));
  slots.set('frames', order);
  return [...members]
    .sort(([a], [b]) => order.get(a)! - order.get(b)!)
    .map(([name, inside]) => {
      const own = assignSlots(
        inside.map(({ id }) => id),
        previous?.slots.get(`frame ${name}`),
      );
      slots.set(`frame ${name}`, own);
      const places: (BoxView | undefined)[] = Array.from({ length: slotCount(own) }, () => undefined);
      for (const box of inside) places[own.get(box.id)!] = box;
      return { name, places };
    });
}

const boxWidth = (columns: number): number => columns * (podSize.width + gap) - gap + 2 * padding;
const boxHeight = (rows: number, short: boolean): number =>
  (short ? shortHeader : header) + rows * (podSize.height + gap) - gap + padding;

type Measure = (grid: Grid) => { width: number; height: number };

function measurer(
  frames: readonly Frame[],
  rows: (box: BoxView, columns: number) => number,
  ownerColumns: number,
  framed: boolean,
): Measure {
  const known = new Map<number, number[][]>();
  return ({ columns, perRow }) => {
    let heights = known.get(columns);
    if (!heights) {
      heights = frames.map(({ places }) => places.map((box) => boxHeight(box ? rows(box, columns) : 1, framed)));
      known.set(columns, heights);
    }
    let height = -columnGap;
    let most = 1;
    for (const frame of heights) {
      most = Math.max(most, frame.length);
      for (let i = 0; i < frame.length; i += perRow) {
        let highest = 0;
        for (let k = i; k < Math.min(i + perRow, frame.length); k++) highest = Math.max(highest, frame[k]!);
        height += highest + (framed ? padding : columnGap);
      }
      if (framed) height += frameHeader + columnGap;
    }
    const across = Math.min(perRow, most) * (boxWidth(columns + ownerColumns) + columnGap) - columnGap;
    return { width: across + (framed ? 2 * padding : 0), height };
  };
}

/** Another grid must show things larger by this factor to be worth moving everything. */
const worthMoving = 1.2;

/** The grid with which the picture is largest in its view; the one before, unless another is clearly better. */
function chooseGrid(
  size: { width: number; height: number },
  previous: Grid | undefined,
  beside: number,
  sides: number,
  boxes: number,
  measure: Measure,
): Grid {
  const scale = (grid: Grid): number => {
    const { width, height } = measure(grid);
    return Math.min(size.width / (beside + width), size.height / Math.max(height, sides, 1));
  };
  let best = previous;
  let most = previous ? scale(previous) * worthMoving : 0;
  for (let columns = 1; columns <= 8; columns++)
    for (let perRow = 1; perRow <= boxes; perRow++) {
      const scaled = scale({ columns, perRow });
      if (scaled <= most) continue;
      most = scaled;
      best = { columns, perRow };
    }
  return best ?? { columns: 2, perRow: 2 };
}
