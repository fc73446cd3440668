import type { ApiObject } from '../client/types.ts';

/** Turns objects into text, one after the other. */
export interface Printer {
  /** The text for one more object; what a table holds back comes with `flush`. @throws CommandError */
  print(object: ApiObject): string;
  flush?(): string;
}

/** The items of a list, or the object alone. */
export function itemsOf(object: ApiObject): readonly ApiObject[] {
  return Array.isArray(object.items) && object.kind.endsWith('List') ? (object.items as ApiObject[]) : [object];
}
