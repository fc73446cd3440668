/** Brace expansion (bash's "Brace Expansion"): works on the text of a word, before every other expansion. */

/** Words that one word may become at most: `{1..1000000000}` ends in an error, not in an endless wait. */
const wordLimit = 100_000;

export class BraceLimit extends Error {
  override name = 'BraceLimit';
  constructor() {
    super(`brace expansion: more than ${wordLimit} words`);
  }
}

/** The words that `text` (shell source of one word) stands for. @throws BraceLimit */
export function expandBraces(text: string): string[] {
  const open = findBrace(text);
  if (!open) return [text];
  const { start, end, parts } = open;
  const before = text.slice(0, start);
  const middles = parts.length > 1 ? parts.flatMap(expandBraces) : sequence(parts[0]!);
  if (!middles) return expandBraces(text.slice(end)).map((rest) => text.slice(0, end) + rest);
  const rests = expandBraces(text.slice(end));
  if (middles.length * rests.length > wordLimit) throw new BraceLimit();
  return middles.flatMap((middle) => rests.map((rest) => before + middle + rest));
}

/** The first brace group with a comma or a range in it, quoting respected. */
function findBrace(text: string): { start: number; end: number; parts: string[] } | undefined {
  for (let i = 0; i < text.length; i = skip(text, i)) {
    if (text[i] !== '{') continue;
    if (text[i - 1] === '$') continue;
    const parts: string[] = [];
    let depth = 0;
    let from = i + 1;
    for (let j = i; j < text.length; j = skip(text, j)) {
      const c = text[j];
      if (c === '{') depth++;
      else if (c === ',' && depth === 1) {
        parts.push(text.slice(from, j));
        from = j + 1;
      } else if (c === '}' && --depth === 0) {
        parts.push(text.slice(from, j));
        if (parts.length > 1 || /\.\./.test(parts[0]!)) return { start: i, end: j + 1, parts };
        break;
      }
    }
  }
  return undefined;
}

/** The index after the character at `i`, or after the quoted or substituted stretch that begins there. */
function skip(text: string, i: number): number {
  const c = text[i];
  if (c === '\\') return i + 2;
  if (c === "'") return after(text, i + 1, "'");
  if (c === '"') {
    for (let j = i + 1; j < text.length; j++) {
      if (text[j] === '\\') j++;
      else if (text[j] === '"') return j + 1;
    }
    return text.length;
  }
  if (c === '`') return after(text, i + 1, '`');
  if (c === '$' && (text[i + 1] === '{' || text[i + 1] === '(')) {
    const [open, close] = text[i + 1] === '{' ? ['{', '}'] : ['(', ')'];
    let depth = 0;
    for (let j = i + 1; j < text.length; j++) {
      if (text[j] === '\\') j++;
      else if (text[j] === open) depth++;
      else if (text[j] === close && --depth === 0) return j + 1;
    }
    return text.length;
  }
  return i + 1;
}

function after(text: string, from: number, quote: string): number {
  const at = text.indexOf(quote, from);
  return at < 0 ? text.length : at + 1;
}

function sequence(body: string): string[] | undefined {
  const numbers = /^(-?\d+)\.\.(-?\d+)(?:\.\.(-?\d+))?$/.exec(body);
  if (numbers) {
    const [from, to] = [Number(numbers[1]), Number(numbers[2])];
    const step = Math.abs(Number(numbers[3] ?? 1)) || 1;
    if (Math.abs(to - from) / step > wordLimit) throw new BraceLimit();
    const padded = [numbers[1]!, numbers[2]!].some((n) => /^-?0\d/.test(n));
    const width = padded ? Math.max(numbers[1]!.length, numbers[2]!.length) : 0;
    const out: string[] = [];
    for (let n = from; from <= to ? n <= to : n >= to; n += from <= to ? step : -step)
      out.push(n < 0 ? '-' + String(-n).padStart(width - 1, '0') : String(n).padStart(width, '0'));
    return out;
  }
  const letters = /^([A-Za-z])\.\.([A-Za-z])(?:\.\.(-?\d+))?$/.exec(body);
  if (!letters) return undefined;
  const [from, to] = [letters[1]!.charCodeAt(0), letters[2]!.charCodeAt(0)];
  const step = Math.abs(Number(letters[3] ?? 1)) || 1;
  const out: string[] = [];
  for (let c = from; from <= to ? c <= to : c >= to; c += from <= to ? step : -step) {
    const char = String.fromCharCode(c);
    out.push(/[\\`]/.test(char) ? '\\' + char : char);
  }
  return out;
}
