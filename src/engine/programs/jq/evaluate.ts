import { deletePaths, getPath, indexValue, setPath, sliceOf } from './paths.ts';
import { own } from '../../world/index.ts';
import { callBuiltin } from './builtins/index.ts';
import { formatters } from './formats.ts';
import type { Definition, Node, Pattern } from './parser.ts';
import { binary, isObject, JqError, shown, toJson, truthy, typeOf, type JsonObject } from './values.ts';

/** A value on its way through the program; `path` is how it was reached, where paths are asked for. */
export interface Item {
  value: unknown;
  path: readonly unknown[] | undefined;
}

interface Closure {
  /** A parameter: an expression in its caller's environment; or a defined function. */
  definition: Definition | undefined;
  body: Node;
  environment: Environment;
}

export interface Environment {
  variables: ReadonlyMap<string, unknown>;
  /** By name and number of parameters: `f/2`. */
  functions: ReadonlyMap<string, Closure>;
}

/** What the program asks of the outside. */
export interface Host {
  /** The next input, or undefined. */
  nextInput(): unknown;
  /** Unix ms. */
  now: number;
  environment: JsonObject;
  debug(value: unknown): void;
}

/** The first result; the generator is closed, which ends what it was in the middle of. */
export function firstOf<T>(results: Generator<T>): IteratorResult<T, unknown> {
  const first = results.next();
  if (!first.done) results.return(undefined);
  return first;
}

export class BreakLabel extends Error {
  readonly label: object;
  constructor(label: object) {
    super('break');
    this.label = label;
  }
}

/** Steps one program may take for one input, and how deep evaluation may nest. */
const stepLimit = 5_000_000;
const depthLimit = 400;

export class Evaluator {
  readonly host: Host;
  #steps = 0;
  #depth = 0;

  constructor(host: Host) {
    this.host = host;
  }

  /** All results for an input. @throws JqError, BreakLabel */
  *run(node: Node, value: unknown, environment: Environment): Generator<unknown> {
    this.#steps = 0;
    this.#depth = 0;
    for (const item of this.evaluate(node, { value, path: undefined }, environment)) yield item.value;
  }

