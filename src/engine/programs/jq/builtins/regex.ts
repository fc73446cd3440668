import { JqError, shown, type JsonObject } from '../values.ts';
import { string } from './arguments.ts';

/** Regular expressions: Oniguruma's syntax as far as JavaScript has it. */

function regexFlags(flags: unknown): { flags: string; global: boolean } {
  const text = flags === null || flags === undefined ? '' : string(flags, 'is not a string');
  for (const c of text) if (!'gimnpsxl'.includes(c)) throw new JqError(`${text} is not a valid modifier string`);
  return { flags: 'u' + (text.includes('i') ? 'i' : '') + (/[sp]/.test(text) ? 's' : ''), global: text.includes('g') };
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
  const { flags, global } = regexFlags(flagText);
  let regex: RegExp;
  try {
    regex = new RegExp(
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
      flags + 'dg',
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
  for (let m = regex.exec(value); m; m = regex.exec(value)) {
    if (m[0] === '') regex.lastIndex++;
    const captures = m.slice(1).map((text: string | undefined, i) => ({
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
