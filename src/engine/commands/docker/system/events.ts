import { LineReader } from '../../../world/index.ts';
import { filtersOf } from '../client/client.ts';
import type { Command } from '../framework/command.ts';
import { flag } from '../framework/flags.ts';
import { formatList, goJson } from '../framework/format.ts';
import { timestamp } from '../framework/time.ts';

interface Event {
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> | null };
  time: number;
  timeNano: number;
}

export const events: Command = {
  use: 'events [OPTIONS]',
  short: 'Get real time events from the server',
  args: [0, 0],
  flags: [
    flag('filter,f', 'filter', 'Restrict what is shown'),
    flag('format', 'string', 'json or a template'),
    flag('since', 'string', 'Events since a time or for a duration'),
    flag('until', 'string', 'Events until a time'),
  ],
  run: async ({ client, flags, out, process }) => {
    const now = process.world.clock.now();
    const since = timestamp(flags.string('since'), now, 'since');
    const until = timestamp(flags.string('until'), now, 'until');
    const format = flags.string('format');
    const body = await client.stream('GET', '/events', {
      query: { ...(since ? { since } : {}), ...(until ? { until } : {}), filters: filtersOf(flags.list('filter')) },
    });
    const reader = new LineReader(body);
    for (;;) {
      const line = await reader.next(process.cancel);
      if (line === undefined) return;
      if (line.trim() === '') continue;
      const event = JSON.parse(line) as Event;
      if (format === 'json') await out(`${line}\n`);
      else if (format !== '')
        await out(
          formatList<Event>(
            {
              type: 'events.Message',
              columns: [],
              fields: Object.fromEntries(
                Object.keys(event)
                  .concat('Type', 'Action', 'Actor', 'ID', 'Status', 'From', 'Scope', 'Time', 'TimeNano')
                  .map((name) => [
                    name,
                    { header: name, value: (e: Event) => fieldOf(e as unknown as Record<string, unknown>, name) },
                  ]),
              ),
            },
            [event],
            { format: format.replace(/\{\{\s*json \.\s*\}\}/g, goJson(event)) },
          ),
        );
      else await out(`${text(event)}\n`);
    }
  },
};

function fieldOf(event: Record<string, unknown>, name: string): unknown {
  if (name === 'ID') return (event.Actor as { ID: string }).ID;
  if (Object.hasOwn(event, name)) return event[name];
  return event[name[0]!.toLowerCase() + name.slice(1)] ?? '';
}

function text({ Type, Action, Actor, timeNano }: Event): string {
  const seconds = Math.floor(timeNano / 1e9);
  const nanos = String(Math.round(timeNano - seconds * 1e9))
    .padStart(9, '0')
    .slice(0, 9);
  const time = `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${nanos}Z`;
  const attributes = Object.entries(Actor.Attributes ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`);
  return `${time} ${Type} ${Action} ${Actor.ID}${attributes.length > 0 ? ` (${attributes.join(', ')})` : ''}`;
}
