import { syntaxError, tokenize, type Token } from './lexer.ts';
/** The syntax of jq 1.7: lexer and parser. */

export type Pattern =
  | { type: 'variable'; name: string }
  | { type: 'array'; items: Pattern[] }
  | { type: 'object'; entries: { key: Node | undefined; variable: string | undefined; value: Pattern | undefined }[] };

export interface Definition {
  name: string;
  parameters: string[];
  body: Node;
}

export type Node =
  | { type: 'identity' }
  | { type: 'recurse' }
  | { type: 'literal'; value: unknown }
  | { type: 'string'; format: string | undefined; parts: (string | Node)[] }
  | { type: 'format'; name: string }
  | { type: 'index'; target: Node; key: Node }
  | { type: 'slice'; target: Node; from: Node | undefined; to: Node | undefined }
  | { type: 'iterate'; target: Node }
  | { type: 'try'; body: Node; handler: Node | undefined }
  | { type: 'array'; body: Node | undefined }
  | { type: 'object'; entries: { key: Node; value: Node | undefined }[] }
  | { type: 'negate'; body: Node }
  | { type: 'pipe'; left: Node; right: Node }
  | { type: 'comma'; left: Node; right: Node }
  | { type: 'binary'; operator: string; left: Node; right: Node }
  | { type: 'update'; operator: string; target: Node; value: Node }
  | { type: 'if'; test: Node; yes: Node; no: Node | undefined }
  | { type: 'reduce'; source: Node; pattern: Pattern; initial: Node; update: Node }
  | { type: 'foreach'; source: Node; pattern: Pattern; initial: Node; update: Node; extract: Node | undefined }
  | { type: 'bind'; source: Node; patterns: Pattern[]; body: Node }
  | { type: 'variable'; name: string }
  | { type: 'call'; name: string; args: Node[] }
  | { type: 'define'; definition: Definition; body: Node }
  | { type: 'label'; name: string; body: Node }
  | { type: 'break'; name: string };

const nestingLimit = 256;

/** @throws JqSyntaxError */
export function parseJq(source: string): Node {
  return new JqParser(source).program();
}

