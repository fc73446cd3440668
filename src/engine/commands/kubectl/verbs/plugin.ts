import type { Command } from '../framework/command.ts';
import { CommandError } from '../framework/errors.ts';

const list: Command = {
  use: 'list [flags]',
  short: "List all visible plugin executables on a user's PATH",
  long: 'Shows the plugins on the PATH: executable files whose names begin with "kubectl-".',
  examples: `# The plugins on the PATH
kubectl plugin list`,
  flags: [{ name: 'name-only', type: 'bool', usage: 'Show names only, not the paths of the files' }],
  async run({ process, flags, out }) {
    const { fs } = process.machine;
    const found: string[] = [];
    for (const directory of new Set((process.env.get('PATH') ?? '').split(':').filter((d) => d.trim() !== ''))) {
      const path = process.path(directory);
      if (fs.lookup(path)?.type !== 'directory') continue;
      for (const name of fs.readdir(path)) if (name.startsWith('kubectl-')) found.push(`${directory}/${name}`);
    }
    if (found.length === 0) throw new CommandError('unable to find any kubectl plugins in your PATH');
    const names = flags.bool('name-only') ? found.map((path) => path.slice(path.lastIndexOf('/') + 1)) : found;
    await out(`The following compatible plugins are available:\n\n${names.map((name) => `${name}\n`).join('')}`);
  },
};

export const plugin: Command = {
  use: 'plugin [flags]',
  short: 'Provides utilities for interacting with plugins',
  long: `Helps with plugins: commands that are not part of kubectl. A plugin is an executable file on the PATH whose name begins with "kubectl-".`,
  examples: `# The plugins on the PATH
kubectl plugin list`,
  commands: [list],
};
