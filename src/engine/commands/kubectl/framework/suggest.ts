import { distance } from 'fastest-levenshtein';
import { commandName, type Command } from './command.ts';

/** Cobra's SuggestionsMinimumDistance. */
const maximalDistance = 2;

/** Names of commands that a mistyped one may stand for, in the order of the commands (cobra.SuggestionsFor). */
export function suggestions(commands: readonly Command[], typed: string): string[] {
  const lower = typed.toLowerCase();
  return commands
    .filter((c) => {
      const name = commandName(c).toLowerCase();
      return (
        !c.hidden &&
        (distance(lower, name) <= maximalDistance ||
          name.startsWith(lower) ||
          (c.suggestFor ?? []).some((word) => word.toLowerCase() === lower))
      );
    })
    .map(commandName);
}

/** `unknown command "gett" for "kubectl"` with what may have been meant. */
export function unknownCommand(root: Command, typed: string): string {
  const found = suggestions(root.commands ?? [], typed);
  const hint = found.length > 0 ? `\n\nDid you mean this?\n${found.map((name) => `\t${name}\n`).join('')}` : '';
  return `unknown command ${JSON.stringify(typed)} for ${JSON.stringify(commandName(root))}${hint}`;
}
