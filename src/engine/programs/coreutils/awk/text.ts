import { matchesOf, type Regex, type RegexMatch } from '../../../regex/linear.ts';
import { formatFloat, formatInteger, pad } from '../../../shell/printf.ts';
import { StrNum, toNumber, type Value } from './values.ts';

/** Replacing and formatting text. */

export function replaceMatches(
  subject: string,
  regex: Regex,
  replacement: string,
  which: 'all' | number,
  groups: boolean,
): { text: string; count: number } {
  let out = '';
  let at = 0;
  let seen = 0;
  let count = 0;
  let lastEnd = -1;
  for (const match of matchesOf(subject, regex)) {
    if (match[0] === '' && match.index === lastEnd) continue;
    seen++;
    lastEnd = match.index + match[0].length;
    if (which !== 'all' && seen !== which) continue;
    out += subject.slice(at, match.index) + expandReplacement(replacement, match, groups);
    at = lastEnd;
    count++;
    if (which !== 'all') break;
  }
  return { text: out + subject.slice(at), count };
}

function expandReplacement(text: string, match: RegexMatch, groups: boolean): string {
  return text.replace(/\\\\&|\\([&\\0-9])|&/g, (whole, escaped: string | undefined) => {
    if (whole === '&') return match[0];
    if (whole === '\\\\&') return '\\' + match[0];
    if (escaped === '&') return '&';
    if (escaped === '\\') return '\\';
    return groups ? (match[Number(escaped)] ?? '') : whole;
  });
}

export function unescapeValue(text: string): string {
  return text.replace(/\\([nt\\"/])/g, (_, c: string) => ({ n: '\n', t: '\t' })[c] ?? c);
}

/** @param textOf converts a value by CONVFMT */
export function sprintf(format: string, values: readonly Value[], textOf: (value: Value) => string): string {
  let next = 0;
  return format.replace(
    /%([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+))?[hlL]*([a-zA-Z%])/g,
    (whole, flags: string, widthText: string | undefined, precisionText: string | undefined, verb: string) => {
      if (verb === '%') return '%';
      const star = (text: string | undefined) =>
        text === '*' ? toNumber(values[next++]) : text === undefined ? undefined : Number(text);
      let width = star(widthText) ?? 0;
      const precision = star(precisionText);
      if (width < 0) {
        flags += '-';
        width = -width;
      }
      const value = values[next++];
      let text: string;
      if (verb === 's')
        text = precision === undefined ? textOf(value) : [...textOf(value)].slice(0, precision).join('');
      else if (verb === 'c')
        text =
          typeof value === 'number' || value instanceof StrNum
            ? String.fromCodePoint(Math.max(0, Math.trunc(toNumber(value))) & 0x1fffff)
            : textOf(value).slice(0, 1);
      else if (/[dioxXu]/.test(verb)) {
        const n = toNumber(value);
        text = Number.isFinite(n)
          ? formatInteger(verb === 'i' ? 'd' : verb, BigInt(Math.trunc(n)), flags, precision)
          : formatFloat('f', n, flags);
      } else if (/[eEfFgG]/.test(verb)) text = formatFloat(verb, toNumber(value), flags, precision);
      else return whole;
      return pad(text, flags, Math.min(width, 1_000_000), /[dioxXueEfFgG]/.test(verb));
    },
  );
}
