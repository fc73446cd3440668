import type { Context } from '../framework/command.ts';

type Kind = 'working' | 'done' | 'error' | 'warning';

interface Line {
  id: string;
  text: string;
  status: string;
  kind: Kind;
  started: number;
  ended: number | undefined;
}

/** Frames on a terminal are this far apart at least. */
const frameMs = 100;

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** What Compose does to networks, volumes and containers, on stderr: lines, or on a terminal a list that is drawn anew. */
export class ComposeProgress {
  readonly #context: Pick<Context, 'process' | 'err'>;
  readonly #quiet: boolean;
  readonly #lines = new Map<string, Line>();
  #drawn = 0;
  #frames = 0;
  #dirty = false;
  #drawnAt = -Infinity;

  constructor(context: Pick<Context, 'process' | 'err'>, quiet = false) {
    this.#context = context;
    this.#quiet = quiet;
  }

  /** `Network app_default`, `Creating`. */
  working(id: string, status: string, text = ''): Promise<void> {
    return this.#show(id, text, status, 'working');
  }

  done(id: string, status: string, text = ''): Promise<void> {
    return this.#show(id, text, status, 'done');
  }

  error(id: string, status: string, text = ''): Promise<void> {
    return this.#show(id, text, status, 'error');
  }

  async #show(id: string, text: string, status: string, kind: Kind): Promise<void> {
    const { process, err } = this.#context;
    if (this.#quiet) return;
    const now = process.world.clock.elapsed;
    const line = this.#lines.get(id) ?? { id, text, status, kind, started: now, ended: undefined };
    Object.assign(line, { text, status, kind });
    line.ended = kind === 'working' ? undefined : now;
    this.#lines.set(id, line);
    if (!process.isatty.stderr) return err(` ${id} ${text} ${status}\n`);
    this.#dirty = true;
    if (now - this.#drawnAt >= frameMs) await this.flush();
  }

  /** Draws what has changed since the last frame. */
  async flush(): Promise<void> {
    if (!this.#dirty) return;
    const { process, err } = this.#context;
    this.#dirty = false;
    this.#drawnAt = process.world.clock.elapsed;
    await err(this.#draw(this.#drawnAt));
  }

  #draw(now: number): string {
    const { process } = this.#context;
    const columns = process.tty?.columns ?? 80;
    const lines = [...this.#lines.values()];
    const width = Math.max(...lines.map((line) => `${line.id} ${line.text}`.trimEnd().length));
    const finished = lines.filter((line) => line.kind !== 'working').length;
    const head = `[+] Running ${finished}/${lines.length}`;
    const up = this.#drawn === 0 ? '\x1b[1A\x1b[1B' : '\x1b[1A'.repeat(this.#drawn);
    this.#frames++;
    let text = `${up}\x1b[0G\x1b[?25l${finished === lines.length ? `\x1b[34m${head}\x1b[0m` : head}\n`;
    for (const line of lines) {
      const [mark, colour] =
        line.kind === 'done'
          ? ['\x1b[32m✔\x1b[0m', 32]
          : line.kind === 'error'
            ? ['\x1b[31m✘\x1b[0m', 31]
            : [`\x1b[33m${spinner[this.#frames % spinner.length]}\x1b[0m`, 0];
      const name = `${line.id} ${line.text}`.trimEnd().padEnd(width);
      const status = colour === 0 ? line.status : `\x1b[${colour}m${line.status}\x1b[0m`;
      const time = `${(((line.ended ?? now) - line.started) / 1000).toFixed(1)}s`;
      const room = Math.max(1, columns - 5 - width - line.status.length - time.length);
      text += ` ${mark} ${name}  ${status}${' '.repeat(room)}\x1b[34m${time} \x1b[0m\n`;
    }
    this.#drawn = lines.length + 1;
    return `${text}\x1b[?25h`;
  }
}
