/** `'a b'`: text that a shell reads back as one word (`${x@Q}`, `set`, `set -x`). */
export function quoteForReuse(text: string): string {
  if (hasControl(text)) return ansiQuote(text);
  return `'${text.replace(/'/g, "'\\''")}'`;
}

/** As `quoteForReuse`, leaving alone what needs no quotes. */
export function quoteIfNeeded(text: string): string {
  if (text === '') return "''";
  return /^[\w@%+=:,./^-]+$/.test(text) && !/^[~^]/.test(text) ? text : quoteForReuse(text);
}

/** `a\ b`, as `printf %q` writes it. */
export function quoteWithBackslashes(text: string): string {
  if (text === '') return "''";
  if (hasControl(text)) return ansiQuote(text);
  return text.replace(/[^\w@%+=:./\u0080-\uffff-]/gu, '\\$&').replace(/^~/, '\\~');
}

/** `"a b"`, as `declare -p` writes values. */
export function quoteDouble(text: string): string {
  return hasControl(text) ? ansiQuote(text) : `"${text.replace(/["$`\\]/g, '\\$&')}"`;
}

function hasControl(text: string): boolean {
  return /[\0-\x1f\x7f]/.test(text);
}

const named: Record<string, string> = {
  '\n': '\\n',
  '\t': '\\t',
  '\r': '\\r',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\v': '\\v',
  '\x1b': '\\E',
  '\\': '\\\\',
  "'": "\\'",
};

function ansiQuote(text: string): string {
  const body = text.replace(
    /[\0-\x1f\x7f\\']/g,
    (c) => named[c] ?? '\\' + c.charCodeAt(0).toString(8).padStart(3, '0'),
  );
  return `$'${body}'`;
}
