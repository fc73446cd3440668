import type { Palette } from './style.ts';

export interface PacketPoint {
  x: number;
  y: number;
}

/** One journey: where it goes, point by point, and how it ends. */
export interface Journey {
  /** Places at this moment, in pixels of the layer: the picture may be moved meanwhile. Undefined: no longer there. */
  stops: readonly (() => PacketPoint | undefined)[];
  failed: boolean;
  /** Written where it ends. */
  note?: string;
}

interface Running extends Journey {
  begun: number;
}

/** Real ms from stop to stop. */
const legMs = 420;
const noteMs = 3_000;
/** More at a time are not drawn. */
const most = 80;
const radius = 5;
/** With more packets on their way, only where they are is drawn, not where they came from. */
const mostTrails = 20;

/** Packets on their way, on a canvas above the picture. Draws only while there are some. */
export class PacketLayer {
  readonly #canvas: HTMLCanvasElement;
  readonly #still: () => boolean;
  #palette: Palette | undefined;
  #font = '12px sans-serif';
  #running: Running[] = [];
  #frame = 0;

  /** @param still people who want no motion see the way as a line instead */
  constructor(canvas: HTMLCanvasElement, still: () => boolean) {
    this.#canvas = canvas;
    this.#still = still;
  }

  setPalette(palette: Palette, font: string): void {
    this.#palette = palette;
    this.#font = `12px ${font}`;
  }

  add(journey: Journey): void {
    if (this.#running.length >= most) this.#running.shift();
    this.#running.push({ ...journey, begun: performance.now() });
    this.#frame ||= requestAnimationFrame(() => this.#draw());
  }

  clear(): void {
    this.#running = [];
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#context()?.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
  }

  #context(): CanvasRenderingContext2D | undefined {
    const { clientWidth, clientHeight } = this.#canvas;
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(clientWidth * scale), Math.round(clientHeight * scale)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) {
      this.#canvas.width = width;
      this.#canvas.height = height;
    }
    const context = this.#canvas.getContext('2d') ?? undefined;
    context?.setTransform(scale, 0, 0, scale, 0, 0);
    return context;
  }

  #draw(): void {
    this.#frame = 0;
    const context = this.#context();
    if (!context || !this.#palette) return;
    context.clearRect(0, 0, this.#canvas.clientWidth, this.#canvas.clientHeight);
    const now = performance.now();
    this.#running = this.#running.filter((journey) => this.#paint(context, this.#palette!, journey, now));
    if (this.#running.length > 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  /** False once it is over. */
  #paint(context: CanvasRenderingContext2D, palette: Palette, journey: Running, now: number): boolean {
    const points = journey.stops.map((stop) => stop()).filter((point) => point !== undefined);
    if (points.length < 2) return false;
    const elapsed = now - journey.begun;
    const travel = this.#still() ? 0 : (points.length - 1) * legMs;
    const colour = journey.failed ? palette.bad : palette.accent;
    if (elapsed < travel) {
      const leg = Math.floor(elapsed / legMs);
      const part = ease((elapsed % legMs) / legMs);
      const [a, b] = [points[leg]!, points[leg + 1]!];
      if (this.#running.length <= mostTrails) line(context, [...points.slice(0, leg + 1), between(a, b, part)], colour);
      dot(context, between(a, b, part), colour, palette.background);
      return true;
    }
    const rest = elapsed - travel;
    const lasts = journey.note || this.#still() ? noteMs : 350;
    if (rest > lasts) return false;
    context.globalAlpha = Math.min(1, (lasts - rest) / 300);
    line(context, points, colour);
    const end = points.at(-1)!;
    if (journey.failed) cross(context, end, colour, palette.background);
    else dot(context, end, colour, palette.background);
    if (journey.note) this.#tag(context, palette, end, journey.note, colour);
    context.globalAlpha = 1;
    return true;
  }

  #tag(context: CanvasRenderingContext2D, palette: Palette, at: PacketPoint, text: string, colour: string): void {
    context.font = this.#font;
    const width = context.measureText(text).width + 14;
    const x = Math.max(4, Math.min(at.x + 10, this.#canvas.clientWidth - width - 4));
    const y = Math.max(4, at.y - 32);
    context.fillStyle = palette.raised;
    context.strokeStyle = colour;
    context.lineWidth = 1;
    context.beginPath();
    context.roundRect(x, y, width, 22, 4);
    context.fill();
    context.stroke();
    context.fillStyle = palette.text;
    context.textBaseline = 'middle';
    context.fillText(text, x + 7, y + 11.5);
  }
}

const ease = (t: number) => (t < 0.5 ? 2 * t * t : 1 - (2 - 2 * t) ** 2 / 2);

const between = (a: PacketPoint, b: PacketPoint, part: number): PacketPoint => ({
  x: a.x + (b.x - a.x) * part,
  y: a.y + (b.y - a.y) * part,
});

function line(context: CanvasRenderingContext2D, points: readonly PacketPoint[], colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 2;
  context.setLineDash([4, 4]);
  context.beginPath();
  points.forEach(({ x, y }, i) => (i === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
  context.stroke();
  context.setLineDash([]);
}

function dot(context: CanvasRenderingContext2D, { x, y }: PacketPoint, colour: string, rim: string): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = colour;
  context.fill();
  context.strokeStyle = rim;
  context.lineWidth = 1.5;
  context.stroke();
}

function cross(context: CanvasRenderingContext2D, { x, y }: PacketPoint, colour: string, rim: string): void {
  for (const [stroke, width] of [
    [rim, 6],
    [colour, 3],
  ] as const) {
    context.strokeStyle = stroke;
    context.lineWidth = width;
    context.beginPath();
    context.moveTo(x - 6, y - 6);
    context.lineTo(x + 6, y + 6);
    context.moveTo(x + 6, y - 6);
    context.lineTo(x - 6, y + 6);
    context.stroke();
  }
}
