type Scalars = Record<string, string | number>;

/** The TOML of small configuration files: tables with strings, whole numbers and truth values. */
export function parseToml(text: string): { tables: Record<string, Scalars> } | { problem: string } {
  const tables: Record<string, Scalars> = { '': {} };
  let table = '';
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const head = /^\[([\w.-]+)\]\s*(?:#.*)?$/.exec(line);
    const pair = /^([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(-?\d+)|(true|false))\s*(?:#.*)?$/.exec(line);
    if (head) tables[(table = head[1]!.toLowerCase())] ??= {};
    else if (pair)
      tables[table]![pair[1]!.toLowerCase()] =
        pair[4] !== undefined ? Number(pair[4]) : (pair[2] ?? pair[3] ?? pair[5]!);
    else {
      const key = /^([\w-]+)\s*=\s*(\S)?/.exec(line);
      return {
        problem: `line ${i + 1}${key ? ` (last key "${table ? `${table}.` : ''}${key[1]}")` : ''}: expected value but found ${JSON.stringify(key?.[2] ?? '\n')} instead`,
      };
    }
  }
  return { tables };
}
