import type { DockerTopology, PortView } from './model.ts';

/** Where everything of a Docker host stands in its picture, in pixels. Pure. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Line {
  readonly key: string;
  readonly kind: 'port' | 'network';
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface DockerLayout {
  readonly width: number;
  readonly height: number;
  readonly host: Box;
  /** By network name. */
  readonly lanes: ReadonlyMap<string, Box>;
  /** By container id. */
  readonly containers: ReadonlyMap<string, Box>;
  readonly ports: readonly { key: string; port: PortView; box: Box }[];
  readonly shelf: Box;
  /** By image id; layers from the bottom up. */
  readonly images: ReadonlyMap<string, { box: Box; layers: readonly Box[] }>;
  /** By host name. */
  readonly registries: ReadonlyMap<string, Box>;
  readonly lines: readonly Line[];
}

const container = { width: 168, height: 70 };
const gap = 14;
const laneTitle = 34;
const portWidth = 92;
const portHeight = 24;
const registryWidth = 150;
const imageWidth = 148;
const imageTitle = 36;
/** A shelf's layers are at least so high that one can see them. */
const leastLayer = 4;
const mostLayers = 60;

export function portKey(port: PortView): string {
  return `${port.address}:${port.hostPort}/${port.protocol}`;
}

/** @param width pixels there are; less than what one container needs scrolls */
export function layoutDocker(topology: DockerTopology, width: number): DockerLayout {
  const outside = topology.registries.length > 0 ? registryWidth + 2 * gap : gap;
  const hostX = portWidth / 2 + gap;
  const hostWidth = Math.max(container.width + 6 * gap + portWidth / 2, width - hostX - outside);
  const inner = { x: hostX + portWidth / 2 + gap, width: hostWidth - portWidth / 2 - 2 * gap };
  let y = gap + 34;

  const lanes = new Map<string, Box>();
  const containers = new Map<string, Box>();
  for (const lane of topology.lanes) {
    const perRow = Math.max(1, Math.floor((inner.width - gap) / (container.width + gap)));
    const rows = Math.max(1, Math.ceil(lane.containers.length / perRow));
    const box = { x: inner.x, y, width: inner.width, height: laneTitle + rows * (container.height + gap) + 4 };
    lanes.set(lane.name, box);
    lane.containers.forEach((id, i) =>
      containers.set(id, {
        x: box.x + gap + (i % perRow) * (container.width + gap),
        y: box.y + laneTitle + Math.floor(i / perRow) * (container.height + gap),
        ...container,
      }),
    );
    y += box.height + gap;
  }

  const { shelf, images } = shelve(topology, inner, y);
  const hostHeight = shelf.y + shelf.height + gap - gap;
  const host = { x: hostX, y: gap, width: hostWidth, height: hostHeight };

  const ports = placePorts(topology.ports, containers, hostX);
  const registries = new Map<string, Box>();
  topology.registries.forEach(({ host: name }, i) =>
    registries.set(name, {
      x: host.x + host.width + gap,
      y: shelf.y + i * (46 + gap),
      width: registryWidth,
      height: 46,
    }),
  );
  const bottom = Math.max(host.y + host.height, ...[...registries.values()].map((box) => box.y + box.height));
  return {
    width: host.x + host.width + outside,
    height: bottom + gap,
    host,
    lanes,
    containers,
    ports,
    shelf,
    images,
    registries,
    lines: [...portLines(ports, containers), ...networkLines(topology, lanes, containers)],
  };
}

function shelve(topology: DockerTopology, inner: { x: number; width: number }, y: number) {
  const perRow = Math.max(1, Math.floor((inner.width - gap) / (imageWidth + gap)));
  const largest = Math.max(1, ...topology.images.map((image) => image.size));
  const images = new Map<string, { box: Box; layers: readonly Box[] }>();
  const rowHeight = imageTitle + mostLayers + gap;
  topology.images.forEach((image, i) => {
    const box = {
      x: inner.x + gap + (i % perRow) * (imageWidth + gap),
      y: y + laneTitle + Math.floor(i / perRow) * (rowHeight + gap),
      width: imageWidth,
      height: rowHeight,
    };
    const most = mostLayers - image.layers.length * leastLayer;
    let at = box.y + box.height - 6;
    const layers = image.layers.map(({ size }) => {
      const height = Math.max(2, leastLayer + (size / largest) * Math.max(0, most));
      at -= height;
      return { x: box.x + 8, y: at, width: box.width - 16, height: height - 1 };
    });
    images.set(image.id, { box, layers });
  });
  const rows = Math.ceil(topology.images.length / perRow);
  return {
    shelf: {
      x: inner.x,
      y,
      width: inner.width,
      height: laneTitle + Math.max(1, rows) * (rows === 0 ? 30 : rowHeight + gap),
    },
    images,
  };
}

/** On the host's left edge, each beside its container; where that is taken, below. */
function placePorts(ports: readonly PortView[], containers: ReadonlyMap<string, Box>, edge: number) {
  const wanted = ports
    .map((port) => ({ port, y: (containers.get(port.container)?.y ?? 0) + container.height / 2 - portHeight / 2 }))
    .sort((a, b) => a.y - b.y || a.port.hostPort - b.port.hostPort);
  let free = 0;
  return wanted.map(({ port, y }) => {
    const top = Math.max(y, free);
    free = top + portHeight + 4;
    return { key: portKey(port), port, box: { x: edge - portWidth / 2, y: top, width: portWidth, height: portHeight } };
  });
}

function portLines(ports: DockerLayout['ports'], containers: ReadonlyMap<string, Box>): Line[] {
  return ports.flatMap(({ key, port, box }): Line[] => {
    const to = containers.get(port.container);
    if (!to) return [];
    const from = box.y + box.height / 2;
    const end = to.y + to.height / 2;
    const bend = box.x + box.width + 6;
    // Above the row, so that it does not run through other containers.
    const above = to.y - gap / 2;
    const straight = to.x - bend < 2 * gap + 6;
    const points = straight
      ? [[box.x + box.width, from], [bend, from], [bend, end], [to.x, end]] as const
      : [[box.x + box.width, from], [bend, from], [bend, above], [to.x + 12, above], [to.x + 12, to.y]] as const; // prettier-ignore
    return [{ key, kind: 'port', points }];
  });
}

/** From a container to the lanes of its other networks. */
function networkLines(
  topology: DockerTopology,
  lanes: ReadonlyMap<string, Box>,
  containers: ReadonlyMap<string, Box>,
): Line[] {
  return topology.containers.flatMap((each) => {
    const box = containers.get(each.id);
    if (!box) return [];
    return each.networks.slice(1).flatMap(({ name }, i): Line[] => {
      const lane = lanes.get(name);
      if (!lane) return [];
      const x = box.x + box.width - 16 - i * 10;
      const down = lane.y > box.y;
      return [
        {
          key: `${each.id} ${name}`,
          kind: 'network',
          points: [
            [x, down ? box.y + box.height : box.y],
            [x, down ? lane.y : lane.y + lane.height],
          ],
        },
      ];
    });
  });
}
