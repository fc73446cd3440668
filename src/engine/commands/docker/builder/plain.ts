import { BuildState, type Printer, type Trace, type VertexState } from './trace.ts';

/** `--progress=plain`: lines, each with the number of its step. */
export class PlainPrinter implements Printer {
  readonly #state = new BuildState();
  #last = 0;
  #began = false;
  /** Steps are numbered as they are first shown. */
  readonly #numbers = new Map<number, number>();

  constructor(header: boolean) {
    this.#header = header;
  }

  readonly #header: boolean;

  #number(vertex: VertexState): number {
    let number = this.#numbers.get(vertex.number);
    if (number === undefined) this.#numbers.set(vertex.number, (number = this.#numbers.size + 1));
    return number;
  }

  take(trace: Trace): string {
    const vertex = this.#state.apply(trace);
    const number = this.#number(vertex);
    let text = '';
    if (!this.#began) {
      this.#began = true;
      if (this.#header) text += '#0 building with "default" instance using docker driver\n\n';
    } else if (this.#last !== number) text += '\n';
    if (this.#last !== number) text += `#${number} ${trace.event === 'start' ? vertex.name : '...'}\n`;
    if (this.#last !== number && trace.event !== 'start')
      text = text.replace(`#${number} ...\n`, `#${number} ${vertex.name}\n`);
    this.#last = number;
    const line = (body: string) => `#${number} ${body}\n`;
    switch (trace.event) {
      case 'start':
        return text;
      case 'status': {
        const time = trace.seconds === undefined ? '' : ` ${trace.seconds.toFixed(1)}s`;
        return text + line(`${trace.text}${time}${trace.done ? ' done' : ''}`);
      }
      case 'log':
        return text + this.#state.lines(vertex, trace.seconds, trace.data).map(line).join('');
      case 'warning':
        return text + line(`WARN: ${trace.text}`);
      case 'done':
        return text + this.#flush(vertex, line) + line(trace.cached ? 'CACHED' : `DONE ${trace.seconds.toFixed(1)}s`);
      case 'error':
        return text + this.#flush(vertex, line) + line(`ERROR: ${trace.message}`);
      case 'canceled':
        return text + this.#flush(vertex, line) + line('CANCELED');
    }
  }

  #flush(vertex: VertexState, line: (body: string) => string): string {
    return vertex.partial === '' ? '' : this.#state.lines(vertex, vertex.seconds, '\n').map(line).join('');
  }

  end(): string {
    return this.#state.errorBlocks();
  }
}
