import type { SolutionAction } from '../lesson/types.ts';

/** What panes ask of one another: the lesson of terminal and editor, the editor of the terminal. */
export interface Actions {
  run(command: string): void;
  put(path: string, text: string): void;
  show(action: SolutionAction): void;
  resetStep(): void;
  step(step: string): void;
  answer(question: string, choice: number): void;
  /** Applies a file, absolute path, in the terminal. */
  apply(path: string): void;
}
