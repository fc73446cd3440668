import { CliError } from '../../framework/errors.ts';

/** Variables in a text of a Compose file: `$A`, `${A}`, `${A:-b}`, `${A-b}`, `${A:?e}`, `${A?e}`, `${A:+b}`, `${A+b}`, `$$`. */
export function interpolate(text: string, where: string, env: ReadonlyMap<string, string>, onUnset: (name: string) => void): string {
  let out = '';
  let i = 0;
  const invalid = () => new CliError(`invalid interpolation format for ${where}.\nYou may need to escape any $ with another $.\n${text}`);
  while (i < text.length) {
    const c = text[i]!;
    if (c !== '$') {
      out += c;
      i++;
      continue;
    }
    const next = text[i + 1] ?? '';
    if (next === '$') {
      out += '$';
      i += 2;
      continue;
    }
    if (next === '{') {
      let depth = 1;
      let end = i + 2;
      for (; end < text.length && depth > 0; end++) {
        if (text[end] === '{' && text[end - 1] === '$') depth++;
        else if (text[end] === '}') depth--;
      }
      if (depth > 0) throw invalid();
      out += substitute(text.slice(i + 2, end - 1), where, env, onUnset, invalid);
      i = end;
      continue;
    }
    const name = /^[_a-zA-Z][_a-zA-Z0-9]*/.exec(text.slice(i + 1))?.[0];
    if (name === undefined) throw invalid();
    out += value(name, env, onUnset);
    i += 1 + name.length;
  }
  return out;
} // prettier-ignore

function value(name: string, env: ReadonlyMap<string, string>, onUnset: (name: string) => void): string {
  const found = env.get(name);
  if (found === undefined) onUnset(name);
  return found ?? '';
}

function substitute(
  inner: string,
  where: string,
  env: ReadonlyMap<string, string>,
  onUnset: (name: string) => void,
  invalid: () => CliError,
): string {
  const match = /^([_a-zA-Z][_a-zA-Z0-9]*)(?:(:?[-+?])([\s\S]*))?$/.exec(inner);
  if (!match) throw invalid();
  const [, name = '', operator, word = ''] = match;
  if (operator === undefined) return value(name, env, onUnset);
  const found = env.get(name);
  const set = found !== undefined && (!operator.startsWith(':') || found !== '');
  const inside = () => interpolate(word, where, env, onUnset);
  if (operator.endsWith('-')) return set ? found : inside();
  if (operator.endsWith('+')) return set ? inside() : '';
  if (set) return found;
  throw new CliError(
    `error while interpolating ${where}: required variable ${name} is missing a value${word === '' ? '' : `: ${inside()}`}`,
  );
}

/** `.env` files: `NAME=value` lines, quotes, comments, `export`. */
export function parseEnvFile(text: string, env: ReadonlyMap<string, string>): Map<string, string> {
  const values = new Map<string, string>();
  for (const line of text.replace(/^\uFEFF/, '').split('\n')) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*(?:[=:]\s*(.*))?$/.exec(line.replace(/\r$/, ''));
    if (!match || line.trim().startsWith('#')) continue;
    const [, name = '', raw] = match;
    if (raw === undefined) {
      const own = env.get(name);
      if (own !== undefined) values.set(name, own);
      continue;
    }
    const single = /^'([^']*)'/.exec(raw);
    const double = /^"((?:[^"\\]|\\.)*)"/.exec(raw);
    const expand = (word: string) =>
      word.includes('$') ? interpolate(word, name, new Map([...values, ...env]), () => {}) : word;
    if (single) values.set(name, single[1]!);
    else if (double) values.set(name, expand(double[1]!.replace(/\\n/g, '\n').replace(/\\(["\\])/g, '$1')));
    else values.set(name, expand(raw.replace(/\s+#.*$/, '').trim()));
  }
  return values;
}
