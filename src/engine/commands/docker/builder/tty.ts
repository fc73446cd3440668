import { BuildState, type Printer, type Trace, type VertexState } from './trace.ts';

/** Lines of a running step's output that are shown. */
const shownLogs = 6;

/** `--progress=tty`: a list that is drawn anew whenever something happens. */
export class TtyPrinter implements Printer {
  readonly #state = new BuildState();
  readonly #columns: number;
  readonly #now: () => number;
  readonly #started: number;
  #drawn = 0;

  /** @param now seconds */
  constructor(columns: number, now: () => number) {
    this.#columns = columns;
    this.#now = now;
    this.#started = now();
  }

  take(trace: Trace): string {
    const vertex = this.#state.apply(trace);
    if (trace.event === 'log') this.#state.lines(vertex, trace.seconds, trace.data);
    return this.#draw(false);
  }

  end(failed: boolean): string {
    return this.#draw(true, failed) + this.#state.errorBlocks();
  }

  #draw(ended: boolean, failed = false): string {
    const all = [...this.#state.vertexes.values()];
    const finished = all.filter((v) => v.state === 'done' || v.state === 'cached').length;
    const seconds = (this.#now() - this.#started).toFixed(1);
    const head = `[+] Building ${seconds}s (${finished}/${all.length})${ended && !failed ? ' FINISHED' : ''}`;
    const lines = [this.#fill(head, 'docker:default')];
    for (const vertex of all) lines.push(...this.#vertex(vertex));
    const up = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : '';
    this.#drawn = lines.length;
    return `\x1b[?25l${up}\x1b[0G${lines.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J\x1b[?25h`;
  }

  #fill(left: string, right: string): string {
    const room = this.#columns - right.length;
    return `${left.length >= room ? `${left.slice(0, Math.max(0, room - 1))} ` : left.padEnd(room)}${right}`;
  }

  #vertex(vertex: VertexState): string[] {
    const cached = vertex.state === 'cached' ? 'CACHED ' : vertex.state === 'error' ? 'ERROR ' : vertex.state === 'canceled' ? 'CANCELED ' : ''; // prettier-ignore
    const paint = (text: string) =>
      vertex.state === 'done' || vertex.state === 'cached'
        ? `\x1b[34m${text}\x1b[0m`
        : vertex.state === 'error'
          ? `\x1b[31m${text}\x1b[0m`
          : vertex.state === 'canceled'
            ? `\x1b[33m${text}\x1b[0m`
            : text;
    const lines = [paint(this.#fill(` => ${cached}${vertex.name}`, `${vertex.seconds.toFixed(1)}s`))];
    for (const { text, seconds = 0 } of vertex.statuses)
      lines.push(paint(this.#fill(` => => ${text}`, `${seconds.toFixed(1)}s`)));
    if (vertex.state === 'running')
      for (const log of vertex.log.slice(-shownLogs)) {
        const text = ` => => # ${log.replace(/^\d+\.\d+ /, '')}`;
        lines.push(text.slice(0, this.#columns));
      }
    return lines;
  }
}
