/** Keys as a terminal sends them (xterm), by the names the line editor knows. */
export type Key = { name: string } | { text: string } | { paste: string };

const sequences: Record<string, string> = {
  '[A': 'up', '[B': 'down', '[C': 'right', '[D': 'left', '[H': 'home', '[F': 'end', OA: 'up', OB: 'down', OC: 'right', OD: 'left', OH: 'home', OF: 'end',
  '[1~': 'home', '[7~': 'home', '[4~': 'end', '[8~': 'end', '[3~': 'delete', '[2~': 'insert', '[5~': 'page-up', '[6~': 'page-down',
  '[1;5C': 'word-right', '[1;5D': 'word-left', '[1;3C': 'word-right', '[1;3D': 'word-left', '[5C': 'word-right', '[5D': 'word-left', '[3;5~': 'kill-word', '[Z': 'shift-tab',
}; // prettier-ignore

const meta: Record<string, string> = {
  b: 'word-left',
  f: 'word-right',
  d: 'kill-word',
  '\x7f': 'backward-kill-word',
  '\b': 'backward-kill-word',
  '.': 'last-argument',
  _: 'last-argument',
  u: 'upcase',
  l: 'downcase',
  c: 'capitalize',
  t: 'transpose-words',
  '<': 'history-first',
  '>': 'history-last',
  y: 'yank-pop',
  '#': 'comment',
};

const controls: Record<string, string> = {
  '\x01': 'home', '\x02': 'left', '\x03': 'interrupt', '\x04': 'eof', '\x05': 'end', '\x06': 'right', '\x07': 'abort', '\b': 'backspace', '\t': 'tab', '\n': 'enter',
  '\x0b': 'kill-line', '\x0c': 'clear', '\r': 'enter', '\x0e': 'down', '\x0f': 'enter', '\x10': 'up', '\x12': 'search', '\x13': 'forward-search', '\x14': 'transpose', '\x15': 'kill-to-start',
  '\x16': 'quoted-insert', '\x17': 'kill-word-back', '\x19': 'yank', '\x1a': 'ignore', '\x1f': 'undo', '\x7f': 'backspace',
}; // prettier-ignore

const pasteStart = '\x1b[200~';
const pasteEnd = '\x1b[201~';

/** Splits input into keys. Sequences and pastes that are not whole yet wait for more. */
export class KeyDecoder {
  #rest = '';
  #paste: string[] | undefined;
  readonly #decoder = new TextDecoder();

  /** @param bytes of one read */
  decode(bytes: Uint8Array): Key[] {
    let text = this.#rest + this.#decoder.decode(bytes, { stream: true });
    this.#rest = '';
    const keys: Key[] = [];
    while (text !== '') {
      if (this.#paste) {
        const end = text.indexOf(pasteEnd);
        if (end < 0) {
          // The end mark may be cut in two.
          const keep = cutMark(text);
          this.#paste.push(text.slice(0, text.length - keep));
          this.#rest = text.slice(text.length - keep);
          return keys;
        }
        this.#paste.push(text.slice(0, end));
        keys.push({ paste: this.#paste.join('') });
        this.#paste = undefined;
        text = text.slice(end + pasteEnd.length);
        continue;
      }

      const plain = /^[^\x00-\x1f\x7f]+/.exec(text);
      if (plain) {
        keys.push({ text: plain[0] });
        text = text.slice(plain[0].length);
        continue;
      }
      if (text.startsWith(pasteStart)) {
        this.#paste = [];
        text = text.slice(pasteStart.length);
        continue;
      }
      if (text[0] !== '\x1b') {
        keys.push({ name: controls[text[0]!] ?? 'ignore' });
        text = text.slice(1);
        continue;
      }

      const sequence = /^\x1b(\[[0-9;?]*[A-Za-z~]|O[A-Za-z])/.exec(text);
      if (sequence) {
        keys.push({ name: sequences[sequence[1]!] ?? 'ignore' });
        text = text.slice(sequence[0].length);
        continue;
      }

      if (text.length > 1 && !/^\x1b(\[[0-9;?]*|O)$/.test(text)) {
        keys.push({ name: meta[text[1]!] ?? 'ignore' });
        text = text.slice(2);
        continue;
      }
      this.#rest = text.length > 1 ? text : '';
      return keys;
    }
    return keys;
  }
}

function cutMark(text: string): number {
  for (let n = Math.min(pasteEnd.length - 1, text.length); n > 0; n--)
    if (text.endsWith(pasteEnd.slice(0, n))) return n;
  return 0;
}
