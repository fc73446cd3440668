/** A key as the line editor knows it: printable text, a paste, or a named key. */
export type Key = { type: 'text'; text: string } | { type: 'paste'; text: string } | { type: 'key'; name: string };

const pasteStart = '\x1b[200~';
const pasteEnd = '\x1b[201~';

/** Sequences that terminals send (xterm, vt220). */
const sequences: Readonly<Record<string, string>> = {
  '[A': 'up',
  '[B': 'down',
  '[C': 'right',
  '[D': 'left',
  OA: 'up',
  OB: 'down',
  OC: 'right',
  OD: 'left',
  '[H': 'home',
  '[F': 'end',
  OH: 'home',
  OF: 'end',
  '[1~': 'home',
  '[4~': 'end',
  '[7~': 'home',
  '[8~': 'end',
  '[3~': 'delete',
  '[5~': 'page-up',
  '[6~': 'page-down',
  '[1;5C': 'word-right',
  '[1;5D': 'word-left',
  '[1;3C': 'word-right',
  '[1;3D': 'word-left',
  '[3;5~': 'alt-d',
  '[Z': 'back-tab',
};

/** Turns what a terminal sends into keys; a sequence may come in pieces. */
export class KeyDecoder {
  #pending = '';
  /** Text of a bracketed paste whose end has not come yet. */
  #paste: string[] | undefined;
  #pasteLength = 0;
  readonly #pasteLimit: number;

  /** @param pasteLimit characters of a paste that are kept */
  constructor(pasteLimit: number) {
    this.#pasteLimit = pasteLimit;
  }

  decode(chunk: string): Key[] {
    const keys: Key[] = [];
    let text = this.#pending + chunk;
    this.#pending = '';
    while (text !== '') {
      if (this.#paste) {
        const end = text.indexOf(pasteEnd);
        if (end < 0) {
          // The end mark itself may be cut in two.
          const keep = partialSuffix(text, pasteEnd);
          this.#collect(text.slice(0, text.length - keep));
          this.#pending = text.slice(text.length - keep);
          return keys;
        }
        this.#collect(text.slice(0, end));
        keys.push({ type: 'paste', text: this.#paste.join('') });
        this.#paste = undefined;
        text = text.slice(end + pasteEnd.length);
        continue;
      }
      if (text[0] !== '\x1b') {
        const [key, length] = plainKey(text);
        keys.push(key);
        text = text.slice(length);
        continue;
      }
      if (text.startsWith(pasteStart)) {
        this.#paste = [];
        this.#pasteLength = 0;
        text = text.slice(pasteStart.length);
        continue;
      }
      const match = /^\x1b(\[[0-9;]*[A-Za-z~]|O[A-Z]|[^[O])/.exec(text);
      if (!match) {
        this.#pending = text;
        return keys;
      }
      keys.push(escapeKey(match[1]!));
      text = text.slice(match[0].length);
    }
    return keys;
  }

  #collect(text: string): void {
    const room = this.#pasteLimit + 1 - this.#pasteLength;
    if (room > 0) this.#paste!.push(text.slice(0, room));
    this.#pasteLength += text.length;
  }
}

function plainKey(text: string): [Key, number] {
  const code = text.charCodeAt(0);
  if (code === 127) return [{ type: 'key', name: 'backspace' }, 1];
  if (code >= 32) {
    const run = /^[^\x00-\x1f\x7f]+/.exec(text)![0];
    return [{ type: 'text', text: run }, run.length];
  }
  const named: Record<number, string> = { 8: 'backspace', 9: 'tab', 10: 'enter', 13: 'enter' };
  const name = named[code] ?? (code === 31 ? 'undo' : `ctrl-${String.fromCharCode(code + 96)}`);
  return [{ type: 'key', name }, 1];
}

function escapeKey(sequence: string): Key {
  const named = sequences[sequence];
  if (named) return { type: 'key', name: named };
  if (sequence.length > 1) return { type: 'key', name: 'unknown' };
  if (sequence === '\x7f' || sequence === '\b') return { type: 'key', name: 'alt-backspace' };
  return { type: 'key', name: `alt-${sequence}` };
}

/** How many characters at the end of `text` begin `mark`. */
function partialSuffix(text: string, mark: string): number {
  for (let n = Math.min(mark.length - 1, text.length); n > 0; n--) if (mark.startsWith(text.slice(-n))) return n;
  return 0;
}
