/**
 * Resource quantities (k8s.io/apimachinery/pkg/api/resource): `500m`, `1Gi`, `1e3`. Values are kept exactly, in
 * billionths; anything finer is rounded up, as upstream does.
 */

export interface Quantity {
  /** The amount times 10⁹. */
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** Thrown for text that is no quantity; the message is upstream's. */
export class QuantityError extends Error {
  override name = 'QuantityError';
}

const wrongFormat = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const wrongSuffix = "unable to parse quantity's suffix";

const billion = 1_000_000_000n;
const largest = (2n ** 63n - 1n) * billion;
const decimalSuffixes: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const binarySuffixes: Readonly<Record<string, bigint>> = {
  Ki: 2n ** 10n,
  Mi: 2n ** 20n,
  Gi: 2n ** 30n,
  Ti: 2n ** 40n,
  Pi: 2n ** 50n,
  Ei: 2n ** 60n,
};
const suffixOfExponent = new Map(Object.entries(decimalSuffixes).map(([suffix, exponent]) => [exponent, suffix]));
const binaryNames = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

export const zeroQuantity: Quantity = { nanos: 0n, format: 'DecimalSI' };

const cache = new Map<string, Quantity>();

/** Parses as `ParseQuantity`. Numbers are taken as their decimal text. Throws QuantityError. */
export function parseQuantity(input: string | number): Quantity {
  const text = String(input);
  const known = cache.get(text);
  if (known) return known;
  const quantity = parse(text);
  // Clusters repeat a handful of quantities; the bound keeps hostile input from filling the memory.
  if (cache.size > 2000) cache.clear();
  cache.set(text, quantity);
  return quantity;
}

function parse(text: string): Quantity {
  const parts = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/.exec(text);
  if (text === '' || !parts) throw new QuantityError(wrongFormat);
  const [, sign, whole = '', fraction = '', suffix = ''] = parts;
  const { scale, multiplier, format } = readSuffix(suffix);
  const digits = BigInt(whole + fraction || '0') * multiplier;
  let nanos = shift(digits, 9 + scale - fraction.length);
  if (nanos > largest) nanos = largest;
  if (sign === '-') nanos = -nanos;
  const tinyBinary = format === 'BinarySI' && nanos > 0n && nanos < billion;
  return { nanos, format: tinyBinary ? 'DecimalSI' : format };
}

function readSuffix(suffix: string): { scale: number; multiplier: bigint; format: QuantityFormat } {
  const decimal = decimalSuffixes[suffix];
  if (decimal !== undefined) return { scale: decimal, multiplier: 1n, format: 'DecimalSI' };
  const binary = binarySuffixes[suffix];
  if (binary !== undefined) return { scale: 0, multiplier: binary, format: 'BinarySI' };
  const exponent = /^[eE]([-+]?[0-9]+)$/.exec(suffix);
  if (!exponent) throw new QuantityError(wrongSuffix);
  return { scale: Math.max(-1000, Math.min(1000, Number(exponent[1]))), multiplier: 1n, format: 'DecimalExponent' };
}

/** Times 10^by, rounded away from zero. */
function shift(value: bigint, by: number): bigint {
  return by >= 0 ? value * 10n ** BigInt(by) : divideUp(value, 10n ** BigInt(-by));
}

function divideUp(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  if (value % by === 0n) return quotient;
  return value > 0n ? quotient + 1n : quotient - 1n;
}

/** The canonical text, as the server writes it: `1000m` is `1`, `1024Mi` is `1Gi`, `0.5` is `500m`. */
export function formatQuantity(quantity: Quantity): string {
  const { nanos } = quantity;
  if (nanos === 0n) return '0';
  if (quantity.format === 'BinarySI' && !(nanos > -1024n * billion && nanos < 1024n * billion)) {
    let amount = divideUp(nanos, billion);
    let power = 0;
    while (amount % 1024n === 0n && power < binaryNames.length - 1) {
      amount /= 1024n;
      power++;
    }
    return `${amount}${binaryNames[power]}`;
  }
  let mantissa = nanos;
  let exponent = -9;
  while (mantissa % 1000n === 0n && exponent < 18) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (quantity.format === 'DecimalExponent') return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
  return `${mantissa}${suffixOfExponent.get(exponent)}`;
}

/** Text to canonical text. Throws QuantityError. */
export function canonicalQuantity(text: string | number): string {
  return formatQuantity(parseQuantity(text));
}

/** Negative, zero or positive, as a sort wants it. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
}

/** The sum; it has the format of `a` unless that is zero. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nanos: a.nanos - b.nanos, format: a.nanos === 0n ? b.format : a.format };
}

export function quantityFromNumber(value: number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nanos: BigInt(Math.round(value)) * billion, format };
}

export function quantityFromMilli(value: number, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nanos: BigInt(Math.round(value)) * 1_000_000n, format };
}

/** Units, rounded up (`Value()`); bytes of `1Gi` are 1073741824. */
export function quantityValue(quantity: Quantity | string | number): number {
  return Number(divideUp(toQuantity(quantity).nanos, billion));
}

/** Thousandths, rounded up (`MilliValue()`); `1500m` of CPU is 1500. */
export function quantityMilliValue(quantity: Quantity | string | number): number {
  return Number(divideUp(toQuantity(quantity).nanos, 1_000_000n));
}

function toQuantity(quantity: Quantity | string | number): Quantity {
  return typeof quantity === 'object' ? quantity : parseQuantity(quantity);
}
