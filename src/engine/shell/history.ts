/** The command history of interactive shells. */
export class History {
  entries: string[] = [];
  /** Number of the first entry. */
  first = 1;
  /** Entries that stand in the history file already. */
  saved = 0;
  limit = 1000;

  get nextNumber(): number {
    return this.first + this.entries.length;
  }

  /** Adds a command, with the rules of `HISTCONTROL=ignoreboth`. */
  add(command: string, control = 'ignoreboth'): void {
    const text = command.replace(/\n+$/, '');
    if (text.trim() === '') return;
    const ignoreSpace = /ignorespace|ignoreboth/.test(control);
    if (ignoreSpace && /^\s/.test(text)) return;
    if (/ignoredups|ignoreboth/.test(control) && this.entries.at(-1) === text) return;
    this.entries.push(text);
    const surplus = this.entries.length - this.limit;
    if (surplus > 0) {
      this.entries.splice(0, surplus);
      this.first += surplus;
      this.saved = Math.max(0, this.saved - surplus);
    }
  }

  clear(): void {
    this.first = this.nextNumber;
    this.entries = [];
    this.saved = 0;
  }

  delete(number: number): boolean {
    const at = number - this.first;
    if (at < 0 || at >= this.entries.length) return false;
    this.entries.splice(at, 1);
    if (at < this.saved) this.saved--;
    return true;
  }

  /** Replaces `!!`, `!n`, `!-n`, `!text`, `!$`. Undefined if an event is not found (its text is `missing`). */
  expand(line: string): { text: string; changed: boolean } | { missing: string } {
    let quote = '';
    let out = '';
    let changed = false;
    for (let i = 0; i < line.length; i++) {
      const c = line[i]!;
      if (c === '\\' && quote !== "'") {
        out += c + (line[++i] ?? '');
        continue;
      }
      if (c === "'" && quote === '') quote = "'";
      else if (c === "'" && quote === "'") quote = '';
      const match = c === '!' && quote !== "'" ? /^!(!|\$|-?\d+|\?[^?\n]+\??|[\w./-]+)/.exec(line.slice(i)) : null;
      if (!match || (i > 0 && /[[${]/.test(line[i - 1]!))) {
        out += c;
        continue;
      }
      const found = this.#event(match[1]!);
      if (found === undefined) return { missing: match[0] };
      out += found;
      changed = true;
      i += match[0].length - 1;
    }
    return { text: out, changed };
  }

  #event(spec: string): string | undefined {
    if (spec === '!') return this.entries.at(-1);
    if (spec === '$') return this.entries.at(-1)?.split(/\s+/).at(-1);
    if (/^-?\d+$/.test(spec)) {
      const n = Number(spec);
      return n < 0 ? this.entries.at(n) : this.entries[n - this.first];
    }
    if (spec.startsWith('?')) return this.entries.findLast((e) => e.includes(spec.slice(1).replace(/\?$/, '')));
    return this.entries.findLast((e) => e.startsWith(spec));
  }
}
