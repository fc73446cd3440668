/** Where in a manifest the cursor is, found by indentation: the text around it is seldom whole YAML. */
export interface YamlContext {
  apiVersion: string | undefined;
  kind: string | undefined;
  /** Keys from the top to the map that the cursor is in; `[]` stands for a list item. */
  path: string[];
  /** Keys that this map has already. */
  siblings: string[];
  /** The key whose value the cursor is at. */
  valueOf: string | undefined;
}

interface Token {
  indent: number;
  /** Undefined: a list item's dash. */
  key: string | undefined;
}

/** Dashes and the key of one line, left to right. */
function tokensOf(line: string): Token[] {
  if (/^\s*(#|$)/.test(line)) return [];
  const tokens: Token[] = [];
  let indent = /^ */.exec(line)?.[0].length ?? 0;
  let rest = line.slice(indent);
  for (let dash = /^-( +|$)/.exec(rest); dash; dash = /^-( +|$)/.exec(rest)) {
    tokens.push({ indent, key: undefined });
    indent += Math.max(dash[0].length, 2);
    rest = rest.slice(dash[0].length);
  }
  const key = /^(?:"([^"]+)"|'([^']+)'|([^\s:#'"{[][^\s:#]*))\s*:(?:\s|$)/.exec(rest);
  if (key) tokens.push({ indent, key: key[1] ?? key[2] ?? key[3] });
  return tokens;
}

/** @param row line of the cursor, from 0; @param column characters left of it */
export function yamlContext(text: string, row: number, column: number): YamlContext {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  let first = row;
  while (first > 0 && !lines[first]?.startsWith('---')) first--;
  let last = row + 1;
  while (last < lines.length && !lines[last]?.startsWith('---')) last++;
  const rows = lines.slice(first, last).map(tokensOf);
  const here = row - first;

  const left = (lines[row] ?? '').slice(0, column);
  const own = tokensOf(left.trimEnd().endsWith(':') ? `${left.trimEnd()} ` : left);
  const ownKey = own.find(({ key }) => key !== undefined);
  const dashes = own.filter(({ key }) => key === undefined);
  const lastDash = dashes.at(-1);
  const blank = /^\s*$/.test(left);
  const indent =
    ownKey?.indent ??
    (lastDash
      ? left.length - left.trimStart().length + dashes.length * 2
      : blank
        ? column
        : (/^ */.exec(left)?.[0].length ?? 0));

  const path: string[] = [];
  const siblings: string[] = [];
  let limit = indent;
  /** In a list at this indentation: its key may stand at the same one. */
  let list = false;
  const climb = (token: Token): void => {
    if (token.key === undefined) {
      if (!list && token.indent < limit) {
        path.unshift('[]');
        limit = token.indent;
        list = true;
      }
    } else if (token.indent < limit || (list && token.indent === limit)) {
      path.unshift(token.key);
      limit = token.indent;
      list = false;
    } else if (token.indent === indent && path.length === 0) siblings.push(token.key);
  };
  for (const token of dashes.toReversed()) climb(token);
  for (let i = here - 1; i >= 0; i--) {
    // A dash at the list's own indentation belongs to an earlier item: its keys are not ours.
    for (const token of (rows[i] ?? []).toReversed()) climb(token);
  }
  for (let i = here + 1; i < rows.length; i++) {
    const tokens = rows[i] ?? [];
    if (tokens.some((token) => token.indent < indent)) break;
    for (const { key, indent: at } of tokens) if (key !== undefined && at === indent) siblings.push(key);
  }
  const top = (name: string) =>
    lines
      .slice(first, last)
      .map((line) => new RegExp(`^${name}:\\s*["']?([^\\s"'#]+)`).exec(line)?.[1])
      .find((value) => value !== undefined);
  return { apiVersion: top('apiVersion'), kind: top('kind'), path, siblings, valueOf: ownKey?.key };
}
