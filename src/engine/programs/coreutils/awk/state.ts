import { splitBy, type Regex } from '../../../regex/linear.ts';
import { posixRegex, RegexError } from '../../../regex/posix.ts';
import { ToolError, type Tool } from '../../lib/tool.ts';
import { sprintf } from './text.ts';
import { fromInput, PendingArray, StrNum, toNumber, type AwkArray, type Slot, type Value } from './values.ts';

/** What a running awk program remembers: variables, the record and its fields, and how values become text. */
export class AwkState {
  readonly globals = new Map<string, Slot>();
  /** Of the function that runs now. */
  locals: Map<string, Slot> | undefined;
  /** What `srand` was given last. */
  seed = 0;
  #record = '';
  #fields: Value[] | undefined = [];
  #recordStale = false;
  readonly #regexes = new Map<string, Regex>();

  constructor(tool: Tool) {
    const values: Record<string, Value> = {
      FS: ' ',
      OFS: ' ',
      ORS: '\n',
      RS: '\n',
      SUBSEP: '\x1c',
      CONVFMT: '%.6g',
      OFMT: '%.6g',
      NR: 0,
      FNR: 0,
      NF: 0,
      FILENAME: '',
      RSTART: 0,
      RLENGTH: -1,
    };
    for (const [name, value] of Object.entries(values)) this.globals.set(name, value);
    this.globals.set('ENVIRON', new Map([...tool.process.env].map(([k, v]) => [k, fromInput(v)])));
  }

  /** A global scalar as text. */
  setting(name: string): string {
    return this.text(this.globals.get(name) as Value);
  }

  /** Counts a global up by one. */
  count(name: string): void {
    this.globals.set(name, toNumber(this.globals.get(name) as Value) + 1);
  }

  setRecord(text: string): void {
    this.#record = text;
    this.#fields = undefined;
    this.#recordStale = false;
  }

  currentRecord(): string {
    if (this.#recordStale) {
      this.#record = this.#fields!.map((f) => this.text(f)).join(this.setting('OFS'));
      this.#recordStale = false;
    }
    return this.#record;
  }

  #splitFields(): Value[] {
    if (!this.#fields) this.#fields = this.split(this.#record, this.setting('FS')).map(fromInput);
    return this.#fields;
  }

  split(text: string, separator: string): string[] {
    if (separator === ' ') return text.trim() === '' ? [] : text.replace(/^[ \t\n]+|[ \t\n]+$/g, '').split(/[ \t\n]+/);
    if (text === '') return [];
    if (separator === '') return [...text];
    if (separator === '\t' || (separator.length === 1 && !/[\\^$.*+?()[\]{}|]/.test(separator)))
      return text.split(this.setting('RS') === '' ? new RegExp(`[\\n${separator}]`) : separator);
    if (separator.length === 1) return text.split(separator);
    return splitBy(text, this.regex(separator));
  }

  getField(index: number): Value {
    if (index < 0) throw new ToolError(`attempt to access field ${index}`, { status: 2 });
    if (index === 0) return fromInput(this.currentRecord());
    return this.#splitFields()[index - 1];
  }

  setField(index: number, value: Value): void {
    if (index === 0) return this.setRecord(this.text(value));
    if (index < 0 || index > 1_000_000) throw new ToolError(`attempt to access field ${index}`, { status: 2 });
    const fields = this.#splitFields();
    while (fields.length < index) fields.push('');
    fields[index - 1] = value;
    this.#recordStale = true;
  }

  scope(name: string): Map<string, Slot> {
    return this.locals?.has(name) ? this.locals : this.globals;
  }

  getVariable(name: string): Value {
    if (name === 'NF') return this.#splitFields().length;
    const value = this.scope(name).get(name);
    if (value instanceof Map) throw new ToolError(`can't use array ${name} in scalar context`, { status: 2 });
    return value instanceof PendingArray ? undefined : value;
  }

  setScalar(name: string, value: Value): void {
    if (name === 'NF') {
      const fields = this.#splitFields();
      const count = Math.max(0, Math.min(1_000_000, toNumber(value)));
      while (fields.length < count) fields.push('');
      fields.length = count;
      this.#recordStale = true;
      return;
    }
    const scope = this.scope(name);
    if (scope.get(name) instanceof Map) throw new ToolError(`can't use array ${name} in scalar context`, { status: 2 });
    scope.set(name, value);
  }

  array(name: string): AwkArray {
    const scope = this.scope(name);
    const value = scope.get(name);
    if (value instanceof Map) return value;
    if (value instanceof PendingArray) return value.take();
    if (value !== undefined) throw new ToolError(`can't use scalar ${name} as array`, { status: 2 });
    const array: AwkArray = new Map();
    scope.set(name, array);
    return array;
  }

  text(value: Value, format = 'CONVFMT'): string {
    if (typeof value === 'string') return value;
    if (value === undefined) return '';
    if (value instanceof StrNum) return value.text;
    return this.#numberText(value, format);
  }

  #numberText(value: number, format: string): string {
    if (Number.isInteger(value) && Math.abs(value) < 1e16) return String(value === 0 ? 0 : value);
    if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
    return this.sprintf(this.setting(format), [value]);
  }

  regex(source: string): Regex {
    let regex = this.#regexes.get(source);
    if (!regex) {
      try {
        regex = posixRegex(source, { extended: true });
      } catch (error) {
        if (error instanceof RegexError)
          throw new ToolError(`regular expression compile failed (${error.message.toLowerCase()})\n${source}`, {
            status: 2,
          });
        throw error;
      }
      this.#regexes.set(source, regex);
    }
    regex.lastIndex = 0;
    return regex;
  }

  sprintf(format: string, values: readonly Value[]): string {
    return sprintf(format, values, (value) => this.text(value));
  }
}
