import { AwkSyntaxError, tokenize, type Token } from './lexer.ts';
import type { AwkFunction, AwkProgram, Expression, Rule, Statement } from './syntax.ts';

/** @throws AwkSyntaxError */
export function parseAwk(source: string): AwkProgram {
  return new AwkParser(source).program();
}

class AwkParser {
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;
  /** Inside the parentheses-free arguments of print: `>` redirects. */
  #noGreater = false;
  #noIn = false;

  constructor(source: string) {
    this.#tokens = tokenize(source);
  }

  program(): AwkProgram {
    const program: AwkProgram = { rules: [], functions: new Map() };
    this.#newlines(true);
    while (this.#peek().kind !== 'end') {
      if (this.#is('function') || this.#is('func')) {
        const f = this.#function();
        program.functions.set(f.name, f);
      } else program.rules.push(this.#rule());
      this.#newlines(true);
    }
    return program;
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #is(text: string): boolean {
    const token = this.#peek();
    return token.text === text && (token.kind === 'operator' || token.kind === 'keyword');
  }

  #accept(text: string): boolean {
    if (!this.#is(text)) return false;
    this.#at++;
    return true;
  }

  #expect(text: string): void {
    if (!this.#accept(text)) this.#fail();
  }

  #fail(): never {
    const token = this.#peek();
    const near =
      token.kind === 'end'
        ? 'unexpected end of file'
        : token.kind === 'newline'
          ? 'unexpected newline'
          : `near ${token.text}`;
    throw new AwkSyntaxError(
      `line ${token.line}: syntax error at or ${near === `near ${token.text}` ? near : `near ${near.replace('unexpected ', '')}`}`,
    );
  }

  #newlines(semicolons = false): void {
    while (this.#peek().kind === 'newline' || (semicolons && this.#is(';'))) this.#at++;
  }

