import { JqError, shown, type JsonObject } from '../values.ts';
import { matchesOf, perlRegex, type Regex } from '../../../regex/linear.ts';
import { string } from './arguments.ts';

/** Regular expressions: Oniguruma's syntax as far as RE2 or JavaScript has it. */

function regexFlags(flags: unknown): { ignoreCase: boolean; dotAll: boolean; global: boolean } {
  const text = flags === null || flags === undefined ? '' : string(flags, 'is not a string');
  for (const c of text) if (!'gimnpsxl'.includes(c)) throw new JqError(`${text} is not a valid modifier string`);
  return { ignoreCase: text.includes('i'), dotAll: /[sp]/.test(text), global: text.includes('g') };
}

export interface Match {
  offset: number;
  length: number;
  string: string | null;
  captures: { offset: number; length: number; string: string | null; name: string | null }[];
}

export function matches(value: unknown, pattern: unknown, flagText: unknown, forceGlobal = false): Match[] {
  if (Array.isArray(pattern)) return matches(value, pattern[0], pattern[1] ?? flagText, forceGlobal);
  if (typeof value !== 'string') throw new JqError(`${shown(value)} cannot be matched, as it is not a string`);
  const source = string(pattern, 'cannot be matched, as it is not a string');
  const { global, ...flags } = regexFlags(flagText);
  let regex: Regex;
  try {
    regex = perlRegex(
      source
        .replace(/\(\?<(\w+)>/g, '(?<$1>')
        .replace(/\\h/g, '[0-9a-fA-F]')
        .replace(
          /\[\[:(\w+):\]\]/g,
          (_, n: string) =>
            ({ digit: '[0-9]', alpha: '[A-Za-z]', alnum: '[0-9A-Za-z]', space: '\\s', upper: '[A-Z]', lower: '[a-z]' })[
              n
            ] ?? '',
        ),
      flags,
    );
  } catch {
    throw new JqError(`${source} (at offset 0) is not a valid regex`);
  }
  const nameAt = new Map<number, string>();
  let group = 0;
  for (const [, name] of source.replace(/\\./g, '  ').matchAll(/\((?:\?<(\w+)>|(?!\?))/g))
    nameAt.set(++group, name ?? '');
  const points = (end: number) => [...value.slice(0, end)].length;
  const out: Match[] = [];
  for (const m of matchesOf(value, regex)) {
    const captures = m.slice(1).map((text, i) => ({
      offset: text === undefined ? -1 : points(m.indices![i + 1]![0]),
      length: text === undefined ? 0 : [...text].length,
      string: text ?? null,
      name: nameAt.get(i + 1) || null,
    }));
    out.push({ offset: points(m.index), length: [...m[0]].length, string: m[0], captures });
    if (!global && !forceGlobal) break;
  }
  return out;
}

export function captured(m: Match): JsonObject {
  return Object.fromEntries(m.captures.filter((c) => c.name).map((c) => [c.name!, c.string]));
}

export function splitByRegex(value: unknown, pattern: unknown, flags: unknown): string[] {
  const found = matches(value, pattern, flags, true);
  const chars = [...(value as string)];
  const parts: string[] = [];
  let at = 0;
  for (const m of found) {
    parts.push(chars.slice(at, m.offset).join(''));
    at = m.offset + m.length;
  }
  return [...parts, chars.slice(at).join('')];
}
