import type { ApiObject } from '../client/types.ts';
import type { Context } from '../framework/command.ts';
import type { Printer } from './printer.ts';
import { TemplateFailure } from './templates.ts';

/** Prints objects to stdout. A failing template shows there what it was given. */
export async function printWith(
  context: Pick<Context, 'out'>,
  printer: Printer,
  objects: readonly ApiObject[],
): Promise<void> {
  try {
    for (const object of objects) {
      const text = printer.print(object);
      if (text !== '') await context.out(text);
    }
  } catch (error) {
    if (error instanceof TemplateFailure) await context.out(error.details);
    throw error;
  }
  const rest = printer.flush?.() ?? '';
  if (rest !== '') await context.out(rest);
}
