import type { OpenFile } from '../state/files.svelte.ts';
import { isManifest } from './language.ts';
import type { AskServer, Problem } from './yaml/check.ts';

/** Real ms of rest after which a text is checked. */
const delay = 350;

/** What is wrong with the file in front, kept up to date while it is edited. */
export class Problems {
  list = $state.raw<readonly Problem[]>([]);
  readonly #ask: AskServer;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn = 0;

  constructor(ask: AskServer) {
    this.#ask = ask;
  }

  /** Checks this text once it has rested; an earlier check that isn't finished is forgotten. */
  watch(file: OpenFile | undefined): void {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const text = file?.text ?? '';
    if (!file || !isManifest(file.path, text)) {
      this.list = [];
      return;
    }
    this.#timer = setTimeout(() => void this.#check(text, turn), delay);
  }

  async #check(text: string, turn: number): Promise<void> {
    try {
      const { checkManifest } = await import('./yaml/check.ts');
      const found = await checkManifest(text, this.#ask);
      if (turn === this.#turn) this.list = found;
    } catch {
      // The engine stopped, which is told elsewhere; what was found before may be wrong by now.
      if (turn === this.#turn) this.list = [];
    }
  }
}

/** Line and column of an offset, from 1. */
export function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - before.lastIndexOf('\n') };
}
