import { compareNumbers, fileComparison, unaryTest } from '../conditional.ts';
import { ShellError } from '../errors.ts';
import type { Shell } from '../shell.ts';
import type { Builtin } from './index.ts';

/** `test` and `[`: POSIX's rules by the number of arguments, and the older grammar with `-a`, `-o` and parentheses. */

const unaryOperators = new Set('a b c d e f g h k L n N o O p r R s S t u v w x z G'.split(' ').map((c) => `-${c}`));
const binaryOperators = new Set([
  '=',
  '==',
  '!=',
  '<',
  '>',
  '-eq',
  '-ne',
  '-lt',
  '-le',
  '-gt',
  '-ge',
  '-nt',
  '-ot',
  '-ef',
]);

class TestParser {
  readonly #shell: Shell;
  readonly #name: string;
  readonly #args: readonly string[];
  #at = 0;

  constructor(shell: Shell, name: string, args: readonly string[]) {
    this.#shell = shell;
    this.#name = name;
    this.#args = args;
  }

  whole(): boolean {
    const args = this.#args;
    switch (args.length) {
      case 0:
        return false;
      case 1:
        return args[0] !== '';
      case 2:
        if (args[0] === '!') return args[1] === '';
        if (unaryOperators.has(args[0]!)) return this.#unary(args[0]!, args[1]!);
        return this.#fail(`${args[0]}: unary operator expected`);
      case 3: {
        const [a, b, c] = args as [string, string, string];
        if (binaryOperators.has(b)) return this.#binary(a, b, c);
        if (b === '-a') return a !== '' && c !== '';
        if (b === '-o') return a !== '' || c !== '';
        if (a === '!') return !new TestParser(this.#shell, this.#name, args.slice(1)).whole();
        if (a === '(' && c === ')') return b !== '';
        return this.#fail(`${b}: binary operator expected`);
      }
      case 4:
        if (args[0] === '!') return !new TestParser(this.#shell, this.#name, args.slice(1)).whole();
    }
    const value = this.#or();
    if (this.#at < args.length) this.#fail('too many arguments');
    return value;
  }

  #fail(message: string): never {
    throw new ShellError(`${this.#name}: ${message}`, { status: 2 });
  }

  #or(): boolean {
    let value = this.#and();
    while (this.#args[this.#at] === '-o') {
      this.#at++;
      const right = this.#and();
      value ||= right;
    }
    return value;
  }

  #and(): boolean {
    let value = this.#not();
    while (this.#args[this.#at] === '-a') {
      this.#at++;
      const right = this.#not();
      value &&= right;
    }
    return value;
  }

  #not(): boolean {
    if (this.#args[this.#at] === '!') {
      this.#at++;
      return !this.#not();
    }
    return this.#primary();
  }

  #primary(): boolean {
    const [a, b, c] = this.#args.slice(this.#at, this.#at + 3);
    if (a === undefined) return this.#fail('argument expected');
    if (b !== undefined && c !== undefined && binaryOperators.has(b)) {
      this.#at += 3;
      return this.#binary(a, b, c);
    }
    if (a === '(') {
      this.#at++;
      const value = this.#or();
      if (this.#args[this.#at] !== ')') this.#fail("`)' expected");
      this.#at++;
      return value;
    }
    if (unaryOperators.has(a) && b !== undefined) {
      this.#at += 2;
      return this.#unary(a, b);
    }
    this.#at++;
    return a !== '';
  }

  #unary(operator: string, operand: string): boolean {
    return unaryTest(this.#shell, operator, operand);
  }

  #binary(left: string, operator: string, right: string): boolean {
    switch (operator) {
      case '=':
      case '==':
        return left === right;
      case '!=':
        return left !== right;
      case '<':
        return left < right;
      case '>':
        return left > right;
      case '-nt':
      case '-ot':
      case '-ef':
        return fileComparison(this.#shell, operator, left, right);
      default:
        return compareNumbers(operator, this.#integer(left), this.#integer(right));
    }
  }

  #integer(text: string): bigint {
    if (!/^\s*[+-]?\d+\s*$/.test(text)) this.#fail(`${text}: integer expression expected`);
    return BigInt(text.trim().replace(/^\+/, ''));
  }
}

const test: Builtin = (shell, args) => (new TestParser(shell, 'test', args.slice(1)).whole() ? 0 : 1);

const bracket: Builtin = (shell, args) => {
  if (args.at(-1) !== ']') throw new ShellError("[: missing `]'", { status: 2 });
  return new TestParser(shell, '[', args.slice(1, -1)).whole() ? 0 : 1;
};

export const testBuiltins: Record<string, Builtin> = { test, '[': bracket };
