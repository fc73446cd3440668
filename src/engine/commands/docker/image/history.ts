import { humanDuration, humanSize } from '../../../world/index.ts';
import type { Command } from '../framework/command.ts';
import { flag } from '../framework/flags.ts';
import { ellipsis, formatList, truncateId, type ListFormat } from '../framework/format.ts';

export interface HistoryRow {
  Id: string;
  Created: number;
  CreatedBy: string;
  Size: number;
  Comment: string;
}

export function historyList(now: number, trunc: boolean, human: boolean): ListFormat<HistoryRow> {
  return {
    type: '*formatter.historyContext',
    columns: ['ID', human ? 'CreatedSince' : 'CreatedAt', 'CreatedBy', 'Size', 'Comment'],
    quiet: 'ID',
    fields: {
      ID: { header: 'IMAGE', value: (row) => (trunc && row.Id !== '<missing>' ? truncateId(row.Id) : row.Id) },
      CreatedAt: {
        header: 'CREATED AT',
        value: (row) => new Date(row.Created * 1000).toISOString().replace('.000', ''),
      },
      CreatedSince: {
        header: 'CREATED',
        value: (row) => (row.Created <= 0 ? 'N/A' : `${humanDuration(now - row.Created * 1000)} ago`),
      },
      CreatedBy: {
        header: 'CREATED BY',
        value: (row) => {
          const text = row.CreatedBy.replaceAll('\t', ' ');
          return trunc ? ellipsis(text, 45) : text;
        },
      },
      Size: { header: 'SIZE', value: (row) => (human ? humanSize(row.Size, 3) : String(row.Size)) },
      Comment: { header: 'COMMENT', value: (row) => row.Comment },
    },
  };
}

export const history: Command = {
  use: 'history [OPTIONS] IMAGE',
  short: 'Show the history of an image',
  args: [1, 1],
  flags: [
    flag('format', 'string', 'table, json or a template'),
    flag('human,H', 'bool', 'Sizes and dates that people read', { default: true }),
    flag('no-trunc', 'bool', 'Do not shorten'),
    flag('platform', 'string', 'Platform of the image', { notSimulated: true }),
    flag('quiet,q', 'bool', 'Only IDs'),
  ],
  run: async ({ args, client, flags, out, process }) => {
    const rows = await client.json<HistoryRow[]>(
      'GET',
      `/images/${args[0]!.split('/').map(encodeURIComponent).join('/')}/history`,
    );
    const list = historyList(process.world.clock.now(), !flags.bool('no-trunc'), flags.bool('human'));
    await out(formatList(list, rows, { format: flags.string('format'), quiet: flags.bool('quiet') }));
  },
};
