import type { Environment } from '@marcbachmann/cel-js';

type Ordered = string | number | bigint | boolean | Date;

/** isSorted, sum, min, max, indexOf, lastIndexOf (k8s.io/apiserver/pkg/cel/library/lists.go), and sets.* of cel-go. */
export function registerLists(environment: Environment): void {
  environment.registerFunction('list.isSorted(): bool', (list: Ordered[]) =>
    list.every((item, i) => i === 0 || !(list[i - 1]! > item)),
  );
  environment.registerFunction('list.sum(): dyn', (list: (bigint | number)[]) =>
    list.length === 0 ? 0n : list.reduce((a, b) => (a as number) + (b as number)),
  );
  environment.registerFunction('list.min(): dyn', (list: Ordered[]) => extreme('min', list, (a, b) => a < b));
  environment.registerFunction('list.max(): dyn', (list: Ordered[]) => extreme('max', list, (a, b) => a > b));
  environment.registerFunction('list.indexOf(dyn): int', (list: unknown[], item: unknown) =>
    BigInt(list.findIndex((other) => equal(other, item))),
  );
  environment.registerFunction('list.lastIndexOf(dyn): int', (list: unknown[], item: unknown) =>
    BigInt(list.findLastIndex((other) => equal(other, item))),
  );
  registerSets(environment);
}

class Sets {}

function registerSets(environment: Environment): void {
  environment.registerType('kubernetes.Sets', Sets);
  environment.registerConstant('sets', 'kubernetes.Sets', new Sets());
  const has = (list: unknown[], item: unknown) => list.some((other) => equal(other, item));
  const contains = (list: unknown[], sub: unknown[]) => sub.every((item) => has(list, item));
  const define = (name: string, run: (a: unknown[], b: unknown[]) => boolean) =>
    environment.registerFunction(`kubernetes.Sets.${name}(list, list): bool`, (_: Sets, a: unknown[], b: unknown[]) =>
      run(a, b),
    );
  define('contains', contains);
  define('equivalent', (a, b) => contains(a, b) && contains(b, a));
  define('intersects', (a, b) => a.some((item) => has(b, item)));
}

function extreme(name: string, list: Ordered[], isBetter: (a: Ordered, b: Ordered) => boolean): Ordered {
  if (list.length === 0) throw new Error(`${name} called on empty list`);
  return list.reduce((best, item) => (isBetter(item, best) ? item : best));
}

function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [names, others] = [Object.keys(a), Object.keys(b)];
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  return names.length === others.length && names.every((name) => name in right && equal(left[name], right[name]));
}
