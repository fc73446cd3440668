import type { ElementDefinition } from 'cytoscape';
import type { Point, Size } from '../../topology/sizes.ts';
import { linesOf, lookOf, looksOf, type Look, type Shape } from './looks.ts';
import type { Palette } from './style.ts';

const margin = 16;
const lineHeight = 15;

interface Drawn {
  id: string;
  at: Point;
  size: Size;
  classes: string;
  label: string;
  labelDepth: number | undefined;
}

/** The picture as an SVG document of its own: written from its elements, whatever part of them is on the screen. */
export function svgOf(
  elements: ReadonlyMap<string, ElementDefinition>,
  palette: Palette,
  fonts: { sans: string; mono: string },
): string {
  const nodes = new Map(
    [...elements].flatMap(([id, element]) => {
      const node = drawnOf(id, element);
      return node ? [[id, node] as const] : [];
    }),
  );
  const looks = looksOf(palette);
  const box = bounds([...nodes.values()]);
  const layer = (classes: string) => [...nodes.values()].filter((node) => node.classes.split(' ')[0] === classes);
  const behind = ['frame', 'host', 'fence'].flatMap(layer);
  const front = [...nodes.values()].filter((node) => !behind.includes(node));
  const edges = [...elements.values()].filter(({ data }) => data.source !== undefined);
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box.x} ${box.y} ${box.width} ${box.height}" width="${box.width}" height="${box.height}" font-size="12" text-anchor="middle" fill="${palette.text}">`,
    `<style>text{font-family:${attribute(fonts.sans)}}.mono{font-family:${attribute(fonts.mono)}}</style>`,
    `<rect x="${box.x}" y="${box.y}" width="${box.width}" height="${box.height}" fill="${palette.background}"/>`,
    ...behind.map((node) => shapeOf(node, lookOf(looks, node.classes), palette)),
    ...edges.map((edge) => edgeOf(edge, nodes, palette)),
    ...front.map((node) => shapeOf(node, lookOf(looks, node.classes), palette)),
    '</svg>',
  ];
  return parts.join('\n');
}

function drawnOf(id: string, { data, position, classes }: ElementDefinition): Drawn | undefined {
  if (!position) return undefined;
  return {
    id,
    at: position,
    size: { width: data.width as number, height: data.height as number },
    classes: String(classes),
    label: String(data.label ?? ''),
    labelDepth: data.labelDepth as number | undefined,
  };
}

function bounds(nodes: readonly Drawn[]): Point & Size {
  const left = Math.min(...nodes.map(({ at, size }) => at.x - size.width / 2), 0) - margin;
  const top = Math.min(...nodes.map(({ at, size }) => at.y - size.height / 2), 0) - margin;
  const right = Math.max(...nodes.map(({ at, size }) => at.x + size.width / 2), 1) + margin;
  const bottom = Math.max(...nodes.map(({ at, size }) => at.y + size.height / 2), 1) + margin;
  return { x: round(left), y: round(top), width: round(right - left), height: round(bottom - top) };
}

/** Corners in halves of width and height. */
const corners: Partial<Record<Shape, readonly (readonly [number, number])[]>> = {
  hexagon: [
    [-1, 0],
    [-0.75, -1],
    [0.75, -1],
    [1, 0],
    [0.75, 1],
    [-0.75, 1],
  ],
  tag: [
    [-1, -1],
    [0.75, -1],
    [1, 0],
    [0.75, 1],
    [-1, 1],
  ],
  rhomboid: [
    [-1, -1],
    [0.8, -1],
    [1, 1],
    [-0.8, 1],
  ],
  'cut-rectangle': [
    [-0.9, -1],
    [0.9, -1],
    [1, -0.7],
    [1, 0.7],
    [0.9, 1],
    [-0.9, 1],
    [-1, 0.7],
    [-1, -0.7],
  ],
  octagon: [
    [-0.86, -1],
    [0.86, -1],
    [1, -0.5],
    [1, 0.5],
    [0.86, 1],
    [-0.86, 1],
    [-1, 0.5],
    [-1, -0.5],
  ],
};

