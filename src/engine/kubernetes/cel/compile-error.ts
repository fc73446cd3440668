import { celJs } from './cel-js.ts';

/** What cel-js finds wrong with an expression, in cel-go's words and with cel-go's place. */

export interface Located {
  readonly code?: string;
  readonly summary?: string;
  readonly message: string;
  readonly range?: { readonly start: number };
  readonly node?: Node;
}

interface Node {
  readonly op?: string;
  readonly start?: number;
  readonly end?: number;
  readonly args?: unknown;
  readonly argTypes?: readonly unknown[];
  readonly candidates?: { readonly declarations?: readonly unknown[] };
}

export function isLocated(error: unknown): error is Located {
  const { EvaluationError, ParseError, TypeError } = celJs();
  return error instanceof EvaluationError || error instanceof ParseError || error instanceof TypeError;
}

/** `ERROR: <input>:1:1: undeclared reference to 'x' (in container '')` and the place. */
export function compileErrorText(expression: string, error: Located): string {
  const { text, offset } = problem(expression, error);
  const before = expression.slice(0, offset).split('\n');
  const column = before.at(-1)!.length;
  const line = expression.split('\n')[before.length - 1] ?? '';
  return `ERROR: <input>:${before.length}:${column + 1}: ${text}\n | ${line}\n | ${'.'.repeat(column)}^`;
}

function problem(expression: string, error: Located): { text: string; offset: number } {
  const start = error.range?.start ?? 0;
  const summary = error.summary ?? error.message;
  const [, name] = /^Unknown variable: (.*)$/.exec(summary) ?? [];
  if (name !== undefined) return { text: `undeclared reference to '${name}' (in container '')`, offset: start };
  if (error instanceof celJs().ParseError) return { text: `Syntax error: ${summary}`, offset: start };
  // cel-go says of a field where its dot is.
  const dot = Math.max(0, expression.lastIndexOf('.', start));
  const [, field] = /^No such key: (.*)$/.exec(summary) ?? [];
  if (field !== undefined) return { text: `undefined field '${field}'`, offset: dot };
  const [, indexed] = /^Cannot index type '(.*)'$/.exec(summary) ?? [];
  if (indexed !== undefined)
    return { text: `type '${typeName(indexed)}' does not support field selection`, offset: dot };
  return overload(expression, error, summary) ?? { text: summary, offset: start };
}

/** Operators and functions that the operands don't suit. */
function overload(expression: string, error: Located, summary: string): { text: string; offset: number } | undefined {
  const { node } = error;
  const none = (name: string, operands: string, offset: number) => ({
    text: `found no matching overload for '${name}' applied to '${operands}'`,
    offset,
  });
  const [, left, operator, right] = /^no such overload: (.+?) (==|!=|<=?|>=?|[-+*/%]|in) (.+)$/.exec(summary) ?? [];
  if (operator) {
    const name = operator === 'in' ? '@in' : `_${operator}_`;
    return none(name, `(${typeName(left!)}, ${typeName(right!)})`, operatorOffset(expression, node, operator));
  }
  const [, unary, operand] = /^no such overload: ([-!])(.+)$/.exec(summary) ?? [];
  if (unary) return none(`${unary}_`, `(${typeName(operand!)})`, node?.start ?? 0);
  const [, receiver, called, args] = /^found no matching overload for '(?:(.*)\.)?(\w+)\((.*)\)'$/.exec(summary) ?? [];
  if (called) {
    const offset = parenthesis(expression, node, called);
    if (node?.candidates?.declarations?.length === 0)
      return { text: `undeclared reference to '${called}' (in container '')`, offset };
    const operands = (node?.argTypes?.map(String) ?? [args!]).map(typeName).join(', ');
    return none(called, receiver ? `${typeName(receiver)}.(${operands})` : `(${operands})`, offset);
  }
  const [, one, other] = /^Ternary branches must have the same type, got '(.*)' and '(.*)'$/.exec(summary) ?? [];
  if (one) return none('_?_:_', `(bool, ${typeName(one)}, ${typeName(other!)})`, operatorOffset(expression, node, '?'));
  const [, given] = /^Logical operator requires bool operands, got '(.*)'$/.exec(summary) ?? [];
  if (given) {
    const text = `expected type 'bool' but found '${typeName(given)}'`;
    return { text, offset: error.range?.start ?? 0 };
  }
  return undefined;
}

function operatorOffset(expression: string, node: Node | undefined, operator: string): number {
  const [left] = (Array.isArray(node?.args) ? node.args : []) as (Node | undefined)[];
  const found = expression.indexOf(operator, left?.end ?? node?.start ?? 0);
  return found < 0 ? (node?.start ?? 0) : found;
}

function parenthesis(expression: string, node: Node | undefined, name: string): number {
  const args = (Array.isArray(node?.args) ? node.args : []) as unknown[];
  const receiver = args.find((arg): arg is Node => typeof (arg as Node | undefined)?.end === 'number');
  const from = node?.op === 'rcall' ? (receiver?.end ?? node.start ?? 0) : (node?.start ?? 0);
  const found = expression.indexOf('(', expression.indexOf(name, from));
  return found < 0 ? from : found;
}

/** cel-js writes `list<string>`, cel-go `list(string)`. */
function typeName(name: string): string {
  return name
    .replaceAll('<', '(')
    .replaceAll('>', ')')
    .replaceAll('google.protobuf.Timestamp', 'timestamp')
    .replaceAll('google.protobuf.Duration', 'duration');
}
