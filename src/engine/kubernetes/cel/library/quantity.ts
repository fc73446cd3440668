import type { Environment } from '@marcbachmann/cel-js';
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityFromNumber,
  subtractQuantities,
  type Quantity,
} from '../../apimachinery/quantity.ts';

const billion = 1_000_000_000n;
const largestInt = 2n ** 63n - 1n;

/** A quantity as a value of CEL. */
class CelQuantity {
  readonly value: Quantity;
  constructor(value: Quantity) {
    this.value = value;
  }
  toString(): string {
    return formatQuantity(this.value);
  }
}

/** quantity, isQuantity and what can be done with them (k8s.io/apiserver/pkg/cel/library/quantity.go). */
export function registerQuantities(environment: Environment): void {
  const type = 'kubernetes.Quantity';
  environment.registerType(type, CelQuantity);
  environment.registerFunction(`quantity(string): ${type}`, (text: string) => new CelQuantity(parseQuantity(text)));
  environment.registerFunction('isQuantity(string): bool', (text: string) => {
    try {
      parseQuantity(text);
      return true;
    } catch {
      return false;
    }
  });
  const compare = (a: CelQuantity, b: CelQuantity) => compareQuantities(a.value, b.value);
  environment.registerOperator(`${type} == ${type}`, (a: CelQuantity, b: CelQuantity) => compare(a, b) === 0);
  const binary = (name: string, result: string, run: (a: CelQuantity, b: CelQuantity) => unknown) =>
    environment.registerFunction(`${type}.${name}(${type}): ${result}`, run);
  binary('isLessThan', 'bool', (a, b) => compare(a, b) < 0);
  binary('isGreaterThan', 'bool', (a, b) => compare(a, b) > 0);
  binary('compareTo', 'int', (a, b) => BigInt(Math.sign(compare(a, b))));
  binary('add', type, (a, b) => new CelQuantity(addQuantities(a.value, b.value)));
  binary('sub', type, (a, b) => new CelQuantity(subtractQuantities(a.value, b.value)));
  const withInt = (name: string, run: typeof addQuantities) =>
    environment.registerFunction(
      `${type}.${name}(int): ${type}`,
      (a: CelQuantity, b: bigint) => new CelQuantity(run(a.value, quantityFromNumber(Number(b)))),
    );
  withInt('add', addQuantities);
  withInt('sub', subtractQuantities);
  const isInteger = ({ value: { nanos } }: CelQuantity) => nanos % billion === 0n && nanos / billion <= largestInt;
  environment.registerFunction(`${type}.isInteger(): bool`, isInteger);
  environment.registerFunction(`${type}.asInteger(): int`, (quantity: CelQuantity) => {
    if (!isInteger(quantity)) throw new Error('cannot convert value to integer');
    return quantity.value.nanos / billion;
  });
  environment.registerFunction(
    `${type}.asApproximateFloat(): double`,
    ({ value: { nanos } }: CelQuantity) => Number(nanos) / 1e9,
  );
  environment.registerFunction(`${type}.sign(): int`, ({ value: { nanos } }: CelQuantity) =>
    nanos > 0n ? 1n : nanos < 0n ? -1n : 0n,
  );
}
