import type { Topology } from './model.ts';
import {
  addressSize,
  claimSize,
  columnGap,
  labelGap,
  outsideSize,
  serviceSize,
  sideStep,
  workloadSize,
} from './sizes.ts';
import type { Point } from './sizes.ts';
import { assignSlots, slotCount } from './slots.ts';

/** What stands beside the boxes, in columns: from the left as traffic flows, to the right what the Pods belong to. */
export interface Column {
  /** Under which its slots are kept. */
  key: string;
  /** Element ids. */
  ids: string[];
  width: number;
  /** Room to the side of the boxes. */
  gap: number;
  /** Indented, by element id. */
  indents?: ReadonlySet<string>;
}

/** From the boxes to the left: Services, what leads to them by host and path, addresses, outside. */
export function leftColumns(topology: Topology): Column[] {
  const { services, entrances, routes } = topology;
  const routed = routes.some(({ service }) => service);
  const gateways = entrances.filter(({ kind }) => kind === 'Gateway');
  const others = entrances.filter(({ kind }) => kind !== 'Gateway');
  const columns: Column[] = [
    // Kept free from the start, so that the first Service moves nothing.
    { key: 'services', ids: services.map(({ id }) => `service ${id}`), width: serviceSize.width, gap: columnGap },
    {
      key: 'routes',
      ids: others.map(({ id }) => `entrance ${id}`),
      width: serviceSize.width,
      gap: routed ? labelGap : columnGap,
    },
    { key: 'gateways', ids: gateways.map(({ id }) => `entrance ${id}`), width: serviceSize.width, gap: columnGap },
    {
      key: 'addresses',
      ids: addressesOf(topology).map((a) => `address ${a}`),
      width: addressSize.width,
      gap: columnGap,
    },
    { key: 'outside', ids: ['outside'], width: outsideSize.width, gap: columnGap },
  ];
  return columns.filter(({ key, ids }) => key === 'services' || ids.length > 0);
}

/** From the boxes to the right: claims, and owners if they are asked for. */
export function rightColumns({ claims, workloads }: Topology, owners: boolean): Column[] {
  const columns: Column[] = [];
  if (claims.length > 0)
    columns.push({ key: 'claims', ids: claims.map(({ id }) => `claim ${id}`), width: claimSize.width, gap: columnGap });
  if (!owners || workloads.length === 0) return columns;
  const ids = new Set(workloads.map(({ id }) => id));
  const above = workloads.filter(({ owner }) => owner === undefined || !ids.has(owner));
  const inner = new Set(workloads.filter((workload) => !above.includes(workload)).map(({ id }) => `workload ${id}`));
  const ordered = above.flatMap(({ id }) => [id, ...workloads.filter(({ owner }) => owner === id).map((w) => w.id)]);
  columns.push({
    key: 'owners',
    ids: ordered.map((id) => `workload ${id}`),
    width: workloadSize.width + 16,
    gap: columnGap,
    indents: inner,
  });
  return columns;
}

/** Addresses by which the cluster is reached from outside, each once. */
export function addressesOf({ services, entrances }: Topology): string[] {
  return [...new Set([...services, ...entrances].flatMap(({ addresses }) => addresses))].sort();
}

/** Room that columns take, with that between them and the boxes. */
export const widthOf = (columns: readonly Column[]): number =>
  columns.reduce((sum, { width, gap }) => sum + width + gap, 0);

/**
 * Puts columns beside each other.
 * @param edge of the boxes
 * @param side -1: to the left
 */
export function placeColumns(
  columns: readonly Column[],
  edge: number,
  side: -1 | 1,
  slots: Map<string, Map<string, number>>,
  previous: ReadonlyMap<string, ReadonlyMap<string, number>> | undefined,
  places: Map<string, Point>,
): number {
  let x = edge;
  let highest = 0;
  for (const { key, ids, width, gap, indents } of columns) {
    const own = assignSlots(ids, previous?.get(`column ${key}`));
    slots.set(`column ${key}`, own);
    x += side * gap;
    for (const [id, slot] of own)
      places.set(id, {
        x: x + (side * width) / 2 + (indents ? (indents.has(id) ? 8 : -8) : 0),
        y: 30 + slot * sideStep,
      });
    x += side * width;
    highest = Math.max(highest, slotCount(own));
  }
  return highest * sideStep;
}
