import { RE2JS, type Matcher } from 're2js';

/** A match: the whole and its groups, where it begins, and where each group lies. */
export type RegexMatch = readonly [string, ...(string | undefined)[]] & {
  readonly index: number;
  readonly indices?: readonly (readonly [start: number, end: number] | undefined)[];
};

/** What searches a text: like a JavaScript `RegExp` with the flag `g`. */
export interface Regex {
  /** Where the next `exec` begins, UTF-16 units. */
  lastIndex: number;
  exec(text: string): RegexMatch | null;
  /** Looks from the beginning, whatever `lastIndex` is. */
  test(text: string): boolean;
}

export interface LinearRegexOptions {
  ignoreCase?: boolean;
  /** `^` and `$` match at line ends, too. */
  multiline?: boolean;
  /** `.` matches a line feed, too. */
  dotAll?: boolean;
  /** Of the matches that begin first the longest, as POSIX wants it; otherwise the one that Perl would take. */
  longest?: boolean;
}

/**
 * A regular expression whose search takes time linear in the text, whatever the pattern: what people type must not hang
 * the engine. Syntax is RE2's, with look-behind.
 * @throws Error when RE2 has no such syntax (back references, look-ahead), in RE2's words.
 */
export class LinearRegex implements Regex {
  lastIndex = 0;
  readonly #regex: RE2JS;
  /** Made for the text that was searched last. */
  #matcher: Matcher | undefined;
  #text = '';

  constructor(source: string, { ignoreCase, multiline, dotAll, longest }: LinearRegexOptions = {}) {
    this.#regex = RE2JS.compile(
      source,
      RE2JS.LOOKBEHINDS |
        (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) |
        (multiline ? RE2JS.MULTILINE : 0) |
        (dotAll ? RE2JS.DOTALL : 0) |
        (longest ? RE2JS.LONGEST_MATCH : 0),
    );
  }

  exec(text: string): RegexMatch | null {
    if (!this.#matcher || this.#text !== text) {
      this.#matcher = this.#regex.matcher(text);
      this.#text = text;
    }
    const matcher = this.#matcher;
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    const groups: (string | undefined)[] = [];
    const indices: ([number, number] | undefined)[] = [];
    for (let group = 0; group <= matcher.groupCount(); group++) {
      const start = matcher.start(group);
      const end = matcher.end(group);
      groups.push(start < 0 ? undefined : text.slice(start, end));
      indices.push(start < 0 ? undefined : [start, end]);
    }
    this.lastIndex = matcher.end();
    return Object.assign(groups as [string], { index: matcher.start(), indices });
  }

  test(text: string): boolean {
    return this.#regex.test(text);
  }
}

/** All matches from the beginning; an empty one moves on by a character. */
export function* matchesOf(text: string, regex: Regex): Generator<RegexMatch> {
  regex.lastIndex = 0;
  for (let match = regex.exec(text); match; match = regex.exec(text)) {
    if (match[0] === '') regex.lastIndex += (text.codePointAt(match.index) ?? 0) > 0xffff ? 2 : 1;
    yield match;
  }
}

/** What stands between the matches; an empty match separates nothing. */
export function splitBy(text: string, separator: Regex): string[] {
  const parts: string[] = [];
  let at = 0;
  for (const match of matchesOf(text, separator)) {
    if (match[0] === '') continue;
    parts.push(text.slice(at, match.index));
    at = match.index + match[0].length;
  }
  return [...parts, text.slice(at)];
}

/**
 * A regular expression in Perl's style: linear where RE2 has the syntax, JavaScript's own where the pattern needs back
 * references or look-ahead.
 * @throws SyntaxError when it is none at all.
 */
export function perlRegex(source: string, options: Omit<LinearRegexOptions, 'longest'> = {}): Regex {
  try {
    return new LinearRegex(source, options);
  } catch {
    return backtracking(source, options);
  }
}

/** @throws SyntaxError */
export function backtracking(source: string, { ignoreCase, multiline, dotAll }: LinearRegexOptions): Regex {
  const flags = `dgu${ignoreCase ? 'i' : ''}${multiline ? 'm' : ''}${dotAll ? 's' : ''}`;
  const regex = new RegExp(source.replace(/\\x\{/g, '\\u{'), flags) as Regex & RegExp;
  const test = regex.test.bind(regex);
  regex.test = (text) => {
    regex.lastIndex = 0;
    return test(text);
  };
  return regex;
}