  #name(): string {
    const token = this.#peek();
    if (token.kind !== 'name' && token.kind !== 'function') this.#fail();
    this.#at++;
    return token.text;
  }

  #function(): AwkFunction {
    this.#at++;
    const name = this.#name();
    this.#expect('(');
    const parameters: string[] = [];
    while (!this.#is(')')) {
      parameters.push(this.#name());
      if (!this.#accept(',')) break;
      this.#newlines();
    }
    this.#expect(')');
    this.#newlines();
    return { name, parameters, body: this.#block() };
  }

  #rule(): Rule {
    if (this.#accept('BEGIN')) return { kind: 'begin', pattern: undefined, to: undefined, action: this.#block() };
    if (this.#accept('END')) return { kind: 'end', pattern: undefined, to: undefined, action: this.#block() };
    let pattern: Expression | undefined;
    let to: Expression | undefined;
    if (!this.#is('{')) {
      pattern = this.#expression();
      if (this.#accept(',')) {
        this.#newlines();
        to = this.#expression();
      }
    }
    return { kind: 'main', pattern, to, action: this.#is('{') ? this.#block() : undefined };
  }

  #block(): Statement {
    this.#expect('{');
    const body: Statement[] = [];
    this.#newlines(true);
    while (!this.#is('}')) {
      body.push(this.#statement());
      this.#newlines(true);
    }
    this.#at++;
    return { type: 'block', body };
  }

  #endOfStatement(): void {
    const token = this.#peek();
    if (token.kind === 'newline' || this.#is(';')) this.#at++;
    else if (!this.#is('}') && token.kind !== 'end') this.#fail();
  }

  #body(): Statement {
    this.#newlines();
    if (this.#accept(';')) return { type: 'block', body: [] };
    return this.#statement();
  }

  #statement(): Statement {
    if (++this.#depth > 200) throw new AwkSyntaxError('program is nested too deep');
    try {
      return this.#statementInner();
    } finally {
      this.#depth--;
    }
  }

  #statementInner(): Statement {
    if (this.#is('{')) return this.#block();
    if (this.#accept('if')) {
      this.#expect('(');
      const test = this.#expression();
      this.#expect(')');
      const yes = this.#body();
      const mark = this.#at;
      this.#newlines(true);
      if (this.#accept('else')) return { type: 'if', test, yes, no: this.#body() };
      this.#at = mark;
      return { type: 'if', test, yes, no: undefined };
    }
    if (this.#accept('while')) {
      this.#expect('(');
      const test = this.#expression();
      this.#expect(')');
      return { type: 'while', test, body: this.#body() };
    }
    if (this.#accept('do')) {
      const body = this.#body();
      this.#newlines(true);
      this.#expect('while');
      this.#expect('(');
      const test = this.#expression();
      this.#expect(')');
      this.#endOfStatement();
      return { type: 'do', test, body };
    }
    if (this.#accept('for')) return this.#for();
    const statement = this.#simple();
    this.#endOfStatement();
    return statement;
  }

  #for(): Statement {
    this.#expect('(');
    const [a, b, c, d] = this.#tokens.slice(this.#at, this.#at + 4);
    if (a?.kind === 'name' && b?.text === 'in' && (c?.kind === 'name' || c?.kind === 'function') && d?.text === ')') {
      this.#at += 4;
      return { type: 'forIn', variable: a.text, array: c.text, body: this.#body() };
    }
    const init = this.#is(';') ? undefined : this.#simple();
    this.#expect(';');
    this.#newlines();
    const test = this.#is(';') ? undefined : this.#expression();
    this.#expect(';');
    this.#newlines();
    const update = this.#is(')') ? undefined : this.#simple();
    this.#expect(')');
    return { type: 'for', init, test, update, body: this.#body() };
  }

  #simple(): Statement {
    const token = this.#peek();
    const atEnd = () => this.#peek().kind === 'newline' || this.#is(';') || this.#is('}');
    if (token.kind === 'keyword')
      switch (token.text) {
        case 'break':
        case 'continue':
        case 'next':
        case 'nextfile':
          this.#at++;
          return { type: token.text };
        case 'exit':
          this.#at++;
          return { type: 'exit', status: atEnd() ? undefined : this.#expression() };
        case 'return':
          this.#at++;
          return { type: 'return', value: atEnd() ? undefined : this.#expression() };
        case 'delete': {
          this.#at++;
          const name = this.#name();
          return { type: 'delete', name, keys: this.#accept('[') ? this.#list(']') : undefined };
        }
        case 'print':
        case 'printf':
          this.#at++;
          return this.#print(token.text === 'printf');
      }
    return { type: 'expression', value: this.#expression() };
  }

  #print(formatted: boolean): Statement {
    this.#noGreater = true;
    let args: Expression[] = [];
    const atEnd = () => this.#peek().kind === 'newline' || [';', '}', '>', '>>', '|'].some((t) => this.#is(t));
    if (!atEnd()) {
      args = this.#expressions();
      const [only] = args;
      if (args.length === 1 && only!.type === 'group') args = only.items;
    }
    this.#noGreater = false;
    let redirect: { operator: string; target: Expression } | undefined;
    for (const operator of ['>', '>>', '|'])
      if (this.#accept(operator)) redirect = { operator, target: this.#concatenation(true) };
    return { type: 'print', args, formatted, redirect };
  }

  #expressions(): Expression[] {
    const items = [this.#expression()];
    while (this.#accept(',')) {
      this.#newlines();
      items.push(this.#expression());
    }
    return items;
  }

  #list(close: string): Expression[] {
    const [greater, noIn] = [this.#noGreater, this.#noIn];
    this.#noGreater = this.#noIn = false;
    const items: Expression[] = [];
    this.#newlines();
    if (!this.#is(close)) items.push(...this.#expressions());
    this.#newlines();
    this.#expect(close);
    this.#noGreater = greater;
    this.#noIn = noIn;
    return items;
  }

  #expression(): Expression {
    if (++this.#depth > 200) throw new AwkSyntaxError('expression is nested too deep');
    const left = this.#ternary();
    const token = this.#peek();
    let result = left;
    if (token.kind === 'operator' && /^([-+*/%^]?=)$/.test(token.text) && isTarget(left)) {
      this.#at++;
      this.#newlines();
      result = { type: 'assign', operator: token.text, target: left, value: this.#expression() };
    }
    this.#depth--;
    return result;
  }

  #ternary(): Expression {
    const test = this.#or();
    if (!this.#accept('?')) return test;
    this.#newlines();
    const yes = this.#expression();
    this.#newlines();
    this.#expect(':');
    this.#newlines();
    return { type: 'conditional', test, yes, no: this.#expression() };
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#accept('||')) {
      this.#newlines();
      left = { type: 'binary', operator: '||', left, right: this.#and() };
    }
    return left;
  }

  #and(): Expression {
    let left = this.#in();
    while (this.#accept('&&')) {
      this.#newlines();
      left = { type: 'binary', operator: '&&', left, right: this.#in() };
    }
    return left;
  }

  #in(): Expression {
    let left = this.#matching();
    while (!this.#noIn && this.#accept('in'))
      left = { type: 'in', keys: left.type === 'group' ? left.items : [left], name: this.#name() };
    return left;
  }

  #matching(): Expression {
    let left = this.#comparison();
    for (;;) {
      if (this.#accept('~')) left = { type: 'match', negated: false, left, right: this.#comparison() };
      else if (this.#accept('!~')) left = { type: 'match', negated: true, left, right: this.#comparison() };
      else return left;
    }
  }

  #comparison(): Expression {
    let left = this.#concatenation();
    for (;;) {
      const operator = ['<', '<=', '==', '!=', '>=', '>'].find((o) => this.#is(o) && !(o === '>' && this.#noGreater));
      if (operator) {
        this.#at++;
        left = { type: 'binary', operator, left, right: this.#concatenation() };
      } else if (this.#is('|') && this.#tokens[this.#at + 1]?.text === 'getline') {
        this.#at += 2;
        left = { type: 'getline', target: this.#getlineTarget(), file: undefined, command: left };
      } else return left;
    }
  }

  #startsOperand(): boolean {
    const token = this.#peek();
    if (['number', 'string', 'name', 'function', 'builtin', 'regex'].includes(token.kind)) return true;
    if (token.kind === 'operator') return ['$', '!', '(', '-', '+', '++', '--'].includes(token.text);
    return false;
  }

  #concatenation(noAdditive = false): Expression {
    let left = this.#additive();
    while (!noAdditive && this.#startsOperand() && !this.#is('+') && !this.#is('-')) {
      if (this.#is('in')) break;
      left = { type: 'binary', operator: ' ', left, right: this.#additive() };
    }
    return left;
  }

  #additive(): Expression {
    let left = this.#multiplicative();
    for (;;) {
      const operator = ['+', '-'].find((o) => this.#is(o));
      if (!operator) return left;
      this.#at++;
      left = { type: 'binary', operator, left, right: this.#multiplicative() };
    }
  }

  #multiplicative(): Expression {
    let left = this.#unary();
    for (;;) {
      const operator = ['*', '/', '%'].find((o) => this.#is(o));
      if (!operator) return left;
      this.#at++;
      left = { type: 'binary', operator, left, right: this.#unary() };
    }
  }

  #unary(): Expression {
    for (const operator of ['!', '-', '+'])
      if (this.#is(operator)) {
        if (++this.#depth > 200) throw new AwkSyntaxError('expression is nested too deep');
        this.#at++;
        const operand = this.#unary();
        this.#depth--;
        return { type: 'unary', operator, operand };
      }
    return this.#power();
  }

  #power(): Expression {
    const base = this.#postfix();
    if (!this.#accept('^')) return base;
    return { type: 'binary', operator: '^', left: base, right: this.#unary() };
  }

  #postfix(): Expression {
    const operand = this.#primary();
    if (isTarget(operand)) {
      if (this.#accept('++')) return { type: 'step', operator: '++', prefix: false, target: operand };
      if (this.#accept('--')) return { type: 'step', operator: '--', prefix: false, target: operand };
    }
    return operand;
  }

  #getlineTarget(): Expression | undefined {
    const token = this.#peek();
    return token.kind === 'name' || this.#is('$') ? this.#primary() : undefined;
  }

  #primary(): Expression {
    const token = this.#peek();
    this.#at++;
    switch (token.kind) {
      case 'number':
        return { type: 'number', value: Number(token.text) };
      case 'string':
        return { type: 'string', value: token.text };
      case 'regex':
        return { type: 'regex', source: token.text };
      case 'function':
        this.#expect('(');
        return { type: 'call', name: token.text, args: this.#list(')') };
      case 'builtin':
        if (this.#accept('(')) return { type: 'call', name: token.text, args: this.#list(')') };
        if (token.text !== 'length') this.#fail();
        return { type: 'call', name: 'length', args: [] };
      case 'name':
        if (this.#accept('[')) return { type: 'index', name: token.text, keys: this.#list(']') };
        return { type: 'variable', name: token.text };
      case 'keyword':
        if (token.text === 'getline') {
          const target = this.#getlineTarget();
          const file = this.#accept('<') ? this.#primary() : undefined;
          return { type: 'getline', target, file, command: undefined };
        }
        break;
      case 'operator':
        if (token.text === '(') {
          const items = this.#listAfterOpen();
          return items.length === 1 ? { type: 'group', items } : { type: 'group', items };
        }
        if (token.text === '$') {
          if (this.#is('++') || this.#is('--') || this.#is('-') || this.#is('!'))
            return { type: 'field', index: this.#unaryStep() };
          return { type: 'field', index: this.#primary() };
        }
        if (token.text === '++' || token.text === '--') {
          const target = this.#primary();
          if (!isTarget(target)) this.#fail();
          return { type: 'step', operator: token.text, prefix: true, target };
        }
        break;
      default:
        break;
    }
    this.#at--;
    return this.#fail();
  }

  #unaryStep(): Expression {
    return this.#is('++') || this.#is('--') ? this.#primary() : this.#unary();
  }

  #listAfterOpen(): Expression[] {
    const items = this.#list(')');
    if (items.length === 0) this.#fail();
    return items;
  }
}

function isTarget(e: Expression): boolean {
  return e.type === 'variable' || e.type === 'index' || e.type === 'field';
}
