import type { Process } from '../../../process/index.ts';
import { LineEditor } from '../../../shell/line-editor.ts';
import { LineReader } from '../../../world/index.ts';

/** Lines for programs with a prompt of their own (mysql, psql, redis-cli): edited on a terminal, read as they are elsewhere. */
export class PromptInput {
  readonly #process: Process;
  readonly #editor: LineEditor | undefined;
  readonly #lines: LineReader;
  readonly #history: string[] = [];

  /** @param readline whether the program edits with readline, which has the terminal mark what is pasted */
  constructor(process: Process, readline = false) {
    this.#process = process;
    const terminal = process.isatty.stdin && process.isatty.stdout ? process.tty : undefined;
    this.#editor = terminal && new LineEditor(terminal, readline);
    this.#lines = new LineReader(process.stdin);
  }

  get interactive(): boolean {
    return this.#editor !== undefined;
  }

  /** The next line; `interrupt` for Ctrl-C at the prompt; undefined at the end of input. */
  async line(prompt: string): Promise<string | undefined | { interrupt: true }> {
    if (!this.#editor) return this.#lines.next(this.#process.cancel);
    const result = await this.#editor.read(
      prompt,
      {
        history: this.#history,
        complete: (_, cursor) => Promise.resolve({ start: cursor, replacement: '', candidates: [] }),
        onRefuse: () => {},
      },
      this.#process.cancel,
    );
    if (result.kind === 'eof') return undefined;
    if (result.kind === 'interrupt') return { interrupt: true };
    if (result.text !== '' && this.#history.at(-1) !== result.text) this.#history.push(result.text);
    return result.text;
  }
}

/** Asks for a secret: on the terminal, without echo. */
export async function askPassword(process: Process, prompt: string): Promise<string> {
  const { tty } = process;
  await process.stderr.write(prompt, process.cancel);
  if (!tty) return (await new LineReader(process.stdin).next(process.cancel)) ?? '';
  tty.echo = false;
  try {
    const line = await new LineReader(tty.reader).next(process.cancel);
    await process.stderr.write('\n', process.cancel);
    return line ?? '';
  } finally {
    tty.echo = true;
  }
}
