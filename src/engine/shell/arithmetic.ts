/** Shell arithmetic (bash's "Shell Arithmetic"): 64-bit signed integers, C's operators and precedence, `**` and `,`. */
export interface ArithmeticVariables {
  /** The text of a variable or array element; undefined if unset. */
  get(name: string, index: string | undefined): string | undefined;
  set(name: string, index: string | undefined, value: string): void;
}

/** The text after the expression in bash's message, e.g. `division by 0 (error token is "0")`. */
export class ArithmeticError extends Error {
  override name = 'ArithmeticError';
  readonly expression: string;
  constructor(expression: string, problem: string) {
    super(`${expression}: ${problem}`);
    this.expression = expression;
  }
}

const operators = [
  '<<=', '>>=', '**', '++', '--', '<<', '>>', '<=', '>=', '==', '!=', '&&', '||', '+=', '-=', '*=', '/=', '%=', '&=', '^=', '|=',
  '+', '-', '*', '/', '%', '<', '>', '=', '!', '~', '&', '|', '^', '?', ':', '(', ')', ',',
]; // prettier-ignore

const binaryPrecedence: Record<string, number> = {
  '||': 1, '&&': 2, '|': 3, '^': 4, '&': 5, '==': 6, '!=': 6, '<': 7, '>': 7, '<=': 7, '>=': 7, '<<': 8, '>>': 8,
  '+': 9, '-': 9, '*': 10, '/': 10, '%': 10, '**': 11,
}; // prettier-ignore

