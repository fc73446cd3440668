import type { Context } from '../framework/command.ts';
import { CommandError, StatusError } from '../framework/errors.ts';
import type { Status } from '../framework/status.ts';
import { gvrText } from '../client/http-client.ts';
import type { ApiObject } from '../client/types.ts';
import type { Printer } from '../printers/printer.ts';
import type { TablePrinter } from '../printers/table.ts';
import { isTable } from '../printers/table.ts';
import { itemsOf } from '../printers/printer.ts';
import { printWith } from '../printers/write.ts';
import type { Info } from '../resource/builder.ts';
import type { Result } from '../resource/result.ts';

/**
 * `get --watch`: what is there, then every change until the stream or the request timeout ends.
 * @param printer for other output than tables
 */
export async function watchObjects(
  context: Context,
  find: (human: boolean) => Promise<Result>,
  tablePrinter: (context: Context, info: Info, withKind: boolean) => TablePrinter,
  printer: Printer | undefined,
): Promise<void> {
  const { flags, factory } = context;
  const result = await find(printer === undefined);
  const { infos, error } = await result.infos();
  if (error !== undefined) throw error;
  const mappings = new Set(infos.map((info) => gvrText(info.mapping)));
  if (mappings.size > 1 || (result.targetsSingleItems && infos.length > 1))
    throw new CommandError(
      'watch is only supported on individual resources and resource collections - more than 1 resource was found',
    );
  const [info] = infos;
  if (!info) throw new CommandError('no resources found');
  const tables = printer ? undefined : tablePrinter(context, info, false);
  const withEvents = flags.bool('output-watch-events');
  const show = async (type: string, object: ApiObject) => {
    if (tables) {
      tables.print(object, withEvents ? type : undefined);
      const text = tables.flush();
      if (text !== '') await context.out(text);
    } else
      for (const item of itemsOf(object))
        await printWith(context, printer!, [withEvents ? watchEvent(type, item) : item]);
  };
  const objects = infos.map((i) => i.object);
  if (!flags.bool('watch-only')) for (const object of objects) await show('ADDED', object);
  const single = result.targetsSingleItems;
  const events = factory.client().watch(info.mapping, info.namespace, {
    labelSelector: single ? undefined : flags.string('selector'),
    fieldSelector: single ? `metadata.name=${info.name}` : flags.string('field-selector'),
    resourceVersion: String(objects.at(-1)!.metadata?.resourceVersion ?? ''),
    table: tables !== undefined && objects.some(isTable),
  });
  for await (const event of events) {
    if (event.type === 'BOOKMARK') continue;
    if (event.type === 'ERROR') throw new StatusError(event.object as unknown as Status);
    await show(event.type, event.object);
  }
}

function watchEvent(type: string, object: ApiObject): ApiObject {
  return { type, object } as unknown as ApiObject;
}
