import type { Process } from '../process/index.ts';

/** Tab completion: what completers see and give. */
export interface CompletionContext {
  /** The words of the command before the cursor, quotes removed; `words[0]` is the command's name, aliases expanded. */
  readonly words: readonly string[];
  /** Index in `words` of the word that the cursor is on. */
  readonly index: number;
  /** That word up to the cursor. */
  readonly current: string;
  /** The shell's process: environment, working directory, machine. */
  readonly process: Process;
}

export type Completion = string | { value: string; description?: string; noSpace?: boolean };

/** Completes the arguments of one program. Results that don't begin with `current` are dropped. */
export type Completer = (context: CompletionContext) => Promise<readonly Completion[]>;
