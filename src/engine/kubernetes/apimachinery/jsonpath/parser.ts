import { JsonPathError, type Node, type Param } from './ast.ts';

/**
 * Parses a template such as `{range .items[*]}{.metadata.name}{"\n"}{end}`.
 * @throws JsonPathError in kubectl's words
 */
export function parseJsonPath(text: string): Node[] {
  return new Parser(text).parse();
}

const wordEnd = /[\s.,[\]{}$@"'()\\/#=<>!~|&*?:+^%`;-]/;

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): Node[] {
    const nodes: Node[] = [];
    while (this.#at < this.#text.length) {
      const open = this.#text.indexOf('{', this.#at);
      const plain = this.#text.slice(this.#at, open < 0 ? undefined : open);
      if (plain !== '') nodes.push({ type: 'text', text: plain });
      if (open < 0) break;
      this.#at = open + 1;
      nodes.push(this.#action());
    }
    return nodes;
  }

  /** The inside of braces. */
  #action(): Node {
    const nodes: Node[] = [];
    for (;;) {
      const c = this.#text[this.#at];
      if (c === undefined || c === '\n') throw new JsonPathError('unclosed action');
      if (c === '}') {
        this.#at++;
        return { type: 'list', nodes };
      }
      if (c === ' ' || c === '\t' || c === '\r') this.#at++;
      else this.#item(c, nodes);
    }
  }

  #item(c: string, nodes: Node[]): void {
    if (c === '@' || c === '$') {
      // The object itself.
      nodes.push({ type: 'list', nodes: [] });
      this.#at++;
    } else if (c === '[') this.#array(nodes);
    else if (c === '"' || c === "'") nodes.push({ type: 'text', text: this.#quoted(c) });
    else if (c === '.') this.#field(nodes);
    else if (c === '+' || c === '-' || /\d/.test(c)) this.#number(nodes);
    else if (/[\p{L}\p{N}_]/u.test(c)) this.#identifier(nodes);
    else {
      const code = c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0');
      throw new JsonPathError(`unrecognized character in action: U+${code} '${c}'`);
    }
  }

  #quoted(quote: string): string {
    const start = this.#at + 1;
    let i = start;
    for (; i < this.#text.length && this.#text[i] !== quote && this.#text[i] !== '\n'; i++)
      if (this.#text[i] === '\\') i++;
    if (this.#text[i] !== quote) throw new JsonPathError('unterminated quoted string');
    this.#at = i + 1;
    return unescape(this.#text.slice(start, i));
  }

  #field(nodes: Node[]): void {
    this.#at++;
    if (this.#text[this.#at] === '.') {
      nodes.push({ type: 'recursive' });
      this.#at++;
      const c = this.#text[this.#at];
      if (c !== undefined && !/[\s[\]{}@$.]/.test(c)) {
        this.#at--;
        this.#fieldName(nodes, this.#at + 1);
      }
      return;
    }
    this.#fieldName(nodes, this.#at);
  }

  #fieldName(nodes: Node[], start: number): void {
    let i = start;
    let name = '';
    for (; i < this.#text.length; i++) {
      const c = this.#text[i]!;
      if (c === '\\') {
        i++;
        name += this.#text[i] ?? '';
        continue;
      }
      if (isTerminator(c)) break;
      name += c;
    }
    this.#at = i;
    nodes.push(name === '*' ? { type: 'wildcard' } : { type: 'field', name });
  }

  #number(nodes: Node[]): void {
    const start = this.#at;
    if (/[+-]/.test(this.#text[this.#at]!)) this.#at++;
    while (/[\w.]/.test(this.#text[this.#at] ?? '')) this.#at++;
    const text = this.#text.slice(start, this.#at);
    if (/^[+-]?\d+$/.test(text)) nodes.push({ type: 'int', value: Number(text) });
    else if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text))
      nodes.push({ type: 'float', value: Number(text), text });
    else throw new JsonPathError(`cannot parse number ${text}`);
  }

  #identifier(nodes: Node[]): void {
    const start = this.#at;
    while (this.#at < this.#text.length && !wordEnd.test(this.#text[this.#at]!)) this.#at++;
    const name = this.#text.slice(start, this.#at);
    if (name === 'true' || name === 'false') nodes.push({ type: 'bool', value: name === 'true' });
    else nodes.push({ type: 'identifier', name });
  }

  #array(nodes: Node[]): void {
    if (this.#text[this.#at + 1] === '?' && this.#text[this.#at + 2] === '(') return this.#filter(nodes);
    let i = this.#at + 1;
    let quote: string | undefined;
    for (; ; i++) {
      const c = this.#text[i];
      if (c === undefined || c === '\n') throw new JsonPathError('unterminated array');
      if (quote !== undefined) {
        if (c === quote) quote = undefined;
      } else if (c === "'") quote = c;
      else if (c === ']') break;
    }
    const inside = this.#text.slice(this.#at + 1, i);
    this.#at = i + 1;
    nodes.push(arrayNode(inside));
  }

  #filter(nodes: Node[]): void {
    const start = this.#at + 3;
    let i = start;
    let quote: string | undefined;
    let depth = 1;
    for (; ; i++) {
      const c = this.#text[i];
      if (c === undefined || c === '\n') throw new JsonPathError('unterminated filter');
      if (quote !== undefined) {
        if (c === '\\') i++;
        else if (c === quote) quote = undefined;
      } else if (c === '"' || c === "'") quote = c;
      else if (c === '(') depth++;
      else if (c === ')' && --depth === 0) break;
    }
    if (this.#text[i + 1] !== ']') throw new JsonPathError('unclosed array expect ]');
    const text = this.#text.slice(start, i);
    this.#at = i + 2;
    nodes.push(filterNode(text));
  }
}

function isTerminator(c: string): boolean {
  return /[\s.,[\]$@{}]/.test(c);
}

/** Go's UnquoteExtend: the usual escapes. */
function unescape(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/g, (whole, code: string) => {
    if (code.length > 1) return String.fromCodePoint(parseInt(code.slice(1), 16));
    const known: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' };
    return known[code] ?? ('\\"\''.includes(code) ? code : whole);
  });
}

/** What stands between `[` and `]`. */
function arrayNode(inside: string): Node {
  const quotedKey = /^\s*'([^']*)'\s*$/.exec(inside);
  if (quotedKey) return { type: 'field', name: quotedKey[1]! };
  if (inside.trim() === '*') return { type: 'array', params: [unknown(), unknown(), unknown()] };
  const parts = splitUnion(inside);
  if (parts.length > 1)
    return { type: 'union', nodes: parts.map((part) => ({ type: 'list', nodes: [arrayNode(part)] })) };
  const match = /^\s*(-?\d*)\s*(?::\s*(-?\d*)\s*)?(?::\s*(-?\d*)\s*)?$/.exec(inside);
  if (!match || match.slice(1).some((part) => part === '-')) throw new JsonPathError(`invalid array index ${inside}`);
  const [, from = '', to, step] = match;
  const params: [Param, Param, Param] = [param(from), param(to ?? ''), param(step ?? '')];
  if (to === undefined) {
    params[0] = { value: Number(from), known: true, derived: false };
    params[1] = { value: Number(from) + 1, known: true, derived: true };
  }
  return { type: 'array', params };
}

function splitUnion(inside: string): string[] {
  const parts: string[] = [''];
  let quote = false;
  for (const c of inside) {
    if (c === "'") quote = !quote;
    if (c === ',' && !quote) parts.push('');
    else parts[parts.length - 1] += c;
  }
  return parts;
}

function unknown(): Param {
  return { value: 0, known: false, derived: false };
}

function param(text: string): Param {
  return text === '' ? unknown() : { value: Number(text), known: true, derived: false };
}

function filterNode(text: string): Node {
  const match = /^([^!<>=]+)([!<>=]+)(.+?)$/.exec(text);
  const list = (part: string): Node => ({ type: 'list', nodes: actionNodes(part) });
  if (!match) return { type: 'filter', left: list(text), operator: 'exists', right: undefined };
  return { type: 'filter', left: list(match[1]!), operator: match[2]!, right: list(match[3]!) };
}

function actionNodes(text: string): Node[] {
  const [node] = parseJsonPath(`{${text}}`);
  return node?.type === 'list' ? node.nodes : [];
}
