import { escapePattern } from './pattern.ts';

/** A stretch of an expanded word; quoted stretches are neither split nor taken as patterns. */
export interface Segment {
  text: string;
  quoted: boolean;
}

export type Field = Segment[];

export function fieldText(field: Field): string {
  return field.length === 1 ? field[0]!.text : field.map((s) => s.text).join('');
}

/** The field as a pattern in which quoted text stands for itself. */
export function fieldPattern(field: Field): string {
  return field.map((s) => (s.quoted ? escapePattern(s.text) : s.text)).join('');
}

/**
 * Collects what a word expands to. With `ifs` unquoted expansions are split into fields; without, everything is
 * one field (assignments, redirect targets, patterns).
 */
export class FieldBuilder {
  readonly fields: Field[] = [];
  readonly #ifs: string | undefined;
  #current: Field | undefined;

  constructor(ifs: string | undefined) {
    this.#ifs = ifs;
  }

  get splits(): boolean {
    return this.#ifs !== undefined;
  }

  /** Text that is not split. Quoted text makes a field even if it is empty. */
  add(text: string, quoted: boolean): void {
    if (text === '' && !quoted) return;
    this.#current ??= [];
    this.#current.push({ text, quoted });
  }

  /** The result of an unquoted expansion. */
  addSplit(text: string): void {
    const ifs = this.#ifs;
    if (ifs === undefined) return this.add(text, false);
    if (ifs === '') return this.add(text, false);
    let from = 0;
    for (let i = 0; i < text.length;) {
      if (!ifs.includes(text[i]!)) {
        i++;
        continue;
      }
      this.add(text.slice(from, i), false);
      let hard = false;
      for (; i < text.length && ifs.includes(text[i]!); i++) {
        if (isBlank(text[i]!)) continue;
        if (hard) break;
        hard = true;
      }
      this.#end(hard);
      from = i;
    }
    this.add(text.slice(from), false);
  }

  /** Between the elements of `$@`. */
  nextField(): void {
    if (this.#ifs === undefined) this.add(' ', true);
    else this.#end(false);
  }

  finish(): Field[] {
    this.#end(false);
    return this.fields;
  }

  #end(force: boolean): void {
    if (this.#current) this.fields.push(this.#current);
    else if (force) this.fields.push([]);
    this.#current = undefined;
  }
}

function isBlank(c: string): boolean {
  return c === ' ' || c === '\t' || c === '\n';
}
