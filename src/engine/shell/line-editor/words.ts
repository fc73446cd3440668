/** The command line up to the cursor as completion sees it. */
export interface CompletionTarget {
  /** Words of the simple command that the cursor is in, unquoted; the last one is being completed (maybe empty). */
  words: string[];
  /** Index in the line (UTF-16) at which the word's replaceable part begins. */
  start: number;
  /** The quote that is open in the word: `'`, `"` or none. */
  quote: '' | "'" | '"';
  /** The word follows a redirection operator: only files fit. */
  redirect: boolean;
}

const reserved = new Set(['if', 'then', 'else', 'elif', 'do', 'while', 'until', '{', '!', 'time']);

/** Splits the text before the cursor with the shell's quoting rules, without caring whether it is complete. */
export function completionTarget(text: string): CompletionTarget {
  let words: string[] = [];
  let word = '';
  let inWord = false;
  let start = 0;
  let quote: CompletionTarget['quote'] = '';
  let redirect = false;
  const end = () => {
    if (!inWord) return;
    if (redirect) redirect = false;
    else if (words.length > 0 || (!reserved.has(word) && !/^[A-Za-z_]\w*=/.test(word))) words.push(word);
    word = '';
    inWord = false;
  };
  const begin = (at: number) => {
    if (!inWord) start = at;
    inWord = true;
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quote === "'") {
      if (c === "'") quote = '';
      else word += c;
    } else if (quote === '"') {
      if (c === '"') quote = '';
      else if (c === '\\' && /["\\$`]/.test(text[i + 1] ?? '')) word += text[++i];
      else if (c === '$' && text[i + 1] === '(') {
        words = [];
        word = '';
        inWord = false;
        quote = '';
        i++;
      } else word += c;
    } else if (c === '\\') {
      begin(i);
      word += text[++i] ?? '';
    } else if (c === "'" || c === '"') {
      begin(i);
      quote = c;
    } else if (/\s/.test(c)) {
      end();
      if (c === '\n') words = [];
    } else if (c === '$' && text[i + 1] === '(') {
      words = [];
      word = '';
      inWord = false;
      i++;
    } else if (/[;|&(`]/.test(c)) {
      // `>&` and `&>` belong to redirections.
      if (c === '&' && (text[i - 1] === '>' || text[i + 1] === '>')) continue;
      end();
      words = [];
      redirect = false;
    } else if (c === '<' || c === '>') {
      if (/^\d+$/.test(word)) {
        word = '';
        inWord = false;
      } else end();
      redirect = true;
    } else if (c === ')') end();
    else {
      begin(i);
      word += c;
    }
  }
  if (!inWord) start = text.length;
  return { words: [...words, word], start, quote, redirect };
}
