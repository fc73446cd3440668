import { formatFloat } from './number.ts';
import { isPlainString } from './resolve.ts';

/** Column after which a line is folded at the next blank. */
const foldColumn = 80;

/**
 * YAML as `kubectl -o yaml` prints it: keys sorted, sequences not indented below their key, quotes only where needed,
 * long lines folded. The text ends with a line break.
 */
export function toYaml(value: unknown): string {
  const emitter = new Emitter();
  emitter.root(value);
  return emitter.text;
}

class Emitter {
  text = '';
  #column = 0;

  root(value: unknown): void {
    this.#node(value, -2, false, '');
    if (!this.text.endsWith('\n')) this.#write('\n');
  }

  /**
   * Writes a value after a key or a dash.
   * @param indent of the collection that the value is in
   * @param inMapping the value belongs to a key
   * @param gap what stands between key or dash and a value on the same line
   */
  #node(value: unknown, indent: number, inMapping: boolean, gap: string): void {
    if (Array.isArray(value)) {
      if (value.length === 0) return this.#write(`${gap}[]`);
      // Under a key the dashes stand in the key's column.
      const at = inMapping ? indent : indent + 2;
      value.forEach((item, i) => {
        // The first item of a sequence in a sequence stands behind the outer dash.
        if (i === 0 && !inMapping && indent >= 0) this.#write(' ');
        else this.#startLine(at);
        this.#write('-');
        this.#node(item, at, false, ' ');
      });
      return;
    }
    if (value !== null && typeof value === 'object') {
      const keys = Object.keys(value)
        .filter((k) => (value as Record<string, unknown>)[k] !== undefined)
        .sort(compareKeys);
      if (keys.length === 0) return this.#write(`${gap}{}`);
      const at = indent + 2;
      keys.forEach((key, i) => {
        // The first key of a sequence's item stands behind the dash.
        if (i === 0 && !inMapping && indent >= 0) this.#write(' ');
        else this.#startLine(at);
        this.#key(key, at);
        this.#node((value as Record<string, unknown>)[key], at, true, ' ');
      });
      return;
    }
    this.#write(gap);
    if (typeof value === 'string') this.#string(value, indent + 2);
    else this.#write(scalar(value));
  }

  #startLine(indent: number): void {
    if (this.#column !== 0 || (this.text !== '' && !this.text.endsWith('\n'))) this.#write('\n');
    if (indent > 0) this.#write(' '.repeat(indent));
  }

  #write(text: string): void {
    this.text += text;
    const at = text.lastIndexOf('\n');
    this.#column = at < 0 ? this.#column + [...text].length : [...text.slice(at + 1)].length;
  }

  /** Keys stay on one line; very long ones get the `? ` form. */
  #key(key: string, indent: number): void {
    const simple = key.length <= 128 && !key.includes('\n');
    if (!simple) {
      this.#write('? ');
      this.#string(key, indent + 2);
      this.#startLine(indent);
      this.#write(':');
      return;
    }
    const analysis = analyze(key);
    if (isPlainString(key) && analysis.plain) this.#write(key);
    else if (isPlainString(key) && analysis.singleQuoted) this.#write(`'${key.replaceAll("'", "''")}'`);
    else this.#doubleQuoted(key, undefined);
    this.#write(':');
  }

  #string(text: string, indent: number): void {
    const analysis = analyze(text);
    if (text.includes('\n')) {
      if (analysis.block) this.#literal(text, indent);
      else this.#doubleQuoted(text, indent);
    } else if (!isPlainString(text)) this.#doubleQuoted(text, indent);
    else if (analysis.plain) this.#folded(text, indent);
    else if (analysis.singleQuoted) this.#singleQuoted(text, indent);
    else this.#doubleQuoted(text, indent);
  }

  /** A plain scalar, broken at single blanks past the fold column. */
  #folded(text: string, indent: number): void {
    this.#withFolds(text, indent, 0, text.length);
  }

  #singleQuoted(text: string, indent: number): void {
    this.#write("'");
    this.#withFolds(text, indent, 1, text.length - 1, true);
    this.#write("'");
  }

  /** Blanks between `from` and `to` may become line breaks if no other blank is beside them. */
  #withFolds(text: string, indent: number, from: number, to: number, quoted = false): void {
    let previousSpace = false;
    const escape = (part: string) => (quoted ? part.replaceAll("'", "''") : part);
    let run = '';
    for (let i = 0; i < text.length; i++) {
      const c = text[i]!;
      if (c !== ' ') {
        run += c;
        previousSpace = false;
        continue;
      }
      const column = this.#column + [...escape(run)].length;
      if (!previousSpace && column > foldColumn && i >= from && i < to && text[i + 1] !== ' ') {
        this.#write(escape(run));
        run = '';
        this.#startLine(indent);
      } else run += c;
      previousSpace = true;
    }
    this.#write(escape(run));
  }

  #doubleQuoted(text: string, indent: number | undefined): void {
    this.#write('"');
    let previousSpace = false;
    const characters = [...text];
    characters.forEach((c, i) => {
      if (c === ' ') {
        const fold =
          indent !== undefined && !previousSpace && this.#column > foldColumn && i > 0 && i < characters.length - 1;
        if (fold) {
          this.#startLine(indent);
          if (characters[i + 1] === ' ') this.#write('\\');
        } else this.#write(' ');
        previousSpace = true;
        return;
      }
      this.#write(c === '"' || c === '\\' || c === '\n' || !isPrintable(c) ? escapeCharacter(c) : c);
      previousSpace = false;
    });
    this.#write('"');
  }

  #literal(text: string, indent: number): void {
    const first = text[0]!;
    const hint = first === ' ' || first === '\n' ? '2' : '';
    const chomp = !text.endsWith('\n') ? '-' : text.length === 1 || text.at(-2) === '\n' ? '+' : '';
    this.#write(`|${hint}${chomp}\n`);
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    // Nested scalars are indented once more than their collection, at the top by the usual two.
    const blanks = ' '.repeat(Math.max(indent, 2));
    lines.forEach((line, i) => {
      if (i > 0) this.#write('\n');
      if (line !== '') this.#write(blanks + line);
    });
    this.#write('\n');
    this.#column = 0;
  }
}