  step(): void {
    if (++this.#steps > stepLimit) throw new JqError(`slipway: the program takes more than ${stepLimit} steps`);
  }

  *values(node: Node, value: unknown, environment: Environment): Generator<unknown> {
    for (const item of this.evaluate(node, { value, path: undefined }, environment)) yield item.value;
  }

  *paths(
    node: Node,
    value: unknown,
    environment: Environment,
  ): Generator<{ path: readonly unknown[]; value: unknown }> {
    for (const item of this.evaluate(node, { value, path: [] }, environment)) {
      if (!item.path) throw new JqError(`Invalid path expression with result ${cut(item.value)}`);
      yield { path: item.path, value: item.value };
    }
  }

  *evaluate(node: Node, input: Item, env: Environment): Generator<Item> {
    this.step();
    // Each generator that is not done yet is resumed through those around it, on the host's stack.
    if (++this.#depth > depthLimit) throw new JqError(`slipway: evaluation is nested more than ${depthLimit} deep`);
    try {
      yield* this.#evaluateNode(node, input, env);
    } finally {
      this.#depth--;
    }
  }

  *#evaluateNode(node: Node, input: Item, env: Environment): Generator<Item> {
    switch (node.type) {
      case 'identity':
        yield input;
        return;
      case 'recurse':
        yield* this.recurse(input);
        return;
      case 'literal':
        yield this.#fresh(input, node.value);
        return;
      case 'string':
        yield* this.#string(node, input, env);
        return;
      case 'format':
        yield this.#fresh(input, this.#format(node.name, input.value));
        return;
      case 'index':
        for (const target of this.evaluate(node.target, input, env))
          for (const key of this.values(node.key, input.value, env)) yield indexItem(target, key);
        return;
      case 'slice':
        yield* this.#slice(node, input, env);
        return;
      case 'iterate':
        for (const target of this.evaluate(node.target, input, env)) yield* this.iterate(target);
        return;
      case 'try':
        yield* this.#try(node, input, env);
        return;
      case 'array': {
        const items: unknown[] = [];
        if (node.body) for (const value of this.values(node.body, input.value, env)) items.push(value);
        yield this.#fresh(input, items);
        return;
      }
      case 'object':
        for (const object of this.#objects(node.entries, 0, {}, input, env)) yield this.#fresh(input, object);
        return;
      case 'negate':
        for (const value of this.values(node.body, input.value, env)) {
          if (typeof value !== 'number') throw new JqError(`${shown(value)} cannot be negated`);
          yield this.#fresh(input, -value);
        }
        return;
      case 'pipe':
        for (const item of this.evaluate(node.left, input, env)) yield* this.evaluate(node.right, item, env);
        return;
      case 'comma':
        yield* this.evaluate(node.left, input, env);
        yield* this.evaluate(node.right, input, env);
        return;
      case 'binary':
        yield* this.#binary(node, input, env);
        return;
      case 'update':
        yield* this.#update(node, input, env);
        return;
      case 'if':
        for (const test of this.values(node.test, input.value, env)) {
          if (truthy(test)) yield* this.evaluate(node.yes, input, env);
          else if (node.no) yield* this.evaluate(node.no, input, env);
          else yield input;
        }
        return;
      case 'reduce':
        yield* this.#reduce(node, input, env);
        return;
      case 'foreach':
        yield* this.#foreach(node, input, env);
        return;
      case 'bind':
        for (const value of this.values(node.source, input.value, env))
          yield* this.#bindAlternatives(node.patterns, 0, value, node.body, input, env);
        return;
      case 'variable':
        yield this.#fresh(input, this.#variable(node.name, env));
        return;
      case 'call':
        yield* this.#call(node.name, node.args, input, env);
        return;
      case 'define': {
        const functions = new Map(env.functions);
        const inner: Environment = { variables: env.variables, functions };
        functions.set(`${node.definition.name}/${node.definition.parameters.length}`, {
          definition: node.definition,
          body: node.definition.body,
          environment: inner,
        });
        yield* this.evaluate(node.body, input, inner);
        return;
      }
      case 'label': {
        const label = {};
        try {
          yield* this.evaluate(node.body, input, withVariable(env, `*label-${node.name}`, label));
        } catch (error) {
          if (!(error instanceof BreakLabel) || error.label !== label) throw error;
        }
        return;
      }
      case 'break': {
        const label = env.variables.get(`*label-${node.name}`);
        if (!label) throw new JqError(`$*label-${node.name} is not defined`);
        throw new BreakLabel(label);
      }
    }
  }

  #fresh(_input: Item, value: unknown): Item {
    return { value, path: undefined };
  }

  #variable(name: string, env: Environment): unknown {
    if (name === 'ENV') return this.host.environment;
    if (name === '__loc__') return { file: '<top-level>', line: 1 };
    if (!env.variables.has(name)) throw new JqError(`$${name} is not defined`);
    return env.variables.get(name);
  }

  *recurse(item: Item): Generator<Item> {
    this.step();
    yield item;
    if (typeof item.value === 'object' && item.value !== null)
      for (const child of this.iterate(item)) yield* this.recurse(child);
  }

  *iterate({ value, path }: Item): Generator<Item> {
    if (Array.isArray(value))
      for (let i = 0; i < value.length; i++) yield { value: value[i], path: path && [...path, i] };
    else if (isObject(value))
      for (const key of Object.keys(value)) yield { value: value[key], path: path && [...path, key] };
    else throw new JqError(`Cannot iterate over ${value === null ? 'null' : shown(value)}`);
  }