class JqParser {
  readonly #source: string;
  readonly #tokens: Token[];
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
    this.#tokens = tokenize(source, parseJq);
  }

  program(): Node {
    if (this.#peek().kind === 'end') return { type: 'identity' };
    const node = this.#pipe();
    if (this.#peek().kind !== 'end') this.#fail();
    return node;
  }

  #fail(): never {
    const token = this.#peek();
    const name =
      token.kind === 'end' ? 'end of file' : token.kind === 'keyword' ? token.text : token.kind === 'operator' ? (token.text.length === 1 ? `'${token.text}'` : token.text) : token.kind === 'string' ? 'QQSTRING_START' : token.kind === 'number' ? 'LITERAL' : token.kind === 'field' ? 'FIELD' : token.kind === 'variable' ? "'$'" : token.kind === 'format' ? 'FORMAT' : 'IDENT'; // prettier-ignore
    throw syntaxError(this.#source, `syntax error, unexpected ${name}`);
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

  #nested<T>(parse: () => T): T {
    if (++this.#depth > nestingLimit) throw syntaxError(this.#source, 'program is nested too deep');
    try {
      return parse();
    } finally {
      this.#depth--;
    }
  }

  #pipe(): Node {
    return this.#nested(() => {
      if (this.#accept('def')) {
        const definition = this.#definition();
        return { type: 'define', definition, body: this.#peek().kind === 'end' ? { type: 'identity' } : this.#pipe() };
      }
      if (this.#accept('label')) {
        const name = this.#variable();
        this.#expect('|');
        return { type: 'label', name, body: this.#pipe() };
      }
      const left = this.#comma();
      if (this.#accept('as')) {
        const patterns = [this.#pattern()];
        while (this.#accept('?//')) patterns.push(this.#pattern());
        this.#expect('|');
        return { type: 'bind', source: left, patterns, body: this.#pipe() };
      }
      if (this.#accept('|')) return { type: 'pipe', left, right: this.#pipe() };
      return left;
    });
  }

  #definition(): Definition {
    const token = this.#peek();
    if (token.kind !== 'name' && token.kind !== 'keyword') this.#fail();
    this.#at++;
    const parameters: string[] = [];
    if (this.#accept('(')) {
      do {
        const parameter = this.#peek();
        if (parameter.kind !== 'name' && parameter.kind !== 'variable') this.#fail();
        parameters.push(parameter.text);
        this.#at++;
      } while (this.#accept(';'));
      this.#expect(')');
    }
    this.#expect(':');
    const body = this.#pipe();
    this.#expect(';');
    return { name: token.text, parameters, body };
  }

  #variable(): string {
    const token = this.#peek();
    if (token.kind !== 'variable') this.#fail();
    this.#at++;
    return token.text.slice(1);
  }

  #pattern(): Pattern {
    if (this.#peek().kind === 'variable') return { type: 'variable', name: this.#variable() };
    if (this.#accept('[')) {
      const items: Pattern[] = [];
      do items.push(this.#pattern());
      while (this.#accept(','));
      this.#expect(']');
      return { type: 'array', items };
    }
    this.#expect('{');
    const entries: { key: Node | undefined; variable: string | undefined; value: Pattern | undefined }[] = [];
    do {
      const token = this.#peek();
      let key: Node | undefined;
      let variable: string | undefined;
      if (token.kind === 'variable') {
        variable = this.#variable();
        key = { type: 'literal', value: variable };
      } else if (token.kind === 'name' || token.kind === 'keyword') {
        this.#at++;
        key = { type: 'literal', value: token.text };
      } else if (token.kind === 'string') key = this.#primary();
      else {
        this.#expect('(');
        key = this.#pipe();
        this.#expect(')');
      }
      entries.push({ key, variable, value: this.#accept(':') ? this.#pattern() : undefined });
    } while (this.#accept(','));
    this.#expect('}');
    return { type: 'object', entries };
  }

  #comma(): Node {
    let left = this.#alternative();
    while (this.#accept(',')) left = { type: 'comma', left, right: this.#alternative() };
    return left;
  }

  /** `//` and assignment, which bind alike closely but don't mix. */
  #alternative(): Node {
    return this.#nested(() => {
      const left = this.#or();
      if (this.#accept('//')) return { type: 'binary', operator: '//', left, right: this.#alternative() };
      const operator = ['=', '|=', '+=', '-=', '*=', '/=', '%=', '//='].find((o) => this.#is(o));
      if (!operator) return left;
      this.#at++;
      return { type: 'update', operator, target: left, value: this.#alternative() };
    });
  }

  #or(): Node {
    let left = this.#and();
    while (this.#accept('or')) left = { type: 'binary', operator: 'or', left, right: this.#and() };
    return left;
  }

  #and(): Node {
    let left = this.#comparison();
    while (this.#accept('and')) left = { type: 'binary', operator: 'and', left, right: this.#comparison() };
    return left;
  }

  #comparison(): Node {
    const left = this.#sum();
    const operator = ['==', '!=', '<=', '>=', '<', '>'].find((o) => this.#is(o));
    if (!operator) return left;
    this.#at++;
    return { type: 'binary', operator, left, right: this.#sum() };
  }

  #sum(): Node {
    let left = this.#product();
    for (;;) {
      const operator = ['+', '-'].find((o) => this.#is(o));
      if (!operator) return left;
      this.#at++;
      left = { type: 'binary', operator, left, right: this.#product() };
    }
  }

  #product(): Node {
    let left = this.#postfix();
    for (;;) {
      const operator = ['*', '/', '%'].find((o) => this.#is(o));
      if (!operator) return left;
      this.#at++;
      left = { type: 'binary', operator, left, right: this.#postfix() };
    }
  }

  #postfix(): Node {
    return this.#nested(() => {
      if (this.#accept('-')) return { type: 'negate', body: this.#postfix() };
      if (this.#accept('try')) {
        const body = this.#postfix();
        return { type: 'try', body, handler: this.#accept('catch') ? this.#postfix() : undefined };
      }
      let node = this.#primary();
      for (;;) {
        const token = this.#peek();
        if (token.kind === 'field') {
          this.#at++;
          node = { type: 'index', target: node, key: { type: 'literal', value: token.text.slice(1) } };
        } else if (
          this.#is('.') &&
          (this.#tokens[this.#at + 1]?.kind === 'string' || this.#tokens[this.#at + 1]?.text === '[')
        ) {
          this.#at++;
          if (this.#peek().kind === 'string') node = { type: 'index', target: node, key: this.#primary() };
        } else if (this.#is('[')) node = this.#suffix(node);
        else if (this.#accept('?')) node = { type: 'try', body: node, handler: undefined };
        else if (this.#is('as')) {
          this.#at++;
          const patterns = [this.#pattern()];
          while (this.#accept('?//')) patterns.push(this.#pattern());
          this.#expect('|');
          return { type: 'bind', source: node, patterns, body: this.#pipe() };
        } else return node;
      }
    });
  }

  #suffix(target: Node): Node {
    this.#expect('[');
    if (this.#accept(']')) return { type: 'iterate', target };
    if (this.#accept(':')) {
      const to = this.#pipe();
      this.#expect(']');
      return { type: 'slice', target, from: undefined, to };
    }
    const key = this.#pipe();
    if (this.#accept(':')) {
      const to = this.#is(']') ? undefined : this.#pipe();
      this.#expect(']');
      return { type: 'slice', target, from: key, to };
    }
    this.#expect(']');
    return { type: 'index', target, key };
  }

  #primary(): Node {
    const token = this.#peek();
    this.#at++;
    switch (token.kind) {
      case 'number':
        return { type: 'literal', value: Number(token.text) };
      case 'string':
        return this.#string(token, undefined);
      case 'format': {
        if (this.#peek().kind === 'string') {
          const string = this.#peek();
          this.#at++;
          return this.#string(string, token.text);
        }
        return { type: 'format', name: token.text };
      }
      case 'field':
        return { type: 'index', target: { type: 'identity' }, key: { type: 'literal', value: token.text.slice(1) } };
      case 'variable':
        return { type: 'variable', name: token.text.slice(1) };
      case 'name': {
        if (token.text === 'break') return { type: 'break', name: this.#variable() };
        const args: Node[] = [];
        if (this.#accept('(')) {
          do args.push(this.#pipe());
          while (this.#accept(';'));
          this.#expect(')');
        }
        return { type: 'call', name: token.text, args };
      }
      case 'keyword':
        return this.#keyword(token);
      case 'operator':
        return this.#operatorPrimary(token);
      default:
        this.#at--;
        return this.#fail();
    }
  }

  #string(token: Token, format: string | undefined): Node {
    const parts = token.parts!;
    if (parts.length === 1 && typeof parts[0] === 'string') return { type: 'literal', value: parts[0] };
    return { type: 'string', format, parts };
  }

  #keyword(token: Token): Node {
    if (token.text === 'if') return this.#if();
    if (token.text === 'reduce' || token.text === 'foreach') {
      const source = this.#postfixWithoutAs();
      this.#expect('as');
      const pattern = this.#pattern();
      this.#expect('(');
      const initial = this.#pipe();
      this.#expect(';');
      const update = this.#pipe();
      const extract = token.text === 'foreach' && this.#accept(';') ? this.#pipe() : undefined;
      this.#expect(')');
      if (token.text === 'reduce') return { type: 'reduce', source, pattern, initial, update };
      return { type: 'foreach', source, pattern, initial, update, extract };
    }
    if (token.text === 'def') {
      const definition = this.#definition();
      return { type: 'define', definition, body: this.#pipe() };
    }
    this.#at--;
    return this.#fail();
  }

  /** The source of reduce and foreach: `as` belongs to the keyword. */
  #postfixWithoutAs(): Node {
    let node = this.#primary();
    for (;;) {
      const token = this.#peek();
      if (token.kind === 'field') {
        this.#at++;
        node = { type: 'index', target: node, key: { type: 'literal', value: token.text.slice(1) } };
      } else if (this.#is('[')) node = this.#suffix(node);
      else if (this.#accept('?')) node = { type: 'try', body: node, handler: undefined };
      else return node;
    }
  }

  #if(): Node {
    const test = this.#pipe();
    this.#expect('then');
    const yes = this.#pipe();
    if (this.#accept('elif')) return { type: 'if', test, yes, no: this.#if() };
    const no = this.#accept('else') ? this.#pipe() : undefined;
    this.#expect('end');
    return { type: 'if', test, yes, no };
  }

  #operatorPrimary(token: Token): Node {
    switch (token.text) {
      case '..':
        return { type: 'recurse' };
      case '.':
        if (this.#peek().kind === 'string')
          return { type: 'index', target: { type: 'identity' }, key: this.#primary() };
        return { type: 'identity' };
      case '(': {
        const node = this.#pipe();
        this.#expect(')');
        return node;
      }
      case '[': {
        if (this.#accept(']')) return { type: 'array', body: undefined };
        const body = this.#pipe();
        this.#expect(']');
        return { type: 'array', body };
      }
      case '{':
        return this.#object();
      default:
        this.#at--;
        return this.#fail();
    }
  }

  #object(): Node {
    const entries: { key: Node; value: Node | undefined }[] = [];
    while (!this.#is('}')) {
      const token = this.#peek();
      let key: Node;
      if (token.kind === 'name' || token.kind === 'keyword') {
        this.#at++;
        key = { type: 'literal', value: token.text };
      } else if (token.kind === 'variable') {
        this.#at++;
        entries.push({
          key: { type: 'literal', value: token.text.slice(1) },
          value: { type: 'variable', name: token.text.slice(1) },
        });
        if (!this.#accept(',')) break;
        continue;
      } else if (token.kind === 'string' || token.kind === 'format') key = this.#primary();
      else if (token.kind === 'number') key = this.#primary();
      else {
        this.#expect('(');
        key = this.#pipe();
        this.#expect(')');
      }
      entries.push({ key, value: this.#accept(':') ? this.#objectValue() : undefined });
      if (!this.#accept(',')) break;
    }
    this.#expect('}');
    return { type: 'object', entries };
  }

  #objectValue(): Node {
    let left = this.#alternative();
    while (this.#accept('|')) left = { type: 'pipe', left, right: this.#alternative() };
    return left;
  }
}
