import { FsError } from '../../../world/index.ts';
import type { Regex } from '../../../regex/linear.ts';
import { ToolError, type Tool } from '../../lib/tool.ts';
import { callBuiltin, type BuiltinContext } from './builtins.ts';
import { Outputs } from './outputs.ts';
import { Records } from './records.ts';
import { AwkState } from './state.ts';
import type { AwkFunction, AwkProgram, Expression, Statement } from './syntax.ts';
import { arithmetic, fromInput, PendingArray, StrNum, toNumber, truth, type Slot, type Value } from './values.ts';

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

export class Awk {
  readonly #tool: Tool;
  readonly #program: AwkProgram;
  readonly #state: AwkState;
  readonly #records: Records;
  readonly #outputs: Outputs;
  readonly #builtins: BuiltinContext;
  #depth = 0;
  readonly #ranges = new Map<number, boolean>();
  #steps = 0;
  exitStatus = 0;

  constructor(tool: Tool, program: AwkProgram) {
    this.#tool = tool;
    this.#program = program;
    this.#state = new AwkState(tool);
    this.#records = new Records(tool, this.#state, () => (this.exitStatus = 2));
    this.#outputs = new Outputs(tool);
    this.#builtins = {
      tool,
      state: this.#state,
      records: this.#records,
      outputs: this.#outputs,
      evaluate: (expression) => this.#eval(expression),
      assign: (target, value) => this.#assign(target, value),
    };
  }

  setVariable(name: string, value: Value): void {
    this.#state.globals.set(name, value);
  }

  setArguments(args: readonly string[]): void {
    this.#state.globals.set('ARGC', args.length);
    this.#state.globals.set('ARGV', new Map(args.map((a, i) => [String(i), fromInput(a)])));
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
    await this.#outputs.closeAll();
    return this.exitStatus;
  }

  async #mainLoop(): Promise<void> {
    for (let line = await this.#records.next(); line !== undefined; line = await this.#records.next()) {
      this.#state.setRecord(line);
      try {
        await this.#rulesForRecord();
      } catch (error) {
        if (error instanceof NextFile) {
          this.#records.skipFile();
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
      else this.#tool.put(this.#state.currentRecord() + this.#state.setting('ORS'));
    }
  }

  async #key(keys: readonly Expression[]): Promise<string> {
    const parts: string[] = [];
    for (const key of keys) parts.push(this.#state.text(await this.#eval(key)));
    return parts.join(parts.length > 1 ? this.#state.setting('SUBSEP') : '');
  }

  async #regexOf(e: Expression): Promise<Regex> {
    return this.#state.regex(e.type === 'regex' ? e.source : this.#state.text(await this.#eval(e)));
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
        for (const key of [...this.#state.array(s.array).keys()]) {
          if (!this.#state.array(s.array).has(key)) continue;
          this.#state.setScalar(s.variable, fromInput(key));
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
        if (s.keys) this.#state.array(s.name).delete(await this.#key(s.keys));
        else this.#state.array(s.name).clear();
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
    if (s.formatted) text = this.#state.sprintf(this.#state.text(values[0]), values.slice(1));
    else {
      const separator = this.#state.setting('OFS');
      const body =
        s.args.length === 0
          ? this.#state.currentRecord()
          : values.map((v) => this.#state.text(v, 'OFMT')).join(separator);
      text = body + this.#state.setting('ORS');
    }
    if (!s.redirect) {
      if (this.#tool.put(text)) await this.#tool.flush();
      return;
    }
    const target = this.#state.text(await this.#eval(s.redirect.target));
    await (await this.#outputs.open(s.redirect.operator, target)).write(text);
  }

  // Expressions

  async #eval(e: Expression): Promise<Value> {
    switch (e.type) {
      case 'number':
      case 'string':
        return e.value;
      case 'regex':
        return this.#state.regex(e.source).test(this.#state.currentRecord()) ? 1 : 0;
      case 'variable':
        return this.#state.getVariable(e.name);
      case 'field':
        return this.#state.getField(Math.trunc(toNumber(await this.#eval(e.index))));
      case 'index': {
        const key = await this.#key(e.keys);
        const array = this.#state.array(e.name);
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
        return (await this.#regexOf(e.right)).test(this.#state.text(await this.#eval(e.left))) !== e.negated ? 1 : 0;
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
        return this.#state.array(e.name).has(await this.#key(e.keys)) ? 1 : 0;
      case 'call':
        return this.#call(e.name, e.args);
      case 'getline':
        return this.#getline(e);
    }
  }

  async #assign(target: Expression, value: Value): Promise<void> {
    if (typeof value === 'string' && value.length > stringLimit) throw new ToolError('out of memory', { status: 2 });
    if (target.type === 'variable') this.#state.setScalar(target.name, value);
    else if (target.type === 'field') this.#state.setField(Math.trunc(toNumber(await this.#eval(target.index))), value);
    else if (target.type === 'index') {
      const key = await this.#key(target.keys);
      this.#state.array(target.name).set(key, value);
    } else if (target.type === 'group' && target.items.length === 1) await this.#assign(target.items[0]!, value);
  }

  async #binary(e: Extract<Expression, { type: 'binary' }>): Promise<Value> {
    const left = await this.#eval(e.left);
    if (e.operator === '&&') return truth(left) && truth(await this.#eval(e.right)) ? 1 : 0;
    if (e.operator === '||') return truth(left) || truth(await this.#eval(e.right)) ? 1 : 0;
    const right = await this.#eval(e.right);
    if (e.operator === ' ') return this.#state.text(left) + this.#state.text(right);
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
      const [a, b] = [this.#state.text(left), this.#state.text(right)];
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
    const source = e.command ?? e.file;
    if (source) {
      try {
        line = await this.#records.nextOf(this.#state.text(await this.#eval(source)), e.command !== undefined);
      } catch (error) {
        if (error instanceof FsError) return -1;
        throw error;
      }
    } else line = await this.#records.next();
    if (line === undefined) return 0;
    if (e.target) await this.#assign(e.target, fromInput(line));
    else this.#state.setRecord(line);
    return 1;
  }

  async #call(name: string, args: readonly Expression[]): Promise<Value> {
    const definition = this.#program.functions.get(name);
    if (definition) return this.#callUser(definition, args);
    return callBuiltin(this.#builtins, name, args);
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
        const scope = this.#state.scope(arg.name);
        const value = arg.name === 'NF' ? this.#state.getVariable('NF') : scope.get(arg.name);
        // An unset variable may turn out to be an array in the function.
        if (value === undefined) locals.set(parameter, new PendingArray(scope, arg.name, locals, parameter));
        else locals.set(parameter, value);
      } else locals.set(parameter, await this.#eval(arg));
    }
    const before = this.#state.locals;
    this.#state.locals = locals;
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
      this.#state.locals = before;
      this.#depth--;
    }
  }
}
