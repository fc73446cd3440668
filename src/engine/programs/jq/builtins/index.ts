import { own } from '../../../world/index.ts';
import type { Environment, Evaluator, Item } from '../evaluate.ts';
import type { Node } from '../parser.ts';
import { JqError } from '../values.ts';
import { combinations, fresh, special } from './streams.ts';
import { simple } from './values.ts';

/** jq's built-in functions, by name and number of arguments. */

/** @throws JqError if there is no such function */
export function* callBuiltin(e: Evaluator, name: string, args: Node[], input: Item, env: Environment): Generator<Item> {
  const key = `${name}/${args.length}`;
  const lazy = own(special, key);
  if (lazy) {
    yield* lazy(e, args, input, env);
    return;
  }
  const plain = own(simple, key);
  if (!plain) throw new JqError(`${key} is not defined`);
  for (const values of combinations(e, args, input, env)) yield fresh(plain(input.value, values, e));
}

/** Whether there is a built-in of that name and number of arguments. */
export function isBuiltin(key: string): boolean {
  return Object.hasOwn(simple, key) || Object.hasOwn(special, key);
}
