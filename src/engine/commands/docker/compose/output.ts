import { demultiplex } from '../client/frames.ts';
import type { ByteReader } from '../../../world/index.ts';
import type { ContainerRow } from '../container/list-format.ts';
import { nameOf, type ComposeContext } from './framework.ts';

const colours = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

/** Lines of several containers, each with the container's name before it. */
export class PrefixedOutput {
  readonly #context: ComposeContext;
  readonly #width: number;
  readonly #names: readonly string[];
  readonly #prefix: boolean;
  readonly #colour: boolean;

  constructor(context: ComposeContext, names: readonly string[], options: { prefix?: boolean; colour?: boolean } = {}) {
    this.#context = context;
    this.#names = names;
    this.#width = Math.max(0, ...names.map((name) => name.length));
    this.#prefix = options.prefix !== false;
    this.#colour = (options.colour ?? true) && context.process.isatty.stdout;
  }

  #paint(name: string, text: string): string {
    const colour = colours[this.#names.indexOf(name) % colours.length] ?? 36;
    return this.#colour ? `\x1b[${colour}m${text}\x1b[0m` : text;
  }

  /** Writes what comes from a container until it ends. */
  async copy(name: string, body: ByteReader, tty: boolean): Promise<void> {
    const { process } = this.#context;
    const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    const rests = { stdout: '', stderr: '' };
    const lines = async (stream: 'stdout' | 'stderr', data: Uint8Array) => {
      const parts = (rests[stream] + decoders[stream].decode(data, { stream: true })).split('\n');
      rests[stream] = parts.pop()!;
      for (const line of parts) await this.#line(name, stream, line);
    };
    if (tty)
      for (;;) {
        const data = await body.read(process.cancel);
        if (!data) break;
        await lines('stdout', data);
      }
    else await demultiplex(body, (stream, data) => lines(stream, data), process.cancel);
    for (const stream of ['stdout', 'stderr'] as const) if (rests[stream] !== '') await this.#line(name, stream, rests[stream]);
  } // prettier-ignore

  #line(name: string, stream: 'stdout' | 'stderr', line: string): Promise<void> {
    const prefix = this.#prefix ? this.#paint(name, `${name.padEnd(this.#width + 1)} | `) : '';
    return this.#context[stream === 'stdout' ? 'out' : 'err'](`${prefix}${line}\n`);
  }

  ended(name: string, status: number): Promise<void> {
    return this.#context.out(this.#colour ? `${this.#paint(name, `\r\x1b[K${name} exited with code ${status}\n`)}` : `\r\x1b[K${name} exited with code ${status}\n`); // prettier-ignore
  }
}

/** `app-web-1` → `web-1`. */
export function shortName(row: ContainerRow, project: string): string {
  const name = nameOf(row);
  return name.startsWith(`${project}-`) ? name.slice(project.length + 1) : name;
}
