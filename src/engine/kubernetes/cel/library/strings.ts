import type { Environment } from '@marcbachmann/cel-js';

/** charAt, replace, reverse, quote, format (cel-go's ext.Strings) and find, findAll (apiserver/pkg/cel/library/regex.go). */
export function registerStrings(environment: Environment): void {
  environment.registerFunction('string.charAt(int): string', (text: string, at: bigint) => {
    if (at < 0n || at > BigInt(text.length)) throw new Error(`index out of range: ${at}`);
    return text.charAt(Number(at));
  });
  environment.registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
    text.replaceAll(from, () => to),
  );
  environment.registerFunction(
    'string.replace(string, string, int): string',
    (text: string, from: string, to: string, times: bigint) => replace(text, from, to, Number(times)),
  );
  environment.registerFunction('string.reverse(): string', (text: string) => [...text].reverse().join(''));
  environment.registerFunction('string.format(list): string', format);
  environment.registerFunction('string.find(string): string', (text: string, expression: string) => {
    return regularExpression(expression, '').exec(text)?.[0] ?? '';
  });
  environment.registerFunction('string.findAll(string): list<string>', (text: string, expression: string) =>
    findAll(text, expression, -1),
  );
  environment.registerFunction(
    'string.findAll(string, int): list<string>',
    (text: string, expression: string, limit: bigint) => findAll(text, expression, Number(limit)),
  );
}

function replace(text: string, from: string, to: string, times: number): string {
  if (times < 0) return text.replaceAll(from, () => to);
  let result = text;
  let at = 0;
  for (let i = 0; i < times; i++) {
    const found = result.indexOf(from, at);
    if (found < 0) break;
    result = result.slice(0, found) + to + result.slice(found + from.length);
    at = found + to.length;
  }
  return result;
}

function findAll(text: string, expression: string, limit: number): string[] {
  const all = [...text.matchAll(regularExpression(expression, 'g'))].map(([match]) => match);
  return limit < 0 ? all : all.slice(0, limit);
}

function regularExpression(expression: string, flags: string): RegExp {
  try {
    return new RegExp(expression, flags);
  } catch {
    throw new Error(`Illegal regex: ${expression}`);
  }
}

/** The verbs of CEL's `format`: %s %d %f %e %x %X %o %b %%. */
function format(text: string, args: unknown[]): string {
  let next = 0;
  return text.replace(/%(?:\.(\d+))?([a-zA-Z%])/g, (_, precision: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (next >= args.length) throw new Error(`index ${next} out of range`);
    const value = args[next++];
    const digits = precision === undefined ? 6 : Number(precision);
    switch (verb) {
      case 's':
        return show(value);
      case 'd':
        return String(value);
      case 'f':
        return Number(value).toFixed(digits);
      case 'e':
        return Number(value)
          .toExponential(digits)
          .replace(/e([-+])(\d)$/, 'e$10$2');
      case 'x':
        return (value as bigint).toString(16);
      case 'X':
        return (value as bigint).toString(16).toUpperCase();
      case 'o':
        return (value as bigint).toString(8);
      case 'b':
        return typeof value === 'boolean' ? (value ? '1' : '0') : (value as bigint).toString(2);
      default:
        throw new Error(`unrecognized formatting clause "${verb}"`);
    }
  });
}

function show(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([name, field]) => `${name}: ${show(field)}`).join(', ')}}`;
  }
  return String(value);
}
