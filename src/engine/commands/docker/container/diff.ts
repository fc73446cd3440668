import type { Command } from '../framework/command.ts';
import { flag } from '../framework/flags.ts';
import { formatList } from '../framework/format.ts';

interface Change {
  Path: string;
  Kind: 0 | 1 | 2;
}

const types = ['C', 'A', 'D'];

export const diff: Command = {
  use: 'diff CONTAINER',
  short: "Inspect changes to files or directories on a container's filesystem",
  args: [1, 1],
  flags: [flag('format', 'string', 'Template', { hidden: true })],
  run: async (context) => {
    const changes =
      (await context.client.json<Change[] | null>(
        'GET',
        `/containers/${encodeURIComponent(context.args[0]!)}/changes`,
      )) ?? [];
    const format = context.flags.string('format') || '{{.Type}} {{.Path}}';
    await context.out(
      formatList<Change>(
        {
          type: '*formatter.diffContext',
          columns: ['Type', 'Path'],
          fields: {
            Type: { header: 'CHANGE TYPE', value: (c) => types[c.Kind] },
            Path: { header: 'PATH', value: (c) => c.Path },
          },
        },
        changes,
        { format },
      ),
    );
  },
};