function scalar(value: unknown): string {
  if (typeof value === 'number')
    return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? String(value) : formatFloat(value);
  return String(value);
}

/** Which forms can carry a text (libyaml's analysis of a scalar). */
function analyze(text: string): { plain: boolean; singleQuoted: boolean; block: boolean } {
  if (text === '') return { plain: true, singleQuoted: true, block: false };
  const characters = [...text];
  let blockIndicators = text.startsWith('---') || text.startsWith('...');
  let lineBreaks = false;
  let special = false;
  let breakSpace = false;
  let spaceBreak = false;
  let previous = ' ';
  characters.forEach((c, i) => {
    const next = characters[i + 1];
    const blankNext = next === undefined || next === ' ' || next === '\t' || isBreak(next);
    if (i === 0) {
      if ('#,[]{}&*!|>\'"%@`'.includes(c)) blockIndicators = true;
      else if ('?:-'.includes(c) && blankNext) blockIndicators = true;
    } else if ((c === ':' && blankNext) || (c === '#' && (previous === ' ' || previous === '\t' || isBreak(previous))))
      blockIndicators = true;
    if (!isPrintable(c)) special = true;
    if (c === ' ' && i > 0 && isBreak(previous)) breakSpace = true;
    if (isBreak(c)) {
      lineBreaks = true;
      if (previous === ' ' && i > 0) spaceBreak = true;
    }
    previous = c;
  });
  const first = characters[0]!;
  const last = characters.at(-1)!;
  const edges = first === ' ' || isBreak(first) || last === ' ' || isBreak(last);
  const hard = spaceBreak || special;
  return {
    plain: !(edges || breakSpace || hard || lineBreaks || blockIndicators),
    singleQuoted: !(breakSpace || hard),
    block: !(last === ' ' || hard),
  };
}

function isBreak(c: string): boolean {
  return c === '\n' || c === '\r' || c === '\u0085' || c === '\u2028' || c === '\u2029';
}

function isPrintable(c: string): boolean {
  const code = c.codePointAt(0)!;
  return (
    code === 0x0a ||
    (code >= 0x20 && code <= 0x7e) ||
    (code >= 0xa0 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd && code !== 0xfeff)
  );
}

const escapes: Record<string, string> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u00a0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function escapeCharacter(c: string): string {
  const known = escapes[c];
  if (known) return known;
  const hex = c.codePointAt(0)!.toString(16).toUpperCase();
  return hex.length <= 2
    ? `\\x${hex.padStart(2, '0')}`
    : hex.length <= 4
      ? `\\u${hex.padStart(4, '0')}`
      : `\\U${hex.padStart(8, '0')}`;
}

const letter = /\p{L}/u;
const digit = /\p{Nd}/u;

/** The library's order of keys: letters after other characters, digits as numbers. */
export function compareKeys(a: string, b: string): number {
  const ar = [...a];
  const br = [...b];
  for (let i = 0; i < ar.length && i < br.length; i++) {
    const x = ar[i]!;
    const y = br[i]!;
    if (x === y) continue;
    const xLetter = letter.test(x);
    const yLetter = letter.test(y);
    if (xLetter && yLetter) return x < y ? -1 : 1;
    if (xLetter || yLetter) return yLetter ? -1 : 1;
    let an = 0;
    let bn = 0;
    if (x === '0' || y === '0')
      for (let j = i - 1; j >= 0 && digit.test(ar[j]!); j--)
        if (ar[j] !== '0') {
          an = bn = 1;
          break;
        }
    let ai = i;
    let bi = i;
    for (; ai < ar.length && digit.test(ar[ai]!); ai++) an = an * 10 + Number(ar[ai]);
    for (; bi < br.length && digit.test(br[bi]!); bi++) bn = bn * 10 + Number(br[bi]);
    if (an !== bn) return an - bn;
    if (ai !== bi) return ai - bi;
    return x < y ? -1 : 1;
  }
  return ar.length - br.length;
}
