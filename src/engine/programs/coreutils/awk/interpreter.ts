import { openInput, openOutput } from '../../../process/index.ts';
import { FsError, type ByteReader, type ByteWriter } from '../../../world/index.ts';
import { splitBy, type Regex } from '../../../regex/linear.ts';
import { posixRegex, RegexError } from '../../../regex/posix.ts';
import { strftime } from '../../../shell/strftime.ts';
import { captureCommand, runCommandLine } from '../../lib/subprocess.ts';
import { Lines, ToolError, type Tool } from '../../lib/tool.ts';
import { splitParagraphs, WholeInput } from './input.ts';
import type { AwkFunction, AwkProgram, Expression, Statement } from './syntax.ts';
import { replaceMatches, sprintf, unescapeValue } from './text.ts';
import {
  arithmetic,
  fromInput,
  PendingArray,
  StrNum,
  toNumber,
  truth,
  type AwkArray,
  type Slot,
  type Value,
} from './values.ts';

class Next extends Error {}
class NextFile extends Error {}
class ExitProgram extends Error {}
class BreakOut extends Error {}
class ContinueOn extends Error {}
class ReturnValue extends Error {
  readonly value: Value;
  constructor(value: Value) {
    super();
    this.value = value;
  }
}

/** Calls nest at most this deep. */
const callLimit = 1000;
/** A string may grow to this length. */
const stringLimit = 64 << 20;

interface Frame {
  locals: Map<string, Slot>;
}

export class Awk {
  readonly #tool: Tool;
  readonly #program: AwkProgram;
  readonly #globals = new Map<string, Slot>();
  #frame: Frame | undefined;
  #depth = 0;
  #record = '';
  #fields: Value[] | undefined = [];
  #recordStale = false;
  #lines: Lines | undefined;
  #reader: ByteReader | undefined;
  #queue: string[] = [];
  #argument = 1;
  #usedFile = false;
  #inputEnded = false;
  readonly #ranges = new Map<number, boolean>();
  readonly #outputs = new Map<string, { write: (text: string) => Promise<void>; close: () => Promise<number> }>();
  readonly #inputs = new Map<string, { lines: Lines; queue: string[]; close: () => void }>();
  readonly #regexes = new Map<string, Regex>();
  #steps = 0;
  #seed = 0;
  exitStatus = 0;

  constructor(tool: Tool, program: AwkProgram) {
    this.#tool = tool;
    this.#program = program;
    const set = (name: string, value: Value) => this.#globals.set(name, value);
    set('FS', ' ');
    set('OFS', ' ');
    set('ORS', '\n');
    set('RS', '\n');
    set('SUBSEP', '\x1c');
    set('CONVFMT', '%.6g');
    set('OFMT', '%.6g');
    set('NR', 0);
    set('FNR', 0);
    set('NF', 0);
    set('FILENAME', '');
    set('RSTART', 0);
    set('RLENGTH', -1);
    this.#globals.set('ENVIRON', new Map([...tool.process.env].map(([k, v]) => [k, fromInput(v)])));
  }

  setVariable(name: string, value: Value): void {
    this.#globals.set(name, value);
  }

  setArguments(args: readonly string[]): void {
    this.#globals.set('ARGC', args.length);
    this.#globals.set('ARGV', new Map(args.map((a, i) => [String(i), fromInput(a)])));
  }

  async run(): Promise<number> {
    const { rules } = this.#program;
    try {
      for (const rule of rules) if (rule.kind === 'begin') await this.#execute(rule.action!);
      if (rules.some((r) => r.kind !== 'begin')) await this.#mainLoop();
    } catch (error) {
      if (!(error instanceof ExitProgram)) throw error;
    }
    try {
      for (const rule of rules) if (rule.kind === 'end') await this.#execute(rule.action!);
    } catch (error) {
      if (!(error instanceof ExitProgram)) throw error;
    }
    await this.#tool.flush();
    for (const output of this.#outputs.values()) await output.close();
    return this.exitStatus;
  }

  async #mainLoop(): Promise<void> {
    for (let line = await this.#nextRecord(); line !== undefined; line = await this.#nextRecord()) {
      this.#setRecord(line);
      try {
        await this.#rulesForRecord();
      } catch (error) {
        if (error instanceof NextFile) {
          this.#lines = undefined;
          this.#queue = [];
        } else if (!(error instanceof Next)) throw error;
      }
    }
  }

