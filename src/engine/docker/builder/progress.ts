import type { World } from '../../world/index.ts';
import type { DockerfileText } from './dockerfile/nodes.ts';
import type { LineRange } from './dockerfile/error.ts';
import type { LintWarning } from './dockerfile/lint.ts';

/** What a build tells its client while it runs; seconds count from the vertex's start. */
export type Trace =
  | { vertex: number; event: 'start'; name: string }
  | { vertex: number; event: 'status'; text: string; seconds?: number; done: boolean }
  | { vertex: number; event: 'log'; seconds: number; stream: 'stdout' | 'stderr'; data: string }
  | { vertex: number; event: 'warning'; text: string }
  | { vertex: number; event: 'done'; seconds: number; cached: boolean }
  | { vertex: number; event: 'error'; seconds: number; message: string }
  | { vertex: number; event: 'canceled'; seconds: number };

/** How a build ended. */
export interface BuildEnd {
  /** Of the image, if one was made. */
  id?: string;
  error?: string;
  /** Where in the Dockerfile, as it is printed. */
  excerpt?: string;
  warnings: { short: string; description: string; url: string; excerpt: string }[];
}

export type TraceSink = (trace: Trace) => Promise<void>;

/** One step of a build as it is shown. */
export class Vertex {
  readonly #world: World;
  readonly #sink: TraceSink;
  readonly #id: number;
  readonly #started: number;

  constructor(world: World, sink: TraceSink, id: number) {
    this.#world = world;
    this.#sink = sink;
    this.#id = id;
    this.#started = world.clock.elapsed;
  }

  get seconds(): number {
    return (this.#world.clock.elapsed - this.#started) / 1000;
  }

  start(name: string): Promise<void> {
    return this.#sink({ vertex: this.#id, event: 'start', name });
  }

  status(text: string, seconds?: number, done = true): Promise<void> {
    return this.#sink({ vertex: this.#id, event: 'status', text, ...(seconds === undefined ? {} : { seconds }), done });
  }

  log(stream: 'stdout' | 'stderr', data: string): Promise<void> {
    return this.#sink({ vertex: this.#id, event: 'log', seconds: this.seconds, stream, data });
  }

  warn(text: string): Promise<void> {
    return this.#sink({ vertex: this.#id, event: 'warning', text });
  }

  done(cached = false): Promise<void> {
    return this.#sink({ vertex: this.#id, event: 'done', seconds: this.seconds, cached });
  }

  fail(message: string): Promise<void> {
    return this.#sink({ vertex: this.#id, event: 'error', seconds: this.seconds, message });
  }

  canceled(): Promise<void> {
    return this.#sink({ vertex: this.#id, event: 'canceled', seconds: this.seconds });
  }
}

/** Numbers the steps of one build. */
export class Progress {
  readonly #world: World;
  readonly #sink: TraceSink;
  #count = 0;

  constructor(world: World, sink: TraceSink) {
    this.#world = world;
    this.#sink = sink;
  }

  async begin(name: string): Promise<Vertex> {
    const vertex = new Vertex(this.#world, this.#sink, ++this.#count);
    await vertex.start(name);
    return vertex;
  }
}

/** The lines around `range`, those of it marked (BuildKit's errdefs.Source). */
export function excerpt(name: string, { lines }: Pick<DockerfileText, 'lines'>, range: LineRange): string {
  if (range.start < 1 || range.start > lines.length) return '';
  let start = range.start;
  let end = Math.min(range.end, lines.length);
  const padding = start === end ? 4 : 2;
  for (let p = 0; p < padding; p++) {
    if (start > 1) {
      start--;
      p++;
    }
    if (end !== lines.length) {
      end++;
      p++;
    }
  }
  const rule = '-'.repeat(20);
  let text = `${name}:${range.start}\n${rule}\n`;
  for (let i = start; i <= end; i++) {
    const mark = i >= range.start && i <= range.end ? '>>>' : '   ';
    text += ` ${String(i).padStart(3)} | ${mark} ${lines[i - 1]}\n`;
  }
  return `${text}${rule}\n`;
}

export function warningEnd(name: string, text: DockerfileText, found: LintWarning): BuildEnd['warnings'][number] {
  const { message, description, url, range } = found;
  return { short: message, description, url, excerpt: excerpt(name, text, range) };
}
