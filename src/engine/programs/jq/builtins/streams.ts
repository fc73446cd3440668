import { setOwn } from '../../../world/index.ts';
import { firstOf, type Environment, type Evaluator, type Item } from '../evaluate.ts';
import type { Node } from '../parser.ts';
import { deletePaths, getPath, setPath } from '../paths.ts';
import { binary, compare, isObject, JqError, shown, toJson, truthy, type JsonObject } from '../values.ts';
import { array, number, string } from './arguments.ts';
import { captured, matches, splitByRegex } from './regex.ts';
import { simple, unique, walkPaths, tabulate, fromEntries } from './values.ts';

/** Built-in functions that evaluate their arguments themselves, or give any number of results. */

type Special = (evaluator: Evaluator, args: Node[], input: Item, env: Environment) => Generator<Item>;

export const fresh = (value: unknown): Item => ({ value, path: undefined });

function* keyed(
  e: Evaluator,
  args: Node[],
  input: Item,
  env: Environment,
): Generator<{ key: unknown; value: unknown }> {
  for (const value of array(input.value, 'cannot be sorted, as it is not an array'))
    yield { key: [...e.values(args[0]!, value, env)], value };
}

/** For every combination of the arguments' values. */
export function* combinations(
  e: Evaluator,
  args: Node[],
  input: Item,
  env: Environment,
  i = args.length - 1,
  tail: unknown[] = [],
): Generator<unknown[]> {
  if (i < 0) yield tail;
  else
    for (const value of e.values(args[i]!, input.value, env))
      yield* combinations(e, args, input, env, i - 1, [value, ...tail]);
}

function* substitute(e: Evaluator, args: Node[], input: Item, env: Environment, global: boolean): Generator<Item> {
  const [pattern, replacement, flagNode] = args;
  for (const [p, f] of combinations(e, flagNode ? [pattern!, flagNode] : [pattern!], input, env)) {
    const found = matches(input.value, p, f, global);
    const chars = [...(input.value as string)];
    let texts = [''];
    let at = 0;
    for (const m of found) {
      const before = chars.slice(at, m.offset).join('');
      const replacements = [...e.values(replacement!, captured(m), env)].map((r) =>
        string(r, 'cannot be added to a string'),
      );
      texts = replacements.flatMap((r) => texts.map((t) => t + before + r));
      at = m.offset + m.length;
    }
    const tail = chars.slice(at).join('');
    for (const text of texts) yield fresh(text + tail);
  }
}

function typeFilter(test: (v: unknown) => boolean): Special {
  return function* (_e, _args, input) {
    if (test(input.value)) yield input;
  };
}

