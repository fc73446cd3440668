import type { Command } from '../framework/command.ts';
import { alignColumns } from '../framework/tabwriter.ts';

export const top: Command = {
  use: 'top CONTAINER [ps OPTIONS]',
  short: 'Display the running processes of a container',
  args: [1, Infinity],
  passThrough: true,
  run: async ({ args, client, out }) => {
    const [name = '', ...options] = args;
    const { Titles, Processes } = await client.json<{ Titles: string[]; Processes: string[][] }>(
      'GET',
      `/containers/${encodeURIComponent(name)}/top`,
      {
        query: options.length > 0 ? { ps_args: options.join(' ') } : {},
      },
    );
    await out(alignColumns([Titles, ...Processes].map((row) => `${row.join('\t')}\n`).join(''), 20, 3));
  },
};
