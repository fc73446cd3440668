/**
 * `Object{…}`, `Object.spec{…}` and `JSONPatch{…}`, which admission policies build objects with, as the maps that they are
 * here: `{"name": …}`. The interpreter knows no construction of types.
 */
export function withoutObjectLiterals(expression: string): string {
  let result = '';
  /** For each open bracket: does it hold fields, whose names are no expressions? */
  const open: boolean[] = [];
  let expectsName = false;
  for (let i = 0; i < expression.length;) {
    const rest = expression.slice(i);
    const [token = ''] =
      /^(?:[rRbB]{0,2}(?:"""[^]*?"""|'''[^]*?'''|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|\s+|\/\/[^\n]*|[A-Za-z_][A-Za-z0-9_]*|`[^`]*`)/.exec(
        rest,
      ) ?? [];
    const literal = /^(?:Object(?:\.[A-Za-z_][A-Za-z0-9_]*)*|JSONPatch)\s*\{/.exec(rest)?.[0];
    if (literal !== undefined && !/[\w.]$/.test(result)) {
      result += '{';
      i += literal.length;
      open.push(true);
      expectsName = true;
      continue;
    }
    if (token !== '') {
      const isName = expectsName && /^[A-Za-z_`]/.test(token) && !/^\w*["']/.test(token);
      result += isName ? JSON.stringify(token.replaceAll('`', '')) : token;
      if (!/^(?:\s|\/\/)/.test(token)) expectsName = false;
      i += token.length;
      continue;
    }
    const c = rest[0]!;
    if ('([{'.includes(c)) open.push(false);
    if (')]}'.includes(c)) open.pop();
    if (c === ',' && open.at(-1)) expectsName = true;
    // A field may be optional: `?name: value`.
    else if (!(c === '?' && expectsName)) expectsName = false;
    result += c;
    i++;
  }
  return result;
}