const radii: Partial<Record<Shape, number>> = { 'round-rectangle': 6, barrel: 14, rectangle: 0 };

const dashes: Partial<Record<Look['line'], string>> = { dashed: '5 4', dotted: '1.5 3' };

function shapeOf(node: Drawn, look: Look, palette: Palette): string {
  const { x, y } = node.at;
  const [w, h] = [node.size.width / 2, node.size.height / 2];
  const dash = dashes[look.line];
  const opacity = node.classes.startsWith('fence') ? ' fill-opacity="0.5"' : '';
  const paint = `fill="${look.fill}" stroke="${look.border}" stroke-width="${Math.min(look.width, 3)}"${dash ? ` stroke-dasharray="${dash}"` : ''}${opacity}`;
  const polygon = corners[look.shape];
  const outline = polygon
    ? `<polygon points="${polygon.map(([a, b]) => `${round(x + a * w)},${round(y + b * h)}`).join(' ')}" ${paint}/>`
    : look.shape === 'ellipse'
      ? `<ellipse cx="${round(x)}" cy="${round(y)}" rx="${w}" ry="${h}" ${paint}/>`
      : `<rect x="${round(x - w)}" y="${round(y - h)}" width="${round(2 * w)}" height="${round(2 * h)}" rx="${radii[look.shape] ?? 0}" ${paint}/>`;
  const lines = node.label.split('\n').filter(Boolean);
  const first = node.classes.split(' ')[0]!;
  const mono = ['pod', 'group', 'component', 'port', 'address'].includes(first);
  const small = first === 'fence-tag' || first === 'port';
  const top = node.labelDepth ? y - h + 19 : y - ((lines.length - 1) * lineHeight) / 2 + 4;
  const bold = node.labelDepth ? ' font-weight="600"' : '';
  const text = lines.map(
    (line, i) =>
      `<text x="${round(x)}" y="${round(top + i * lineHeight)}"${mono ? ' class="mono"' : ''}${bold}${small ? ' font-size="9.5"' : ''} fill="${look.text ?? palette.text}">${escape(line)}</text>`,
  );
  return [outline, ...text].join('');
}

function edgeOf({ data, classes }: ElementDefinition, nodes: ReadonlyMap<string, Drawn>, palette: Palette): string {
  const [source, target] = [nodes.get(String(data.source)), nodes.get(String(data.target))];
  const look = linesOf(palette)[String(classes)];
  if (!source || !target || !look) return '';
  const from = border(source, target.at);
  const to = border(target, source.at);
  const angle = Math.atan2(to.y - from.y, to.x - from.x);
  const wing = (turn: number) =>
    `${round(to.x - 8 * Math.cos(angle + turn))},${round(to.y - 8 * Math.sin(angle + turn))}`;
  const dash = look.dashed ? ' stroke-dasharray="5 4"' : '';
  const line = `<line x1="${round(from.x)}" y1="${round(from.y)}" x2="${round(to.x)}" y2="${round(to.y)}" stroke="${look.colour}" stroke-width="${look.width}"${dash}/>`;
  const head = `<polygon points="${round(to.x)},${round(to.y)} ${wing(0.4)} ${wing(-0.4)}" fill="${look.colour}"/>`;
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  const label = String(data.label ?? '')
    .split('\n')
    .filter(Boolean)
    .map(
      (text, i) =>
        `<text x="${round(middle.x)}" y="${round(middle.y - 4 + i * 13)}" class="mono" font-size="11">${escape(text)}</text>`,
    );
  return [line, head, ...label].join('');
}

/** Where the line to `towards` leaves an element's rectangle. */
function border({ at, size }: Drawn, towards: Point): Point {
  const [dx, dy] = [towards.x - at.x, towards.y - at.y];
  if (dx === 0 && dy === 0) return at;
  const part = Math.min(size.width / 2 / Math.abs(dx || 1e-9), size.height / 2 / Math.abs(dy || 1e-9), 1);
  return { x: at.x + dx * part, y: at.y + dy * part };
}

const round = (n: number): number => Math.round(n * 10) / 10;
const escape = (text: string) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
const attribute = (text: string) => escape(text.trim());
