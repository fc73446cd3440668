import type { Environment } from '@marcbachmann/cel-js';

/**
 * Macros with an index or key beside the value (cel-go, ext.TwoVarComprehensions): all, exists, existsOne, transformList,
 * transformMap, transformMapEntry.
 */
export function registerTwoVariables(environment: Environment): void {
  const define = (signature: string, result: string, make: () => Collector) =>
    environment.registerFunction(`list.${signature}: ${result}`, ((call: Call) =>
      expand(call, result, make)) as unknown as (...args: unknown[]) => unknown);
  define('all(ast, ast, ast)', 'bool', () => quantifier((hits, misses) => misses === 0));
  define('exists(ast, ast, ast)', 'bool', () => quantifier((hits) => hits > 0));
  define('existsOne(ast, ast, ast)', 'bool', () => quantifier((hits) => hits === 1));
  for (const filter of ['', ', ast']) {
    define(`transformList(ast, ast${filter}, ast)`, 'list<dyn>', () => {
      const items: unknown[] = [];
      return { add: (_, item) => void items.push(item), result: () => items };
    });
    define(`transformMap(ast, ast${filter}, ast)`, 'map<dyn, dyn>', () => {
      const map = new Map<unknown, unknown>();
      return { add: (key, item) => void map.set(key, item), result: () => map };
    });
    define(`transformMapEntry(ast, ast${filter}, ast)`, 'map<dyn, dyn>', () => {
      const map = new Map<unknown, unknown>();
      const add = (_: unknown, made: unknown) => {
        for (const [key, item] of entriesOf(made)) {
          if (map.has(key)) throw new Error(`insert failed: key ${String(key)} already exists`);
          map.set(key, item);
        }
      };
      return { add, result: () => map };
    });
  }
}

/** Takes what each round results in. */
interface Collector {
  add(key: unknown, value: unknown): void;
  result(): unknown;
}

function quantifier(verdict: (hits: number, misses: number) => boolean): Collector {
  let hits = 0;
  let misses = 0;
  return {
    add(_, value) {
      if (value === true) hits++;
      else misses++;
    },
    result: () => verdict(hits, misses),
  };
}

/** The library's parts that macros meet (macros.js has its own so). */
interface Node {
  readonly op: string;
  readonly args: unknown;
}
interface Scope {
  forkWithVariable(name: string, type: unknown): Scope;
  reuse(parent: Scope): Scope;
  setIterValue(value: unknown, evaluator: Evaluator): Scope;
}
interface RangeType {
  readonly kind: string;
  readonly keyType?: unknown;
  readonly valueType?: unknown;
}
interface Checker {
  check(node: Node, scope: Scope): RangeType;
  getType(name: string): unknown;
  createError(code: string, message: string, node: Node): Error;
}
interface Evaluator {
  run(node: Node, scope: Scope): unknown;
}
interface Call {
  readonly ast: Node;
  readonly args: readonly Node[];
  readonly receiver: Node;
}

function expand({ args, receiver }: Call, result: string, make: () => Collector): object {
  const [first, second] = args as [Node, Node];
  const filter = args.length > 3 ? args[2] : undefined;
  const step = args.at(-1)!;
  let outer: Scope;
  let inner: Scope;
  return {
    async: false,
    typeCheck(checker: Checker, _: unknown, scope: Scope) {
      for (const name of [first, second]) {
        if (name.op !== 'id')
          throw checker.createError('invalid_macro_argument', 'argument must be a simple name', name);
      }
      const range = checker.check(receiver, scope);
      const [key, value] =
        range.kind === 'map'
          ? [range.keyType, range.valueType]
          : range.kind === 'list'
            ? [checker.getType('int'), range.valueType]
            : [checker.getType('dyn'), checker.getType('dyn')];
      outer = scope.forkWithVariable(first.args as string, key);
      inner = outer.forkWithVariable(second.args as string, value);
      if (filter) checker.check(filter, inner);
      checker.check(step, inner);
      return checker.getType(result);
    },
    evaluate(evaluator: Evaluator, _: unknown, scope: Scope) {
      const collector = make();
      for (const [key, value] of entriesOf(evaluator.run(receiver, scope))) {
        const around = outer.reuse(scope).setIterValue(key, evaluator);
        const within = inner.reuse(around).setIterValue(value, evaluator);
        if (filter && evaluator.run(filter, within) !== true) continue;
        collector.add(key, evaluator.run(step, within));
      }
      return collector.result();
    },
  };
}

function entriesOf(value: unknown): [unknown, unknown][] {
  if (Array.isArray(value)) return value.map((item, i) => [BigInt(i), item]);
  if (value instanceof Map) return [...value];
  return Object.entries((value ?? {}) as object);
}
