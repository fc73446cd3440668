import type { ByteReader } from '../../../world/index.ts';
import { Lines, type Tool } from '../../lib/tool.ts';

/** Input that is split as a whole: paragraphs, or records between matches of a regular expression. */
export class WholeInput extends Lines {
  readonly #all: () => Promise<string[]>;
  #done = false;
  constructor(tool: Tool, reader: ByteReader, split: (text: string) => string[]) {
    super(tool, reader);
    this.#all = async () => split(await tool.readText(reader));
  }

  override async batch(): Promise<string[] | undefined> {
    if (this.#done) return undefined;
    this.#done = true;
    const records = await this.#all();
    return records.length > 0 ? records : undefined;
  }
}

export function splitParagraphs(batch: readonly string[]): string[] {
  return batch
    .join('\n')
    .replace(/^\n+|\n+$/g, '')
    .split(/\n{2,}/)
    .filter((p) => p !== '');
}
