import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  subtractQuantities,
  zeroQuantity,
  type Quantity,
} from '../apimachinery/quantity.ts';

/** Amounts by resource name, and their arithmetic (k8s.io/apiserver/pkg/quota/v1, resources.go). */
export type ResourceList = ReadonlyMap<string, Quantity>;

/** As it stands in an object. */
export type ResourceAmounts = Readonly<Record<string, string | number>>;

export const noAmounts: ResourceList = new Map();

export function parseResourceList(amounts: ResourceAmounts | undefined): ResourceList {
  if (!amounts) return noAmounts;
  return new Map(Object.entries(amounts).map(([name, amount]) => [name, parseQuantity(amount)]));
}

/** Canonical texts, names sorted. */
export function formatResourceList(list: ResourceList): Record<string, string> {
  const result: Record<string, string> = {};
  for (const name of [...list.keys()].sort()) result[name] = formatQuantity(list.get(name)!);
  return result;
}

/** `cpu=500m,pods=2`, names sorted. */
export function prettyResourceList(list: ResourceList): string {
  return Object.entries(formatResourceList(list))
    .map(([name, amount]) => `${name}=${amount}`)
    .join(',');
}

export function addLists(a: ResourceList, b: ResourceList): Map<string, Quantity> {
  const sum = new Map(a);
  for (const [name, amount] of b) {
    const own = sum.get(name);
    sum.set(name, own ? addQuantities(own, amount) : amount);
  }
  return sum;
}

/** `a - b`; what only `b` has becomes negative. */
export function subtractLists(a: ResourceList, b: ResourceList): Map<string, Quantity> {
  const difference = new Map(a);
  for (const [name, amount] of b) {
    difference.set(name, subtractQuantities(a.get(name) ?? { ...zeroQuantity, format: amount.format }, amount));
  }
  return difference;
}

/** The larger of the two for each name. */
export function maxLists(a: ResourceList, b: ResourceList): Map<string, Quantity> {
  const result = new Map(a);
  for (const [name, amount] of b) {
    const own = result.get(name);
    if (!own || compareQuantities(own, amount) < 0) result.set(name, amount);
  }
  return result;
}

/** Only the names given. */
export function maskList(list: ResourceList, names: Iterable<string>): Map<string, Quantity> {
  const result = new Map<string, Quantity>();
  for (const name of names) {
    const amount = list.get(name);
    if (amount) result.set(name, amount);
  }
  return result;
}

export function withoutZeros(list: ResourceList): Map<string, Quantity> {
  return new Map([...list].filter(([, amount]) => amount.nanos !== 0n));
}

/** Names of negative amounts. */
export function negativeNames(list: ResourceList): string[] {
  return [...list].filter(([, amount]) => amount.nanos < 0n).map(([name]) => name);
}

/** Names whose amount is above the bound; what has no bound is not. */
export function exceededNames(list: ResourceList, bounds: ResourceList): string[] {
  return [...list]
    .filter(([name, amount]) => bounds.has(name) && compareQuantities(amount, bounds.get(name)!) > 0)
    .map(([name]) => name);
}

export function equalLists(a: ResourceList, b: ResourceList): boolean {
  return a.size === b.size && [...a].every(([name, amount]) => b.get(name)?.nanos === amount.nanos);
}
