/** Messages of a build, as the Engine's `POST /build?version=2` sends them. */
export type Trace =
  | { vertex: number; event: 'start'; name: string }
  | { vertex: number; event: 'status'; text: string; seconds?: number; done: boolean }
  | { vertex: number; event: 'log'; seconds: number; stream: 'stdout' | 'stderr'; data: string }
  | { vertex: number; event: 'warning'; text: string }
  | { vertex: number; event: 'done'; seconds: number; cached: boolean }
  | { vertex: number; event: 'error'; seconds: number; message: string }
  | { vertex: number; event: 'canceled'; seconds: number };

export interface BuildEnd {
  id?: string;
  error?: string;
  excerpt?: string;
  warnings: { short: string; description: string; url: string; excerpt: string }[];
  /** base64 of a tar archive: `--output type=local`. */
  files?: string;
}

/** Shows a build while it runs. */
export interface Printer {
  /** Takes one message; resolves to what is to be written. */
  take(trace: Trace): string;
  /** What comes after the last message: logs of what failed. */
  end(failed: boolean): string;
}

/** The last lines that a step printed, for the error block. */
const keptLines = 10;

export interface VertexState {
  number: number;
  name: string;
  state: 'running' | 'done' | 'cached' | 'error' | 'canceled';
  seconds: number;
  statuses: { text: string; seconds: number | undefined; done: boolean }[];
  /** With times, as plain output prints them. */
  log: string[];
  partial: string;
}

/** What is known of all steps. */
export class BuildState {
  readonly vertexes = new Map<number, VertexState>();
  errors = new Map<number, string>();

  apply(trace: Trace): VertexState {
    let vertex = this.vertexes.get(trace.vertex);
    if (!vertex) {
      vertex = { number: trace.vertex, name: '', state: 'running', seconds: 0, statuses: [], log: [], partial: '' };
      this.vertexes.set(trace.vertex, vertex);
    }
    if ('seconds' in trace && trace.event !== 'status') vertex.seconds = trace.seconds ?? 0;
    switch (trace.event) {
      case 'start':
        vertex.name = trace.name;
        break;
      case 'status': {
        const shown = { text: trace.text, seconds: trace.seconds, done: trace.done };
        const before = vertex.statuses.findIndex((status) => status.text === trace.text);
        if (before >= 0) vertex.statuses[before] = shown;
        else vertex.statuses.push(shown);
        break;
      }
      case 'done':
        vertex.state = trace.cached ? 'cached' : 'done';
        break;
      case 'error':
        vertex.state = 'error';
        this.errors.set(trace.vertex, trace.message);
        break;
      case 'canceled':
        vertex.state = 'canceled';
        break;
      default:
    }
    return vertex;
  }

  /** Complete lines of output with their times; a rest without an end stays until more comes. */
  lines(vertex: VertexState, seconds: number, data: string): string[] {
    const text = vertex.partial + data.replaceAll('\r\n', '\n');
    const parts = text.split('\n');
    vertex.partial = parts.pop()!;
    const lines = parts.map((line) => `${seconds.toFixed(3)} ${line.slice(line.lastIndexOf('\r') + 1)}`);
    vertex.log.push(...lines);
    if (vertex.log.length > keptLines) vertex.log.splice(0, vertex.log.length - keptLines);
    return lines;
  }

  /** The blocks between dashes of steps that failed. */
  errorBlocks(): string {
    let text = '';
    for (const number of this.errors.keys()) {
      const vertex = this.vertexes.get(number)!;
      text += `------\n > ${vertex.name}:\n${vertex.log.map((line) => `${asRung(line)}\n`).join('')}------\n`;
    }
    return text;
  }
}

/** A shell writes this message in two pieces; the block shows the last piece only. */
function asRung(line: string): string {
  return line.replace(/^\d+\.\d{3} (?:\/bin\/)?(?:sh|ash): ([^ ]+: not found)$/, '$1');
}
