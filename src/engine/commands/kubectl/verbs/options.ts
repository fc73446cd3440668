import type { Command } from '../framework/command.ts';
import { flagList } from '../framework/help.ts';

export const options: Command = {
  use: 'options',
  short: 'List of global command-line options (applies to all commands)',
  examples: `# The flags that all commands take
kubectl options`,
  hidden: true,
  async run({ root, out }) {
    await out(`The following options can be passed to any command:\n\n${flagList(root.flags ?? [])}`);
  },
};