const assignments = new Set(['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '^=', '|=']);

interface Token {
  kind: 'number' | 'name' | 'operator' | 'end';
  text: string;
  index?: string;
  /** Offset in the expression. */
  at: number;
}

type Value = { value: bigint; name?: string; index?: string };

const maxDepth = 200;

/**
 * Evaluates an expression whose `$` expansions are done.
 * @throws ArithmeticError with bash's text
 */
export function evaluateArithmetic(expression: string, variables: ArithmeticVariables, depth = 0): bigint {
  if (depth > maxDepth)
    throw new ArithmeticError(expression, 'expression recursion level exceeded (error token is "' + expression + '")');
  return new Evaluator(expression, variables, depth).whole();
}

class Evaluator {
  readonly #source: string;
  readonly #variables: ArithmeticVariables;
  readonly #depth: number;
  readonly #tokens: Token[];
  #at = 0;
  #skipping = 0;
  #nesting = 0;

  constructor(source: string, variables: ArithmeticVariables, depth: number) {
    this.#source = source;
    this.#variables = variables;
    this.#depth = depth;
    this.#tokens = this.#tokenize();
  }

  whole(): bigint {
    if (this.#peek().kind === 'end') return 0n;
    const value = this.#comma();
    if (this.#peek().kind !== 'end') this.#fail('syntax error in expression');
    return value.value;
  }

  #fail(problem: string, from = this.#peek().at): never {
    throw new ArithmeticError(this.#source.trimStart(), `${problem} (error token is "${this.#source.slice(from)}")`);
  }

  #tokenize(): Token[] {
    const source = this.#source;
    const tokens: Token[] = [];
    let at = 0;
    while (at < source.length) {
      const c = source[at]!;
      if (/\s/.test(c) || c === '"') {
        at++;
        continue;
      }
      if (/[0-9]/.test(c)) {
        const text = /^[0-9]+#[0-9A-Za-z@_]+|^[0-9A-Za-z_@.]+/.exec(source.slice(at))![0];
        tokens.push({ kind: 'number', text, at });
        at += text.length;
        continue;
      }
      if (/[A-Za-z_]/.test(c)) {
        const text = /^\w+/.exec(source.slice(at))![0];
        const token: Token = { kind: 'name', text, at };
        at += text.length;
        if (source[at] === '[') {
          let level = 0;
          let end = at;
          for (; end < source.length; end++) {
            if (source[end] === '[') level++;
            else if (source[end] === ']' && --level === 0) break;
          }
          token.index = source.slice(at + 1, end);
          at = end + 1;
        }
        tokens.push(token);
        continue;
      }
      const operator = operators.find((o) => source.startsWith(o, at));
      if (!operator) {
        tokens.push({ kind: 'operator', text: c, at });
        at++;
        continue;
      }
      tokens.push({ kind: 'operator', text: operator, at });
      at += operator.length;
    }
    tokens.push({ kind: 'end', text: '', at: source.length });
    return tokens;
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #accept(...texts: string[]): string | undefined {
    const token = this.#peek();
    if (token.kind !== 'operator' || !texts.includes(token.text)) return undefined;
    this.#at++;
    return token.text;
  }

  #comma(): Value {
    let value = this.#assignment();
    while (this.#accept(',')) value = this.#assignment();
    return value;
  }

  #assignment(): Value {
    if (++this.#nesting > maxDepth) this.#fail('expression recursion level exceeded');
    const left = this.#ternary();
    const token = this.#peek();
    let result = left;
    if (token.kind === 'operator' && assignments.has(token.text)) {
      if (left.name === undefined) this.#fail('attempted assignment to non-variable');
      this.#at++;
      const right = this.#assignment();
      const value =
        token.text === '='
          ? right.value
          : this.#binary(token.text.slice(0, -1), left.value, right.value, this.#lastAt());
      this.#store(left, value);
      result = { value };
    }
    this.#nesting--;
    return result;
  }

  #store(target: Value, value: bigint): void {
    if (!this.#skipping) this.#variables.set(target.name!, target.index, value.toString());
  }

  #ternary(): Value {
    const test = this.#binaries(1);
    if (!this.#accept('?')) return test;
    const yes = this.#skipUnless(test.value !== 0n, () => this.#assignment());
    if (!this.#accept(':')) this.#fail("`:' expected for conditional expression");
    const no = this.#skipUnless(test.value === 0n, () => this.#assignment());
    return { value: test.value !== 0n ? yes.value : no.value };
  }

  #skipUnless(wanted: boolean, run: () => Value): Value {
    if (!wanted) this.#skipping++;
    try {
      return run();
    } finally {
      if (!wanted) this.#skipping--;
    }
  }

  #binaries(minimum: number): Value {
    let left = this.#unary();
    for (;;) {
      const token = this.#peek();
      const precedence = token.kind === 'operator' ? binaryPrecedence[token.text] : undefined;
      if (precedence === undefined || precedence < minimum) return left;
      this.#at++;
      const operator = token.text;
      if (operator === '&&' || operator === '||') {
        const decided = (left.value !== 0n) === (operator === '||');
        const right = this.#skipUnless(!decided, () => this.#binaries(precedence + 1));
        left = { value: (decided ? operator === '||' : right.value !== 0n) ? 1n : 0n };
        continue;
      }
      const right = this.#binaries(operator === '**' ? precedence : precedence + 1);
      left = { value: this.#binary(operator, left.value, right.value, this.#lastAt()) };
    }
  }

  #binary(operator: string, a: bigint, b: bigint, at: number): bigint {
    const truth = (value: boolean) => (value ? 1n : 0n);
    switch (operator) {
      case '+':
        return wrap(a + b);
      case '-':
        return wrap(a - b);
      case '*':
        return wrap(a * b);
      case '/':
      case '%':
        if (b === 0n) {
          if (this.#skipping) return 0n;
          this.#fail('division by 0', at);
        }
        return wrap(operator === '/' ? a / b : a % b);
      case '**': {
        if (b < 0n) {
          if (this.#skipping) return 0n;
          this.#fail('exponent less than 0', at);
        }
        let result = 1n;
        for (let base = a, e = b; e > 0n; e >>= 1n, base = wrap(base * base)) if (e & 1n) result = wrap(result * base);
        return result;
      }
      case '<<':
        return wrap(a << (b & 63n));
      case '>>':
        return wrap(a >> (b & 63n));
      case '<':
        return truth(a < b);
      case '>':
        return truth(a > b);
      case '<=':
        return truth(a <= b);
      case '>=':
        return truth(a >= b);
      case '==':
        return truth(a === b);
      case '!=':
        return truth(a !== b);
      case '&':
        return a & b;
      case '^':
        return a ^ b;
      default:
        return a | b;
    }
  }

  #unary(): Value {
    if (++this.#nesting > maxDepth) this.#fail('expression recursion level exceeded');
    const value = this.#unaryInner();
    this.#nesting--;
    return value;
  }

  #unaryInner(): Value {
    const operator = this.#accept('!', '~', '+', '-', '++', '--');
    if (!operator) return this.#postfix();
    const operand = this.#unary();
    switch (operator) {
      case '!':
        return { value: operand.value === 0n ? 1n : 0n };
      case '~':
        return { value: ~operand.value };
      case '-':
        return { value: wrap(-operand.value) };
      case '+':
        return { value: operand.value };
      default: {
        if (operand.name === undefined) return { value: operand.value };
        const value = wrap(operand.value + (operator === '++' ? 1n : -1n));
        this.#store(operand, value);
        return { value };
      }
    }
  }

  #postfix(): Value {
    const value = this.#primary();
    if (value.name === undefined) return value;
    const operator = this.#accept('++', '--');
    if (!operator) return value;
    this.#store(value, wrap(value.value + (operator === '++' ? 1n : -1n)));
    return { value: value.value };
  }

  #primary(): Value {
    const token = this.#peek();
    if (this.#accept('(')) {
      const value = this.#comma();
      if (!this.#accept(')')) this.#fail("missing `)'");
      return { value: value.value };
    }
    if (token.kind === 'number') {
      this.#at++;
      return { value: this.#number(token) };
    }
    if (token.kind === 'name') {
      this.#at++;
      return { value: this.#variable(token), name: token.text, index: token.index };
    }
    return this.#fail('syntax error: operand expected', token.kind === 'end' ? this.#lastAt() : token.at);
  }

  /** Where the token read last begins: bash names it in messages. */
  #lastAt(): number {
    return this.#tokens[this.#at - 1]?.at ?? 0;
  }

  #number(token: Token): bigint {
    const { text } = token;
    if (/^0[xX][0-9a-fA-F]*$/.test(text)) return wrap(BigInt(text.length > 2 ? text : '0'));
    const based = /^(\d+)#(\w+|[\w@]+)$/.exec(text);
    if (based) {
      const base = Number(based[1]);
      if (base < 2 || base > 64) this.#fail('invalid arithmetic base', token.at);
      let value = 0n;
      for (const c of based[2]!) {
        const digit = digitValue(c, base);
        if (digit >= base) this.#fail('value too great for base', token.at);
        value = value * BigInt(base) + BigInt(digit);
      }
      return wrap(value);
    }
    if (/^\d+$/.test(text)) {
      if (text.length > 1 && text[0] === '0') {
        if (/[89]/.test(text)) this.#fail('value too great for base', token.at);
        return wrap(BigInt('0o' + text.slice(1)));
      }
      return wrap(BigInt(text));
    }
    return this.#fail(
      /^\d+[A-Za-z_]/.test(text) ? 'value too great for base' : 'syntax error: invalid arithmetic operator',
      token.at,
    );
  }

  #variable(token: Token): bigint {
    if (this.#skipping) return 0n;
    const text = this.#variables.get(token.text, token.index);
    if (text === undefined || text.trim() === '') return 0n;
    if (/^\s*-?(0|[1-9]\d{0,17})\s*$/.test(text)) return BigInt(text.trim());
    return evaluateArithmetic(text, this.#variables, this.#depth + 1);
  }
}

function digitValue(c: string, base: number): number {
  if (c >= '0' && c <= '9') return Number(c);
  if (c >= 'a' && c <= 'z') return c.charCodeAt(0) - 87;
  if (c >= 'A' && c <= 'Z') return c.charCodeAt(0) - (base <= 36 ? 55 : 29);
  return c === '@' ? 62 : 63;
}

function wrap(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}
