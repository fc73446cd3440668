/** Parsing JSON with the error texts of Go's encoding/json. */

export class GoJsonError extends Error {
  override name = 'GoJsonError';
  /** The text that could not be read, where its beginning is shown. */
  readonly source: string | undefined;

  constructor(message: string, source?: string) {
    super(message);
    this.source = source;
  }
}

/** @throws GoJsonError such as `invalid character 'b' looking for beginning of object key string` */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new GoJsonError(new Scanner(text).firstError());
  }
}

/** Keys that come twice in one object, as `spec.replicas`; the text must be valid JSON. */
export function duplicateKeys(text: string): string[] {
  const scanner = new Scanner(text);
  scanner.firstError();
  return scanner.duplicates;
}

const space = /[ \t\r\n]/;

class Scanner {
  readonly #text: string;
  #at = 0;
  readonly duplicates: string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  /** The first syntax error in Go's words; '' if there is none. */
  firstError(): string {
    try {
      this.#value('');
      this.#skip();
      if (this.#at < this.#text.length) this.#fail('after top-level value');
      return '';
    } catch (error) {
      if (error instanceof GoJsonError) return error.message;
      // Nested too deeply for the stack: Go has a limit of its own.
      if (error instanceof RangeError) return 'exceeded max depth';
      throw error;
    }
  }

  #skip(): void {
    while (this.#at < this.#text.length && space.test(this.#text[this.#at]!)) this.#at++;
  }

  #fail(context: string): never {
    if (this.#at >= this.#text.length) throw new GoJsonError('unexpected end of JSON input');
    const c = String.fromCodePoint(this.#text.codePointAt(this.#at)!);
    const quoted = c === "'" ? `'\\''` : c === '"' ? `'"'` : `'${JSON.stringify(c).slice(1, -1)}'`;
    throw new GoJsonError(`invalid character ${quoted} ${context}`);
  }

  #value(path: string): void {
    this.#skip();
    const c = this.#text[this.#at];
    if (c === '{') return this.#object(path);
    if (c === '[') return this.#array(path);
    if (c === '"') return void this.#string();
    if (c === '-' || (c !== undefined && c >= '0' && c <= '9')) return this.#number();
    for (const word of ['true', 'false', 'null']) if (c === word[0]) return this.#word(word);
    this.#fail('looking for beginning of value');
  }

  #word(word: string): void {
    for (let i = 1; i < word.length; i++) {
      this.#at++;
      if (this.#text[this.#at] !== word[i]) this.#fail(`in literal ${word} (expecting '${word[i]}')`);
    }
    this.#at++;
  }

  #number(): void {
    const digit = () => /[0-9]/.test(this.#text[this.#at] ?? '');
    if (this.#text[this.#at] === '-') {
      this.#at++;
      if (!digit()) this.#fail('in numeric literal');
    }
    if (this.#text[this.#at] === '0') this.#at++;
    else while (digit()) this.#at++;
    if (this.#text[this.#at] === '.') {
      this.#at++;
      if (!digit()) this.#fail('after decimal point in numeric literal');
      while (digit()) this.#at++;
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at++;
      if (/[+-]/.test(this.#text[this.#at] ?? '')) this.#at++;
      if (!digit()) this.#fail('in exponent of numeric literal');
      while (digit()) this.#at++;
    }
  }

  #string(): string {
    const start = this.#at++;
    for (;;) {
      const c = this.#text[this.#at];
      if (c === undefined) this.#fail('');
      if (c === '"') break;
      if (c < ' ') this.#fail('in string literal');
      if (c === '\\') {
        this.#at++;
        const escape = this.#text[this.#at];
        if (escape === undefined || !'"\\/bfnrtu'.includes(escape)) this.#fail('in string escape code');
        if (escape === 'u') {
          for (let i = 0; i < 4; i++) {
            this.#at++;
            if (!/[0-9a-fA-F]/.test(this.#text[this.#at] ?? '')) this.#fail('in \\u hexadecimal character escape');
          }
        }
      }
      this.#at++;
    }
    this.#at++;
    return JSON.parse(this.#text.slice(start, this.#at)) as string;
  }

  #object(path: string): void {
    this.#at++;
    const seen = new Set<string>();
    this.#skip();
    if (this.#text[this.#at] === '}') return void this.#at++;
    for (;;) {
      this.#skip();
      if (this.#text[this.#at] !== '"') this.#fail('looking for beginning of object key string');
      const key = this.#string();
      const member = path === '' ? key : `${path}.${key}`;
      if (seen.has(key)) this.duplicates.push(member);
      seen.add(key);
      this.#skip();
      if (this.#text[this.#at] !== ':') this.#fail('after object key');
      this.#at++;
      this.#value(member);
      this.#skip();
      const c = this.#text[this.#at];
      if (c === '}') return void this.#at++;
      if (c !== ',') this.#fail('after object key:value pair');
      this.#at++;
    }
  }

  #array(path: string): void {
    this.#at++;
    this.#skip();
    if (this.#text[this.#at] === ']') return void this.#at++;
    for (let i = 0; ; i++) {
      this.#value(`${path}[${i}]`);
      this.#skip();
      const c = this.#text[this.#at];
      if (c === ']') return void this.#at++;
      if (c !== ',') this.#fail('after array element');
      this.#at++;
    }
  }
}
