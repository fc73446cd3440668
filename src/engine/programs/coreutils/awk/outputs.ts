import { openOutput } from '../../../process/index.ts';
import type { ByteWriter } from '../../../world/index.ts';
import { runCommandLine } from '../../lib/subprocess.ts';
import type { Tool } from '../../lib/tool.ts';

export interface Output {
  write(text: string): Promise<void>;
  /** @returns the exit status of a command */
  close(): Promise<number>;
}

/** Files and commands that `print` writes to. */
export class Outputs {
  readonly #tool: Tool;
  readonly #open = new Map<string, Output>();

  constructor(tool: Tool) {
    this.#tool = tool;
  }

  /** Undefined if nothing of that name is open. */
  close(target: string): Promise<number> | undefined {
    const output = this.#open.get(target);
    this.#open.delete(target);
    return output?.close();
  }

  async closeAll(): Promise<void> {
    for (const output of this.#open.values()) await output.close();
  }

  /** What `>`, `>>` and `|` write to; opened once. */
  async open(operator: string, target: string): Promise<Output> {
    const open = this.#open.get(target);
    if (open) return open;
    await this.#tool.flush();
    const { process } = this.#tool;
    let output: Output;
    if (operator === '|') {
      const child = runCommandLine(process, target);
      output = {
        write: (text) => child.stdin.write(text, process.cancel),
        close: async () => {
          child.stdin.close();
          return child.wait(process.cancel);
        },
      };
    } else {
      const writer: ByteWriter =
        target === '/dev/stderr'
          ? process.stderr
          : target === '/dev/stdout' || target === '-'
            ? process.stdout
            : openOutput(process, target, { append: operator === '>>' });
      output = {
        write: async (text) => {
          if (writer === process.stdout) await this.#tool.flush();
          await writer.write(text, process.cancel);
        },
        close: () => Promise.resolve(0),
      };
    }
    this.#open.set(target, output);
    return output;
  }
}
