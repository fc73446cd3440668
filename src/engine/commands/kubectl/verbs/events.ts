import type { IEvent } from 'kubernetes-models/v1/Event';
import { follow } from '../client/follow.ts';
import type { ApiObject } from '../client/types.ts';
import { type Live, listAll, live, wellKnown } from '../describe/describer.ts';
import { eventAge } from '../describe/events.ts';
import type { Command, Context } from '../framework/command.ts';
import { CommandError } from '../framework/errors.ts';
import { printFlags, printerFor } from '../printers/options.ts';
import { printWith } from '../printers/write.ts';
import { TabWriter } from '../printers/tabwriter.ts';

export const events: Command = {
  use: 'events [(-o|--output=)json|yaml|kyaml|name|go-template|go-template-file|template|templatefile|jsonpath|jsonpath-as-json|jsonpath-file] [--for TYPE/NAME] [--watch] [--types=Normal,Warning]',
  short: 'List events',
  long: 'Shows events in the order of time: those of a namespace, of all namespaces, or those about one object.',
  examples: `# Recent events of the default namespace
kubectl events

# Of all namespaces
kubectl events --all-namespaces

# About one pod, going on with those to come
kubectl events --for pod/web-pod-13je7 --watch

# As YAML
kubectl events -oyaml

# Of some types only
kubectl events --types=Warning,Normal`,
  flags: [
    ...printFlags,
    { name: 'all-namespaces', shorthand: 'A', type: 'bool', usage: 'Show events of all namespaces.' },
    {
      name: 'chunk-size',
      type: 'int64',
      default: 500,
      usage: 'Ask for long lists in parts of this size; 0 for all at once.',
    },
    { name: 'for', type: 'string', usage: 'Only events about this object (TYPE/NAME).' },
    { name: 'no-headers', type: 'bool', usage: "Don't print the line with the column headings." },
    { name: 'types', type: 'stringSlice', usage: 'Only events of these types.' },
    { name: 'watch', shorthand: 'w', type: 'bool', usage: 'After listing, go on with the events to come.' },
  ],
  async run(context) {
    const { flags, factory, process } = context;
    const allNamespaces = flags.bool('all-namespaces');
    const { namespace } = factory.namespace();
    const fieldSelector = await subject(context);
    const types = flags.strings('types').map((type) => type.toLowerCase());
    if (types.some((type) => type !== 'normal' && type !== 'warning'))
      throw new CommandError('valid --types are Normal or Warning');
    const wanted = (event: Live<IEvent>) => types.length === 0 || types.includes((event.type ?? '').toLowerCase());
    const where = allNamespaces ? '' : namespace;
    const client = factory.client();
    if (flags.bool('watch')) {
      const print = eventPrinter(context, allNamespaces);
      const first: Live<IEvent>[] = [];
      let isSynced = false;
      for await (const change of follow(process, client, wellKnown.events, where, { fieldSelector })) {
        if (change.type === 'SYNCED') {
          isSynced = true;
          if (first.length > 0) await print(first.sort(byTime), false);
        } else if (change.type !== 'DELETED') {
          const event = live<IEvent>(change.object);
          if (!wanted(event)) continue;
          if (isSynced) await print([event], true);
          else first.push(event);
        }
      }
      return;
    }
    const list = await listAll<IEvent>({ client, chunkSize: flags.int('chunk-size') }, wellKnown.events, where, {
      fieldSelector,
    });
    const found = list.filter(wanted);
    if (found.length === 0)
      return context.err(allNamespaces ? 'No events found.\n' : `No events found in ${namespace} namespace.\n`);
    await eventPrinter(context, allNamespaces)(found.sort(byTime), false);
  },
};

/** The field selector for `--for`. @throws CommandError */
async function subject({ flags, factory }: Context): Promise<string | undefined> {
  const text = flags.string('for');
  if (text === '') return undefined;
  const [type = '', name = '', ...more] = text.split('/');
  if (type === '' || name === '' || more.length > 0) throw new CommandError('--for must be in resource/name form');
  const { kind } = (await factory.mapper()).mappingFor(type);
  return `involvedObject.kind=${kind},involvedObject.name=${name}`;
}

function time(event: Live<IEvent>): number {
  const text = event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime;
  return text ? Date.parse(text) : -1;
}

function byTime(a: Live<IEvent>, b: Live<IEvent>): number {
  return time(a) - time(b);
}

/** Prints events as a table that goes on, or in the format asked for. */
function eventPrinter(context: Context, allNamespaces: boolean) {
  const { flags, process, out } = context;
  const printer = printerFor(process, flags);
  const table = new TabWriter({ minWidth: 6, padding: 3, rememberWidths: true });
  let needsHeader = !flags.bool('no-headers');
  return async (events: readonly Live<IEvent>[], isSingle: boolean): Promise<void> => {
    if (printer) {
      const items = events.map((event) => {
        const {
          spec: _spec,
          status: _status,
          ...fields
        } = event as Live<IEvent> & { spec?: unknown; status?: unknown };
        return { ...fields, apiVersion: 'v1', kind: 'Event' };
      });
      const list = { apiVersion: 'v1', kind: 'EventList', metadata: {}, items };
      return printWith(context, printer, isSingle ? items : [list as unknown as ApiObject]);
    }
    const prefix = (cell: string) => (allNamespaces ? `${cell}\t` : '');
    if (needsHeader) table.write(`${prefix('NAMESPACE')}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE\n`);
    needsHeader = false;
    const now = process.world.clock.now();
    for (const event of events) {
      const { kind = '', name = '' } = event.involvedObject ?? {};
      const cells = [eventAge(event, now), event.type, event.reason, `${kind}/${name}`, (event.message ?? '').trim()];
      table.write(`${prefix(event.metadata.namespace ?? '')}${cells.join('\t')}\n`);
    }
    await out(table.flush());
  };
}
