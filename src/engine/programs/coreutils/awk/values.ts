/** Values are numbers, strings, or strings from input that may look like numbers ("strnum"). */

export class StrNum {
  readonly text: string;
  readonly number: number;
  constructor(text: string, number: number) {
    this.text = text;
    this.number = number;
  }
}

export type Value = number | string | StrNum | undefined;
export type AwkArray = Map<string, Value>;
export type Slot = Value | AwkArray | PendingArray;

const numberPattern = /^\s*[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|0[xX](?=$)|inf|nan)\s*$/i;

export function fromInput(text: string): Value {
  return numberPattern.test(text) && !/[in]/i.test(text) ? new StrNum(text, Number(text)) : text;
}

export function toNumber(value: Value): number {
  if (typeof value === 'number') return value;
  if (value === undefined) return 0;
  if (value instanceof StrNum) return value.number;
  const match = /^\s*[-+]?(?:\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?)/.exec(value);
  return match ? Number(match[0]) : 0;
}

/** An argument that was unset when passed: becomes an array of the caller when the function uses it as one. */
export class PendingArray {
  readonly #scope: Map<string, Slot>;
  readonly #name: string;
  readonly #locals: Map<string, Slot>;
  readonly #parameter: string;
  constructor(scope: Map<string, Slot>, name: string, locals: Map<string, Slot>, parameter: string) {
    this.#scope = scope;
    this.#name = name;
    this.#locals = locals;
    this.#parameter = parameter;
  }

  take(): AwkArray {
    const outer = this.#scope.get(this.#name);
    const array: AwkArray = outer instanceof Map ? outer : outer instanceof PendingArray ? outer.take() : new Map();
    this.#scope.set(this.#name, array);
    this.#locals.set(this.#parameter, array);
    return array;
  }
}

export function truth(value: Value): boolean {
  if (typeof value === 'string') return value !== '';
  if (value === undefined) return false;
  return (value instanceof StrNum ? value.number : value) !== 0;
}

export function arithmetic(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    default:
      return a ** b;
  }
}
