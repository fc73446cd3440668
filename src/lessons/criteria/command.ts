import type { CommandCriterion } from '../definition.ts';
import type { CriterionKind } from './criterion.ts';

export const command: CriterionKind<CommandCriterion> = {
  field: 'command',
  expressions: () => [],
  messages: () => ['unmet'],
  check({ command }) {
    for (const pattern of command) new RegExp(pattern);
  },
  evaluate({ command, exit = 0 }, world) {
    const patterns = command.map((pattern) => new RegExp(`^\\s*(?:${pattern})\\s*$`));
    const fitting = world.commands().filter(({ line }) => patterns.some((pattern) => pattern.test(line)));
    const met = fitting.some((c) => exit === 'any' || c.exit === exit);
    return { met, variables: { exit: fitting.at(-1)?.exit ?? 0 }, say: fitting.length > 0 ? 'failed' : undefined };
  },
};