  *#string(node: Extract<Node, { type: 'string' }>, input: Item, env: Environment): Generator<Item> {
    const { parts, format } = node;
    const render = (value: unknown) =>
      format ? this.#format(format, value) : typeof value === 'string' ? value : toJson(value);
    const self = this; // eslint-disable-line @typescript-eslint/no-this-alias
    function* build(i: number, text: string): Generator<Item> {
      if (i === parts.length) {
        yield { value: text, path: undefined };
        return;
      }
      const part = parts[i]!;
      if (typeof part === 'string') yield* build(i + 1, text + part);
      else for (const value of self.values(part, input.value, env)) yield* build(i + 1, text + render(value));
    }
    yield* build(0, '');
  }

  #format(name: string, value: unknown): string {
    const format = own(formatters, name);
    if (!format) throw new JqError(`${name.slice(1)} is not a valid format`);
    return format(value);
  }

  *#slice(node: Extract<Node, { type: 'slice' }>, input: Item, env: Environment): Generator<Item> {
    for (const target of this.evaluate(node.target, input, env))
      for (const to of node.to ? this.values(node.to, input.value, env) : [null])
        for (const from of node.from ? this.values(node.from, input.value, env) : [null])
          yield {
            value: sliceOf(target.value, from, to),
            path: target.path && [...target.path, { start: from, end: to }],
          };
  }

  *#try(node: Extract<Node, { type: 'try' }>, input: Item, env: Environment): Generator<Item> {
    const results = this.evaluate(node.body, input, env);
    for (;;) {
      let next: IteratorResult<Item>;
      try {
        next = results.next();
      } catch (error) {
        if (!(error instanceof JqError)) throw error;
        if (isObject(error.value) && error.value.__jq !== undefined) return;
        if (node.handler) yield* this.evaluate(node.handler, { value: error.value, path: undefined }, env);
        return;
      }
      if (next.done) return;
      yield next.value;
    }
  }

  *#objects(
    entries: { key: Node; value: Node | undefined }[],
    i: number,
    made: JsonObject,
    input: Item,
    env: Environment,
  ): Generator<JsonObject> {
    const entry = entries[i];
    if (!entry) {
      yield made;
      return;
    }
    for (const key of this.values(entry.key, input.value, env)) {
      if (typeof key !== 'string') throw new JqError(`Object keys must be strings`);
      const values = entry.value ? this.values(entry.value, input.value, env) : [indexItem(input, key).value];
      for (const value of values) yield* this.#objects(entries, i + 1, { ...made, [key]: value }, input, env);
    }
  }

  *#binary(node: Extract<Node, { type: 'binary' }>, input: Item, env: Environment): Generator<Item> {
    const { operator } = node;
    if (operator === '//') {
      let any = false;
      try {
        for (const item of this.evaluate(node.left, input, env))
          if (truthy(item.value)) {
            any = true;
            yield item;
          }
      } catch (error) {
        if (!(error instanceof JqError)) throw error;
      }
      if (!any) yield* this.evaluate(node.right, input, env);
      return;
    }
    if (operator === 'and' || operator === 'or') {
      for (const left of this.values(node.left, input.value, env)) {
        if (truthy(left) === (operator === 'or')) yield this.#fresh(input, operator === 'or');
        else for (const right of this.values(node.right, input.value, env)) yield this.#fresh(input, truthy(right));
      }
      return;
    }
    for (const right of this.values(node.right, input.value, env))
      for (const left of this.values(node.left, input.value, env))
        yield this.#fresh(input, binary(operator, left, right));
  }

  *#update(node: Extract<Node, { type: 'update' }>, input: Item, env: Environment): Generator<Item> {
    const { operator, target } = node;
    if (operator === '|=') {
      let result = input.value;
      const removed: (readonly unknown[])[] = [];
      for (const { path } of [...this.paths(target, input.value, env)]) {
        const first = firstOf(this.values(node.value, getPath(result, path), env));
        if (first.done) removed.push(path);
        else result = setPath(result, path, first.value);
      }
      yield this.#fresh(input, deletePaths(result, removed));
      return;
    }
    for (const value of this.values(node.value, input.value, env)) {
      let result = input.value;
      for (const { path } of [...this.paths(target, input.value, env)]) {
        const before = getPath(result, path);
        const next =
          operator === '='
            ? value
            : operator === '//='
              ? truthy(before)
                ? before
                : value
              : binary(operator.slice(0, -1), before, value);
        result = setPath(result, path, next);
      }
      yield this.#fresh(input, result);
    }
  }

  *#reduce(node: Extract<Node, { type: 'reduce' }>, input: Item, env: Environment): Generator<Item> {
    for (const initial of this.values(node.initial, input.value, env)) {
      let state: unknown = initial;
      for (const value of this.values(node.source, input.value, env))
        for (const inner of this.#bind(node.pattern, value, env, input.value)) {
          let last: unknown = null;
          for (const next of this.values(node.update, state, inner)) last = next;
          state = last;
        }
      yield this.#fresh(input, state);
    }
  }

  *#foreach(node: Extract<Node, { type: 'foreach' }>, input: Item, env: Environment): Generator<Item> {
    for (const initial of this.values(node.initial, input.value, env)) {
      let state: unknown = initial;
      for (const value of this.values(node.source, input.value, env))
        for (const inner of this.#bind(node.pattern, value, env, input.value))
          for (const next of this.values(node.update, state, inner)) {
            state = next;
            if (node.extract) for (const out of this.values(node.extract, next, inner)) yield this.#fresh(input, out);
            else yield this.#fresh(input, next);
          }
    }
  }

  *#bindAlternatives(
    patterns: Pattern[],
    i: number,
    value: unknown,
    body: Node,
    input: Item,
    env: Environment,
  ): Generator<Item> {
    const last = i === patterns.length - 1;
    try {
      let base = env;
      for (const pattern of patterns)
        for (const name of namesIn(pattern)) if (patterns.length > 1) base = withVariable(base, name, null);
      for (const inner of this.#bind(patterns[i]!, value, base, input.value)) yield* this.evaluate(body, input, inner);
    } catch (error) {
      if (last || !(error instanceof JqError)) throw error;
      yield* this.#bindAlternatives(patterns, i + 1, value, body, input, env);
    }
  }

  *#bind(pattern: Pattern, value: unknown, env: Environment, input: unknown): Generator<Environment> {
    switch (pattern.type) {
      case 'variable':
        yield withVariable(env, pattern.name, value);
        return;
      case 'array':
        if (value !== null && !Array.isArray(value)) throw new JqError(`Cannot index ${typeOf(value)} with number`);
        yield* this.#bindAll(
          pattern.items.map((p, i) => [p, (value as unknown[] | null)?.[i] ?? null]),
          0,
          env,
          input,
        );
        return;
      case 'object':
        yield* this.#bindEntries(pattern.entries, 0, value, env, input);
    }
  }

  *#bindAll(pairs: [Pattern, unknown][], i: number, env: Environment, input: unknown): Generator<Environment> {
    const pair = pairs[i];
    if (!pair) yield env;
    else for (const inner of this.#bind(pair[0], pair[1], env, input)) yield* this.#bindAll(pairs, i + 1, inner, input);
  }

  *#bindEntries(
    entries: Extract<Pattern, { type: 'object' }>['entries'],
    i: number,
    value: unknown,
    env: Environment,
    input: unknown,
  ): Generator<Environment> {
    const entry = entries[i];
    if (!entry) {
      yield env;
      return;
    }
    for (const key of this.values(entry.key!, input, env)) {
      const held = indexItem({ value, path: undefined }, key).value;
      const named = entry.variable ? withVariable(env, entry.variable, held) : env;
      if (!entry.value) yield* this.#bindEntries(entries, i + 1, value, named, input);
      else
        for (const inner of this.#bind(entry.value, held, named, input))
          yield* this.#bindEntries(entries, i + 1, value, inner, input);
    }
  }

  *#call(name: string, args: Node[], input: Item, env: Environment): Generator<Item> {
    const closure = env.functions.get(`${name}/${args.length}`);
    if (!closure) {
      yield* callBuiltin(this, name, args, input, env);
      return;
    }
    if (!closure.definition) {
      yield* this.evaluate(closure.body, input, closure.environment);
      return;
    }
    yield* this.#callDefined(closure, closure.definition, args, 0, closure.environment, input, env);
  }

  *#callDefined(
    closure: Closure,
    definition: Definition,
    args: Node[],
    i: number,
    made: Environment,
    input: Item,
    caller: Environment,
  ): Generator<Item> {
    const parameter = definition.parameters[i];
    if (parameter === undefined) {
      const functions = new Map(made.functions);
      functions.set(`${definition.name}/${definition.parameters.length}`, closure);
      yield* this.evaluate(closure.body, input, { variables: made.variables, functions });
      return;
    }
    const arg = args[i]!;
    const withFunction = (base: Environment, name: string): Environment => ({
      variables: base.variables,
      functions: new Map(base.functions).set(`${name}/0`, { definition: undefined, body: arg, environment: caller }),
    });
    if (!parameter.startsWith('$')) {
      yield* this.#callDefined(closure, definition, args, i + 1, withFunction(made, parameter), input, caller);
      return;
    }
    const name = parameter.slice(1);
    for (const value of this.values(arg, input.value, caller))
      yield* this.#callDefined(
        closure,
        definition,
        args,
        i + 1,
        withVariable(withFunction(made, name), name, value),
        input,
        caller,
      );
  }
}

function namesIn(pattern: Pattern): string[] {
  if (pattern.type === 'variable') return [pattern.name];
  if (pattern.type === 'array') return pattern.items.flatMap(namesIn);
  return pattern.entries.flatMap((e) => [...(e.variable ? [e.variable] : []), ...(e.value ? namesIn(e.value) : [])]);
}

export function withVariable(env: Environment, name: string, value: unknown): Environment {
  return { variables: new Map(env.variables).set(name, value), functions: env.functions };
}

function cut(value: unknown): string {
  const text = toJson(value);
  return text.length > 30 ? text.slice(0, 29) + '...' : text;
}

export function indexItem({ value, path }: Item, key: unknown): Item {
  return { value: indexValue(value, key), path: path && [...path, key] };
}
