import type { Command, Node, Operand, Pipe } from './ast.ts';
import { printNode } from './ast.ts';
import { quote } from './format.ts';
import { describeToken, lex, type Token } from './lexer.ts';

/** A template that can't be parsed; the message is Go's. */
export class ParseError extends Error {
  override name = 'ParseError';
}

type Ender = { kind: 'end' | 'else'; position: number };

/**
 * Parses `source`; gives the trees of all templates in it by name (`define`, `block`), the main one under `name`.
 * `isFunction` says which identifiers are functions. @throws ParseError
 */
export function parse(name: string, source: string, isFunction: (name: string) => boolean): Map<string, Node[]> {
  const templates = new Map<string, Node[]>();
  const tokens = lex(source);
  let at = 0;
  let variables: string[] = ['$'];
  let rangeDepth = 0;
  let actionLine = 0;

  const next = (): Token => tokens[Math.min(at++, tokens.length - 1)]!;
  const peek = (): Token => tokens[Math.min(at, tokens.length - 1)]!;
  const backup = () => void at--;
  const nextNonSpace = (): Token => {
    let token = next();
    while (token.type === 'space') token = next();
    return token;
  };
  const peekNonSpace = (): Token => {
    const token = nextNonSpace();
    backup();
    return token;
  };
  const fail = (message: string, line = tokens[Math.max(0, Math.min(at, tokens.length) - 1)]!.line): never => {
    throw new ParseError(`template: ${name}:${line}: ${message}`);
  };
  const unexpected = (token: Token, context: string): never => {
    if (token.type === 'error') {
      let extra = '';
      if (actionLine !== 0 && actionLine !== token.line) {
        extra = ` in action started at ${name}:${actionLine}`;
        if (token.text.endsWith(' action')) extra = extra.slice(' in action'.length);
      }
      fail(token.text + extra, token.line);
    }
    return fail(`unexpected ${describeToken(token)} in ${context}`, token.line);
  };
  const expect = (type: Token['type'], context: string): Token => {
    const token = nextNonSpace();
    if (token.type !== type) unexpected(token, context);
    return token;
  };

  /** Top level: text, actions and definitions. */
  const main: Node[] = [];
  while (peek().type !== 'eof') {
    if (peek().type === 'leftDelim') {
      const start = at;
      next();
      const token = nextNonSpace();
      if (token.type === 'keyword' && token.text === 'define') {
        parseDefinition();
        continue;
      }
      at = start;
    }
    const node = textOrAction();
    if (node.kind === 'end' || node.kind === 'else') fail(`unexpected {{${node.kind}}}`);
    else main.push(node as Node);
  }
  const isEmpty = main.every((node) => node.kind === 'text' && node.text.trim() === '');
  if (!templates.has(name) || !isEmpty) templates.set(name, main);
  return templates;

  function parseDefinition(): void {
    const token = nextNonSpace();
    if (token.type !== 'string' && token.type !== 'rawString') unexpected(token, 'define clause');
    const definedName = unquote(token);
    expect('rightDelim', 'define clause');
    const saved = variables;
    variables = ['$'];
    const { nodes, ender } = itemList();
    if (ender.kind !== 'end') fail(`unexpected {{${ender.kind}}} in define clause`);
    variables = saved;
    addTemplate(definedName, nodes);
  }

  function addTemplate(definedName: string, nodes: Node[]): void {
    const isBlank = nodes.every((node) => node.kind === 'text' && node.text.trim() === '');
    if (templates.has(definedName) && isBlank) return;
    templates.set(definedName, nodes);
  }

  function itemList(): { nodes: Node[]; ender: Ender } {
    const nodes: Node[] = [];
    while (peekNonSpace().type !== 'eof') {
      const node = textOrAction();
      if (node.kind === 'end' || node.kind === 'else') return { nodes, ender: node };
      nodes.push(node as Node);
    }
    return fail('unexpected EOF');
  }

  function textOrAction(): Node | Ender {
    const token = nextNonSpace();
    switch (token.type) {
      case 'text':
        return { kind: 'text', position: token.position, text: token.text };
      case 'leftDelim': {
        actionLine = token.line;
        const node = action();
        actionLine = 0;
        return node;
      }
      default:
        return unexpected(token, 'input');
    }
  }

  function action(): Node | Ender {
    const token = nextNonSpace();
    if (token.type === 'keyword') {
      switch (token.text) {
        case 'block':
          return block(token);
        case 'break':
        case 'continue':
          expect('rightDelim', `{{${token.text}}}`);
          if (rangeDepth === 0) fail(`{{${token.text}}} outside {{range}}`);
          return { kind: token.text, position: token.position };
        case 'else': {
          // `{{else if}}` and `{{else with}}` leave their keyword for the branch to see.
          const follower = peekNonSpace();
          if (follower.type === 'keyword' && (follower.text === 'if' || follower.text === 'with'))
            return { kind: 'else', position: token.position };
          expect('rightDelim', 'else');
          return { kind: 'else', position: token.position };
        }
        case 'end':
          expect('rightDelim', 'end');
          return { kind: 'end', position: token.position };
        case 'if':
        case 'range':
        case 'with':
          return branch(token.text, token.position);
        case 'template':
          return templateCall();
      }
    }
    backup();
    const position = peekNonSpace().position;
    return { kind: 'action', position, pipe: pipeline('command', 'rightDelim') };
  }

  function block(token: Token): Node {
    const nameToken = nextNonSpace();
    if (nameToken.type !== 'string' && nameToken.type !== 'rawString') unexpected(nameToken, 'block clause');
    const blockName = unquote(nameToken);
    const pipe = pipeline('block clause', 'rightDelim');
    const saved = variables;
    variables = ['$'];
    const { nodes, ender } = itemList();
    if (ender.kind !== 'end') fail(`unexpected {{${ender.kind}}} in block clause`);
    variables = saved;
    addTemplate(blockName, nodes);
    return { kind: 'template', position: token.position, name: blockName, pipe };
  }

  function templateCall(): Node {
    const nameToken = nextNonSpace();
    if (nameToken.type !== 'string' && nameToken.type !== 'rawString') unexpected(nameToken, 'template clause');
    const calledName = unquote(nameToken);
    let pipe: Pipe | undefined;
    if (nextNonSpace().type !== 'rightDelim') {
      backup();
      pipe = pipeline('template clause', 'rightDelim');
    }
    return { kind: 'template', position: nameToken.position, name: calledName, pipe };
  }

  function branch(kind: 'if' | 'range' | 'with', position: number): Node {
    const scope = variables.length;
    const pipe = pipeline(kind, 'rightDelim');
    if (kind === 'range') rangeDepth++;
    const { nodes: body, ender } = itemList();
    if (kind === 'range') rangeDepth--;
    let otherwise: Node[] | undefined;
    if (ender.kind === 'else') {
      const follower = peekNonSpace();
      if (follower.type === 'keyword' && follower.text === kind && kind !== 'range') {
        nextNonSpace();
        otherwise = [branch(kind, follower.position)];
      } else {
        if (follower.type === 'keyword') unexpected(follower, 'else');
        const rest = itemList();
        if (rest.ender.kind !== 'end') fail(`expected end; found {{${rest.ender.kind}}}`);
        otherwise = rest.nodes;
      }
    }
    variables = variables.slice(0, scope);
    return { kind, position, pipe, body, otherwise };
  }

  function pipeline(context: string, end: 'rightDelim' | 'rightParen'): Pipe {
    const pipe: Pipe = {
      kind: 'pipe',
      position: peekNonSpace().position,
      variables: [],
      assigns: false,
      commands: [],
    };
    declarations(pipe, context);
    for (;;) {
      const token = nextNonSpace();
      switch (token.type) {
        case end:
          checkPipeline(pipe, context);
          return pipe;
        case 'bool':
        case 'char':
        case 'dot':
        case 'field':
        case 'identifier':
        case 'number':
        case 'nil':
        case 'rawString':
        case 'string':
        case 'variable':
        case 'leftParen':
          backup();
          pipe.commands.push(command());
          break;
        default:
          unexpected(token, context);
      }
    }
  }

  /** `$x :=`, `$i, $x :=` (range only) and `$x =` at the start of a pipeline. */
  function declarations(pipe: Pipe, context: string): void {
    for (;;) {
      const start = at;
      const variable = peekNonSpace();
      if (variable.type !== 'variable') return;
      nextNonSpace();
      const token = nextNonSpace();
      if (token.type === 'assign' || token.type === 'declare') {
        pipe.assigns = token.type === 'assign';
        if (pipe.assigns && !variables.includes(variable.text)) fail(`undefined variable ${quote(variable.text)}`);
        pipe.variables.push(variable.text);
        if (!pipe.assigns) variables.push(variable.text);
        return;
      }
      if (token.type === 'comma') {
        pipe.variables.push(variable.text);
        variables.push(variable.text);
        if (context === 'range' && pipe.variables.length < 2) {
          const follower = peekNonSpace().type;
          if (follower === 'variable' || follower === 'rightDelim' || follower === 'rightParen') continue;
          fail('range can only initialize variables');
        }
        fail(`too many declarations in ${context}`);
      }
      at = start;
      return;
    }
  }

  function checkPipeline(pipe: Pipe, context: string): void {
    if (pipe.commands.length === 0) fail(`missing value for ${context}`);
    pipe.commands.slice(1).forEach((c, i) => {
      const kind = c.operands[0]!.kind;
      if (kind === 'bool' || kind === 'dot' || kind === 'nil' || kind === 'number' || kind === 'string')
        fail(`non executable command in pipeline stage ${i + 2}`);
    });
  }

  function command(): Command {
    const result: Command = { kind: 'command', position: peekNonSpace().position, operands: [] };
    for (;;) {
      peekNonSpace();
      while (peek().type === 'space') next();
      const operand = parseOperand();
      if (operand) result.operands.push(operand);
      const token = next();
      if (token.type === 'space') continue;
      if (token.type === 'rightDelim' || token.type === 'rightParen') backup();
      else if (token.type !== 'pipe') unexpected(token, 'operand');
      break;
    }
    if (result.operands.length === 0) fail('empty command');
    return result;
  }

  function parseOperand(): Operand | undefined {
    const node = term();
    if (!node) return undefined;
    if (peek().type !== 'field') return node;
    const position = peek().position;
    const names: string[] = [];
    while (peek().type === 'field') names.push(next().text.slice(1));
    switch (node.kind) {
      case 'field':
      case 'variable':
        return { kind: node.kind, position, names: [...node.names, ...names] };
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        return fail(`unexpected . after term ${quote(printNode(node))}`);
      default:
        return { kind: 'chain', position, operand: node, names };
    }
  }

  function term(): Operand | undefined {
    const token = nextNonSpace();
    const { position, text } = token;
    switch (token.type) {
      case 'identifier':
        if (!isFunction(text)) fail(`function ${quote(text)} not defined`, token.line);
        return { kind: 'identifier', position, name: text };
      case 'dot':
        return { kind: 'dot', position };
      case 'nil':
        return { kind: 'nil', position };
      case 'variable':
        if (!variables.includes(text)) fail(`undefined variable ${quote(text)}`, token.line);
        return { kind: 'variable', position, names: [text] };
      case 'field':
        return { kind: 'field', position, names: [text.slice(1)] };
      case 'bool':
        return { kind: 'bool', position, value: text === 'true' };
      case 'char':
      case 'number':
        return { kind: 'number', position, text, value: parseNumber(token) };
      case 'string':
      case 'rawString':
        return { kind: 'string', position, text, value: unquote(token) };
      case 'leftParen':
        return pipeline('parenthesized pipeline', 'rightParen');
      default:
        backup();
        return undefined;
    }
  }

  function parseNumber(token: Token): bigint | number {
    if (token.type === 'char') {
      const chars = [...unescape(token.text.slice(1, -1), token)];
      if (chars.length !== 1) fail(`malformed character constant: ${token.text}`);
      return BigInt(chars[0]!.codePointAt(0)!);
    }
    const text = token.text.replaceAll('_', '');
    const negative = text.startsWith('-');
    const digits = text.replace(/^[+-]/, '');
    if (/^(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|[0-9]+)$/.test(digits)) {
      const octal = /^0[0-7]+$/.test(digits) ? '0o' + digits.slice(1) : digits;
      const value = BigInt(octal.toLowerCase());
      return negative ? -value : value;
    }
    const value = Number(text);
    if (digits === '' || Number.isNaN(value)) fail(`bad number syntax: ${quote(token.text)}`);
    // A constant such as 1e3 serves as an int as well.
    return Number.isInteger(value) && Math.abs(value) <= Number.MAX_SAFE_INTEGER && !digits.includes('.')
      ? BigInt(value)
      : value;
  }

  function unquote(token: Token): string {
    if (token.type === 'rawString') return token.text.slice(1, -1);
    return unescape(token.text.slice(1, -1), token);
  }

  function unescape(body: string, token: Token): string {
    return body.replace(
      /\\(?:([abfnrtv\\'"])|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.?))/gs,
      (_match, simple?: string, x?: string, u?: string, long?: string, octal?: string) => {
        if (simple !== undefined)
          return { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }[simple] ?? simple;
        const code = x ?? u ?? long;
        if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
        if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8));
        return fail('invalid syntax', token.line);
      },
    );
  }
}
