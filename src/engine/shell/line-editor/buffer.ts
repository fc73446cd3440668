/** The line being edited: characters (code points) and a cursor, with readline's editing commands. */
export class LineBuffer {
  #glyphs: string[] = [];
  #cursor = 0;
  #killed = '';
  /** States to go back to with undo. */
  #undo: { glyphs: string[]; cursor: number }[] = [];
  #typing = false;

  get text(): string {
    return this.#glyphs.join('');
  }

  get glyphs(): readonly string[] {
    return this.#glyphs;
  }

  get cursor(): number {
    return this.#cursor;
  }

  get atEnd(): boolean {
    return this.#cursor === this.#glyphs.length;
  }

  beforeCursor(): string {
    return this.#glyphs.slice(0, this.#cursor).join('');
  }

  /** Replaces everything; the cursor goes to the end, or to `cursor`. */
  set(text: string, cursor?: number): void {
    this.#remember();
    this.#glyphs = [...text];
    this.#cursor = Math.min(cursor ?? this.#glyphs.length, this.#glyphs.length);
  }

  insert(text: string): void {
    if (!this.#typing) this.#remember();
    this.#typing = true;
    const added = [...text];
    this.#glyphs = [...this.#glyphs.slice(0, this.#cursor), ...added, ...this.#glyphs.slice(this.#cursor)];
    this.#cursor += added.length;
  }

  moveTo(position: number): void {
    this.#typing = false;
    this.#cursor = Math.max(0, Math.min(position, this.#glyphs.length));
  }

  /** Removes characters around the cursor. @param kill they can be yanked back */
  remove(from: number, to: number, kill = false): void {
    const start = Math.max(0, Math.min(from, to));
    const end = Math.min(this.#glyphs.length, Math.max(from, to));
    if (start === end) return;
    this.#remember();
    if (kill) this.#killed = this.#glyphs.slice(start, end).join('');
    this.#glyphs = [...this.#glyphs.slice(0, start), ...this.#glyphs.slice(end)];
    this.#cursor = start;
  }

  yank(): void {
    if (this.#killed) this.insert(this.#killed);
  }

  transpose(): void {
    if (this.#cursor === 0 || this.#glyphs.length < 2) return;
    this.#remember();
    const at = this.atEnd ? this.#cursor - 1 : this.#cursor;
    const [a, b] = [this.#glyphs[at - 1]!, this.#glyphs[at]!];
    this.#glyphs = this.#glyphs.with(at - 1, b).with(at, a);
    this.#cursor = at + 1;
  }

  undo(): void {
    const state = this.#undo.pop();
    if (!state) return;
    this.#glyphs = state.glyphs;
    this.#cursor = state.cursor;
    this.#typing = false;
  }

  /** Start of the word before the cursor: letters and digits, as Alt-B has it. */
  wordLeft(): number {
    let at = this.#cursor;
    while (at > 0 && !isWordGlyph(this.#glyphs[at - 1]!)) at--;
    while (at > 0 && isWordGlyph(this.#glyphs[at - 1]!)) at--;
    return at;
  }

  /** End of the word after the cursor. */
  wordRight(): number {
    let at = this.#cursor;
    while (at < this.#glyphs.length && !isWordGlyph(this.#glyphs[at]!)) at++;
    while (at < this.#glyphs.length && isWordGlyph(this.#glyphs[at]!)) at++;
    return at;
  }

  /** Start of the word before the cursor as Ctrl-W has it: up to a blank. */
  blankWordLeft(): number {
    let at = this.#cursor;
    while (at > 0 && /\s/.test(this.#glyphs[at - 1]!)) at--;
    while (at > 0 && !/\s/.test(this.#glyphs[at - 1]!)) at--;
    return at;
  }

  #remember(): void {
    this.#typing = false;
    this.#undo.push({ glyphs: this.#glyphs, cursor: this.#cursor });
    if (this.#undo.length > 200) this.#undo.shift();
  }
}

function isWordGlyph(glyph: string): boolean {
  return /[\p{L}\p{N}]/u.test(glyph);
}
