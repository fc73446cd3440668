import type { Dialect } from './dialect.ts';
import { SqlError } from './error.ts';
import { tokenize, type Token } from './lexer.ts';

/** Tokens of one statement with the questions that a parser asks of them. */
export class TokenStream {
  readonly sql: string;
  readonly dialect: Dialect;
  readonly #tokens: readonly Token[];
  #at = 0;

  /** @throws SqlError */
  constructor(sql: string, dialect: Dialect) {
    this.sql = sql;
    this.dialect = dialect;
    this.#tokens = tokenize(sql, dialect);
  }

  get current(): Token {
    return this.#tokens[this.#at]!;
  }

  get position(): number {
    return this.current.at;
  }

  /** Where the last token taken ended. */
  get lastEnd(): number {
    return this.#tokens[this.#at - 1]?.end ?? 0;
  }

  peek(ahead = 1): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
  }

  take(): Token {
    const token = this.current;
    if (token.kind !== 'end') this.#at++;
    return token;
  }

  /** Whether these words come next. */
  is(...words: string[]): boolean {
    return words.every((word, i) => {
      const token = this.peek(i);
      return (token.kind === 'word' || token.kind === 'op') && token.upper === word;
    });
  }

  /** Takes the words if they come next. */
  accept(...words: string[]): boolean {
    if (!this.is(...words)) return false;
    this.#at += words.length;
    return true;
  }

  /** Takes one of the words if it comes next. */
  oneOf(...words: string[]): string | undefined {
    const word = words.find((w) => this.is(w));
    if (word !== undefined) this.#at++;
    return word;
  }

  expect(...words: string[]): void {
    for (const word of words) if (!this.accept(word)) throw this.wrong();
  }

  /** @returns the syntax error at the next token */
  wrong(): SqlError {
    return this.dialect.errors.syntax(this.sql, this.current.at, this.current.end);
  }

  /** A name; a word that is reserved is none. */
  name(): string {
    const token = this.current;
    if (token.kind === 'name') return this.take().text;
    if (token.kind === 'word' && !reserved.has(token.upper)) {
      this.take();
      return this.dialect.name === 'postgres' ? token.text.toLowerCase() : token.text;
    }
    throw this.wrong();
  }

  string(): string {
    if (this.current.kind !== 'string') throw this.wrong();
    return this.take().text;
  }

  names(): string[] {
    this.expect('(');
    const names: string[] = [];
    do {
      names.push(this.name());
      // Prefix length and order of an index's column.
      if (this.accept('(')) {
        this.take();
        this.expect(')');
      }
      this.oneOf('ASC', 'DESC');
    } while (this.accept(','));
    this.expect(')');
    return names;
  }

  /** `name` or `database.name`. */
  qualified(): { database?: string; name: string; at: number } {
    const at = this.position;
    const first = this.name();
    if (!this.accept('.')) return { name: first, at };
    return { database: first, name: this.name(), at };
  }

  end(): void {
    if (this.current.kind !== 'end') throw this.wrong();
  }
}

const reserved = new Set(
  (
    'ADD ALL ALTER AND AS ASC BETWEEN BY CASE CHECK COLLATE COLUMN CONSTRAINT CREATE CROSS DEFAULT DELETE DESC DISTINCT DROP ELSE EXISTS FOR ' +
    'FOREIGN FROM FULL GRANT GROUP HAVING IN INDEX INNER INSERT INTO IS JOIN KEY LEFT LIKE LIMIT NATURAL NOT NULL ON OR ORDER OUTER PRIMARY ' +
    'REFERENCES RIGHT SELECT SET TABLE THEN TO UNION UNIQUE UPDATE USE USING VALUES WHEN WHERE WITH RETURNING'
  ).split(' '),
);