  async #rulesForRecord(): Promise<void> {
    const { rules } = this.#program;
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i]!;
      if (rule.kind !== 'main') continue;
      if (rule.to) {
        if (!this.#ranges.get(i) && !truth(await this.#eval(rule.pattern!))) continue;
        this.#ranges.set(i, !truth(await this.#eval(rule.to)));
      } else if (rule.pattern && !truth(await this.#eval(rule.pattern))) continue;
      if (rule.action) await this.#execute(rule.action);
      else this.#tool.put(this.#currentRecord() + this.#text(this.#globals.get('ORS') as Value));
    }
  }

  // Input

  async #nextRecord(): Promise<string | undefined> {
    for (;;) {
      if (this.#queue.length > 0) {
        this.#count();
        return this.#queue.shift()!;
      }
      await this.#tool.flush();
      const batch = await this.#lines?.batch();
      if (batch) {
        this.#queue = this.#paragraphs ? splitParagraphs(batch) : batch;
        continue;
      }
      this.#reader?.close();
      this.#reader = this.#lines = undefined;
      if (this.#inputEnded || !(await this.#openNext())) {
        this.#inputEnded = true;
        return undefined;
      }
    }
  }

  #paragraphs = false;

  #count(): void {
    this.#globals.set('NR', toNumber(this.#globals.get('NR') as Value) + 1);
    this.#globals.set('FNR', toNumber(this.#globals.get('FNR') as Value) + 1);
  }

  async #openNext(): Promise<boolean> {
    const argv = this.#globals.get('ARGV') as AwkArray;
    const argc = toNumber(this.#globals.get('ARGC') as Value);
    for (; this.#argument < argc; this.#argument++) {
      const argument = this.#text(argv.get(String(this.#argument)));
      if (argument === '') continue;
      const assignment = /^([A-Za-z_]\w*)=([^]*)$/.exec(argument);
      if (assignment) {
        this.#globals.set(assignment[1]!, fromInput(unescapeValue(assignment[2]!)));
        continue;
      }
      this.#argument++;
      this.#usedFile = true;
      return this.#open(argument);
    }
    if (this.#usedFile) return false;
    this.#usedFile = true;
    return this.#open('-');
  }

  async #open(file: string): Promise<boolean> {
    try {
      this.#reader = file === '-' ? this.#tool.process.stdin : openInput(this.#tool.process, file);
    } catch (error) {
      if (!(error instanceof FsError)) throw error;
      await this.#tool.complain(`cannot open ${file} (${error.message})`, 2);
      this.exitStatus = 2;
      return this.#openNext();
    }
    this.#globals.set('FILENAME', file === '-' ? '' : file);
    this.#globals.set('FNR', 0);
    this.#lines = this.#linesOf(this.#reader);
    return true;
  }

  #linesOf(reader: ByteReader): Lines {
    const separator = this.#text(this.#globals.get('RS') as Value);
    this.#paragraphs = separator === '';
    if (separator === '') return new WholeInput(this.#tool, reader, (text) => splitParagraphs([text]));
    if (separator.length === 1) return new Lines(this.#tool, reader, separator);
    const regex = this.#regex(separator);
    return new WholeInput(this.#tool, reader, (text) => {
      const parts = splitBy(text, regex);
      if (parts.at(-1) === '' || parts.at(-1) === '\n') parts.pop();
      return parts;
    });
  }

  // Record and fields

  #setRecord(text: string): void {
    this.#record = text;
    this.#fields = undefined;
    this.#recordStale = false;
  }

  #currentRecord(): string {
    if (this.#recordStale) {
      this.#record = this.#fields!.map((f) => this.#text(f)).join(this.#text(this.#globals.get('OFS') as Value));
      this.#recordStale = false;
    }
    return this.#record;
  }

  #splitFields(): Value[] {
    if (!this.#fields)
      this.#fields = this.#split(this.#record, this.#text(this.#globals.get('FS') as Value)).map(fromInput);
    return this.#fields;
  }

  #split(text: string, separator: string): string[] {
    if (separator === ' ') return text.trim() === '' ? [] : text.replace(/^[ \t\n]+|[ \t\n]+$/g, '').split(/[ \t\n]+/);
    if (text === '') return [];
    if (separator === '') return [...text];
    if (separator === '\t' || (separator.length === 1 && !/[\\^$.*+?()[\]{}|]/.test(separator)))
      return text.split(this.#paragraphs ? new RegExp(`[\\n${separator}]`) : separator);
    if (separator.length === 1) return text.split(separator);
    return splitBy(text, this.#regex(separator));
  }

  #getField(index: number): Value {
    if (index < 0) throw new ToolError(`attempt to access field ${index}`, { status: 2 });
    if (index === 0) return fromInput(this.#currentRecord());
    return this.#splitFields()[index - 1];
  }

  #setField(index: number, value: Value): void {
    if (index === 0) return this.#setRecord(this.#text(value));
    if (index < 0 || index > 1_000_000) throw new ToolError(`attempt to access field ${index}`, { status: 2 });
    const fields = this.#splitFields();
    while (fields.length < index) fields.push('');
    fields[index - 1] = value;
    this.#recordStale = true;
  }

  // Variables

  #scope(name: string): Map<string, Slot> {
    return this.#frame?.locals.has(name) ? this.#frame.locals : this.#globals;
  }

  #getVariable(name: string): Value {
    if (name === 'NF') return this.#splitFields().length;
    const value = this.#scope(name).get(name);
    if (value instanceof Map) throw new ToolError(`can't use array ${name} in scalar context`, { status: 2 });
    return value instanceof PendingArray ? undefined : value;
  }

  #setScalar(name: string, value: Value): void {
    if (name === 'NF') {
      const fields = this.#splitFields();
      const count = Math.max(0, Math.min(1_000_000, toNumber(value)));
      while (fields.length < count) fields.push('');
      fields.length = count;
      this.#recordStale = true;
      return;
    }
    const scope = this.#scope(name);
    if (scope.get(name) instanceof Map) throw new ToolError(`can't use array ${name} in scalar context`, { status: 2 });
    scope.set(name, value);
  }

  #array(name: string): AwkArray {
    const scope = this.#scope(name);
    const value = scope.get(name);
    if (value instanceof Map) return value;
    if (value instanceof PendingArray) return value.take();
    if (value !== undefined) throw new ToolError(`can't use scalar ${name} as array`, { status: 2 });
    const array: AwkArray = new Map();
    scope.set(name, array);
    return array;
  }

  async #key(keys: readonly Expression[]): Promise<string> {
    const parts: string[] = [];
    for (const key of keys) parts.push(this.#text(await this.#eval(key)));
    return parts.join(parts.length > 1 ? this.#text(this.#globals.get('SUBSEP') as Value) : '');
  }

  #text(value: Value, format = 'CONVFMT'): string {
    if (typeof value === 'string') return value;
    if (value === undefined) return '';
    if (value instanceof StrNum) return value.text;
    return this.#numberText(value, format);
  }

  #numberText(value: number, format: string): string {
    if (Number.isInteger(value) && Math.abs(value) < 1e16) return String(value === 0 ? 0 : value);
    if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
    return this.#sprintf(this.#text(this.#globals.get(format) as Value), [value]);
  }

  #regex(source: string): Regex {
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

  async #regexOf(e: Expression): Promise<Regex> {
    return this.#regex(e.type === 'regex' ? e.source : this.#text(await this.#eval(e)));
  }

  // Statements

  async #step(): Promise<void> {
    if (++this.#steps % 1000 === 0) await this.#tool.process.cpu(1);
  }

  async #execute(s: Statement): Promise<void> {
    switch (s.type) {
      case 'block':
        for (const item of s.body) await this.#execute(item);
        return;
      case 'expression':
        await this.#eval(s.value);
        return;
      case 'print':
        return this.#print(s);
      case 'if':
        if (truth(await this.#eval(s.test))) await this.#execute(s.yes);
        else if (s.no) await this.#execute(s.no);
        return;
      case 'while':
        while (truth(await this.#eval(s.test))) if (!(await this.#loopBody(s.body))) return;
        return;
      case 'do':
        do if (!(await this.#loopBody(s.body))) return;
        while (truth(await this.#eval(s.test)));
        return;
      case 'for':
        if (s.init) await this.#execute(s.init);
        while (!s.test || truth(await this.#eval(s.test))) {
          if (!(await this.#loopBody(s.body))) return;
          if (s.update) await this.#execute(s.update);
        }
        return;
      case 'forIn':
        for (const key of [...this.#array(s.array).keys()]) {
          if (!this.#array(s.array).has(key)) continue;
          this.#setScalar(s.variable, fromInput(key));
          if (!(await this.#loopBody(s.body))) return;
        }
        return;
      case 'break':
        throw new BreakOut();
      case 'continue':
        throw new ContinueOn();
      case 'next':
        throw new Next();
      case 'nextfile':
        throw new NextFile();
      case 'exit':
        if (s.status) this.exitStatus = toNumber(await this.#eval(s.status)) & 0xff;
        throw new ExitProgram();
      case 'return':
        throw new ReturnValue(s.value && (await this.#eval(s.value)));
      case 'delete':
        if (s.keys) this.#array(s.name).delete(await this.#key(s.keys));
        else this.#array(s.name).clear();
        return;
    }
  }

  /** False if the loop is left. */
  async #loopBody(body: Statement): Promise<boolean> {
    await this.#step();
    try {
      await this.#execute(body);
      return true;
    } catch (error) {
      if (error instanceof BreakOut) return false;
      if (error instanceof ContinueOn) return true;
      throw error;
    }
  }

  async #print(s: Extract<Statement, { type: 'print' }>): Promise<void> {
    const values: Value[] = [];
    for (const arg of s.args) values.push(await this.#eval(arg));
    let text: string;
    if (s.formatted) text = this.#sprintf(this.#text(values[0]), values.slice(1));
    else {
      const separator = this.#text(this.#globals.get('OFS') as Value);
      const body =
        s.args.length === 0 ? this.#currentRecord() : values.map((v) => this.#text(v, 'OFMT')).join(separator);
      text = body + this.#text(this.#globals.get('ORS') as Value);
    }
    if (!s.redirect) {
      if (this.#tool.put(text)) await this.#tool.flush();
      return;
    }
    const target = this.#text(await this.#eval(s.redirect.target));
    await (await this.#output(s.redirect.operator, target)).write(text);
  }

  async #output(operator: string, target: string) {
    const open = this.#outputs.get(target);
    if (open) return open;
    await this.#tool.flush();
    const { process } = this.#tool;
    let output: { write: (text: string) => Promise<void>; close: () => Promise<number> };
    if (operator === '|') {
      const child = runCommandLine(process, target);
      output = {
        write: (text) => child.stdin.write(text, process.cancel),
        close: async () => {
          child.stdin.close();
          return child.wait(process.cancel);
        },
      };
    } else {
      const writer: ByteWriter =
        target === '/dev/stderr'
          ? process.stderr
          : target === '/dev/stdout' || target === '-'
            ? process.stdout
            : openOutput(process, target, { append: operator === '>>' });
      output = {
        write: async (text) => {
          if (writer === process.stdout) await this.#tool.flush();
          await writer.write(text, process.cancel);
        },
        close: () => Promise.resolve(0),
      };
    }
    this.#outputs.set(target, output);
    return output;
  }

  // Expressions

  async #eval(e: Expression): Promise<Value> {
    switch (e.type) {
      case 'number':
      case 'string':
        return e.value;
      case 'regex':
        return this.#regex(e.source).test(this.#currentRecord()) ? 1 : 0;
      case 'variable':
        return this.#getVariable(e.name);
      case 'field':
        return this.#getField(Math.trunc(toNumber(await this.#eval(e.index))));
      case 'index': {
        const key = await this.#key(e.keys);
        const array = this.#array(e.name);
        if (!array.has(key)) array.set(key, undefined);
        return array.get(key);
      }
      case 'group': {
        if (e.items.length === 1) return this.#eval(e.items[0]!);
        return this.#key(e.items);
      }
      case 'assign': {
        const value = await this.#eval(e.value);
        const result =
          e.operator === '='
            ? value
            : arithmetic(e.operator[0]!, toNumber(await this.#eval(e.target)), toNumber(value));
        await this.#assign(e.target, result);
        return result;
      }
      case 'conditional':
        return this.#eval(truth(await this.#eval(e.test)) ? e.yes : e.no);
      case 'binary':
        return this.#binary(e);
      case 'match':
        return (await this.#regexOf(e.right)).test(this.#text(await this.#eval(e.left))) !== e.negated ? 1 : 0;
      case 'unary': {
        const value = await this.#eval(e.operand);
        if (e.operator === '!') return truth(value) ? 0 : 1;
        return e.operator === '-' ? -toNumber(value) : toNumber(value);
      }
      case 'step': {
        const before = toNumber(await this.#eval(e.target));
        const after = before + (e.operator === '++' ? 1 : -1);
        await this.#assign(e.target, after);
        return e.prefix ? after : before;
      }
      case 'in':
        return this.#array(e.name).has(await this.#key(e.keys)) ? 1 : 0;
      case 'call':
        return this.#call(e.name, e.args);
      case 'getline':
        return this.#getline(e);
    }
  }

  async #assign(target: Expression, value: Value): Promise<void> {
    if (typeof value === 'string' && value.length > stringLimit) throw new ToolError('out of memory', { status: 2 });
    if (target.type === 'variable') this.#setScalar(target.name, value);
    else if (target.type === 'field') this.#setField(Math.trunc(toNumber(await this.#eval(target.index))), value);
    else if (target.type === 'index') {
      const key = await this.#key(target.keys);
      this.#array(target.name).set(key, value);
    } else if (target.type === 'group' && target.items.length === 1) await this.#assign(target.items[0]!, value);
  }

  async #binary(e: Extract<Expression, { type: 'binary' }>): Promise<Value> {
    const left = await this.#eval(e.left);
    if (e.operator === '&&') return truth(left) && truth(await this.#eval(e.right)) ? 1 : 0;
    if (e.operator === '||') return truth(left) || truth(await this.#eval(e.right)) ? 1 : 0;
    const right = await this.#eval(e.right);
    if (e.operator === ' ') return this.#text(left) + this.#text(right);
    if (['<', '<=', '==', '!=', '>', '>='].includes(e.operator)) return this.#compare(e.operator, left, right) ? 1 : 0;
    const b = toNumber(right);
    if (b === 0 && (e.operator === '/' || e.operator === '%'))
      throw new ToolError(`division by zero${e.operator === '%' ? ' in %' : ''}`, { status: 2 });
    return arithmetic(e.operator, toNumber(left), b);
  }

  #compare(operator: string, left: Value, right: Value): boolean {
    const numeric = (v: Value) => v === undefined || typeof v === 'number' || v instanceof StrNum;
    let order: number;
    if (numeric(left) && numeric(right)) order = toNumber(left) - toNumber(right);
    else {
      const [a, b] = [this.#text(left), this.#text(right)];
      order = a < b ? -1 : a > b ? 1 : 0;
    }
    switch (operator) {
      case '<':
        return order < 0;
      case '<=':
        return order <= 0;
      case '==':
        return order === 0;
      case '!=':
        return order !== 0;
      case '>':
        return order > 0;
      default:
        return order >= 0;
    }
  }

  async #getline(e: Extract<Expression, { type: 'getline' }>): Promise<Value> {
    let line: string | undefined;
    if (e.command || e.file) {
      const name = this.#text(await this.#eval((e.command ?? e.file)!));
      let input = this.#inputs.get(name);
      if (!input) {
        await this.#tool.flush();
        let reader: ByteReader;
        try {
          reader = e.command
            ? captureCommand(this.#tool.process, name)
            : name === '-'
              ? this.#tool.process.stdin
              : openInput(this.#tool.process, name);
        } catch (error) {
          if (error instanceof FsError) return -1;
          throw error;
        }
        input = { lines: this.#linesOf(reader), queue: [], close: () => reader.close() };
        this.#inputs.set(name, input);
      }
      if (input.queue.length === 0) input.queue = (await input.lines.batch()) ?? [];
      line = input.queue.shift();
      if (e.command && line !== undefined) this.#globals.set('NR', toNumber(this.#globals.get('NR') as Value) + 1);
    } else line = await this.#nextRecord();
    if (line === undefined) return 0;
    if (e.target) await this.#assign(e.target, fromInput(line));
    else this.#setRecord(line);
    return 1;
  }

  async #call(name: string, args: readonly Expression[]): Promise<Value> {
    const definition = this.#program.functions.get(name);
    if (definition) return this.#callUser(definition, args);
    return this.#callBuiltin(name, args);
  }

  async #callUser(definition: AwkFunction, args: readonly Expression[]): Promise<Value> {
    if (this.#depth >= callLimit)
      throw new ToolError(`function ${definition.name}: calls are nested more than ${callLimit} deep`, { status: 2 });
    const locals = new Map<string, Slot>();
    for (let i = 0; i < definition.parameters.length; i++) {
      const parameter = definition.parameters[i]!;
      const arg = args[i];
      if (!arg) locals.set(parameter, undefined);
      else if (arg.type === 'variable') {
        const scope = this.#scope(arg.name);
        const value = arg.name === 'NF' ? this.#getVariable('NF') : scope.get(arg.name);
        // An unset variable may turn out to be an array in the function.
        if (value === undefined) locals.set(parameter, new PendingArray(scope, arg.name, locals, parameter));
        else locals.set(parameter, value);
      } else locals.set(parameter, await this.#eval(arg));
    }
    const before = this.#frame;
    this.#frame = { locals };
    this.#depth++;
    // A turn of the run queue keeps recursion off the host's stack.
    if (this.#depth % 20 === 0) await this.#tool.process.cpu(0.01);
    try {
      await this.#execute(definition.body);
      return undefined;
    } catch (error) {
      if (error instanceof ReturnValue) return error.value;
      throw error;
    } finally {
      this.#frame = before;
      this.#depth--;
    }
  }

  async #callBuiltin(name: string, args: readonly Expression[]): Promise<Value> {
    const text = async (i: number) => this.#text(args[i] ? await this.#eval(args[i]) : undefined);
    const number = async (i: number) => toNumber(args[i] ? await this.#eval(args[i]) : undefined);
    switch (name) {
      case 'length': {
        const [arg] = args;
        if (!arg) return [...this.#currentRecord()].length;
        if (arg.type === 'variable') {
          const value = this.#scope(arg.name).get(arg.name);
          if (value instanceof Map) return value.size;
        }
        return [...(await text(0))].length;
      }
      case 'substr': {
        const chars = [...(await text(0))];
        const start = Math.round(await number(1));
        const end = args[2] ? start + Math.round(await number(2)) : Infinity;
        return chars.slice(Math.max(0, start - 1), Math.max(0, end - 1)).join('');
      }
      case 'index': {
        const at = (await text(0)).indexOf(await text(1));
        return at + 1;
      }
      case 'split':
        return this.#splitInto(args);
      case 'sub':
      case 'gsub':
        return this.#substitute(args, name === 'gsub');
      case 'gensub': {
        const how = await text(2);
        const subject = args[3] ? await text(3) : this.#currentRecord();
        return replaceMatches(
          subject,
          await this.#regexOf(args[0]!),
          await text(1),
          how.toLowerCase().startsWith('g') ? 'all' : Math.max(1, Number(how) || 1),
          true,
        ).text;
      }
      case 'match': {
        const subject = await text(0);
        const found = (await this.#regexOf(args[1]!)).exec(subject);
        const start = found ? [...subject.slice(0, found.index)].length + 1 : 0;
        this.#globals.set('RSTART', start);
        this.#globals.set('RLENGTH', found ? [...found[0]].length : -1);
        if (args[2]?.type === 'variable') {
          const groups = this.#array(args[2].name);
          groups.clear();
          found?.forEach((g, i) => groups.set(String(i), g === undefined ? '' : fromInput(g)));
        }
        return start;
      }
      case 'sprintf': {
        const values: Value[] = [];
        for (const arg of args) values.push(await this.#eval(arg));
        return this.#sprintf(this.#text(values[0]), values.slice(1));
      }
      case 'tolower':
        return (await text(0)).toLowerCase();
      case 'toupper':
        return (await text(0)).toUpperCase();
      case 'int':
        return Math.trunc(await number(0));
      case 'sqrt':
        return Math.sqrt(await number(0));
      case 'exp':
        return Math.exp(await number(0));
      case 'log':
        return Math.log(await number(0));
      case 'sin':
        return Math.sin(await number(0));
      case 'cos':
        return Math.cos(await number(0));
      case 'atan2':
        return Math.atan2(await number(0), await number(1));
      case 'rand':
        return this.#tool.process.world.random.stream('awk').float();
      case 'srand': {
        const before = this.#seed;
        this.#seed = args[0] ? await number(0) : Math.floor(this.#tool.process.world.clock.now() / 1000);
        return before;
      }
      case 'and':
        return Number(BigInt(await number(0)) & BigInt(await number(1)));
      case 'or':
        return Number(BigInt(await number(0)) | BigInt(await number(1)));
      case 'xor':
        return Number(BigInt(await number(0)) ^ BigInt(await number(1)));
      case 'lshift':
        return (await number(0)) * 2 ** (await number(1));
      case 'rshift':
        return Math.floor((await number(0)) / 2 ** (await number(1)));
      case 'systime':
        return Math.floor(this.#tool.process.world.clock.now() / 1000);
      case 'strftime':
        return strftime(
          args[0] ? await text(0) : '%c',
          args[1] ? (await number(1)) * 1000 : this.#tool.process.world.clock.now(),
        );
      case 'system': {
        await this.#tool.flush();
        const child = runCommandLine(this.#tool.process, await text(0), { inheritInput: true });
        return child.wait(this.#tool.process.cancel);
      }
      case 'close': {
        const target = await text(0);
        const output = this.#outputs.get(target);
        const input = this.#inputs.get(target);
        this.#outputs.delete(target);
        this.#inputs.delete(target);
        input?.close();
        return output ? output.close() : input ? 0 : -1;
      }
      case 'fflush':
        await this.#tool.flush();
        return 0;
      default:
        throw new ToolError(`calling undefined function ${name}`, { status: 2 });
    }
  }

  async #splitInto(args: readonly Expression[]): Promise<number> {
    const subject = this.#text(await this.#eval(args[0]!));
    const target = args[1];
    if (target?.type !== 'variable') throw new ToolError('split: second argument is not an array', { status: 2 });
    const separator = args[2]
      ? args[2].type === 'regex'
        ? args[2].source
        : this.#text(await this.#eval(args[2]))
      : this.#text(this.#globals.get('FS') as Value);
    const parts = this.#split(
      subject,
      args[2]?.type === 'regex' && separator.length === 1 && separator !== ' ' ? `(${separator})` : separator,
    );
    const array = this.#array(target.name);
    array.clear();
    parts.forEach((part, i) => array.set(String(i + 1), fromInput(part)));
    return parts.length;
  }

  async #substitute(args: readonly Expression[], all: boolean): Promise<number> {
    const regex = await this.#regexOf(args[0]!);
    const replacement = this.#text(await this.#eval(args[1]!));
    const target: Expression = args[2] ?? { type: 'field', index: { type: 'number', value: 0 } };
    const subject = this.#text(await this.#eval(target));
    const { text, count } = replaceMatches(subject, regex, replacement, all ? 'all' : 1, false);
    if (count > 0) await this.#assign(target, text);
    return count;
  }

  #sprintf(format: string, values: readonly Value[]): string {
    return sprintf(format, values, (value) => this.#text(value));
  }
}
