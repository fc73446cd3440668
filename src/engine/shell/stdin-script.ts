import { ExitShell } from './errors.ts';
import { runText } from './execute.ts';
import { LineInput } from './line-input.ts';
import type { Shell } from './shell.ts';
import { expandAliases, isIncomplete, parseSource } from './syntax.ts';

/** An unfinished command longer than this is looked at only after it has grown by a part, so that all stays linear. */
const patience = 10_000;

/**
 * Runs commands from standard input as they come: each when its last line is there, so that what it reads itself is what
 * stands after it (`printf 'read x\nhello\necho $x' | bash`).
 * @returns the exit status of the last one
 */
export async function runStdin(shell: Shell): Promise<number> {
  const input = new LineInput(shell, 0);
  let text = '';
  let lines = 0;
  let before = 0;
  let nextLook = 0;
  for (;;) {
    const line = await input.line();
    if (line === undefined) return text === '' ? shell.status : runText(shell, text, undefined, { lineOffset: before });
    text += `${line}\n`;
    lines++;
    if (text.length < nextLook) continue;
    const source = parseSource(expandAliases(text, shell.aliases));
    if (isIncomplete(source)) {
      nextLook = text.length < patience ? 0 : text.length * 1.1;
      continue;
    }
    const status = await runText(shell, text, undefined, { lineOffset: before });
    // A script that is no shell language ends here; the shell does not guess where it goes on.
    if (source.problem) throw new ExitShell(status);
    text = '';
    nextLook = 0;
    before = lines;
  }
}
