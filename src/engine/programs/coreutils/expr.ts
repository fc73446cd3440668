import { posixRegex } from '../../regex/posix.ts';
import { ToolError } from '../lib/tool.ts';

/** expr(1): arguments are the tokens. @throws ToolError @returns its output and status */
export function evaluateExpr(args: readonly string[]): { text: string; status: number } {
  if (args.length === 0)
    throw new ToolError('missing operand', { status: 2, hint: "Try 'NAME --help' for more information." });
  let at = 0;
  const fail = (message: string): never => {
    throw new ToolError(message, { status: 2 });
  };
  const integer = (text: string): bigint => (/^-?\d+$/.test(text) ? BigInt(text) : fail('non-integer argument'));
  const isNull = (text: string) => text === '' || /^-?0+$/.test(text);

  const levels: { operators: string[]; apply: (op: string, a: string, b: string) => string }[] = [
    { operators: ['|'], apply: (_, a, b) => (isNull(a) ? (isNull(b) ? '0' : b) : a) },
    { operators: ['&'], apply: (_, a, b) => (isNull(a) || isNull(b) ? '0' : a) },
    { operators: ['<', '<=', '=', '==', '!=', '>=', '>'], apply: (op, a, b) => (compare(op, a, b) ? '1' : '0') },
    {
      operators: ['+', '-'],
      apply: (op, a, b) => String(op === '+' ? integer(a) + integer(b) : integer(a) - integer(b)),
    },
    {
      operators: ['*', '/', '%'],
      apply: (op, a, b) => {
        const [x, y] = [integer(a), integer(b)];
        if (op === '*') return String(x * y);
        if (y === 0n) return fail('division by zero');
        return String(op === '/' ? x / y : x % y);
      },
    },
    { operators: [':'], apply: (_, a, b) => match(a, b) },
  ];

  function compare(op: string, a: string, b: string): boolean {
    const numeric = /^-?\d+$/.test(a) && /^-?\d+$/.test(b);
    const order = numeric ? Number(BigInt(a) - BigInt(b)) : a < b ? -1 : a > b ? 1 : 0;
    return {
      '<': order < 0,
      '<=': order <= 0,
      '=': order === 0,
      '==': order === 0,
      '!=': order !== 0,
      '>=': order >= 0,
      '>': order > 0,
    }[op]!;
  }

  function match(text: string, pattern: string): string {
    const found = posixRegex(pattern.replace(/^\^/, ''), { within: 'beginning' }).exec(text);
    if (/\\\(/.test(pattern)) return found?.[1] ?? '';
    return String(found ? [...found[0]].length : 0);
  }

  function level(n: number): string {
    const rule = levels[n];
    if (!rule) return primary();
    let left = level(n + 1);
    while (at < args.length && rule.operators.includes(args[at]!)) {
      const operator = args[at++]!;
      left = rule.apply(operator, left, level(n + 1));
    }
    return left;
  }

  function primary(): string {
    const token = args[at++];
    if (token === undefined) return fail(`syntax error: missing argument after ‘${args[at - 2]}’`);
    switch (token) {
      case '(': {
        const value = level(0);
        if (args[at++] !== ')') fail(`syntax error: expecting ')' after ‘${args[at - 2]}’`);
        return value;
      }
      case '+':
        return args[at++] ?? '';
      case 'length':
        return at < args.length ? String([...primary()].length) : token;
      case 'index': {
        const text = primary();
        const chars = primary();
        return String([...text].findIndex((c) => chars.includes(c)) + 1);
      }
      case 'substr': {
        const text = [...primary()];
        const from = Number(integer(primary()));
        const count = Number(integer(primary()));
        return text.slice(Math.max(0, from - 1), Math.max(0, from - 1 + count)).join('');
      }
      case 'match': {
        const text = primary();
        return match(text, primary());
      }
      default:
        return token;
    }
  }

  const text = level(0);
  if (at < args.length) fail(`syntax error: unexpected argument ‘${args[at]}’`);
  return { text, status: isNull(text) ? 1 : 0 };
}