export const special: Record<string, Special> = {
  *'builtins/0'() {
    yield fresh([...Object.keys(simple), ...Object.keys(special)]);
  },
  'empty/0': function* () {},
  *'select/1'(e, [test], input, env) {
    for (const v of e.values(test!, input.value, env)) if (truthy(v)) yield input;
  },
  *'map/1'(e, [f], input, env) {
    const out: unknown[] = [];
    for (const item of e.iterate({ value: input.value, path: undefined }))
      for (const v of e.values(f!, item.value, env)) out.push(v);
    yield fresh(out);
  },
  *'map_values/1'(e, [f], input, env) {
    if (Array.isArray(input.value)) {
      yield fresh(
        input.value.flatMap((v: unknown) => {
          const first = firstOf(e.values(f!, v, env));
          return first.done ? [] : [first.value];
        }),
      );
      return;
    }
    const out: JsonObject = {};
    if (!isObject(input.value)) throw new JqError(`Cannot iterate over ${shown(input.value)}`);
    for (const [k, v] of Object.entries(input.value)) {
      const first = firstOf(e.values(f!, v, env));
      if (!first.done) setOwn(out, k, first.value);
    }
    yield fresh(out);
  },
  *'recurse/0'(e, _args, input) {
    yield* e.recurse(input);
  },
  *'recurse/1'(e, [f], input, env) {
    const stack: Generator<Item>[] = [];
    yield input;
    stack.push(e.evaluate(f!, input, env));
    while (stack.length > 0) {
      const next = stack.at(-1)!.next();
      if (next.done) {
        stack.pop();
        continue;
      }
      if (stack.length > 10_000) throw new JqError('slipway: recursion is nested more than 10000 deep');
      yield next.value;
      stack.push(e.evaluate(f!, next.value, env));
    }
  },
  *'env/0'(e) {
    yield fresh(e.host.environment);
  },
  *'range/1'(e, [to], input, env) {
    for (const n of e.values(to!, input.value, env))
      for (let i = 0; i < number(n, 'Range bounds must be numeric'); i++) yield (e.step(), fresh(i));
  },
  *'range/2'(e, args, input, env) {
    for (const [from, to] of combinations(e, args, input, env))
      for (let i = number(from, 'Range bounds must be numeric'); i < number(to, 'Range bounds must be numeric'); i++)
        yield (e.step(), fresh(i));
  },
  *'range/3'(e, args, input, env) {
    for (const [from, to, by] of combinations(e, args, input, env) as Iterable<[number, number, number]>) {
      if (by > 0) for (let i = from; i < to; i += by) yield (e.step(), fresh(i));
      else if (by < 0) for (let i = from; i > to; i += by) yield (e.step(), fresh(i));
    }
  },
  *'first/0'(_e, _args, input) {
    yield fresh((input.value as unknown[] | null)?.[0] ?? null);
  },
  *'first/1'(e, [f], input, env) {
    for (const item of e.evaluate(f!, input, env)) {
      yield item;
      return;
    }
  },
  *'last/0'(_e, _args, input) {
    yield fresh((input.value as unknown[] | null)?.at(-1) ?? null);
  },
  *'last/1'(e, [f], input, env) {
    let last: Item | undefined;
    for (const item of e.evaluate(f!, input, env)) last = item;
    if (last) yield last;
  },
  *'nth/1'(e, [n], input, env) {
    for (const i of e.values(n!, input.value, env)) yield fresh((input.value as unknown[])[i as number] ?? null);
  },
  *'nth/2'(e, [n, f], input, env) {
    for (const i of e.values(n!, input.value, env)) {
      if ((i as number) < 0) throw new JqError('Out of bounds negative array index');
      let at = 0;
      for (const item of e.evaluate(f!, input, env))
        if (at++ === i) {
          yield item;
          break;
        }
    }
  },
  *'limit/2'(e, [n, f], input, env) {
    for (const count of e.values(n!, input.value, env)) {
      let left = count as number;
      if (left <= 0) continue;
      for (const item of e.evaluate(f!, input, env)) {
        yield item;
        if (--left <= 0) break;
      }
    }
  },
  *'until/2'(e, [test, next], input, env) {
    let value = input.value;
    while (!truthy(firstOf(e.values(test!, value, env)).value)) {
      e.step();
      const following = firstOf(e.values(next!, value, env));
      if (following.done) return;
      value = following.value;
    }
    yield fresh(value);
  },
  *'while/2'(e, [test, next], input, env) {
    let value = input.value;
    while (truthy(firstOf(e.values(test!, value, env)).value)) {
      e.step();
      yield fresh(value);
      const following = firstOf(e.values(next!, value, env));
      if (following.done) return;
      value = following.value;
    }
  },
  *'repeat/1'(e, [f], input, env) {
    let value = input.value;
    for (;;) {
      e.step();
      yield fresh(value);
      const following = firstOf(e.values(f!, value, env));
      if (following.done) return;
      value = following.value;
    }
  },
  *'isempty/1'(e, [f], input, env) {
    yield fresh(firstOf(e.values(f!, input.value, env)).done === true);
  },
  *'error/0'(_e, _args, input) {
    throw new JqError(input.value);
    yield input;
  },
  *'add/1'(e, [f], input, env) {
    let sum: unknown = null;
    for (const v of e.values(f!, input.value, env)) sum = binary('+', sum, v);
    yield fresh(sum);
  },
  *'any/1'(e, [f], input, env) {
    yield fresh([...e.iterate(input)].some((i) => [...e.values(f!, i.value, env)].some(truthy)));
  },
  *'all/1'(e, [f], input, env) {
    yield fresh([...e.iterate(input)].every((i) => [...e.values(f!, i.value, env)].every(truthy)));
  },
  *'any/2'(e, [g, f], input, env) {
    for (const v of e.values(g!, input.value, env))
      for (const r of e.values(f!, v, env)) if (truthy(r)) return yield fresh(true);
    yield fresh(false);
  },
  *'all/2'(e, [g, f], input, env) {
    for (const v of e.values(g!, input.value, env))
      for (const r of e.values(f!, v, env)) if (!truthy(r)) return yield fresh(false);
    yield fresh(true);
  },
  *'sort_by/1'(e, args, input, env) {
    yield fresh([...keyed(e, args, input, env)].sort((a, b) => compare(a.key, b.key)).map((p) => p.value));
  },
  *'group_by/1'(e, args, input, env) {
    const groups: { key: unknown; items: unknown[] }[] = [];
    for (const p of [...keyed(e, args, input, env)].sort((a, b) => compare(a.key, b.key))) {
      const last = groups.at(-1);
      if (last && compare(last.key, p.key) === 0) last.items.push(p.value);
      else groups.push({ key: p.key, items: [p.value] });
    }
    yield fresh(groups.map((g) => g.items));
  },
  *'unique_by/1'(e, args, input, env) {
    yield fresh(unique([...keyed(e, args, input, env)]));
  },
  *'min_by/1'(e, args, input, env) {
    const all = [...keyed(e, args, input, env)];
    yield fresh(all.length === 0 ? null : all.reduce((a, b) => (compare(b.key, a.key) < 0 ? b : a)).value);
  },
  *'max_by/1'(e, args, input, env) {
    const all = [...keyed(e, args, input, env)];
    yield fresh(all.length === 0 ? null : all.reduce((a, b) => (compare(b.key, a.key) >= 0 ? b : a)).value);
  },
  *'with_entries/1'(e, [f], input, env) {
    const entries = tabulate(input.value) as unknown[];
    const out: unknown[] = [];
    for (const entry of entries) for (const v of e.values(f!, entry, env)) out.push(v);
    yield fresh(fromEntries(out));
  },
  *'path/1'(e, [f], input, env) {
    for (const { path } of e.paths(f!, input.value, env)) yield fresh([...path]);
  },
  *'paths/0'(_e, _args, input) {
    for (const path of walkPaths(input.value)) yield fresh(path);
  },
  *'paths/1'(e, [f], input, env) {
    for (const path of walkPaths(input.value))
      if (truthy(firstOf(e.values(f!, getPath(input.value, path), env)).value)) yield fresh(path);
  },
  *'leaf_paths/0'(_e, _args, input) {
    for (const path of walkPaths(input.value))
      if (typeof getPath(input.value, path) !== 'object' || getPath(input.value, path) === null) yield fresh(path);
  },
  *'del/1'(e, [f], input, env) {
    yield fresh(
      deletePaths(
        input.value,
        [...e.paths(f!, input.value, env)].map((p) => p.path),
      ),
    );
  },
  *'to_entries/0'(_e, _args, input) {
    yield fresh(tabulate(input.value));
  },
  *'pick/1'(e, [f], input, env) {
    let out: unknown = null;
    for (const { path } of e.paths(f!, input.value, env)) out = setPath(out, path, getPath(input.value, path));
    yield fresh(out);
  },
  *'getpath/1'(e, [p], input, env) {
    for (const path of e.values(p!, input.value, env)) {
      const keysOf = array(path, 'Path must be specified as an array');
      yield { value: getPath(input.value, keysOf), path: input.path && [...input.path, ...keysOf] };
    }
  },
  *'walk/1'(e, [f], input, env) {
    function* walk(value: unknown): Generator<unknown> {
      let inner = value;
      if (Array.isArray(value)) inner = value.flatMap((v: unknown) => [...walk(v)]);
      else if (isObject(value)) {
        const out: JsonObject = {};
        for (const [k, v] of Object.entries(value)) {
          const first = firstOf(walk(v));
          if (!first.done) setOwn(out, k, first.value);
        }
        inner = out;
      }
      yield* e.values(f!, inner, env);
    }
    for (const v of walk(input.value)) yield fresh(v);
  },
  *'test/1'(e, args, input, env) {
    for (const [p] of combinations(e, args, input, env)) yield fresh(matches(input.value, p, null).length > 0);
  },
  *'test/2'(e, args, input, env) {
    for (const [p, f] of combinations(e, args, input, env)) yield fresh(matches(input.value, p, f).length > 0);
  },
  *'match/1'(e, args, input, env) {
    for (const [p] of combinations(e, args, input, env)) for (const m of matches(input.value, p, null)) yield fresh(m);
  },
  *'match/2'(e, args, input, env) {
    for (const [p, f] of combinations(e, args, input, env)) for (const m of matches(input.value, p, f)) yield fresh(m);
  },
  *'capture/1'(e, args, input, env) {
    for (const [p] of combinations(e, args, input, env))
      for (const m of matches(input.value, p, null)) yield fresh(captured(m));
  },
  *'capture/2'(e, args, input, env) {
    for (const [p, f] of combinations(e, args, input, env))
      for (const m of matches(input.value, p, f)) yield fresh(captured(m));
  },
  *'scan/1'(e, args, input, env) {
    for (const [p] of combinations(e, args, input, env))
      for (const m of matches(input.value, p, null, true))
        yield fresh(m.captures.length > 0 ? m.captures.map((c) => c.string) : m.string);
  },
  *'scan/2'(e, args, input, env) {
    for (const [p, f] of combinations(e, args, input, env))
      for (const m of matches(input.value, p, f, true))
        yield fresh(m.captures.length > 0 ? m.captures.map((c) => c.string) : m.string);
  },
  *'split/2'(e, args, input, env) {
    for (const [p, f] of combinations(e, args, input, env)) yield fresh(splitByRegex(input.value, p, f));
  },
  *'splits/1'(e, args, input, env) {
    for (const [p] of combinations(e, args, input, env))
      for (const part of splitByRegex(input.value, p, null)) yield fresh(part);
  },
  *'splits/2'(e, args, input, env) {
    for (const [p, f] of combinations(e, args, input, env))
      for (const part of splitByRegex(input.value, p, f)) yield fresh(part);
  },
  'sub/2': (e, args, input, env) => substitute(e, args, input, env, false),
  'sub/3': (e, args, input, env) => substitute(e, args, input, env, false),
  'gsub/2': (e, args, input, env) => substitute(e, args, input, env, true),
  'gsub/3': (e, args, input, env) => substitute(e, args, input, env, true),
  *'input/0'(e) {
    const value = e.host.nextInput();
    if (value === undefined) throw new JqError('No more inputs');
    yield fresh(value);
  },
  *'inputs/0'(e) {
    for (let value = e.host.nextInput(); value !== undefined; value = e.host.nextInput()) yield fresh(value);
  },
  *'debug/0'(e, _args, input) {
    e.host.debug(input.value);
    yield input;
  },
  *'debug/1'(e, [message], input, env) {
    for (const m of e.values(message!, input.value, env)) e.host.debug(m);
    yield input;
  },
  *'stderr/0'(e, _args, input) {
    e.host.debug(input.value);
    yield input;
  },
  'values/0': typeFilter((v) => v !== null),
  'nulls/0': typeFilter((v) => v === null),
  'strings/0': typeFilter((v) => typeof v === 'string'),
  'numbers/0': typeFilter((v) => typeof v === 'number'),
  'booleans/0': typeFilter((v) => typeof v === 'boolean'),
  'arrays/0': typeFilter(Array.isArray),
  'objects/0': typeFilter(isObject),
  'iterables/0': typeFilter((v) => typeof v === 'object' && v !== null),
  'scalars/0': typeFilter((v) => typeof v !== 'object' || v === null),
  *'ascii/0'(_e, _args, input) {
    yield fresh(String.fromCharCode(number(input.value, 'is no code point')));
  },
  *'IN/1'(e, [s], input, env) {
    for (const v of e.values(s!, input.value, env)) if (compare(v, input.value) === 0) return yield fresh(true);
    yield fresh(false);
  },
  *'IN/2'(e, [a, b], input, env) {
    for (const x of e.values(a!, input.value, env))
      for (const y of e.values(b!, input.value, env)) if (compare(x, y) === 0) return yield fresh(true);
    yield fresh(false);
  },
  *'INDEX/1'(e, [f], input, env) {
    const out: JsonObject = {};
    for (const row of e.iterate(input))
      for (const k of e.values(f!, row.value, env)) setOwn(out, typeof k === 'string' ? k : toJson(k), row.value);
    yield fresh(out);
  },
  *'combinations/0'(_e, _args, input) {
    function* product(lists: unknown[][], i: number, made: unknown[]): Generator<unknown[]> {
      if (i === lists.length) yield made;
      else for (const v of lists[i]!) yield* product(lists, i + 1, [...made, v]);
    }
    for (const c of product(input.value as unknown[][], 0, [])) yield fresh(c);
  },
};
